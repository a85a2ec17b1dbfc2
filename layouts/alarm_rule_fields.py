"""The fields a rule is written in: which there are, which belong to which kind of condition, and their looks.

The kinds and their fields are those of ``model/alarm_rules.py``; a kind shows its own fields alone. Pure.
"""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from layouts import form_parts as form
from layouts.ids import AlarmRulesPage
from model.alarm_rules import (
    INFERRED,
    Beyond,
    Changing,
    Condition,
    Following,
    Many,
    Silent,
    StateIs,
    Stuck,
    Unexpected,
)
from model.domains import ASSET_TYPES, DOMAINS
from model.rule_book import ACTION_MOST, REASON_MOST, TITLE_MOST
from model.texts import Words, catalogue

NUMBER_MOST = 40
WHAT_MOST = 60
KINDS: dict[str, type] = {
    "status": StateIs,
    "threshold": Beyond,
    "rate": Changing,
    "silence": Silent,
    "stuck": Stuck,
    "expected": Unexpected,
    "sequence": Following,
    "count": Many,
}
"""What can be written in the form, by the tag of its JSON; what is concluded from alarms is the domains'."""

PARTS: dict[str, tuple[str, ...]] = {name: kind.__struct_fields__ for name, kind in KINDS.items()}
"""The fields of each kind."""

IDS: dict[str, AlarmRulesPage] = {
    "asset_type": AlarmRulesPage.ASSET_TYPE,
    "what": AlarmRulesPage.WHAT,
    "kind": AlarmRulesPage.KIND,
    "observed_property": AlarmRulesPage.PROPERTY,
    "above": AlarmRulesPage.ABOVE,
    "below": AlarmRulesPage.BELOW,
    "deadband": AlarmRulesPage.DEADBAND,
    "rise": AlarmRulesPage.RISE,
    "fall": AlarmRulesPage.FALL,
    "for_s": AlarmRulesPage.FOR,
    "periods": AlarmRulesPage.PERIODS,
    "least_s": AlarmRulesPage.LEAST_TIME,
    "when": AlarmRulesPage.WHEN,
    "states": AlarmRulesPage.STATES,
    "margin_s": AlarmRulesPage.MARGIN,
    "first_type": AlarmRulesPage.FIRST_TYPE,
    "first": AlarmRulesPage.FIRST,
    "then": AlarmRulesPage.THEN,
    "relation": AlarmRulesPage.RELATION,
    "near_m": AlarmRulesPage.NEAR,
    "least": AlarmRulesPage.LEAST,
    "area": AlarmRulesPage.AREA,
    "within_s": AlarmRulesPage.WITHIN,
    "priority": AlarmRulesPage.PRIORITY,
    "severity": AlarmRulesPage.SEVERITY,
    "on_delay_s": AlarmRulesPage.ON_DELAY,
    "off_delay_s": AlarmRulesPage.OFF_DELAY,
    "escalate_s": AlarmRulesPage.ESCALATE,
    "title_fr": AlarmRulesPage.TITLE_FR,
    "title_en": AlarmRulesPage.TITLE_EN,
    "action_fr": AlarmRulesPage.ACTION_FR,
    "action_en": AlarmRulesPage.ACTION_EN,
    "responder": AlarmRulesPage.RESPONDER,
    "reason": AlarmRulesPage.REASON,
}
"""Every field by name, in the order of the form."""

FIELDS = tuple(IDS)
FIELD_IDS = tuple(IDS.values())
_LABELS = {
    "asset_type": "type", "what": "what", "kind": "kind", "priority": "head_priority",
    "severity": "severity", "reason": "reason",
}  # fmt: skip
OF_LIMITS = ("above", "below", "deadband", "rise", "fall")
"""Fields that carry the unit of what the rule reads."""


def kind_of(condition: Condition) -> str:
    """The tag of a condition: ``threshold``."""
    return str(condition.__struct_config__.tag)


def label_of(say: Words, name: str) -> str:
    """What a field is called on the form."""
    return say(f"alarm_book.{_LABELS.get(name, f'field_{name}')}")


def responders() -> tuple[str, ...]:
    """Who may be named to respond."""
    prefix = "alarm.responder."
    return tuple(key.removeprefix(prefix) for key in catalogue("fr") if key.startswith(prefix))


# --- what can be chosen ---------------------------------------------------------------------------------


def type_choices(say: Words) -> list[Any]:
    """The kinds of equipment by domain."""
    return [
        {
            "group": say(f"domain.{domain.name}"),
            "items": [{"value": one.name, "label": say(f"type.{one.name}")} for one in domain.asset_types],
        }
        for domain in DOMAINS
        if domain.asset_types
    ]


def kind_choices(say: Words, condition: Condition | None) -> list[dict[str, str]]:
    """The kinds one may choose; of a rule concluded from other alarms its own alone."""
    names = [kind_of(condition)] if isinstance(condition, INFERRED) else KINDS
    return [{"value": name, "label": say(f"alarm_book.kind_{name}")} for name in names]


def state_choices(say: Words, asset_type: str | None) -> list[dict[str, str]]:
    """The states of a kind of equipment."""
    known = ASSET_TYPES.get(asset_type or "")
    return [
        {"value": state.name, "label": say(f"state.{asset_type}.{state.name}")}
        for state in (known.states if known else ())
    ]


def property_choices(say: Words, asset_type: str | None) -> list[dict[str, str]]:
    """What a kind of equipment observes, with units."""
    known = ASSET_TYPES.get(asset_type or "")
    return [
        {
            "value": one.name,
            "label": say(f"property.{one.name}") + (f" ({one.unit})" if one.unit else ""),
        }
        for one in (known.properties if known else ())
    ]


def unit_shown(asset_type: str | None, name: str | None) -> str:
    """The unit that stands in the fields of limits."""
    known = ASSET_TYPES.get(asset_type or "")
    found = known.by_property.get(name or "") if known else None
    return found.unit if found else ""


def shown_parts(kind: str | None) -> str:
    """The classes under which the form shows the fields of ``kind`` alone (``assets/alarms/rules.css``)."""
    return f"rule-parts kind-{kind or 'none'}"


# --- the fields -----------------------------------------------------------------------------------------


def watching_fields(say: Words) -> list[Component]:
    """What is watched: the equipment, the kind of condition, and the fields of every kind."""
    new = form.text_field(
        AlarmRulesPage.WHAT, say("alarm_book.what"), WHAT_MOST, description=say("alarm_book.what_hint")
    )
    return [
        pair(
            form.select_field(
                AlarmRulesPage.ASSET_TYPE, say("alarm_book.type"), type_choices(say), None,
                **{"data-autofocus": True},
            ),
            html.Div(new, className="rule-new"),
        ),
        form.select_field(AlarmRulesPage.KIND, say("alarm_book.kind"), kind_choices(say, None), "status"),
        html.Div(_parts(say), id=AlarmRulesPage.PARTS, className=shown_parts(None)),
    ]  # fmt: skip


def _parts(say: Words) -> list[Component]:
    fields: dict[str, Component] = {
        "observed_property": _choice(say, "observed_property", []),
        "above": _figure(say, "above"),
        "below": _figure(say, "below"),
        "deadband": _figure(say, "deadband"),
        "rise": _figure(say, "rise"),
        "fall": _figure(say, "fall"),
        "for_s": _time(say, "for_s"),
        "periods": _figure(say, "periods"),
        "least_s": _time(say, "least_s"),
        "when": _choice(say, "when", ("day", "night")),
        "states": _several(say, "states"),
        "margin_s": _time(say, "margin_s"),
        "first_type": _choice(say, "first_type", type_choices(say)),
        "first": _several(say, "first"),
        "then": _several(say, "then"),
        "relation": _choice(say, "relation", ("same", "parent", "child", "near")),
        "near_m": _figure(say, "near_m"),
        "least": _figure(say, "least"),
        "area": _choice(say, "area", ("commune", "district")),
        "within_s": _time(say, "within_s"),
    }
    return [html.Div(field, className=_of_kinds(name)) for name, field in fields.items()]


def _of_kinds(name: str) -> str:
    return " ".join(["rule-part", *(f"of-{kind}" for kind, parts in PARTS.items() if name in parts)])


def _figure(say: Words, name: str) -> Component:
    # A unit fits beside the figure; it is read with the property, whose label has it too.
    return form.text_field(
        IDS[name], say(f"alarm_book.field_{name}"), NUMBER_MOST, rightSectionPointerEvents="none"
    )  # fmt: skip


def _time(say: Words, name: str) -> Component:
    return form.text_field(IDS[name], say(f"alarm_book.field_{name}"), NUMBER_MOST)


def _choice(say: Words, name: str, choices: Sequence[Any]) -> Component:
    data = [
        {"value": one, "label": say(f"alarm_book.{name}_{one}")} if isinstance(one, str) else one
        for one in choices
    ]
    first = choices[0] if choices and isinstance(choices[0], str) else None
    return form.select_field(IDS[name], say(f"alarm_book.field_{name}"), data, first)


def _several(say: Words, name: str) -> Component:
    return dmc.MultiSelect(
        id=IDS[name], label=say(f"alarm_book.field_{name}"), data=[], value=[], size="sm", searchable=True,
        hidePickedOptions=True, clearable=False, comboboxProps={"shadow": "none", "zIndex": 400},
    )  # fmt: skip


def urgency_fields(say: Words) -> list[Component]:
    """How soon, how bad, and how long it must last."""
    priorities = [{"value": str(n), "label": say(f"outward.priority_{n}")} for n in range(1, 5)]
    severities = [{"value": str(n), "label": str(n)} for n in range(1, 6)]
    return [
        pair(
            form.select_field(IDS["priority"], say("alarm_book.head_priority"), priorities, "3"),
            form.select_field(IDS["severity"], say("alarm_book.severity"), severities, "3"),
        ),
        pair(_time(say, "on_delay_s"), _time(say, "off_delay_s")),
        form.text_field(
            IDS["escalate_s"], say("alarm_book.field_escalate_s"), NUMBER_MOST,
            description=say("alarm_book.times_hint"),
        ),
    ]  # fmt: skip


def words_fields(say: Words) -> list[Component]:
    """What the operator reads, in both languages, and who responds."""
    people = [{"value": one, "label": say(f"alarm.responder.{one}")} for one in responders()]
    return [
        html.P(say("alarm_book.words_hint"), className="quiet"),
        pair(
            form.text_field(IDS["title_fr"], say("alarm_book.field_title_fr"), TITLE_MOST),
            form.text_field(IDS["title_en"], say("alarm_book.field_title_en"), TITLE_MOST),
        ),
        pair(
            form.area_field(IDS["action_fr"], say("alarm_book.field_action_fr"), ACTION_MOST),
            form.area_field(IDS["action_en"], say("alarm_book.field_action_en"), ACTION_MOST),
        ),
        form.select_field(IDS["responder"], say("alarm_book.field_responder"), people, "operator"),
        form.area_field(IDS["reason"], say("alarm_book.reason"), REASON_MOST),
    ]


def pair(*parts: Component) -> Component:
    """Fields side by side where there is room."""
    return html.Div(list(parts), className="dialog-pair")
