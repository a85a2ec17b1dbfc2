"""The page of alarms told outside the room: routes made, changed, removed and tested."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.people import names_of, speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.wiring import on
from layouts import alarm_outside as layout
from layouts.ids import Outside, Shell
from model.alarm_routes import Channel, Route
from model.errors import BadField, NotFound, Refused, Unavailable, VigieError
from model.roles import ROUTE_KEEPERS
from model.texts import Words
from services.city import City


async def show_outside(city: City, _tick: Any, _changed: Any, language: str | None) -> Component:
    """Routes and channels as they are now."""
    say = speak(city, language)
    if not viewer_of(city).scope.whole:
        return layout.not_whole(say)
    try:
        routes, channels = await asyncio.to_thread(_read, city)
        names = await asyncio.to_thread(names_of, city)
    except Unavailable as problem:
        return layout.away(say, str(problem))
    return layout.outside(say, routes, channels, names, datetime.now(UTC))


def _read(city: City) -> tuple[Sequence[Route], Sequence[Channel]]:
    return city.alarm_routes.list(), city.alarm_routes.channels()


async def open_route(city: City, acted: Acted, language: str | None) -> Any:
    """The dialog of a new route, or of one to be changed."""
    adding, changing = act_of(acted, "add"), act_of(acted, "change")
    if adding is None and changing is None:
        return no_update
    say = speak(city, language)
    try:
        routes, channels = await asyncio.to_thread(_read, city)
        classes = await asyncio.to_thread(city.alarm_routes.classes)
    except Unavailable:
        return no_update
    route = next((one for one in routes if one.id == changing), None)
    return (
        True, changing or 0, layout.channel_choices(channels), layout.class_choices(say, classes),
        *layout.filled(route, channels), "", *layout.wrong_at(say, None),
    )  # fmt: skip


async def save_route(city: City, clicks: int | None, *values: Any) -> Any:
    """Write the route down; or say at its field what is wrong."""
    if not clicks:
        return no_update
    *typed, enabled, route_id, language = values
    say, viewer = speak(city, language), viewer_of(city)

    def write() -> None:
        draft, now = layout.draft_of(typed, enabled=bool(enabled)), datetime.now(UTC)
        if route_id:
            city.alarm_routes.change(viewer, int(route_id), draft, now)
        else:
            city.alarm_routes.make(viewer, draft, now)

    try:
        await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", *layout.wrong_at(say, bad)
    except (Refused, NotFound, Unavailable) as problem:
        return no_update, no_update, told(say, problem), *layout.wrong_at(say, None)
    return False, changed(), "", *layout.wrong_at(say, None)


def told(say: Words, problem: VigieError) -> str:
    """Why nothing was done, in the reader's language."""
    if isinstance(problem, Refused) and problem.reason == "whole_city":
        return say("outside.whole_city_body")
    if isinstance(problem, NotFound):
        return say("outside.gone")
    return say("outside.not_saved", what=str(problem))


async def test_route(city: City, acted: Acted) -> Any:
    """Ask for a test; what became of it is read with the list."""
    wanted = act_of(acted, "test")
    if wanted is None:
        return no_update
    try:
        await asyncio.to_thread(city.alarm_routes.test, viewer_of(city), wanted, datetime.now(UTC))
    except (Refused, NotFound, Unavailable):
        # The list that is read now says how the route stands, or that nothing can be read.
        return changed()
    return changed()


async def open_remove(city: City, acted: Acted, language: str | None) -> Any:
    """Ask once more before a route goes."""
    wanted = act_of(acted, "remove")
    if wanted is None:
        return no_update
    try:
        routes, _ = await asyncio.to_thread(_read, city)
    except Unavailable:
        return no_update
    name = next((one.draft.name for one in routes if one.id == wanted), "")
    return True, wanted, speak(city, language)("outside.remove_what", name=name), ""


async def remove_route(city: City, clicks: int | None, route_id: int | None, language: str | None) -> Any:
    """Take the route out."""
    if not clicks or not route_id:
        return no_update
    say = speak(city, language)
    try:
        await asyncio.to_thread(city.alarm_routes.remove, viewer_of(city), int(route_id), datetime.now(UTC))
    except (Refused, Unavailable) as problem:
        return no_update, no_update, told(say, problem)
    except NotFound:
        return False, changed(), ""
    return False, changed(), ""


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in layout.FIELD_IDS]
    on(
        app, city, show_outside, Output(Outside.LIST, "tree"),
        Input(Outside.TICK, "n_intervals"), Input(Outside.CHANGED, "data"), State(Shell.LANGUAGE, "data"),
        may=ROUTE_KEEPERS,
    )  # fmt: skip
    on(
        app, city, open_route,
        Output(Outside.DIALOG, "opened", allow_duplicate=True),
        Output(Outside.ROUTE, "data", allow_duplicate=True),
        Output(Outside.CHANNEL, "data"), Output(Outside.CLASSES, "data"),
        *(Output(id_, "value") for id_ in layout.FIELD_IDS), Output(Outside.ENABLED, "checked"),
        Output(Outside.TOLD, "children", allow_duplicate=True), *errors,
        Input(Outside.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=ROUTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_route,
        Output(Outside.DIALOG, "opened", allow_duplicate=True),
        Output(Outside.CHANGED, "data", allow_duplicate=True),
        Output(Outside.TOLD, "children", allow_duplicate=True), *errors,
        Input(Outside.SAVE, "n_clicks"), *(State(id_, "value") for id_ in layout.FIELD_IDS),
        State(Outside.ENABLED, "checked"), State(Outside.ROUTE, "data"), State(Shell.LANGUAGE, "data"),
        may=ROUTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, test_route, Output(Outside.CHANGED, "data", allow_duplicate=True),
        Input(Outside.LIST, "acted"), may=ROUTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_remove,
        Output(Outside.REMOVE_DIALOG, "opened", allow_duplicate=True),
        Output(Outside.ROUTE, "data", allow_duplicate=True), Output(Outside.REMOVE_WHAT, "children"),
        Output(Outside.REMOVE_TOLD, "children", allow_duplicate=True),
        Input(Outside.LIST, "acted"), State(Shell.LANGUAGE, "data"),
        may=ROUTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, remove_route,
        Output(Outside.REMOVE_DIALOG, "opened", allow_duplicate=True),
        Output(Outside.CHANGED, "data", allow_duplicate=True),
        Output(Outside.REMOVE_TOLD, "children", allow_duplicate=True),
        Input(Outside.REMOVE, "n_clicks"), State(Outside.ROUTE, "data"), State(Shell.LANGUAGE, "data"),
        may=ROUTE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
