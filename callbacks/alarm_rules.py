"""The book of rules on a page: every class, or the one the address names with its versions."""

import asyncio
from datetime import UTC, datetime

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.people import speak
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import alarm_rules as layout
from layouts.ids import AlarmRulesPage, Shell
from model.errors import NotFound, Unavailable
from model.roles import RULE_READERS
from services.alarms import RuleBook
from services.city import City


async def show_alarm_rules(city: City, search: str | None, language: str | None) -> Component:
    """The list, or the sheet of ``?rule=``; counts are of what the reader may see."""
    say, key, now = speak(city, language), read_address(search).get("rule"), datetime.now(UTC)
    book = RuleBook(city.engine)
    try:
        if key:
            return layout.rule_sheet(say, await asyncio.to_thread(book.sheet, key, now))
        return layout.rules(say, await asyncio.to_thread(book.list, now))
    except NotFound:
        return layout.unknown(say, str(key))
    except Unavailable as problem:
        return layout.away(say, str(problem))


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_alarm_rules, Output(AlarmRulesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"), may=RULE_READERS,
    )  # fmt: skip
