"""The control room: the selection, the last 24 hours, the filters; its alarms have a file of their own."""

import asyncio
import time
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.wiring import in_browser, on
from layouts.ids import Room, Shell
from layouts.strip import strip_properties
from model.errors import Unavailable
from model.observations import moment
from model.roles import ROOM
from model.sun import sun_times
from model.texts import Words, words
from services.city import City

STRIP_STEP_S = 600
STRIP_SPAN = timedelta(hours=24)


def speak(city: City, language: str | None) -> Words:
    """The words of ``language`` in the city's zone; its first language when none was chosen yet."""
    return words(language or city.settings.language, city.profile.time_zone)


def place_of(city: City, external_id: str | None) -> int | None:
    """The live index of the asset feeds call ``external_id``; None when this layout has none."""
    columns = city.live.columns
    if columns is None or not external_id:
        return None
    found = (columns.external_ids == external_id).nonzero()[0]
    return int(found[0]) if len(found) else None


# --- the selection -----------------------------------------------------------------------------------


async def asset_pointed_at(city: City, pointed: dict[str, Any] | None) -> dict[str, Any] | None:
    """The asset behind a click on the map or in the ticker: its index holds for one layout only."""
    columns = city.live.columns
    if not pointed or columns is None or pointed.get("version") != columns.version:
        return None
    index = int(pointed["index"])
    return {"asset": str(columns.external_ids[index])} if 0 <= index < len(columns) else None


async def show_selection(
    city: City, selected: str | None, _version: int | None
) -> tuple[int | None, int | None, str | None, list[tuple[int, str]]]:
    """Mark the selected asset on the map, in the loupe and in the list, and give it its name there."""
    index = place_of(city, selected)
    named = [] if index is None else [(index, str(city.live.columns.names[index]))]
    return index, index, selected, named


# --- the last 24 hours -------------------------------------------------------------------------------


async def show_day(city: City, _minute: int | None, _version: int | None) -> tuple[Any, ...]:
    """Alarms and state changes over the last 24 hours."""
    now = time.time()
    t1 = moment(now - now % STRIP_STEP_S + STRIP_STEP_S)
    try:
        density = await asyncio.to_thread(city.history.change_density, t1 - STRIP_SPAN, t1, STRIP_STEP_S)
        load = await asyncio.to_thread(city.alarms.load, t1 - STRIP_SPAN, t1, STRIP_STEP_S)
    except Unavailable:
        return (None,) * 4 + ([], now, "away")
    bounds = city.profile.bounds
    days = sun_times((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2, t1 - STRIP_SPAN, t1)
    return strip_properties(density, load, days, now)


def register(app: Dash, city: City) -> None:
    """Wire the control room."""
    for component, prop in ((Room.MAP, "clicked"), (Room.TICKER, "picked")):
        on(
            app, city, asset_pointed_at,
            Output(Room.PICKED, "data", allow_duplicate=True), Input(component, prop),
            may=ROOM, prevent_initial_call=True,
        )  # fmt: skip
    on(
        app, city, show_selection,
        Output(Room.MAP, "selected"), Output(Room.LOUPE, "selected"), Output(Room.LIST, "selected"),
        Output(Room.NAMED, "data"), Input(Room.SELECTED, "data"), Input(Room.PULSE, "version"), may=ROOM,
    )  # fmt: skip
    on(
        app, city, show_day,
        *(Output(Room.STRIP, name) for name in
          ("times", "step", "changes", "alarms", "days", "now", "state")),
        Input(Room.MINUTE, "n_intervals"), Input(Room.PULSE, "version"), may=ROOM,
    )  # fmt: skip
    _in_browser(app)


def _in_browser(app: Dash) -> None:
    """What needs no data: who picked what, the filters' way to the map, the address."""
    in_browser(
        app, "vigie_room.pick", Output(Room.SELECTED, "data"),
        Input(Room.PICKED, "data"), Input(Room.LIST, "picked"), Input(Room.SEARCH, "picked"),
        may=ROOM, prevent_initial_call=True,
    )  # fmt: skip
    in_browser(app, "vigie_room.let_go", Input(Room.MAP, "selected"), State(Room.SELECTED, "data"), may=ROOM)
    in_browser(
        app, "vigie_room.drill", Output(Room.MAP, "area"), Output(Room.DOMAINS, "area"),
        Input(Room.AREA, "value"), may=ROOM,
    )  # fmt: skip
    in_browser(app, "vigie_room.drilled", Input(Room.MAP, "area"), State(Room.AREA, "value"), may=ROOM)
    in_browser(
        app, "vigie_room.filter", Output(Room.MAP, "domains"), Output(Room.MAP, "statuses"),
        Input(Room.DOMAINS, "domains"), Input(Room.LEGEND, "statuses"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_room.name_chosen", Output(Room.MAP, "names"),
        Input(Room.NAMED, "data"), Input(Room.PULSE, "version"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_room.theme", Output(Room.MAP, "theme"), Output(Room.LOUPE, "theme"),
        Input(Shell.THEME, "data"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_room.address",
        Input(Room.SELECTED, "data"), Input(Room.DOMAINS, "domains"), Input(Room.LEGEND, "statuses"),
        Input(Room.AREA, "value"), may=ROOM,
    )  # fmt: skip
