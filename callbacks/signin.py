"""Signing in and out: the pages before the door, each a form that works without a script.

Whatever was wrong, the answer is the same and takes about the same time. A sign-in that takes several steps
(a password to choose, a right to choose) carries what is proven so far in a sealed cookie.
"""

import asyncio
import math
from contextlib import suppress
from dataclasses import replace

from fastapi import FastAPI, Request
from starlette.responses import Response

from callbacks import demo_signin, signin_oidc
from callbacks.asking import viewer_now
from callbacks.cookies import own_path, read_cookie, set_cookie, sign_out_cookies
from callbacks.forms import Form, asked_of, page, read_form, say_to, see, sheet_of, with_cookies
from callbacks.signin_steps import KNOWN_S, SIGNING, clear_signing, go_on, opened
from callbacks.wiring import route
from geodata.asking import asking
from layouts import signin as pages
from model.audit import Action
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import ANYBODY, STAFF
from services.access import (
    PASSWORD_LEAST,
    BadCode,
    Proven,
    Purpose,
    Signing,
    WrongCredentials,
    known_browsers,
    network_of,
    record,
)
from services.city import City

CODES_A_MINUTE = 10


async def show_sign_in(city: City, request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    if viewer_now() is not None:
        return see(own_path(request.query_params.get("next")))
    told = {"out": "signed_out", "late": "too_late"}.get(request.query_params.get("told", ""), "")
    return await _sign_in_page(city, request, told=told, wrong=told == "too_late")


async def _sign_in_page(
    city: City, request: Request, form: Form | None = None, status: int = 200, told: str = "",
    wrong: bool = True, retry_s: int = 0, **values: object,
) -> Response:  # fmt: skip
    say, sheet = say_to(city, request, form), sheet_of(city, request, form, told, wrong, **values)
    sheet = replace(sheet, path="/signin")
    demo = await demo_signin.offered(city, say)
    asked = asked_of(request, form)
    leave = signin_oidc.LEAVE if asked.get("from") == "oidc" and city.access.identity else ""
    provider = signin_oidc.begin_address(city, asked)
    return page(pages.sign_in(say, sheet, demo, provider, leave), status, retry_s)


async def check(city: City, request: Request) -> Response:
    """Judge what was typed, no faster than guessing is slowed down to."""
    form = await read_form(request)
    login, address = form.get("login", ""), request.client.host if request.client else ""
    cookie = read_cookie(request.headers.raw, known_browsers.COOKIE)
    try:
        known = await asyncio.to_thread(_is_known, city, cookie, login)
        if wait := await city.access.throttle.admit(login, address, known):
            return await _wait(city, request, form, wait)
        proven = await _proven(city, request, form)
        await city.access.throttle.succeeded(login, address, known)
        kept = await asyncio.to_thread(_remember, city, proven.person_id, cookie)
        signing = Signing(proven.person_id, "local", own_path(form.get("next")), proven.must_change)
        answer = await go_on(city, request, signing, form)
    except WrongCredentials:
        await city.access.throttle.failed(login, address, known)
        return await _sign_in_page(city, request, form, 401, "wrong")
    except Unavailable:
        return await _sign_in_page(city, request, form, 503, "away", retry_s=60)
    secure = city.settings.secure
    return with_cookies(answer, set_cookie(known_browsers.COOKIE, kept, secure=secure, seconds=KNOWN_S))


async def _wait(city: City, request: Request, form: Form, wait: float) -> Response:
    seconds = math.ceil(wait)
    told = say_to(city, request, form).age(seconds)
    return await _sign_in_page(city, request, form, 429, "wait", retry_s=seconds, wait=told)


async def _proven(city: City, request: Request, form: Form) -> Proven:
    # Slow on purpose, and 64 MB each: as many at once as there are cores, the others wait for their turn.
    address = request.client.host if request.client else ""
    typed = [form.get(name, "") for name in ("login", "password", "code")]
    async with request.app.state.hashing:
        return await asyncio.to_thread(city.access.credentials.check, *typed, address)


def _is_known(city: City, cookie: str, login: str) -> bool:
    if not cookie:
        return False
    with asking(city.engine) as connection:
        return known_browsers.is_known(connection, cookie, login)


def _remember(city: City, person_id: int, cookie: str) -> str:
    with asking(city.engine) as connection:
        kept = known_browsers.remember(connection, person_id, cookie)
        connection.commit()
    return kept


# --- the steps after ---------------------------------------------------------------------------------


def _signing(city: City, request: Request) -> Signing | None:
    return city.access.signings.opened(read_cookie(request.headers.raw, SIGNING))


async def show_password(city: City, request: Request) -> Response:
    """Where a password of one's own is chosen."""
    signing = _signing(city, request)
    if signing is None or not signing.must_change:
        return see("/signin?told=late")
    return await _password_page(city, request, signing)


async def _password_page(
    city: City, request: Request, signing: Signing, form: Form | None = None, told: str = "", **values: object
) -> Response:
    person = await asyncio.to_thread(city.access.people.by_id, signing.person_id)
    sheet = replace(sheet_of(city, request, form, told, **values), login=person.login)
    text = pages.new_password(say_to(city, request, form), sheet, person.name, PASSWORD_LEAST)
    return page(text, 400 if told else 200)


async def set_password(city: City, request: Request) -> Response:
    """Take the password she chose, and go on."""
    form, signing = await read_form(request), _signing(city, request)
    if signing is None or not signing.must_change:
        return see("/signin?told=late")
    new, again = form.get("new", ""), form.get("again", "")
    if new != again:
        return await _password_page(city, request, signing, form, "different")
    address = request.client.host if request.client else ""
    try:
        async with request.app.state.hashing:
            set_one = city.access.credentials.set_password
            await asyncio.to_thread(set_one, signing.person_id, new, None, address)
    except BadField as bad:
        return await _password_page(city, request, signing, form, bad.reason, **bad.values)
    except NotFound:
        return see("/signin?told=late")
    # Known from now on: whoever guesses at her login elsewhere does not slow her down in this browser.
    cookie = read_cookie(request.headers.raw, known_browsers.COOKIE)
    kept = await asyncio.to_thread(_remember, city, signing.person_id, cookie)
    known = set_cookie(known_browsers.COOKIE, kept, secure=city.settings.secure, seconds=KNOWN_S)
    _, second = await asyncio.to_thread(city.access.credentials.standing, signing.person_id)
    if second and signing.second_owed:
        return with_cookies(see("/signin"), clear_signing(city), known)
    rest = Signing(signing.person_id, signing.method, signing.next_path)
    return with_cookies(await go_on(city, request, rest, form), known)


async def show_role(city: City, request: Request) -> Response:
    """Where one of several rights is chosen."""
    signing = _signing(city, request)
    if signing is None or signing.must_change:
        return see("/signin?told=late")
    return await go_on(city, request, signing, show=True)


async def choose_role(city: City, request: Request) -> Response:
    """Begin the session in the right she chose."""
    form, signing = await read_form(request), _signing(city, request)
    grant = form.get("grant", "")
    if signing is None or signing.must_change or not grant.isdecimal():
        return see("/signin?told=late")
    try:
        return await opened(city, request, signing, int(grant[:18]))
    except Refused:
        return see("/signin?told=late")


# --- codes to be used once ---------------------------------------------------------------------------


async def show_code(city: City, request: Request) -> Response:
    """Where a one-time code is typed."""
    return page(pages.code(say_to(city, request), sheet_of(city, request)))


async def use_code(city: City, request: Request) -> Response:
    """Take a one-time code: a person goes on to choose her password, a wall's browser is its device."""
    form = await read_form(request)
    address = request.client.host if request.client else ""
    say = say_to(city, request, form)
    if not await city.access.rates.allow("signin.code", network_of(address) or "here", CODES_A_MINUTE):
        return page(pages.code(say, sheet_of(city, request, form, "wait", wait=say.age(60))), 429, 60)
    try:
        signing = await asyncio.to_thread(_used, city, form.get("once", ""), address)
    except BadCode:
        return page(pages.code(say, sheet_of(city, request, form, "bad_code")), 401)
    except Unavailable:
        return page(pages.code(say, sheet_of(city, request, form, "away")), 503, 60)
    return await go_on(city, request, signing, form)


def _used(city: City, code: str, address: str) -> Signing:
    with asking(city.engine) as connection:
        try:
            person = city.access.codes.use(connection, code, Purpose.PASSWORD)
            signing = Signing(person, "local", "/", must_change=True, second_owed=True)
        except BadCode:
            device = city.access.codes.use(connection, code, Purpose.DEVICE)
            record(
                connection, None, Action.DEVICE_ENROLLED, kind="person", object=str(device), address=address
            )
            signing = Signing(device, "device")
        connection.commit()
    return signing


# --- out ---------------------------------------------------------------------------------------------


async def sign_out(city: City, request: Request) -> Response:
    """End this session everywhere, and say so."""
    viewer = viewer_now()
    if viewer is not None:
        # Over already: what is left is to take the cookies away.
        with suppress(NotFound):
            await asyncio.to_thread(city.access.sessions.end, viewer, viewer.session_id, "signed_out")
    elsewhere = "&from=oidc" if viewer is not None and viewer.method == "oidc" else ""
    return with_cookies(see(f"/signin?told=out{elsewhere}"), *sign_out_cookies(secure=city.settings.secure))


def routes(server: FastAPI, city: City) -> None:
    """Declare what is open to anybody, and the way out."""
    # argon2 takes a core and 64 MB a time.
    server.state.hashing = asyncio.Semaphore(2)
    for path, show, take in (
        ("/signin", show_sign_in, check),
        ("/signin/password", show_password, set_password),
        ("/signin/role", show_role, choose_role),
        ("/signin/code", show_code, use_code),
    ):
        route(server, city, path, show, may=ANYBODY)
        route(server, city, path, take, may=ANYBODY, method="POST")
    route(server, city, "/signin/demo", demo_signin.enter, may=ANYBODY, method="POST")
    route(server, city, "/signout", sign_out, may=STAFF, method="POST")
