"""The room of the past: what was wrong at the instant, and the small moves of the page that need no data."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, no_update

from callbacks.control_room import asset_pointed_at, place_of, speak
from callbacks.time_machine import present_columns
from callbacks.wiring import in_browser, on
from layouts.attention import attention_properties
from layouts.history_address import read_instant
from layouts.ids import Notes, Past, Shell
from model.errors import Unavailable
from model.roles import ROOM
from model.states import ABNORMAL, Status
from services.city import City
from services.history import codes_of, laid_out
from services.live import Attention, attention

SHOWN = 60
"""Rows of the list: since when is asked for each of them."""


async def list_wrong(
    city: City,
    at_text: str | None,
    domains: list[str] | None,
    statuses: list[str] | None,
    area: str | None,
    _again: int | None,
    language: str | None,
) -> tuple[Any, ...]:
    """What was wrong at the instant, through the filters: rows, total, counts, state, and of when it is."""
    at = read_instant(at_text, datetime.now(UTC))
    if at is None:
        return (no_update,) * 5
    try:
        found, known = await asyncio.to_thread(_wrong, city, at, domains, statuses, area)
        names = await asyncio.to_thread(city.registry.area_names, present_columns(city).version)
    except Unavailable:
        return [], 0, {}, "away", at.timestamp()
    say = speak(city, language)
    shown = attention_properties(say, found, lambda row: names.get(row.area, ""), heard=known)
    return shown["rows"], shown["total"], shown["counts"], shown["state"], at.timestamp()


def _wrong(
    city: City, at: datetime, domains: list[str] | None, statuses: list[str] | None, area: str | None
) -> tuple[Attention, bool]:
    """What was wrong at ``at``, each with since when, and whether anything was known then. Blocks."""
    columns = present_columns(city)
    records = laid_out(columns, city.history.state_at(at))
    codes = codes_of(records["status"], columns.parents)
    wanted = None if statuses is None else [s.key for s in ABNORMAL if s.key in statuses]
    chosen = {"domains": domains, "statuses": wanted, "area": int(area) if area else None, "limit": SHOWN}
    first = attention(columns, records, codes, records["time"], at.timestamp(), **chosen)
    ids, states = [row.asset_id for row in first.rows], [int(row.status) for row in first.rows]
    told = city.history.since(at, ids, states) if ids else {}
    # What no change on record explains began before the memory does: no time is made up for it.
    rows = [
        replace(row, since=int(told[i].timestamp()) if (i := row.asset_id) in told else 0)
        for row in first.rows
    ]
    rows.sort(key=lambda row: (row.priority, ABNORMAL.index(row.status), -row.since))
    return replace(first, rows=tuple(rows)), bool(np.any(records["status"] != Status.UNKNOWN))


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
        app, city, list_wrong,
        Output(Past.LIST, "rows"), Output(Past.LIST, "total"),
        Output(Past.LIST, "counts"), Output(Past.LIST, "state"), Output(Past.LIST, "at"),
        Input(Past.TIMELINE, "at"), Input(Past.DOMAINS, "domains"), Input(Past.LEGEND, "statuses"),
        Input(Past.AREA, "value"), Input(Past.LIST, "again"), State(Shell.LANGUAGE, "data"), may=ROOM,
    )  # fmt: skip
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
