"""A rule written in its form: opened empty, on a version or as it was left; kept while it is typed; saved."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, no_update

from callbacks.people import speak, viewer_of
from callbacks.people_forms import Acted, act_of, changed
from callbacks.shell import read_address
from callbacks.wiring import in_browser, on
from layouts import alarm_rule_fields as fields
from layouts import alarm_rule_reading as reading
from layouts.alarm_quality import class_words
from layouts.alarm_rule_forms import form_class
from layouts.alarm_rule_words import rule_words
from layouts.ids import AlarmRulesPage, Shell
from model.alarm_rules import INFERRED, Rule
from model.errors import BadField, Unavailable, VigieError
from model.roles import RULE_KEEPERS
from model.rule_book import RuleSheet
from model.texts import Words
from services.alarms import RuleBook, RuleDrafts, checked_rule, draft_of
from services.city import City

Base = dict[str, Any] | None
"""What a form was begun from: ``{"key": class or "", "version": n}``."""


def _version_of(sheet: RuleSheet, number: int) -> Rule:
    """The rule of version ``number``; of the one in force, else the newest, where there is no such one."""
    shown = sheet.in_force or sheet.versions[0]
    return next((one.rule for one in sheet.versions if one.version == number), shown.rule)


# --- opening ------------------------------------------------------------------------------------------


async def open_draft(city: City, acted: Acted, search: str | None, language: str | None) -> Any:
    """The form: of a new class, on the version in force or a chosen one, or as it was left."""
    act = str((acted or {}).get("act", "")).partition(":")[0]
    if act not in ("new", "draft", "redraft", "resume"):
        return no_update
    say, key = speak(city, language), read_address(search).get("rule") or ""
    number = act_of(acted, "redraft") or 0
    try:
        return await asyncio.to_thread(_opened, city, say, key, number, resumed=act == "resume")
    except VigieError:
        return no_update


def _opened(city: City, say: Words, key: str, number: int, *, resumed: bool) -> tuple[Any, ...]:
    left = RuleDrafts(city.engine).of(viewer_of(city)).get(key) if resumed else None
    sheet = RuleBook(city.engine).sheet(key, datetime.now(UTC)) if key else None
    number = left.version if left else number
    rule = _version_of(sheet, number) if sheet else None
    held = reading.filled(say, rule) if rule else reading.EMPTY
    if left:
        held = {name: left.values.get(name, value) for name, value in held.items()}
    return form_of(say, key, number, rule, held)


def form_of(say: Words, key: str, number: int, rule: Rule | None, held: Mapping[str, Any]) -> tuple[Any, ...]:
    """The form opened on ``rule``, version ``number`` of the class ``key``, its fields holding ``held``."""
    if rule:
        title = say("alarm_book.draft_of", name=class_words(say, key, rule.title))
    else:
        title = say("alarm_book.new")
    condition = rule.condition if rule else None
    return (
        True, title, {"key": key, "version": number}, form_class(new=not key),
        *(held[name] for name in fields.FIELDS), bool(key), fields.kind_choices(say, condition),
        isinstance(condition, INFERRED), "", *reading.wrong_at(say, None),
    )  # fmt: skip


async def offer_parts(
    city: City, kind: str | None, asset_type: str | None, first_type: str | None, name: str | None,
    language: str | None,
) -> Any:  # fmt: skip
    """The fields of the kind chosen, and what can be chosen in them of the equipment chosen."""
    say, states = speak(city, language), fields.state_choices
    unit = fields.unit_shown(asset_type, name)
    of_type = states(say, asset_type)
    return (
        fields.shown_parts(kind), fields.property_choices(say, asset_type), of_type, of_type,
        states(say, first_type), *(unit for _ in fields.OF_LIMITS),
    )  # fmt: skip


# --- while it is typed ----------------------------------------------------------------------------------


async def keep_draft(
    city: City, typed: Sequence[Any] | None, base: Base, opened: bool | None, language: str | None
) -> Any:
    """Keep what was typed for whoever typed it, and say in a sentence what the rule would watch for."""
    if not typed or base is None or len(typed) != len(fields.FIELDS):
        return no_update, no_update
    say, values = speak(city, language), dict(zip(fields.FIELDS, typed, strict=True))
    try:
        told = await asyncio.to_thread(_kept, city, say, base, values)
    except Unavailable:
        return say("alarm_book.not_kept"), no_update
    except VigieError:
        return "", no_update
    # Behind a closed dialog the page says that something was left.
    return told, no_update if opened else changed()


def _kept(city: City, say: Words, base: Mapping[str, Any], values: dict[str, Any]) -> str:
    key, number = str(base.get("key") or ""), int(base.get("version") or 0)
    rule = _version_of(RuleBook(city.engine).sheet(key, datetime.now(UTC)), number) if key else None
    if values != (reading.filled(say, rule) if rule else reading.EMPTY):
        draft = draft_of(number, values, datetime.now(UTC))
        RuleDrafts(city.engine).keep(viewer_of(city), key, draft)
    return _told(say, rule, values)


def _told(say: Words, rule: Rule | None, values: dict[str, Any]) -> str:
    """The rule in a sentence once its fields can be read; nothing before."""
    try:
        written, _ = reading.changed_rule(rule, values) if rule else reading.new_rule(values)
        taken = checked_rule(written, own_words=False)
    except BadField:
        return ""
    return f"{class_words(say, taken.key, taken.title)} · {rule_words(say, taken)}"


async def forget_draft(city: City, acted: Acted, search: str | None, language: str | None) -> Any:
    """Let go of what was left of the rule of the address."""
    if act_of(acted, "forget") is None:
        return no_update, no_update
    key = read_address(search).get("rule") or ""
    try:
        await asyncio.to_thread(RuleDrafts(city.engine).forget, viewer_of(city), key)
    except VigieError as problem:
        return no_update, speak(city, language)("alarm_book.not_done", what=str(problem))
    return changed(), ""


# --- saving -------------------------------------------------------------------------------------------


async def save_draft(city: City, clicks: int | None, *values: Any) -> Any:
    """Write the version down and go to its class; or say at its field what is wrong."""
    *typed, base, language = values
    if not clicks or base is None:
        return no_update
    say, held = speak(city, language), dict(zip(fields.FIELDS, typed, strict=True))
    key, number = str(base.get("key") or ""), int(base.get("version") or 0)
    kind = held["kind"]
    try:
        written = await asyncio.to_thread(_saved, city, key, number, held)
    except BadField as bad:
        wrong = reading.wrong_at(say, bad, kind)
        return no_update, no_update, _where(say, wrong), *wrong, no_update, changed()
    except VigieError as problem:
        told = say("alarm_book.not_done", what=str(problem))
        return no_update, no_update, told, *reading.wrong_at(say, None), no_update, no_update
    where = no_update if key else f"?{urlencode({'rule': written})}"
    return False, changed(), "", *reading.wrong_at(say, None), where, no_update


def _where(say: Words, wrong: Sequence[str | None]) -> str:
    """What is wrong with which field, beside Save: the field may be out of sight."""
    found = ((name, text) for name, text in zip(fields.FIELDS, wrong, strict=True) if text)
    return " ".join(
        say("alarm_book.wrong_field", field=fields.label_of(say, name), text=text) for name, text in found
    )


def _saved(city: City, key: str, number: int, values: dict[str, Any]) -> str:
    """The class written to. What cannot be taken stays kept: nobody types it again."""
    book, drafts, viewer, now = (
        RuleBook(city.engine), RuleDrafts(city.engine), viewer_of(city), datetime.now(UTC)
    )  # fmt: skip
    base = _version_of(book.sheet(key, now), number) if key else None
    try:
        rule, reason = reading.changed_rule(base, values) if base else reading.new_rule(values)
        book.draft(viewer, rule, reason, now, new=base is None)
    except VigieError:
        drafts.keep(viewer, key, draft_of(number, values, now))
        raise
    drafts.forget(viewer, key)
    return rule.key


# --- wiring -------------------------------------------------------------------------------------------


def form_outputs(*, again: bool = False) -> list[Output]:
    """What ``form_of`` fills, in its order; ``again``: another callback fills it too."""
    more = {"allow_duplicate": True} if again else {}
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in fields.FIELD_IDS]
    return [
        Output(AlarmRulesPage.DRAFT_DIALOG, "opened", allow_duplicate=True),
        Output(AlarmRulesPage.DRAFT_DIALOG, "title", **more), Output(AlarmRulesPage.BASE, "data", **more),
        Output(AlarmRulesPage.FORM, "className", **more),
        *(Output(id_, "value", **more) for id_ in fields.FIELD_IDS),
        Output(AlarmRulesPage.ASSET_TYPE, "readOnly", **more), Output(AlarmRulesPage.KIND, "data", **more),
        Output(AlarmRulesPage.KIND, "readOnly", **more),
        Output(AlarmRulesPage.DRAFT_TOLD, "children", allow_duplicate=True), *errors,
    ]  # fmt: skip


def register(app: Dash, city: City) -> None:
    """Wire the form."""
    errors = [Output(id_, "error", allow_duplicate=True) for id_ in fields.FIELD_IDS]
    told = Output(AlarmRulesPage.DRAFT_TOLD, "children", allow_duplicate=True)
    shown = Output(AlarmRulesPage.DRAFT_DIALOG, "opened", allow_duplicate=True)
    acted, search = Input(AlarmRulesPage.BODY, "acted"), State(Shell.LOCATION, "search")
    language = State(Shell.LANGUAGE, "data")
    on(
        app, city, open_draft, *form_outputs(),
        acted, search, language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, offer_parts,
        Output(AlarmRulesPage.PARTS, "className"), Output(AlarmRulesPage.PROPERTY, "data"),
        Output(AlarmRulesPage.STATES, "data"), Output(AlarmRulesPage.THEN, "data"),
        Output(AlarmRulesPage.FIRST, "data"),
        *(Output(fields.IDS[name], "rightSection") for name in fields.OF_LIMITS),
        Input(AlarmRulesPage.KIND, "value"), Input(AlarmRulesPage.ASSET_TYPE, "value"),
        Input(AlarmRulesPage.FIRST_TYPE, "value"), Input(AlarmRulesPage.PROPERTY, "value"),
        language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, save_draft,
        shown, Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True), told, *errors,
        Output(Shell.LOCATION, "search", allow_duplicate=True), Output(AlarmRulesPage.WRONG, "data"),
        Input(AlarmRulesPage.DRAFT, "n_clicks"), *(State(id_, "value") for id_ in fields.FIELD_IDS),
        State(AlarmRulesPage.BASE, "data"), language, may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    _register_kept(app, city)


def _register_kept(app: Dash, city: City) -> None:
    in_browser(
        app, "vigie_rules.typed", Output(AlarmRulesPage.TYPED, "data"),
        *(Input(id_, "value") for id_ in fields.FIELD_IDS), Input(AlarmRulesPage.DRAFT, "n_clicks"),
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    in_browser(
        app, "vigie_rules.wrong", Output(AlarmRulesPage.WRONG, "clear_data"),
        Input(AlarmRulesPage.WRONG, "data"), may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, keep_draft,
        Output(AlarmRulesPage.PREVIEW, "children"), Output(AlarmRulesPage.KEPT, "data"),
        Input(AlarmRulesPage.TYPED, "data"), State(AlarmRulesPage.BASE, "data"),
        State(AlarmRulesPage.DRAFT_DIALOG, "opened"), State(Shell.LANGUAGE, "data"),
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
    on(
        app, city, forget_draft,
        Output(AlarmRulesPage.TRIED, "data", allow_duplicate=True),
        Output(AlarmRulesPage.TOLD, "children", allow_duplicate=True),
        Input(AlarmRulesPage.BODY, "acted"), State(Shell.LOCATION, "search"), State(Shell.LANGUAGE, "data"),
        may=RULE_KEEPERS, prevent_initial_call=True,
    )  # fmt: skip
