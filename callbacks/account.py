"""One's own account: seen by a callback, changed by forms that lead back to it and say what happened."""

import asyncio
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from callbacks.forms import Form, read_form, see
from callbacks.shell import area_choices, grants_held, read_address
from callbacks.signin_steps import opened
from callbacks.wiring import on, route
from layouts import account
from layouts.ids import Account, Shell
from layouts.people_words import area_names
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import STAFF
from model.texts import words
from model.viewer import Viewer
from services.access import PASSWORD_LEAST, Signing
from services.city import City

HERE = "/account"
TRIES_A_MINUTE = 10
Change = Callable[[City, Viewer, Form], str]


async def show_account(city: City, language: str | None, search: str | None) -> Any:
    """One's own account as it stands."""
    say = words(language or city.settings.language, city.profile.time_zone)
    try:
        own = await _own(city, read_address(search).get("told", ""))
    except Unavailable:
        return account.away(say)
    return account.body(say, own)


async def _own(city: City, told: str) -> account.Own:
    viewer = _viewer(city)
    areas = await area_choices(city)
    grants = await grants_held(city)
    return await asyncio.to_thread(_read, city, viewer, area_names(areas), grants, told)


def _read(city: City, viewer: Viewer, names: Any, grants: Any, told: str) -> account.Own:
    password, second = city.access.credentials.standing(viewer.person_id)
    begun = city.access.credentials.begun(viewer, _issuer(city)) if password and not second else None
    grant = next((one for one in grants if one.id == viewer.grant_id), None)
    return account.Own(
        viewer, grant, password, second, city.access.sessions.of(viewer.person_id), names,
        begun.secret if begun else "", begun.address if begun else "", told, PASSWORD_LEAST,
    )  # fmt: skip


def _issuer(city: City) -> str:
    return f"Vigie {city.profile.title}"


def _viewer(city: City) -> Viewer:
    if city.viewer is None:
        raise Refused("nobody is signed in")
    return city.viewer


def _changing(change: Change) -> Callable[[City, Request], Any]:
    """A route that does ``change`` with what was typed, and leads back to the account saying how it went."""

    async def changed(city: City, request: Request) -> Response:
        form, viewer = await read_form(request), _viewer(city)
        if not await city.access.rates.allow("account", str(viewer.person_id), TRIES_A_MINUTE):
            return see(f"{HERE}?told=bad_wait")
        try:
            async with request.app.state.hashing:
                told = await asyncio.to_thread(change, city, viewer, form)
        except BadField as bad:
            told = f"bad_{bad.reason}"
        except (Refused, NotFound):
            told = "bad_refused"
        return see(f"{HERE}?told={told}" if told else HERE)

    changed.__name__ = change.__name__.strip("_")
    return changed


def _change_password(city: City, viewer: Viewer, form: Form) -> str:
    if form.get("new", "") != form.get("again", ""):
        raise BadField("again", "different")
    city.access.credentials.change_password(viewer, form.get("before", ""), form.get("new", ""))
    return "told_password"


def _begin_second(city: City, viewer: Viewer, _form: Form) -> str:
    city.access.credentials.begin_second_factor(viewer, _issuer(city))
    return ""


def _confirm_second(city: City, viewer: Viewer, form: Form) -> str:
    city.access.credentials.confirm_second_factor(viewer, form.get("code", ""))
    return "told_second_on"


def _remove_second(city: City, viewer: Viewer, form: Form) -> str:
    city.access.credentials.remove_second_factor(viewer, form.get("before", ""))
    return "told_second_off"


def _end_own(city: City, viewer: Viewer, form: Form) -> str:
    asked = form.get("session", "")
    mine = {one.id for one in city.access.sessions.of(viewer.person_id)}
    if not asked.isdecimal() or int(asked[:18]) not in mine:
        raise NotFound("no such session of hers")
    city.access.sessions.end(viewer, int(asked), "revoked")
    return "told_ended"


async def whoami(city: City, _request: Request) -> Response:
    """That she is signed in, in which role and until when; 401 comes from the guard."""
    viewer = _viewer(city)
    until = viewer.expires_at.isoformat() if viewer.expires_at else None
    return JSONResponse({"role": viewer.role, "until": until}, headers={"cache-control": "no-store"})


async def act_as(city: City, request: Request) -> Response:
    """Begin a session in another of one's rights; the present one is replaced."""
    form, viewer = await read_form(request), _viewer(city)
    grant = form.get("grant", "")
    if not grant.isdecimal():
        return see(f"{HERE}?told=bad_refused")
    try:
        return await opened(city, request, Signing(viewer.person_id, viewer.method), int(grant[:18]))
    except Refused:
        return see(f"{HERE}?told=bad_refused")


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_account, Output(Account.BODY, "children"),
        Input(Shell.LANGUAGE, "data"), State(Shell.LOCATION, "search"), may=STAFF,
    )  # fmt: skip


def routes(server: FastAPI, city: City) -> None:
    """Declare the forms."""
    for path, change in (
        ("/account/password", _change_password),
        ("/account/second", _begin_second),
        ("/account/second/confirm", _confirm_second),
        ("/account/second/remove", _remove_second),
        ("/account/end", _end_own),
    ):
        route(server, city, path, _changing(change), may=STAFF, method="POST")
    route(server, city, "/account/act", act_as, may=STAFF, method="POST")
    route(server, city, "/session", whoami, may=STAFF)
