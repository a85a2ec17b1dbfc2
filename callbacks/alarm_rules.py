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
from layouts import alarm_rule_forms as forms
from layouts import alarm_rules as layout
from layouts.alarm_trial_reasons import trial_reason
from layouts.ids import AlarmRulesPage, Shell
from model.errors import BadField, NotFound, Unavailable, VigieError
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
        return no_update, say("alarm_book.not_tried", what=trial_reason(say, problem))
    return changed(), ""


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
        return no_update, no_update, "", forms.wrong_at(say, bad)[-1]
    except VigieError as problem:
        return no_update, no_update, say("alarm_book.not_done", what=str(problem)), None
    return False, changed(), "", None


async def open_draft(city: City, acted: Acted, search: str | None, language: str | None) -> Any:
    """The form of a new version, as the one in force says it."""
    key = read_address(search).get("rule")
    if act_of(acted, "draft") is None or not key:
        return no_update
    try:
        sheet = await asyncio.to_thread(RuleBook(city.engine).sheet, key, datetime.now(UTC))
    except VigieError:
        return no_update
    rule = (sheet.in_force or sheet.versions[0]).rule
    nothing = forms.wrong_at(speak(city, language), None)
    return True, *forms.filled(rule), *forms.without_limit(rule), "", *nothing


async def save_draft(city: City, clicks: int | None, *values: Any) -> Any:
    """Write the version down; or say at its field what is wrong."""
    if not clicks:
        return no_update
    *typed, search, language = values
    say, key = speak(city, language), read_address(search).get("rule")

    def write() -> None:
        book, now = RuleBook(city.engine), datetime.now(UTC)
        sheet = book.sheet(str(key), now)
        rule, reason = forms.changed_rule((sheet.in_force or sheet.versions[0]).rule, typed)
        book.draft(viewer_of(city), rule, reason, now)

    try:
        await asyncio.to_thread(write)
    except BadField as bad:
        return no_update, no_update, "", *forms.wrong_at(say, bad)
    except VigieError as problem:
        told = say("alarm_book.not_done", what=str(problem))
        return no_update, no_update, told, *forms.wrong_at(say, None)
    return False, changed(), "", *forms.wrong_at(say, None)


def register(app: Dash, city: City) -> None:
    """Wire the page."""
    on(
        app, city, show_alarm_rules, Output(AlarmRulesPage.BODY, "tree"),
        Input(Shell.LOCATION, "search"), Input(AlarmRulesPage.TRIED, "data"),
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
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in forms.FIELD_IDS]
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
    on(
        app, city, open_draft,
        Output(AlarmRulesPage.DRAFT_DIALOG, "opened", allow_duplicate=True),
        *(Output(id_, "value") for id_ in forms.FIELD_IDS),
        *(Output(id_, "disabled") for id_ in
          (AlarmRulesPage.ABOVE, AlarmRulesPage.BELOW, AlarmRulesPage.DEADBAND)),
        Output(AlarmRulesPage.DRAFT_TOLD, "children", allow_duplicate=True), *errors,
        acted, search, language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_draft,
        Output(AlarmRulesPage.DRAFT_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True),
        Output(AlarmRulesPage.DRAFT_TOLD, "children", allow_duplicate=True), *errors,
        Input(AlarmRulesPage.DRAFT, "n_clicks"), *(State(id_, "value") for id_ in forms.FIELD_IDS),
        search, language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
