"""The asset panel at an instant of the past: the same components as live, and nothing later."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from dash import Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from callbacks.asset_panel import NOTHING_KNOWN, Known, charted, choices, crowds, live_state, relatives
from callbacks.control_room import place_of, speak
from callbacks.looking import looked
from callbacks.origin import panel_picture
from callbacks.shield import Shield, shielded, unchanged
from callbacks.time_machine import present_columns
from callbacks.wiring import on
from geodata.assets import Columns
from layouts import figures, panels, past_alarms, past_panel, protected
from layouts.history_address import read_instant
from layouts.ids import Look, Notes, Past, Shell
from layouts.shell import state_card
from layouts.story import Motion, Story
from layouts.theme import past_theme
from model.domains import MOVING, TYPE_ORDER
from model.errors import NotFound, Unavailable
from model.roles import ROOM
from model.states import CONSEQUENCE_BIT, Status
from model.texts import Words
from services.city import City
from services.history import codes_of, laid_out
from services.live import moves_at

FACTS = 6
MARKS = 30


@dataclass(frozen=True)
class Then:
    """The city at ``at`` as the live picture would have held it; ``since`` is left to the facts."""

    at: datetime
    columns: Columns
    records: npt.NDArray[np.void]
    codes: npt.NDArray[np.uint8]
    since: npt.NDArray[np.uint32]


def city_then(city: City, at: datetime) -> Then:
    """The city at ``at`` (aware). Blocks. Raises Unavailable."""
    columns = present_columns(city)
    records = laid_out(columns, city.history.state_at(at))
    codes = codes_of(records["status"], columns.parents)
    return Then(at, columns, records, codes, np.zeros(len(columns), "u4"))


async def show_past_asset(
    city: City,
    selected: str | None,
    at_text: str | None,
    _stated: int | None,
    language: str | None,
    shown: str | None,
) -> tuple[Any, Any, Any, Any, Any]:
    """The panel's head, body, columns and actions for the selected asset as it was at the instant."""
    say = speak(city, language)
    at = read_instant(at_text, datetime.now(UTC))
    if not selected or at is None:
        return panels.nothing_selected(say), [], "panel-columns empty", [], unchanged("", shown)
    index = place_of(city, selected)
    if index is None:
        known = city.live.columns is not None
        missing = panels.no_such_asset(say, selected) if known else panels.nothing_selected(say)
        return missing, [], "panel-columns empty", [], unchanged("", shown)
    shield = await shielded_then(city, say, index, at)
    try:
        story = await asyncio.to_thread(tell_past, city, index, at, None if shield.open else NOTHING_KNOWN)
        stood = await asyncio.to_thread(city.alarms.of_asset_then, int(city.live.columns.ids[index]), at)
    except Unavailable:
        away = state_card("broken", say("past_list.away"), say("past_list.away_body"))
        return away, [], "panel-columns empty", [], unchanged("", shown)
    alarms = past_alarms.panel_alarms(say, stood, at)
    head, body = panels.head(say, story), alarms + shield.over(panels.body(say, story), shown)
    actions = past_panel.actions(say, story, index)
    return head, body, "panel-columns", actions, unchanged(shield.key, shown)


async def shielded_then(city: City, say: Words, index: int, at: datetime) -> Shield:
    """The shield before the record of the asset at ``index``; a look at the past is told by its day."""
    asset_id, day = int(city.live.columns.ids[index]), f"{say.local(at):%Y-%m-%d}"
    return await shielded(city, say, asset_id, "past", day=day)


def tell_past(city: City, index: int, at: datetime, known: Known | None = None) -> Story:
    """The story of the asset at the live ``index`` as of ``at``. Blocks. Raises Unavailable.

    ``known`` is told instead of what is on record: nothing, of a record that may not be shown.
    """
    then = city_then(city, at)
    columns, asset_id = then.columns, int(then.columns.ids[index])
    card, values, facts = known or read_then(city, asset_id, at)
    children = np.flatnonzero(columns.parents == index)
    moving = columns.types[index] in MOVING
    area = city.registry.area_names(columns.version).get(int(columns.areas[index]), "")
    return Story(
        external_id=str(columns.external_ids[index]),
        name=str(columns.names[index]),
        street=str(columns.streets[index]),
        asset_type=TYPE_ORDER[columns.types[index]],
        area="" if moving else area,
        now=at.timestamp(),
        live=with_since(city, then, index),
        crowds=crowds(then, children),
        consequences=int(((then.codes[children] & CONSEQUENCE_BIT) != 0).sum()),
        card=card,
        values=values,
        facts=facts,
        relatives=relatives(then, card),
        motion=motion_then(city, then, index) if moving else None,
        at=at,
    )


def with_since(city: City, then: Then, index: int) -> Any:
    """The state of the asset then, and since when it had its status."""
    state = live_state(then, index)
    if state.status is Status.UNKNOWN:
        return state
    asset_id = int(then.columns.ids[index])
    told = city.history.since(then.at, [asset_id], [int(state.status)]).get(asset_id)
    return replace(state, since=int(told.timestamp()) if told else 0)


def read_then(city: City, asset_id: int, at: datetime) -> Known:
    """Card, values and facts as of ``at``; nothing of the three when the registry has no such asset."""
    try:
        card = city.registry.card(asset_id)
    except NotFound:
        return None, (), ()
    values = tuple(city.history.values_at(asset_id, at))
    return card, values, tuple(city.history.facts_at(asset_id, at, FACTS))


def motion_then(city: City, then: Then, index: int) -> Motion:
    """How the moving asset at ``index`` moved then: duty, line, speed and time of its last position."""
    if int(then.codes[index]) & 7 == Status.OUT_OF_SERVICE:
        return Motion(on_duty=False)
    rows = moves_at(city.engine, then.columns, then.at)
    own = next((row for row in rows if row[0] == index and row[4]), None)
    if own is None:
        return Motion(on_duty=True)
    return Motion(on_duty=True, line=own[1], speed=own[3], seen=float(own[4][-3]))


# --- the chart ---------------------------------------------------------------------------------------


async def offer_past_properties(
    city: City,
    selected: str | None,
    at_text: str | None,
    _shield: str | None,
    chosen: str | None,
    language: str | None,
) -> tuple[Any, Any]:
    """What of the selected asset had been sent by the instant; what was chosen stays so while it can."""
    index, at = place_of(city, selected), read_instant(at_text, datetime.now(UTC))
    if index is None or at is None:
        return [], None
    try:
        if not (await shielded_then(city, speak(city, language), index, at)).open:
            return [], None
        offered = await asyncio.to_thread(
            charted, city, index, lambda asset_id: city.history.values_at(asset_id, at)
        )
    except Unavailable:
        return [], None
    data = choices(speak(city, language), offered, int(city.live.columns.ids[index]))
    values = [choice["value"] for choice in data]
    return data, no_update if chosen in values else values[0] if values else None


async def show_past_chart(
    city: City,
    chosen: str | None,
    period: str,
    at_text: str | None,
    _noted: dict[str, Any] | None,
    shield: str | None,
    theme: str | None,
    language: str | None,
) -> Component:
    """The chosen property over the 24 hours or 30 days that end at the instant."""
    say, at = speak(city, language), read_instant(at_text, datetime.now(UTC))
    if not chosen and shield:
        return protected.chart_closed(say)
    if not chosen or at is None:
        body = state_card("empty", say("panel.no_stream"), say("past_panel.no_stream_body"))
        return html.Div(body, className="no-stream")
    asset, _, name = chosen.partition(":")
    try:
        span = figures.PERIODS.get(period, figures.PERIODS["day"])
        asked = {"property": name, "hours": span / timedelta(hours=1), "day": f"{say.local(at):%Y-%m-%d}"}
        standing = await looked(city, int(asset), "series", **asked)
        if standing is not None and not standing.open:
            return protected.chart_closed(say)
        series = await asyncio.to_thread(city.history.series_until, int(asset), name, span, at)
        facts = await asyncio.to_thread(city.history.facts_at, int(asset), at, MARKS)
        notes = await asyncio.to_thread(city.notes.between, at - span, at, None, int(asset))
    except Unavailable:
        return state_card("broken", say("panel.history_away"), say("panel.history_away_body"))
    return figures.chart(say, series, past_theme(theme), facts, notes, panel_picture(city, say, series))


def register(app: Dash, city: City) -> None:
    """Wire the asset panel of the past."""
    on(
        app, city, show_past_asset,
        Output(Past.HEAD, "children"), Output(Past.BODY, "children"),
        Output(Past.COLUMNS, "className"), Output(Past.ACTIONS, "children"), Output(Past.SHIELD, "data"),
        Input(Past.SELECTED, "data"), Input(Past.TIMELINE, "at"), Input(Look.STATED, "data"),
        State(Shell.LANGUAGE, "data"), State(Past.SHIELD, "data"), may=ROOM,
    )  # fmt: skip
    on(
        app, city, offer_past_properties,
        Output(Past.PROPERTY, "data"), Output(Past.PROPERTY, "value"),
        Input(Past.SELECTED, "data"), Input(Past.TIMELINE, "at"), Input(Past.SHIELD, "data"),
        State(Past.PROPERTY, "value"), State(Shell.LANGUAGE, "data"), may=ROOM,
    )  # fmt: skip
    on(
        app, city, show_past_chart,
        Output(Past.CHART, "children"),
        Input(Past.PROPERTY, "value"), Input(Past.PERIOD, "value"), Input(Past.TIMELINE, "at"),
        Input(Notes.CHANGED, "data"), Input(Past.SHIELD, "data"), Input(Shell.THEME, "data"),
        State(Shell.LANGUAGE, "data"), may=ROOM,
    )  # fmt: skip
