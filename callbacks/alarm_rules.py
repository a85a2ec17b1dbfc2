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
from geodata.assets import Columns
from layouts import alarm_rule_reading as reading
from layouts import alarm_rule_trial as trial
from layouts import alarm_rules as layout
from layouts.ids import AlarmRulesPage, Shell
from model.errors import BadField, NotFound, Unavailable, VigieError
from model.roles import RULE_KEEPERS, RULE_READERS
from model.texts import Words
from model.tokens import THEMES
from services.alarms import RuleBook, RuleDrafts, last_month
from services.city import City


async def show_alarm_rules(
    city: City, search: str | None, _tried: Any, _kept: Any, language: str | None
) -> Component:
    """The list, or the sheet of ``?rule=`` with what ``&version=`` changed; its counts as far as one sees."""
    say, asked = speak(city, language), read_address(search)
    try:
        return await asyncio.to_thread(_shown, city, say, asked.get("rule"), asked.get("version"))
    except NotFound:
        return layout.unknown(say, str(asked.get("rule")))
    except Unavailable as problem:
        return layout.away(say, str(problem))


def _shown(city: City, say: Words, key: str | None, version: str | None) -> Component:
    viewer, book, now = viewer_of(city), RuleBook(city.engine), datetime.now(UTC)
    keeps = viewer.role in RULE_KEEPERS and city.scope.whole
    left = RuleDrafts(city.engine).of(viewer) if keeps else {}
    if not key:
        return layout.rules(say, book.list(now), left, keeps=keeps)
    return layout.rule_sheet(say, book.sheet(key, now), keeps=keeps, version=version, left=left.get(key))


async def show_trial(
    city: City, search: str | None, _tried: Any, theme: str | None, language: str | None
) -> Any:
    """The trial of the chosen version, else of the newest tried, as a chart; nothing on the list."""
    say, asked = speak(city, language), read_address(search)
    key = asked.get("rule")
    if not key:
        return ""
    try:
        sheet = await asyncio.to_thread(RuleBook(city.engine).sheet, key, datetime.now(UTC))
    except (NotFound, Unavailable):
        return ""  # the sheet above says why
    chosen = layout.chosen_version(sheet, asked.get("version"))
    return trial.trial_section(say, trial.trial_of(sheet, chosen), theme if theme in THEMES else "dark")


async def try_rule(city: City, acted: Acted, search: str | None, language: str | None) -> Any:
    """Try a version of the rule of the address over the last month, and beside it the one in force."""
    version, key = act_of(acted, "try"), read_address(search).get("rule")
    if version is None or not key:
        return no_update, no_update
    say, columns = speak(city, language), city.hub.columns
    if columns is None:
        return no_update, say("alarm_book.no_layout")
    try:
        await asyncio.to_thread(_tried_both, city, key, version, columns)
    except VigieError as problem:
        return no_update, say("alarm_book.not_tried", what=str(problem))
    return changed(), ""


def _tried_both(city: City, key: str, version: int, columns: Columns) -> None:
    """Over the very same time, or the two could not stand side by side."""
    book, viewer, now = RuleBook(city.engine), viewer_of(city), datetime.now(UTC)
    trying = last_month(city.engine, city.history, columns, city.profile, now)
    book.try_out(viewer, key, version, trying, now)
    force = book.sheet(key, now).in_force
    if force is not None and force.version != version and layout.triable(force):
        book.try_out(viewer, key, force.version, trying, now)


async def open_switch_on(city: City, acted: Acted, language: str | None) -> Any:
    """Ask once more before a version goes into force."""
    version = act_of(acted, "on")
    if not version:
        return no_update
    return True, version, speak(city, language)("alarm_book.on_what", n=version), ""


async def switch_on(
    city: City, clicks: int | None, version: int | None, search: str | None, language: str | None
) -> Any:
    """Put the version in force; the one before goes off."""
    key = read_address(search).get("rule")
    if not clicks or not key or not version:
        return no_update
    try:
        book = RuleBook(city.engine)
        await asyncio.to_thread(book.switch_on, viewer_of(city), key, int(version), datetime.now(UTC))
    except VigieError as problem:
        return no_update, no_update, speak(city, language)("alarm_book.not_done", what=str(problem))
    return False, changed(), ""


async def open_switch_off(_city: City, acted: Acted) -> Any:
    """Ask why the class goes out of force."""
    return no_update if act_of(acted, "off") is None else (True, "", "", None)


async def switch_off(
    city: City, clicks: int | None, why: str | None, search: str | None, language: str | None
) -> Any:
    """Take the class out of force."""
    say, key = speak(city, language), read_address(search).get("rule")
    if not clicks or not key:
        return no_update
    try:
        book = RuleBook(city.engine)
        await asyncio.to_thread(book.switch_off, viewer_of(city), key, why or "", datetime.now(UTC))
    except BadField as bad:
        return no_update, no_update, "", reading.wrong_at(say, bad)[-1]
    except VigieError as problem:
        return no_update, no_update, say("alarm_book.not_done", what=str(problem)), None
    return False, changed(), "", None


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_alarm_rules, Output(AlarmRulesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), Input(AlarmRulesPage.TRIED, "data"),
        Input(AlarmRulesPage.KEPT, "data"), State(Shell.LANGUAGE, "data"), may=RULE_READERS,
    )  # fmt: skip
    on(
        app, city, show_trial, Output(AlarmRulesPage.TRIAL, "children"),
        Input(Shell.LOCATION, "search"), Input(AlarmRulesPage.TRIED, "data"), Input(Shell.THEME, "data"),
        State(Shell.LANGUAGE, "data"), may=RULE_READERS,
    )  # fmt: skip
    on(
        app, city, try_rule, Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True),
        Output(AlarmRulesPage.TOLD, "children"),
        Input(AlarmRulesPage.BODY, "acted"), State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    _register_changes(app, city)


def _register_changes(app: Dash, city: City) -> None:
    acted, search = Input(AlarmRulesPage.BODY, "acted"), State(Shell.LOCATION, "search")
    language = State(Shell.LANGUAGE, "data")
    on(
        app, city, open_switch_on,
        Output(AlarmRulesPage.ON_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.VERSION, "data"),
        Output(AlarmRulesPage.ON_WHAT, "children"),
        Output(AlarmRulesPage.ON_TOLD, "children", allow_duplicate=True),
        acted, language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, switch_on,
        Output(AlarmRulesPage.ON_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True),
        Output(AlarmRulesPage.ON_TOLD, "children", allow_duplicate=True),
        Input(AlarmRulesPage.ON, "n_clicks"), State(AlarmRulesPage.VERSION, "data"), search, language,
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, open_switch_off,
        Output(AlarmRulesPage.OFF_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.OFF_WHY, "value"),
        Output(AlarmRulesPage.OFF_TOLD, "children", allow_duplicate=True),
        Output(AlarmRulesPage.OFF_WHY, "error", allow_duplicate=True),
        acted, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, switch_off,
        Output(AlarmRulesPage.OFF_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True),
        Output(AlarmRulesPage.OFF_TOLD, "children", allow_duplicate=True),
        Output(AlarmRulesPage.OFF_WHY, "error", allow_duplicate=True),
        Input(AlarmRulesPage.OFF, "n_clicks"), State(AlarmRulesPage.OFF_WHY, "value"), search, language,
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
