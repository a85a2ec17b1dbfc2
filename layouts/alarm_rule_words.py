"""A rule in plain words: what must be for it to raise an alarm, and how long. Pure."""

from collections.abc import Iterable

from model.alarm_rules import (
    Beyond,
    Changing,
    Condition,
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
from model.domains import ASSET_TYPES
from model.texts import Words


def rule_words(say: Words, rule: Rule) -> str:
    """When the rule raises an alarm: its condition, and for how long it must hold."""
    told = condition_words(say, rule, rule.condition)
    return told + (say("alarm_book.for", age=lasting(say, rule.on_delay_s)) if rule.on_delay_s else "")


def lasting(say: Words, seconds: float) -> str:
    """A duration in the words of ages."""
    return say.age(seconds)


def condition_words(say: Words, rule: Rule, condition: Condition) -> str:
    """The condition alone."""
    match condition:
        case StateIs(states=states):
            return say("alarm_book.status", states=_states(say, rule.asset_type, states))
        case Unexpected(when=when, states=states):
            return say(f"alarm_book.expected_{when}", states=_states(say, rule.asset_type, states))
        case Silent(periods=periods, least_s=least):
            return say("alarm_book.silence", n=say.number(periods), least=lasting(say, least))
        case Many(states=states, least=least, within_s=within):
            told = _states(say, rule.asset_type, states)
            return say("alarm_book.count", n=least, states=told, within=lasting(say, within))
        case Following() as one:
            return _following(say, rule, one)
        case Together(least=least, within_s=within):
            return say("alarm_book.together", n=least, within=lasting(say, within))
        case LostSupply(points=points, domains=domains, near_m=near):
            return say("alarm_book.supply", points=points, domains=domains, near=say.number(near))
        case _:
            return _of_readings(say, rule, condition)


def _following(say: Words, rule: Rule, one: Following) -> str:
    return say(
        "alarm_book.sequence", first=_states(say, one.first_type, one.first),
        first_type=say(f"type.{one.first_type}"), then=_states(say, rule.asset_type, one.then),
        within=lasting(say, one.within_s),
    )  # fmt: skip


def _of_readings(say: Words, rule: Rule, one: Beyond | Changing | Stuck) -> str:
    name = say(f"property.{one.observed_property}")
    if isinstance(one, Stuck):
        return say("alarm_book.stuck", name=name, age=lasting(say, one.for_s))
    unit = _unit(rule, one.observed_property)
    if isinstance(one, Changing):
        parts = (("rise", one.rise), ("fall", one.fall))
        more = {"within": lasting(say, one.within_s)}
    else:
        parts, more = (("above", one.above), ("below", one.below)), {}
    told = [
        say(f"alarm_book.{word}", name=name, limit=f"{_number(say, limit)}{unit}", **more)
        for word, limit in parts
        if limit is not None
    ]
    return say("alarm_book.or").join(told)


def _number(say: Words, value: float) -> str:
    return say.number(value, 0 if float(value).is_integer() else 2)


def _unit(rule: Rule, name: str) -> str:
    known = ASSET_TYPES.get(rule.asset_type)
    found = known.by_property.get(name) if known else None
    return f"\u202f{found.unit}" if found and found.unit else ""


def _states(say: Words, asset_type: str, states: Iterable[str]) -> str:
    return say("alarm_book.or").join(
        say(text) if say.has(text := f"state.{asset_type}.{state}") else state for state in states
    )
