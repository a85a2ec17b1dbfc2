"""Signing in with the city's account: off to the identity provider, and back with what it says.

What goes wrong is told in words of ours; the provider's own, and ours for the log, stay out of the page.
"""

import asyncio
import logging
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.responses import Response

from callbacks.cookies import own_path, read_cookie, set_cookie
from callbacks.forms import page, say_to, see, sheet_of, with_cookies
from callbacks.signin_steps import sign_in
from callbacks.wiring import route
from geodata.asking import asking
from layouts import signin as pages
from model.audit import Action
from model.errors import NotFound, Refused, Unavailable
from model.roles import ANYBODY
from services.access import BACK, Denied, IdentityProvider, Known, NotLinked, WrongToken, person_of, record
from services.access import OIDC_LASTING_S as LASTING_S
from services.city import City

log = logging.getLogger(__name__)
BEGIN = "/signin/oidc"
LEAVE = "/signin/oidc/out"


def begin_address(city: City, query: dict[str, str]) -> str:
    """Where the sign-in page's button leads, with language, theme and next page; empty without a provider."""
    if city.access.identity is None:
        return ""
    kept = {name: query[name] for name in ("lang", "theme", "next") if query.get(name)}
    return BEGIN + (f"?{urlencode(kept)}" if kept else "")


async def begin(city: City, request: Request) -> Response:
    """Off to the provider, with a cookie to be brought back."""
    try:
        provider = _provider(city)
        next_path = own_path(request.query_params.get("next"))
        language = say_to(city, request).language
        url, cookie = await provider.begin(origin_of(city, request), next_path, language)
    except Unavailable as error:
        log.warning("sign-in with the city's account: %s", error)
        return _told(city, request, "oidc_away", 503, 60)
    except WrongToken as error:
        log.error("the identity provider cannot be used: %s", error.reason)
        return _told(city, request, "oidc_away", 503, 60)
    return with_cookies(see(url), _cookie(city, cookie, LASTING_S))


async def back(city: City, request: Request) -> Response:
    """Back from the provider: who it is, and on to her session."""
    provider = _provider(city)
    cookie = read_cookie(request.headers.raw, cookie_name(city))
    try:
        known = await provider.finish(dict(request.query_params), cookie)
        person_id = await asyncio.to_thread(_person, city, known, _address(request))
    except Unavailable as error:
        log.warning("sign-in with the city's account: %s", error)
        return _told(city, request, "oidc_away", 503, 60)
    except Refused as refused:
        return await _refused(city, request, refused)
    answer = await sign_in(city, request, person_id, "oidc", known.next_path)
    return with_cookies(answer, _cookie(city, "", 0))


async def leave(city: City, request: Request) -> Response:
    """Off to sign out at the provider too, where it offers that."""
    url = await _provider(city).sign_out_url(origin_of(city, request))
    return see(url or "/signin?told=out")


def _person(city: City, known: Known, address: str) -> int:
    with asking(city.engine) as connection:
        try:
            person_id = person_of(connection, known, city.access.linking, address)
        except NotLinked:
            connection.rollback()
            who = {"issuer": known.issuer, "subject": known.subject, "reason": "not_linked"}
            record(
                connection, None, Action.SIGN_IN_FAILED, kind="person", outcome="refused", address=address,
                object=str(known.claims.get("preferred_username", "")), details={"method": "oidc", **who},
            )  # fmt: skip
            connection.commit()
            raise
        connection.commit()
    return person_id


async def _refused(city: City, request: Request, refused: Refused) -> Response:
    """The page for a no; what was not audited yet is now, without a word of what was sent."""
    if isinstance(refused, NotLinked):
        return _told(city, request, "oidc_unknown", 403, who=refused.login)
    code, told = ("denied", "oidc_denied") if isinstance(refused, Denied) else ("disabled", "oidc_disabled")
    if isinstance(refused, WrongToken) and not isinstance(refused, Denied):
        code, told = refused.reason, "oidc_wrong"
    log.warning("sign-in with the city's account refused: %s", code)
    try:
        await asyncio.to_thread(_note, city, code, _address(request))
    except Unavailable:
        return _told(city, request, "away", 503, 60)
    return _told(city, request, told, 403)


def _note(city: City, reason: str, address: str) -> None:
    with asking(city.engine) as connection:
        details = {"method": "oidc", "reason": reason}
        record(
            connection, None, Action.SIGN_IN_FAILED, kind="person", outcome="refused", address=address,
            details=details,
        )  # fmt: skip
        connection.commit()


def _told(
    city: City, request: Request, told: str, status: int, retry_s: int = 0, **values: object
) -> Response:
    """A page that says ``told`` and leads back to the sign-in; the provider's answer is not carried on."""
    # The way back carries nothing of ours in its address: what she reads stands in the cookie.
    language = _provider(city).language_of(read_cookie(request.headers.raw, cookie_name(city)))
    form = {"lang": language} if language else None
    text = pages.nothing_but(say_to(city, request, form), sheet_of(city, request, form, told, **values))
    return with_cookies(page(text, status, retry_s), _cookie(city, "", 0))


def origin_of(city: City, request: Request) -> str:
    """How the browser reaches us: ``VIGIE_URL``, else the name of this machine it asked for (the guard let
    no other pass). The cookie comes back to that name alone."""
    return city.settings.url or f"http://{request.headers['host']}"


def cookie_name(city: City) -> str:
    """The name of the cookie between begin and back."""
    return "__Host-oidc" if city.settings.secure else "oidc"


def _cookie(city: City, value: str, seconds: int) -> str:
    return set_cookie(cookie_name(city), value, secure=city.settings.secure, seconds=seconds)


def _provider(city: City) -> IdentityProvider:
    if city.access.identity is None:
        raise NotFound("no identity provider is set")
    return city.access.identity


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def routes(server: FastAPI, city: City) -> None:
    """Declare the three routes, open to anybody."""
    for path, answer in ((BEGIN, begin), (BACK, back), (LEAVE, leave)):
        route(server, city, path, answer, may=ANYBODY)
