"""The book of rules on a page: every class, or the one the address names with its versions."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.shell import read_address
from callbacks.wiring import on
from layouts import alarm_rules as layout
from layouts.ids import AlarmRulesPage, Shell
from model.errors import NotFound, Unavailable, VigieError
from model.roles import RULE_KEEPERS, RULE_READERS
from services.alarms import RuleBook, last_month
from services.city import City


async def show_alarm_rules(city: City, search: str | None, _tried: Any, language: str | None) -> Component:
    """The list, or the sheet of ``?rule=``; counts are of what the reader may see."""
    say, key, now = speak(city, language), read_address(search).get("rule"), datetime.now(UTC)
    book = RuleBook(city.engine)
    try:
        if key:
            keeps = viewer_of(city).role in RULE_KEEPERS and city.scope.whole
            return layout.rule_sheet(say, await asyncio.to_thread(book.sheet, key, now), keeps=keeps)
        return layout.rules(say, await asyncio.to_thread(book.list, now))
    except NotFound:
        return layout.unknown(say, str(key))
    except Unavailable as problem:
        return layout.away(say, str(problem))


async def try_rule(city: City, acted: Acted, search: str | None, language: str | None) -> Any:
    """Try a version of the rule of the address over the last month; the sheet then shows what came of it."""
    version, key = act_of(acted, "try"), read_address(search).get("rule")
    if version is None or not key:
        return no_update, no_update
    say, columns, now = speak(city, language), city.hub.columns, datetime.now(UTC)
    if columns is None:
        return no_update, say("alarm_book.no_layout")
    trying = last_month(city.engine, city.history, columns, city.profile, now)
    try:
        await asyncio.to_thread(RuleBook(city.engine).try_out, viewer_of(city), key, version, trying, now)
    except VigieError as problem:
        return no_update, say("alarm_book.not_tried", what=str(problem))
    return changed(), ""


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_alarm_rules, Output(AlarmRulesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), Input(AlarmRulesPage.TRIED, "data"),
        State(Shell.LANGUAGE, "data"), may=RULE_READERS,
    )  # fmt: skip
    on(
        app, city, try_rule, Output(AlarmRulesPage.TRIED, "data"), Output(AlarmRulesPage.TOLD, "children"),
        Input(AlarmRulesPage.BODY, "acted"), State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
