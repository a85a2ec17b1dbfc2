"""How a sign-in goes on once somebody proved who she is: a password or a right to choose, the session."""

import asyncio
from datetime import UTC, datetime

from fastapi import Request
from starlette.responses import Response

from callbacks.agents import browser_words
from callbacks.asking import viewer_now
from callbacks.cookies import set_cookie, sign_in_cookies
from callbacks.forms import Form, page, say_to, see, sheet_of, with_cookies
from layouts import signin as pages
from model.errors import NotFound, VigieError
from services.access import Signing, known_browsers
from services.access.signing import LASTING_S
from services.city import City

SIGNING = "signing"
KNOWN_S = int(known_browsers.VALID.total_seconds())


def signing_cookie(city: City, signing: Signing) -> str:
    """The cookie that carries ``signing`` to the next step."""
    sealed = city.access.signings.closed(signing)
    return set_cookie(SIGNING, sealed, secure=city.settings.secure, seconds=LASTING_S)


def clear_signing(city: City) -> str:
    """The cookie is not needed any more."""
    return set_cookie(SIGNING, "", secure=city.settings.secure, seconds=0)


async def go_on(
    city: City, request: Request, signing: Signing, form: Form | None = None, *, show: bool = False
) -> Response:
    """The next step of a sign-in: choose a password, choose a right (``show`` it), or in."""
    if signing.must_change:
        return with_cookies(see("/signin/password" + _kept(form)), signing_cookie(city, signing))
    grants = await asyncio.to_thread(city.access.people.grants_of, signing.person_id, datetime.now(UTC))
    say = say_to(city, request, form)
    if not grants:
        return page(pages.nothing_but(say, sheet_of(city, request, form, "no_grant")), 403)
    if len(grants) == 1:
        return await opened(city, request, signing, grants[0].id)
    if not show:
        return with_cookies(see("/signin/role" + _kept(form)), signing_cookie(city, signing))
    person = await asyncio.to_thread(city.access.people.by_id, signing.person_id)
    names = {area.id: area.name for area in await asyncio.to_thread(city.registry.areas)}
    return page(pages.choose_grant(say, sheet_of(city, request, form), person.name, grants, names))


def _kept(form: Form | None) -> str:
    """Language and theme on the way to the next page."""
    chosen = {name: form[name] for name in ("lang", "theme") if form and form.get(name, "").isalpha()}
    return "?" + "&".join(f"{name}={value}" for name, value in chosen.items()) if chosen else ""


async def opened(city: City, request: Request, signing: Signing, grant_id: int) -> Response:
    """A session begun in ``grant_id``, the one this browser held before replaced; raises Refused."""
    address = request.client.host if request.client else ""
    agent = browser_words(request.headers.get("user-agent", ""))
    begin = city.access.sessions.open
    token, viewer = await asyncio.to_thread(
        begin, signing.person_id, grant_id, signing.method, address, agent
    )
    await replace_session(city)
    cookies = sign_in_cookies(token, viewer, secure=city.settings.secure)
    return with_cookies(see(signing.next_path), *cookies, clear_signing(city))


async def replace_session(city: City) -> None:
    """End the session this browser held, if any."""
    before = viewer_now()
    if before is None:
        return
    try:
        await asyncio.to_thread(city.access.sessions.end, before, before.session_id, "replaced")
    except NotFound:
        return


async def sign_in(
    city: City, request: Request, person_id: int, method: str, next_path: str = "/"
) -> Response:
    """Go on with somebody whom another door has proven, such as the city's identity provider."""
    try:
        return await go_on(city, request, Signing(person_id, method, next_path))
    except VigieError:
        return see("/signin?told=late")
