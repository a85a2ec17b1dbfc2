"""What is taken of a rule somebody wrote: everything it names exists, and its numbers can be."""

import re

import msgspec

from model.alarm_rules import (
    Beyond,
    Changing,
    Following,
    LostSupply,
    Many,
    Rule,
    Silent,
    StateIs,
    Stuck,
    Together,
    Unexpected,
)
from model.domains import ASSET_TYPES, DOMAIN_OF
from model.errors import BadField
from model.rule_book import ACTION_MOST, TITLE_MOST
from model.rule_titles import PLACE, titled
from model.texts import catalogue
from model.typed import typed_text

KEY = re.compile(r"[a-z][a-z_]{0,39}\.[a-z][a-z0-9_]{0,59}")
LONGEST_S = 30 * 86_400.0
LONGEST_SHELF_S = 72 * 3_600.0
LONGEST_MARGIN_S = 12 * 3_600.0
_DURATIONS = ("on_delay_s", "off_delay_s", "hold_s", "re_alarm_s")


def named_by_us(key: str) -> bool:
    """Whether the catalogues have words for the class, so that a rule of it needs none of its own."""
    return f"alarm.rule.{key}" in catalogue("fr")


def checked_rule(rule: Rule, *, own_words: bool) -> Rule:
    """``rule`` with its texts cleaned. ``own_words``: no catalogue knows its class, so it needs a title.

    Raises BadField naming what cannot be taken: ``state`` with ``which``, ``property``, a number, a text.
    """
    concluded = isinstance(rule.condition, Together | LostSupply)
    if not KEY.fullmatch(rule.key):
        raise BadField("key", "bad_key")
    if not concluded:
        if rule.asset_type not in ASSET_TYPES:
            raise BadField("asset_type", "unknown_type", which=rule.asset_type)
        if DOMAIN_OF[rule.asset_type].name != rule.domain:
            raise BadField("domain", "other_domain", which=DOMAIN_OF[rule.asset_type].name)
        _condition(rule)
    _numbers(rule)
    if f"alarm.responder.{rule.responder}" not in catalogue("fr"):
        raise BadField("responder", "unknown_responder", which=rule.responder)
    wording = _wording(rule, own_words)
    return msgspec.structs.replace(
        rule, title=titled(rule, wording), action=_texts("action", rule.action, ACTION_MOST),
        wording=wording if any(PLACE in text for text in wording.values()) else {},
    )  # fmt: skip


def _wording(rule: Rule, own_words: bool) -> dict[str, str]:
    """The titles as written: with the place of the limit where they have one."""
    wording = _texts("title", rule.wording or rule.title, TITLE_MOST)
    if own_words and not wording:
        raise BadField("title", "empty")
    return wording


def _texts(field: str, texts: dict[str, str], most: int) -> dict[str, str]:
    cleaned = {name: typed_text(f"{field}_{name}", text, most, needed=False) for name, text in texts.items()}
    return {name: text for name, text in cleaned.items() if text}


def _numbers(rule: Rule) -> None:
    if rule.priority not in range(1, 5):
        raise BadField("priority", "out_of_range", least=1, most=4)
    if rule.severity not in range(1, 6):
        raise BadField("severity", "out_of_range", least=1, most=5)
    for name in _DURATIONS:
        _within(name, getattr(rule, name), 0.0, LONGEST_S)
    _within("max_shelve_s", rule.max_shelve_s, 0.0, LONGEST_SHELF_S)
    for after in rule.escalate_s:
        _within("escalate_s", after, 1.0, LONGEST_S)
    if list(rule.escalate_s) != sorted(set(rule.escalate_s)):
        raise BadField("escalate_s", "not_rising")


def _within(field: str, value: float | None, least: float, most: float) -> None:
    if value is None or not least <= value <= most:
        raise BadField(field, "out_of_range", least=least, most=most)


def _condition(rule: Rule) -> None:
    match rule.condition:
        case StateIs(states=states) | Unexpected(states=states):
            _states("states", rule.asset_type, states)
            _within("margin_s", getattr(rule.condition, "margin_s", 0.0), 0.0, LONGEST_MARGIN_S)
        case Many(states=states, least=least, within_s=within_s):
            _states("states", rule.asset_type, states)
            _within("least", least, 2, 100_000)
            _within("within_s", within_s, 1.0, LONGEST_S)
        case Silent(periods=periods, least_s=least_s):
            _within("periods", periods, 1.0, 1_000.0)
            _within("least_s", least_s, 0.0, LONGEST_S)
        case Following() as one:
            _following(rule, one)
        case Beyond() | Changing() | Stuck() as one:
            _readings(rule, one)


def _states(field: str, asset_type: str, states: tuple[str, ...]) -> None:
    known = {state.name for state in ASSET_TYPES[asset_type].states}
    if not states:
        raise BadField(field, "empty")
    if unknown := sorted(set(states) - known):
        raise BadField(field, "unknown_state", which=", ".join(unknown))


def _following(rule: Rule, one: Following) -> None:
    if one.first_type not in ASSET_TYPES:
        raise BadField("first_type", "unknown_type", which=one.first_type)
    _states("first", one.first_type, one.first)
    _states("then", rule.asset_type, one.then)
    _within("within_s", one.within_s, 1.0, LONGEST_S)
    if one.relation == "near":
        _within("near_m", one.near_m, 1.0, 5_000.0)
    if one.relation == "same" and one.first_type != rule.asset_type:
        raise BadField("relation", "other_type")


def _readings(rule: Rule, one: Beyond | Changing | Stuck) -> None:
    known = ASSET_TYPES[rule.asset_type].by_property.get(one.observed_property)
    if known is None:
        raise BadField("observed_property", "unknown_property", which=one.observed_property)
    if isinstance(one, Stuck):
        _within("for_s", one.for_s, 60.0, LONGEST_S)
        return
    limits = (one.above, one.below) if isinstance(one, Beyond) else (one.rise, one.fall)
    if limits == (None, None):
        raise BadField("limit", "empty")
    if isinstance(one, Changing):
        _within("within_s", one.within_s, 1.0, 7 * 86_400.0)
        for limit in limits:
            _within("limit", 1.0 if limit is None else limit, 1e-9, known.high - known.low)
        return
    for limit in limits:
        _within("limit", known.low if limit is None else limit, known.low, known.high)
    if one.above is not None and one.below is not None and one.below >= one.above:
        raise BadField("limit", "crossed")
    _within("deadband", one.deadband, 0.0, known.high - known.low)
