"""The room of the past: the small moves of the page that need no data, and the selection."""

from dash import Dash, Input, Output, State

from callbacks.control_room import asset_pointed_at, place_of
from callbacks.wiring import in_browser, on
from layouts.ids import Notes, Past
from model.roles import ROOM
from services.city import City


async def show_past_selection(
    city: City, selected: str | None
) -> tuple[int | None, int | None, str | None, str | None, str | None, list[tuple[int, str]]]:
    """Mark the selected asset on the map, in the loupe, in both lists and the address; give it its name."""
    index = place_of(city, selected)
    named = [] if index is None else [(index, str(city.live.columns.names[index]))]
    return index, index, selected, selected, selected, named


def register(app: Dash, city: City) -> None:
    """Wire the room of the past; its panel is wired by ``callbacks.asset_panel``'s past half."""
    on(
        app, city, asset_pointed_at,
        Output(Past.PICKED, "data", allow_duplicate=True), Input(Past.MAP, "clicked"),
        may=ROOM, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, show_past_selection,
        Output(Past.MAP, "selected"), Output(Past.LOUPE, "selected"), Output(Past.LIST, "selected"),
        Output(Past.CHANGED, "selected"), Output(Past.TIMELINE, "asset"), Output(Past.NAMED, "data"),
        Input(Past.SELECTED, "data"), may=ROOM,
    )  # fmt: skip
    _in_browser(app)


def _in_browser(app: Dash) -> None:
    in_browser(
        app, "vigie_room.pick", Output(Past.SELECTED, "data"),
        Input(Past.PICKED, "data"), Input(Past.LIST, "picked"), Input(Past.CHANGED, "picked"),
        Input(Past.SEARCH, "picked"), may=ROOM, prevent_initial_call=True,
    )  # fmt: skip
    in_browser(app, "vigie_room.let_go", Input(Past.MAP, "selected"), State(Past.SELECTED, "data"), may=ROOM)
    in_browser(
        app, "vigie_room.drill", Output(Past.MAP, "area"), Output(Past.DOMAINS, "area"),
        Input(Past.AREA, "value"), may=ROOM,
    )  # fmt: skip
    in_browser(app, "vigie_room.drilled", Input(Past.MAP, "area"), State(Past.AREA, "value"), may=ROOM)
    in_browser(
        app, "vigie_room.filter", Output(Past.MAP, "domains"), Output(Past.MAP, "statuses"),
        Input(Past.DOMAINS, "domains"), Input(Past.LEGEND, "statuses"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_room.name_worst", Output(Past.MAP, "names"),
        Input(Past.LIST, "rows"), Input(Past.NAMED, "data"), may=ROOM,
    )  # fmt: skip
    in_browser(
        app, "vigie_past.noted", Input(Notes.CHANGED, "data"), may=ROOM, prevent_initial_call=True,
    )  # fmt: skip
