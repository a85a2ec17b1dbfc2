"""The alarm list of the past room: what was in alarm at the instant, and what ended between the flags."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.alarm_documents import list_document, row_document, stamp
from callbacks.alarm_reads import layout_of
from callbacks.asking import asker
from callbacks.control_room import speak
from callbacks.wiring import on
from layouts.history_address import read_instant
from layouts.ids import Past, Shell
from model.alarms import AlarmList, ListQuery
from model.errors import Unavailable
from model.roles import ALARM_READERS
from model.texts import Words
from services.alarms import Ended
from services.city import City

SHOWN = 60


async def list_alarms(
    city: City,
    at_text: str | None,
    a_text: str | None,
    b_text: str | None,
    domains: list[str] | None,
    area: str | None,
    _again: int | None,
    language: str | None,
) -> tuple[Any, ...]:
    """The list at the instant, through the room's filters: document, rows, state, and of when it is."""
    now = datetime.now(UTC)
    at, a, b = (read_instant(text, now) for text in (at_text, a_text, b_text))
    if at is None:
        return (no_update,) * 4
    query = ListQuery(
        domains=None if domains is None else frozenset(domains), area=int(area) if area else None, limit=SHOWN
    )
    viewer = asker(city)
    try:
        found = await asyncio.to_thread(city.alarms.as_of, at, query, viewer)
        ended = await asyncio.to_thread(city.alarms.recovered, a, b, query) if a and b and a < b else None
    except Unavailable:
        return None, [], "away", at.timestamp()
    document = then_document(speak(city, language), found, (a, b, ended), layout_of(city))
    return document, named(document["rows"]), "ready", at.timestamp()


def then_document(
    say: Words, found: AlarmList, flags: tuple[datetime | None, datetime | None, Ended | None], layout: int
) -> dict[str, Any]:
    """The list as ``AlarmsThen`` draws it: that of now, with what only the past has."""
    a, b, ended = flags
    return list_document(say, found, layout) | {
        "was_watched": found.watched,
        "learnt": [row_document(say, row) for row in found.learnt],
        "learnt_total": found.learnt_total,
        "recovered": None if ended is None else {
            "a": stamp(a), "b": stamp(b), "total": ended.total,
            "rows": [
                {"row": row_document(say, one.row), "ended": stamp(one.ended_at), "lasted": one.lasted_s}
                for one in ended.rows
            ],
        },
    }  # fmt: skip


def named(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the map names the worst of ``rows`` by; those of a whole area have no place on it."""
    return [
        {"index": row["index"], "name": row["name"], "cons": row["consequences"], "priority": row["priority"]}
        for row in rows
        if row["index"] >= 0
    ]


def register(app: Dash, city: City) -> None:
    """Wire the list of the past room."""
    on(
        app, city, list_alarms,
        Output(Past.LIST, "found"), Output(Past.LIST, "rows"), Output(Past.LIST, "state"),
        Output(Past.LIST, "at"),
        Input(Past.TIMELINE, "at"), Input(Past.TIMELINE, "a"), Input(Past.TIMELINE, "b"),
        Input(Past.DOMAINS, "domains"), Input(Past.AREA, "value"), Input(Past.LIST, "again"),
        State(Shell.LANGUAGE, "data"), may=ALARM_READERS,
    )  # fmt: skip
