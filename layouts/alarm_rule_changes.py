"""What changed from one version of a rule to the next, field by field in the words of its form. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from layouts.alarm_quality import class_words
from layouts.alarm_rule_fields import OF_LIMITS, kind_of
from model.alarm_rules import Following, Rule
from model.rule_book import RuleSheet, RuleVersion
from model.rule_titles import unit_of
from model.texts import LANGUAGES, Words

NONE = "–"
SHORTLY = 2
"""Changes told in a line of the history; of more their number is said."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two versions say otherwise, in words; an en dash where one of them says nothing."""

    label: str
    before: str
    after: str


def changes(say: Words, old: Rule, new: Rule) -> tuple[Change, ...]:
    """Every field that differs, in the order of the form."""
    before, after = facts(say, old), facts(say, new)
    labels = [*after, *(label for label in before if label not in after)]
    told = [Change(label, before.get(label, NONE), after.get(label, NONE)) for label in labels]
    return tuple(one for one in told if one.before != one.after)


def facts(say: Words, rule: Rule) -> dict[str, str]:
    """Everything a rule says, by the label of its field; what it leaves open is not there."""
    condition = rule.condition
    told = {say("alarm_book.kind"): say(f"alarm_book.kind_{kind_of(condition)}")}
    for name in condition.__struct_fields__:
        told[_label(say, name)] = _part(say, rule, name, getattr(condition, name))
    told |= _urgency(say, rule) | _standing(say, rule) | _words(say, rule)
    return {label: text for label, text in told.items() if text}


def _label(say: Words, name: str) -> str:
    return say(f"alarm_book.field_{name}")


def _part(say: Words, rule: Rule, name: str, value: Any) -> str:
    """One part of the condition with its unit."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(_named(say, rule, name, one) for one in value)
    if isinstance(value, str):
        return _chosen(say, name, value)
    if name.endswith("_s"):
        return say.lasting(value)
    return say.exact(value) + (unit_of(rule) if name in OF_LIMITS else "")


def _named(say: Words, rule: Rule, name: str, value: str) -> str:
    """A state of the equipment it is of, or a class of alarm."""
    kind = rule.asset_type
    if name == "first" and isinstance(rule.condition, Following):
        kind = rule.condition.first_type
    key = f"state.{kind}.{value}"
    return say(key) if say.has(key) else class_words(say, value, {})


def _chosen(say: Words, name: str, value: str) -> str:
    keys = (f"alarm_book.{name}_{value}", f"property.{value}", f"type.{value}")
    return next((say(key) for key in keys if say.has(key)), value)


def _urgency(say: Words, rule: Rule) -> dict[str, str]:
    return {
        say("alarm_book.head_priority"): say(f"outward.priority_{rule.priority}"),
        say("alarm_book.severity"): say.exact(rule.severity),
        _label(say, "on_delay_s"): say.lasting(rule.on_delay_s),
        _label(say, "off_delay_s"): say.lasting(rule.off_delay_s),
        _label(say, "escalate_s"): ", ".join(say.lasting(after) for after in rule.escalate_s),
    }


def _standing(say: Words, rule: Rule) -> dict[str, str]:
    """What the form leaves as it was, but a domain or an older version may say otherwise."""
    return {
        _label(say, "hold_s"): say.lasting(rule.hold_s),
        _label(say, "latching"): say(f"alarm_book.yes_{rule.latching}".lower()),
        _label(say, "re_alarm_s"): say.lasting(rule.re_alarm_s) if rule.re_alarm_s else "",
        _label(say, "max_shelve_s"): say.lasting(rule.max_shelve_s),
        _label(say, "highly_managed"): say(f"alarm_book.yes_{rule.highly_managed}".lower()),
        _label(say, "explained"): ", ".join(
            f"{class_words(say, one.by, {})} ({say.lasting(one.before_s)}, {say.lasting(one.after_s)})"
            for one in rule.explained
        ),
    }


def _words(say: Words, rule: Rule) -> dict[str, str]:
    wording = rule.wording or rule.title
    own = {_label(say, f"title_{language}"): wording.get(language, "") for language in LANGUAGES}
    acts = {_label(say, f"action_{language}"): rule.action.get(language, "") for language in LANGUAGES}
    key = f"alarm.responder.{rule.responder}"
    return own | acts | {_label(say, "responder"): say(key) if say.has(key) else rule.responder}


# --- on the page ----------------------------------------------------------------------------------------


def before(sheet: RuleSheet, one: RuleVersion) -> RuleVersion | None:
    """The version ``one`` came after; None for the first."""
    return next((other for other in sheet.versions if other.version < one.version), None)


def shortly(say: Words, sheet: RuleSheet, one: RuleVersion) -> str:
    """What a version changed, in a line of the history."""
    other = before(sheet, one)
    if other is None:
        return say("alarm_book.first_version")
    found = changes(say, other.rule, one.rule)
    if not found:
        return say("alarm_book.nothing_changed")
    if len(found) > SHORTLY:
        return say("alarm_book.fields_changed", n=len(found))
    return " · ".join(f"{change.label} {change.before} → {change.after}" for change in found)


def address(key: str, version: int) -> str:
    """Where one version of a class is told."""
    return f"/alarms/rules?{urlencode({'rule': key, 'version': version})}"


def changes_section(
    say: Words, sheet: RuleSheet, one: RuleVersion, *, acts: Sequence[Component]
) -> Component:
    """A chosen version beside the one before it: each field with what it said and says."""
    other = before(sheet, one)
    if other is None:
        heading, body = say("alarm_book.version_first", n=one.version), _all_of(say, one)
    else:
        heading = say("alarm_book.changed_from", n=one.version, other=other.version)
        body = _table(say, changes(say, other.rule, one.rule), other.version, one.version)
    return html.Section(
        [html.H2(heading), html.P(f"{one.author}, {say.instant(one.made_at)} · {one.reason}"), body]
        + ([html.Div(list(acts), className="outside-acts")] if acts else []),
        className="rule-changes",
    )


def _table(say: Words, found: Sequence[Change], old: int, new: int) -> Component:
    if not found:
        return html.P(say("alarm_book.nothing_changed"))
    heads = [
        say("alarm_book.field"),
        say("alarm_book.before", n=old),
        say("alarm_book.after", n=new),
    ]
    rows = [
        html.Tr(
            [
                html.Th(one.label, scope="row"),
                html.Td(one.before if one.before == NONE else html.Del(one.before), className="rule-before"),
                html.Td(one.after if one.after == NONE else html.Ins(one.after), className="rule-after"),
            ]
        )
        for one in found
    ]
    return _framed(heads, rows)


def _all_of(say: Words, one: RuleVersion) -> Component:
    rows = [
        html.Tr([html.Th(label, scope="row"), html.Td(text)]) for label, text in facts(say, one.rule).items()
    ]
    return _framed([say("alarm_book.field"), say("alarm_book.version", n=one.version)], rows)


def _framed(heads: Sequence[str], rows: Sequence[Component]) -> Component:
    head = html.Tr([html.Th(text, scope="col") for text in heads])
    return html.Table(
        [html.Thead(head), html.Tbody(list(rows))], className="quality-table rule-changes-table"
    )
