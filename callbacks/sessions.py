"""The page of open sessions, read again every ten seconds."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.people import keeps, names_of, speak, viewer_of
from callbacks.wiring import on
from layouts import sessions as layout
from layouts.ids import Confirming, Sessions, Shell
from layouts.shell import state_card
from model.errors import Unavailable
from model.roles import PEOPLE_READERS
from services.city import City


async def show_sessions(
    city: City, q: str | None, role: str | None, _tick: int | None, _done: Any, language: str | None
) -> Any:
    """Every open session that fits the filters."""
    say, now = speak(city, language), datetime.now(UTC)
    try:
        everybody = await asyncio.to_thread(city.access.sessions.all_open)
        names = await asyncio.to_thread(names_of, city)
    except Unavailable as problem:
        return state_card("broken", say("people.sessions_away"), say("people.away_body", what=str(problem)))
    return layout.session_list(
        say, everybody, layout.matching(everybody, q, role), names, now,
        keeps=keeps(city), own=viewer_of(city).session_id,
    )  # fmt: skip


def register(app: Dash, city: City) -> None:
    """Wire the page of sessions."""
    on(
        app, city, show_sessions,
        Output(Sessions.LIST, "tree"),
        Input(Sessions.SEARCH, "value"), Input(Sessions.ROLE, "value"),
        Input(Sessions.TICK, "n_intervals"), Input(Confirming.DONE, "data"),
        State(Shell.LANGUAGE, "data"), may=PEOPLE_READERS,
    )  # fmt: skip
