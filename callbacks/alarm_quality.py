"""The board of alarm quality: the figures of one position over the last days, by the page's address."""

import asyncio
from datetime import UTC, datetime

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.people import speak, viewer_of
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import alarm_quality as layout
from layouts.ids import AlarmQualityPage, Shell
from model.alarm_targets import targets_of
from model.errors import Unavailable
from model.roles import QUALITY_READERS, RULE_READERS
from services.alarms import flood_settings, last_days, positions_of, quality
from services.city import City

USUAL_DAYS = 30


async def show_alarm_quality(city: City, search: str | None, language: str | None) -> Component:
    """The board the address asks for; an unknown position or period is the usual one.

    Who does not work with the alarms reads what classes do, and nothing of the single equipment.
    """
    works = viewer_of(city).role in RULE_READERS
    say, address = speak(city, language), read_address(search)
    positions = positions_of(city.profile.alarms)
    position = next((one for one in positions if one.name == address.get("position")), positions[0])
    days = next((n for n in layout.PERIODS if str(n) == address.get("days")), USUAL_DAYS)
    t0, t1 = last_days(days, datetime.now(UTC))
    settings = flood_settings(city.profile.alarms)
    try:
        found = await asyncio.to_thread(quality, city.engine, position, t0, t1, city.profile.zone, settings)
    except Unavailable as problem:
        return layout.away(say, str(problem))
    return layout.board(say, found, positions, targets_of(city.profile.alarms), days, works=works)


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_alarm_quality, Output(AlarmQualityPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=QUALITY_READERS,
    )  # fmt: skip
