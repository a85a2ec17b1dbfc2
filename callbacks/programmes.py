"""The page of programmes: read in a thread; works imported as a list by those who keep them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.wiring import on
from layouts import programmes as layout
from layouts.ids import ProgrammesPage, Shell
from layouts.promise_forms import what_is_wrong
from model.errors import BadField, NotFound, Refused, Unavailable
from model.roles import BOARD_READERS, PROMISE_KEEPERS
from services.city import City


async def show_programmes(city: City, _search: str | None, _changed: Any, language: str | None) -> Component:
    """Every programme with how far it is and what it changed."""
    say = speak(city, language)
    try:
        states = await asyncio.to_thread(city.programmes.states, datetime.now(UTC))
    except Unavailable as problem:
        return layout.away(say, str(problem))
    keeps = viewer_of(city).role in PROMISE_KEEPERS
    return layout.body(say, states, keeps=keeps, generated=city.profile.generated)


async def open_works(city: City, acted: Acted) -> Any:
    """The empty dialog of one programme."""
    wanted = act_of(acted, "works")
    if not wanted:
        return no_update
    try:
        states = await asyncio.to_thread(city.programmes.states, datetime.now(UTC))
    except Unavailable:
        return no_update
    key = next((one.programme.key for one in states if one.programme.id == wanted), None)
    return (True, {"key": key}, "", None, "") if key else no_update


async def check_works(
    city: City, clicks: int | None, opened: dict[str, str] | None, listed: str | None, language: str | None
) -> Any:
    """What every line says, or what is wrong with it by row and column; nothing is written."""
    if not clicks or not opened:
        return no_update
    say = speak(city, language)
    try:
        lines = await asyncio.to_thread(
            city.programmes.check, viewer_of(city), opened["key"], listed or "", datetime.now(UTC)
        )
    except BadField as bad:
        return None, what_is_wrong(say, bad)
    except (Refused, NotFound, Unavailable) as problem:
        return None, say("promises.not_saved", what=str(problem))
    return layout.preview(say, lines), ""


async def save_works(
    city: City, clicks: int | None, opened: dict[str, str] | None, listed: str | None, language: str | None
) -> Any:
    """Write the whole list, or nothing of it."""
    if not clicks or not opened:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(
            city.programmes.add, viewer_of(city), opened["key"], listed or "", datetime.now(UTC)
        )
    except BadField as bad:
        return no_update, no_update, what_is_wrong(say, bad)
    except (Refused, NotFound, Unavailable) as problem:
        return no_update, no_update, say("promises.not_saved", what=str(problem))
    return False, changed(), ""


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_programmes, Output(ProgrammesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), Input(ProgrammesPage.CHANGED, "data"),
        State(Shell.LANGUAGE, "data"), may=BOARD_READERS,
    )  # fmt: skip
    on(
        app, city, open_works,
        Output(ProgrammesPage.DIALOG, "opened", allow_duplicate=True), Output(ProgrammesPage.OF, "data"),
        Output(ProgrammesPage.LIST, "value"),
        Output(ProgrammesPage.PREVIEW, "children", allow_duplicate=True),
        Output(ProgrammesPage.TOLD, "children", allow_duplicate=True),
        Input(ProgrammesPage.BODY, "acted"), may=PROMISE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, check_works,
        Output(ProgrammesPage.PREVIEW, "children", allow_duplicate=True),
        Output(ProgrammesPage.TOLD, "children", allow_duplicate=True),
        Input(ProgrammesPage.CHECK, "n_clicks"), State(ProgrammesPage.OF, "data"),
        State(ProgrammesPage.LIST, "value"), State(Shell.LANGUAGE, "data"),
        may=PROMISE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_works,
        Output(ProgrammesPage.DIALOG, "opened", allow_duplicate=True), Output(ProgrammesPage.CHANGED, "data"),
        Output(ProgrammesPage.TOLD, "children", allow_duplicate=True),
        Input(ProgrammesPage.SAVE, "n_clicks"), State(ProgrammesPage.OF, "data"),
        State(ProgrammesPage.LIST, "value"), State(Shell.LANGUAGE, "data"),
        may=PROMISE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
