"""The dialogs of the book of rules: a version put in force, a class taken out, a version written. Pure."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from dash import html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import AlarmRulesPage
from model.alarm_rules import Beyond, Rule
from model.errors import BadField
from model.rule_book import REASON_MOST
from model.texts import Words

NUMBER_MOST = 40
FIELDS = (
    "priority", "severity", "on_delay_s", "off_delay_s", "above", "below", "deadband", "escalate_s", "reason",
)  # fmt: skip
FIELD_IDS = (
    AlarmRulesPage.PRIORITY, AlarmRulesPage.SEVERITY, AlarmRulesPage.ON_DELAY, AlarmRulesPage.OFF_DELAY,
    AlarmRulesPage.ABOVE, AlarmRulesPage.BELOW, AlarmRulesPage.DEADBAND, AlarmRulesPage.ESCALATE,
    AlarmRulesPage.REASON,
)  # fmt: skip
MINUTE = 60.0


def rule_dialogs(say: Words) -> tuple[Component, ...]:
    """The three dialogs, closed."""
    return _on(say), _off(say), _draft(say)


def _on(say: Words) -> Component:
    parts = [
        html.P(id=AlarmRulesPage.ON_WHAT),
        form.ends(
            say, AlarmRulesPage.ON_DIALOG, AlarmRulesPage.ON, say("alarm_book.on"), AlarmRulesPage.ON_TOLD
        ),
    ]
    return form.dialog(say, AlarmRulesPage.ON_DIALOG, say("alarm_book.on_title"), parts, size="md")


def _off(say: Words) -> Component:
    parts = [
        html.P(say("alarm_book.off_what")),
        form.area_field(
            AlarmRulesPage.OFF_WHY, say("alarm_book.reason"), REASON_MOST, **{"data-autofocus": True}
        ),
        form.ends(
            say,
            AlarmRulesPage.OFF_DIALOG,
            AlarmRulesPage.OFF,
            say("alarm_book.switch_off"),
            AlarmRulesPage.OFF_TOLD,
        ),
    ]
    return form.dialog(say, AlarmRulesPage.OFF_DIALOG, say("alarm_book.switch_off"), parts, size="md")


def _draft(say: Words) -> Component:
    priorities = [{"value": str(n), "label": say(f"outward.priority_{n}")} for n in range(1, 5)]
    severities = [{"value": str(n), "label": str(n)} for n in range(1, 6)]
    parts: list[Any] = [
        _pair(
            form.select_field(AlarmRulesPage.PRIORITY, say("alarm_book.head_priority"), priorities, "3"),
            form.select_field(AlarmRulesPage.SEVERITY, say("alarm_book.severity"), severities, "3"),
        ),
        _pair(
            form.text_field(AlarmRulesPage.ON_DELAY, say("alarm_book.on_delay"), NUMBER_MOST),
            form.text_field(AlarmRulesPage.OFF_DELAY, say("alarm_book.off_delay"), NUMBER_MOST),
        ),
        _pair(
            form.text_field(AlarmRulesPage.ABOVE, say("alarm_book.limit_above"), NUMBER_MOST),
            form.text_field(AlarmRulesPage.BELOW, say("alarm_book.limit_below"), NUMBER_MOST),
        ),
        _pair(
            form.text_field(AlarmRulesPage.DEADBAND, say("alarm_book.deadband"), NUMBER_MOST),
            form.text_field(AlarmRulesPage.ESCALATE, say("alarm_book.escalate"), NUMBER_MOST),
        ),
        form.area_field(
            AlarmRulesPage.REASON, say("alarm_book.reason"), REASON_MOST, **{"data-autofocus": True}
        ),
        form.ends(
            say,
            AlarmRulesPage.DRAFT_DIALOG,
            AlarmRulesPage.DRAFT,
            say("alarm_book.save"),
            AlarmRulesPage.DRAFT_TOLD,
        ),
    ]
    return form.dialog(say, AlarmRulesPage.DRAFT_DIALOG, say("alarm_book.draft"), parts)


def _pair(*parts: Component) -> Component:
    return html.Div(list(parts), className="dialog-pair")


def filled(rule: Rule) -> tuple[Any, ...]:
    """What the fields hold when a version is begun from ``rule``, in the order of ``FIELD_IDS``."""
    limit = rule.condition if isinstance(rule.condition, Beyond) else None
    return (
        str(rule.priority), str(rule.severity), f"{rule.on_delay_s:g}", f"{rule.off_delay_s:g}",
        _told(limit and limit.above), _told(limit and limit.below), _told(limit and limit.deadband),
        ", ".join(f"{after / MINUTE:g}" for after in rule.escalate_s), "",
    )  # fmt: skip


def without_limit(rule: Rule) -> tuple[bool, ...]:
    """Whether the fields of limits make no sense for ``rule``: above, below and deadband are then closed."""
    return (not isinstance(rule.condition, Beyond),) * 3


def changed_rule(rule: Rule, values: Sequence[Any]) -> tuple[Rule, str]:
    """``rule`` as the fields say, and the reason; BadField for what is no number."""
    priority, severity, on_s, off_s, above, below, deadband, escalate, reason = values
    condition = rule.condition
    if isinstance(condition, Beyond):
        condition = msgspec.structs.replace(
            condition, above=_number("above", above, needed=False),
            below=_number("below", below, needed=False), deadband=_number("deadband", deadband) or 0.0,
        )  # fmt: skip
    steps = [part for part in str(escalate or "").replace(";", ",").split(",") if part.strip()]
    found = msgspec.structs.replace(
        rule, condition=condition, priority=int(priority or 3), severity=int(severity or 3),
        on_delay_s=_number("on_delay_s", on_s) or 0.0, off_delay_s=_number("off_delay_s", off_s) or 0.0,
        escalate_s=tuple((_number("escalate_s", part) or 0.0) * MINUTE for part in steps),
    )  # fmt: skip
    return found, reason or ""


def _number(field: str, text: Any, *, needed: bool = True) -> float | None:
    plain = str("" if text is None else text).strip().replace(",", ".").replace("\u202f", "")
    if not plain:
        return 0.0 if needed else None
    try:
        value = float(plain)
    except ValueError:
        raise BadField(field, "no_number") from None
    if not math.isfinite(value):
        raise BadField(field, "no_number")
    return value


def _told(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


_AT = {"limit": "above"}


def wrong_at(say: Words, error: BadField | None) -> list[str | None]:
    """What stands at each field of the form; an error of no field of it stands at the reason."""
    if error is None:
        return [None] * len(FIELDS)
    place = _AT.get(error.field, error.field)
    place = place if place in FIELDS else "reason"
    key = f"alarm_book.bad_{error.reason}"
    unit = MINUTE if place == "escalate_s" else 1.0
    values = {
        name: _shown(say, value / unit) if isinstance(value, int | float) else value
        for name, value in error.values.items()
    }
    text = say(key, **values) if say.has(key) else str(error)
    return [text if name == place else None for name in FIELDS]


def _shown(say: Words, value: float) -> str:
    return say.number(value, 0 if value.is_integer() else 2)
