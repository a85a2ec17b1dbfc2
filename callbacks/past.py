"""The city at one past instant: the state for the map, what was wrong for the list, the timeline."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.time_machine import present_columns
from callbacks.wiring import in_browser, on
from layouts import past_map as layout
from layouts.attention import place, state_label
from layouts.history import away
from layouts.history_address import read_instant
from layouts.ids import Past, Shell
from model.errors import Unavailable
from model.roles import STAFF
from model.states import ABNORMAL, Status
from model.texts import Words, words
from services.city import City
from services.history import codes_of, laid_out
from services.live import AttentionRow, attention

SPAN = timedelta(days=14)
STEP_S = 3_600


async def show_timeline(city: City, _zone: str) -> tuple[Any, ...]:
    """The last fourteen days as density of changes; without it the slider still works."""
    t1 = datetime.now(UTC).replace(second=0, microsecond=0)
    t0 = (t1 - SPAN).replace(minute=0)
    try:
        density = await asyncio.to_thread(city.history.change_density, t0, t1, STEP_S)
    except Unavailable:
        return t0.timestamp(), t1.timestamp(), [], STEP_S, [], [], [], []
    found = layout.density_properties(density)
    columns = (found[n] for n in ("times", "step", "fault", "degraded", "comms_lost", "other"))
    return t0.timestamp(), t1.timestamp(), *columns


async def show_instant(
    city: City,
    at_text: str | None,
    domains: list[str] | None,
    statuses: list[str] | None,
    language: str | None,
) -> tuple[Any, Any, Any]:
    """What was wrong at the instant, the instant in words, and the names the map may write."""
    say = words(language or city.settings.language, city.profile.time_zone)
    at = read_instant(at_text, datetime.now(UTC))
    if at is None:
        return no_update, no_update, no_update
    try:
        wrong, named = await _wrong(city, say, at, domains, statuses)
    except Unavailable as problem:
        return [away(say, str(problem))], layout.as_of(say, at), no_update
    return wrong, layout.as_of(say, at), named


async def _wrong(
    city: City, say: Words, at: datetime, domains: list[str] | None, statuses: list[str] | None
) -> tuple[list[Component], list[tuple[int, str]]]:
    columns = present_columns(city)
    past = await asyncio.to_thread(city.history.state_at, at)
    records = laid_out(columns, past)
    wanted = None if statuses is None else [s.key for s in ABNORMAL if s.key in statuses]
    found = attention(
        columns, records, codes_of(records["status"], columns.parents), records["time"], at.timestamp(),
        domains=domains, statuses=wanted, limit=layout.SHOWN,
    )  # fmt: skip
    ids, now = [row.asset_id for row in found.rows], [int(row.status) for row in found.rows]
    since = await asyncio.to_thread(city.history.since, at, ids, now) if ids else {}
    names = await asyncio.to_thread(city.registry.area_names, columns.version)
    rows = [_row(say, row, names.get(row.area, ""), since.get(row.asset_id)) for row in found.rows]
    known = float(np.mean(records["status"] != Status.UNKNOWN)) if len(records) else 0.0
    named = [(row.index, row.name) for row in found.rows]
    return layout.wrong_list(say, at, rows, found.total, known), named


def _row(say: Words, row: AttentionRow, area: str, since: datetime | None) -> layout.Wrong:
    return layout.Wrong(
        name=row.name,
        where=place(row.street, area),
        asset_type=row.asset_type,
        fact=state_label(say, row.asset_type, row.state),
        external_id=row.external_id,
        since=since,
        consequences=row.consequences,
        priority=row.priority,
    )


def register(app: Dash, city: City) -> None:
    """Wire the map of an instant."""
    names = ("t0", "t1", "times", "step", "fault", "degraded", "comms_lost", "other")
    on(
        app, city, show_timeline,
        *(Output(Past.TIMELINE, name) for name in names), Input(Past.TIMELINE, "zone"), may=STAFF,
    )  # fmt: skip
    on(
        app, city, show_instant,
        Output(Past.LIST, "children"), Output(Past.SOURCE, "children"), Output(Past.MAP, "names"),
        Input(Past.TIMELINE, "at"), Input(Past.DOMAINS, "domains"), Input(Past.LEGEND, "statuses"),
        State(Shell.LANGUAGE, "data"), may=STAFF,
    )  # fmt: skip
    in_browser(
        app, "vigie_history.instant",
        Output(Past.MAP, "at"), Input(Past.TIMELINE, "at"), may=STAFF, prevent_initial_call=True,
    )  # fmt: skip
