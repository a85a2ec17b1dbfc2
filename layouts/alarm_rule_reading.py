"""What the form of a rule holds, the rule its fields say, and where it says what is wrong. Pure."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from layouts.alarm_rule_fields import FIELDS, KINDS, PARTS, WHAT_MOST, kind_of
from model.alarm_rules import INFERRED, Beyond, Changing, Condition, Rule
from model.domains import DOMAIN_OF
from model.errors import BadField
from model.rule_titles import PLACE
from model.texts import LANGUAGES, Words

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3_600.0, 86_400.0
UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY, "j": DAY}
_TIME = re.compile(r"(\d+(?:[.,]\d+)?)\s*(min|s|h|d|j)?")
EMPTY: dict[str, Any] = dict.fromkeys(FIELDS, "") | {
    "asset_type": None, "kind": "status", "observed_property": None, "states": [], "first": [], "then": [],
    "first_type": None, "when": "day", "relation": "same", "area": "commune", "priority": "3",
    "severity": "3", "responder": "operator", "deadband": "0", "periods": "3", "least_s": "30 s",
    "margin_s": "30 min", "on_delay_s": "0 s", "off_delay_s": "0 s",
}  # fmt: skip
"""The fields of a rule nobody wrote yet."""


# --- out of a rule --------------------------------------------------------------------------------------


def filled(say: Words, rule: Rule) -> dict[str, Any]:
    """What the fields hold when a version is begun from ``rule``, by name."""
    wording = rule.wording or rule.title
    held: dict[str, Any] = {
        "asset_type": rule.asset_type, "what": rule.key.partition(".")[2], "kind": kind_of(rule.condition),
        "priority": str(rule.priority), "severity": str(rule.severity), "responder": rule.responder,
        "on_delay_s": say.lasting(rule.on_delay_s), "off_delay_s": say.lasting(rule.off_delay_s),
        "escalate_s": "; ".join(say.lasting(after) for after in rule.escalate_s),
    }  # fmt: skip
    for language in LANGUAGES:
        held[f"title_{language}"] = wording.get(language, "")
        held[f"action_{language}"] = rule.action.get(language, "")
    parts = PARTS.get(held["kind"], ())
    told = {name: _told(say, name, getattr(rule.condition, name)) for name in parts}
    return EMPTY | held | told


def _told(say: Words, name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if value is None or isinstance(value, str):
        return value or ""
    return say.lasting(value) if name.endswith("_s") else say.exact(value)


# --- into a rule ----------------------------------------------------------------------------------------


def changed_rule(rule: Rule, values: Mapping[str, Any]) -> tuple[Rule, str]:
    """``rule`` as the fields say, and the reason. BadField names the field that says nothing one can read."""
    condition = rule.condition if isinstance(rule.condition, INFERRED) else _condition(values)
    found = msgspec.structs.replace(
        rule, condition=condition, priority=_whole("priority", values["priority"]),
        severity=_whole("severity", values["severity"]), responder=_text(values["responder"]),
        on_delay_s=_duration("on_delay_s", values["on_delay_s"]),
        off_delay_s=_duration("off_delay_s", values["off_delay_s"]),
        escalate_s=_durations("escalate_s", values["escalate_s"]), wording={},
        title=_by_language("title", values), action=_by_language("action", values),
    )  # fmt: skip
    return found, _text(values["reason"])


def new_rule(values: Mapping[str, Any]) -> tuple[Rule, str]:
    """The first version of a class nobody had: no catalogue knows it, so its words are needed in full."""
    asset_type = _text(values["asset_type"])
    if asset_type not in DOMAIN_OF:
        raise BadField("asset_type", "empty")
    for name in ("title_fr", "title_en", "action_fr", "action_en"):
        if not _text(values[name]).strip():
            raise BadField(name, "empty")
    what = _text(values["what"]).strip() or _short(_text(values["title_en"]))
    blank = Rule(f"{asset_type}.{what}", DOMAIN_OF[asset_type].name, asset_type, _condition(values))
    return changed_rule(blank, values)


def _short(title: str) -> str:
    """The short name of a class nobody gave one: its English title in plain letters."""
    letters = unicodedata.normalize("NFKD", title.replace(PLACE, "").lower())
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:WHAT_MOST]


def _condition(values: Mapping[str, Any]) -> Condition:
    kind = KINDS.get(_text(values["kind"]))
    if kind is None:
        raise BadField("kind", "empty")
    read = {name: READERS[name](name, values[name]) for name in kind.__struct_fields__}
    made: Condition = kind(**read)
    return made


def _by_language(field: str, values: Mapping[str, Any]) -> dict[str, str]:
    told = {language: _text(values[f"{field}_{language}"]).strip() for language in LANGUAGES}
    return {language: text for language, text in told.items() if text}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _chosen(field: str, value: Any) -> str:
    if not _text(value):
        raise BadField(field, "empty")
    return _text(value)


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def read(field: str, value: Any) -> str:
        if value not in choices:
            raise BadField(field, "empty")
        return str(value)

    return read


def _some(_field: str, value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _limit(field: str, text: Any) -> float | None:
    """A figure, written in either language's way; None for an empty field."""
    plain = re.sub(r"\s", "", str("" if text is None else text)).replace("\u2212", "-").replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        raise BadField(field, "no_number") from None
    if not math.isfinite(value):
        raise BadField(field, "no_number")
    return value


def _figure(field: str, text: Any) -> float:
    return _limit(field, text) or 0.0


def _whole(field: str, text: Any) -> int:
    value = _figure(field, text)
    if not value.is_integer():
        raise BadField(field, "no_number")
    return int(value)


def _duration(field: str, text: Any, unit: float = SECOND) -> float:
    """Seconds of "15 min", "1 h 30 min", "90"; a figure without a unit is in ``unit``."""
    plain = str("" if text is None else text).strip().lower()
    parts = _TIME.findall(plain)
    unsaid = len(parts) > 1 and not all(name for _, name in parts)
    if _TIME.sub("", plain).strip() or (plain and not parts) or unsaid:
        raise BadField(field, "no_duration")
    return sum(float(figure.replace(",", ".")) * UNITS.get(name, unit) for figure, name in parts)


def _durations(field: str, text: Any) -> tuple[float, ...]:
    """Steps apart by semicolons or commas, in minutes where no unit is named."""
    steps = [part for part in re.split(r"[;,]", str(text or "")) if part.strip()]
    return tuple(_duration(field, part, MINUTE) for part in steps)


READERS: dict[str, Callable[[str, Any], Any]] = {
    "observed_property": _chosen, "above": _limit, "below": _limit, "deadband": _figure, "rise": _limit,
    "fall": _limit, "for_s": _duration, "periods": _figure, "least_s": _duration,
    "when": _one_of("day", "night"), "states": _some, "margin_s": _duration, "first_type": _chosen,
    "first": _some, "then": _some, "relation": _one_of("same", "parent", "child", "near"),
    "near_m": _figure, "least": _whole, "area": _one_of("commune", "district"), "within_s": _duration,
}  # fmt: skip
"""How each field of a condition is read."""


# --- what is wrong, and where ---------------------------------------------------------------------------


def wrong_at(say: Words, error: BadField | None, kind: str | None = None) -> list[str | None]:
    """What stands at each field of the form; an error of no field of it stands at the reason."""
    if error is None:
        return [None] * len(FIELDS)
    place = _place(error.field, kind)
    key = f"alarm_book.bad_{error.reason}"
    values = {name: _shown(say, place, value) for name, value in error.values.items()}
    text = say(key, **values) if say.has(key) else str(error)
    return [text if name == place else None for name in FIELDS]


def _place(field: str, kind: str | None) -> str:
    limits = {_tag(Beyond): "above", _tag(Changing): "rise"}
    place = {"limit": limits.get(kind or "", "above"), "key": "what", "title": "title_fr"}.get(field, field)
    return place if place in FIELDS else "reason"


def _tag(kind: type[Beyond] | type[Changing]) -> str:
    return str(kind.__struct_config__.tag)


def _shown(say: Words, place: str, value: object) -> object:
    if not isinstance(value, int | float):
        return value
    return say.lasting(value) if place.endswith("_s") else say.exact(value)
