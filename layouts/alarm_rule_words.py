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
from model.rule_titles import unit_of
from model.texts import Words


def rule_words(say: Words, rule: Rule) -> str:
    """When the rule raises an alarm: its condition, and for how long it must hold."""
    told = condition_words(say, rule, rule.condition)
    return told + (say("alarm_book.for", age=say.lasting(rule.on_delay_s)) if rule.on_delay_s else "")


def condition_words(say: Words, rule: Rule, condition: Condition) -> str:
    """The condition alone."""
    match condition:
        case StateIs(states=states):
            return say("alarm_book.status", states=_states(say, rule.asset_type, states))
        case Unexpected(when=when, states=states):
            return say(f"alarm_book.expected_{when}", states=_states(say, rule.asset_type, states))
        case Silent(periods=periods, least_s=least):
            return say("alarm_book.silence", n=say.number(periods), least=say.lasting(least))
        case Many(states=states, least=least, within_s=within):
            told = _states(say, rule.asset_type, states)
            return say("alarm_book.count", n=least, states=told, within=say.lasting(within))
        case Following() as one:
            return _following(say, rule, one)
        case Together(least=least, within_s=within):
            return say("alarm_book.together", n=least, within=say.lasting(within))
        case LostSupply(points=points, domains=domains, near_m=near):
            return say("alarm_book.supply", points=points, domains=domains, near=say.number(near))
        case _:
            return _of_readings(say, rule, condition)


def _following(say: Words, rule: Rule, one: Following) -> str:
    return say(
        "alarm_book.sequence", first=_states(say, one.first_type, one.first),
        first_type=say(f"type.{one.first_type}"), then=_states(say, rule.asset_type, one.then),
        within=say.lasting(one.within_s),
    )  # fmt: skip


def _of_readings(say: Words, rule: Rule, one: Beyond | Changing | Stuck) -> str:
    name = say(f"property.{one.observed_property}")
    if isinstance(one, Stuck):
        return say("alarm_book.stuck", name=name, age=say.lasting(one.for_s))
    unit = unit_of(rule)
    if isinstance(one, Changing):
        parts = (("rise", one.rise), ("fall", one.fall))
        more = {"within": say.lasting(one.within_s)}
    else:
        parts, more = (("above", one.above), ("below", one.below)), {}
    told = [
        say(f"alarm_book.{word}", name=name, limit=f"{say.exact(limit)}{unit}", **more)
        for word, limit in parts
        if limit is not None
    ]
    return say("alarm_book.or").join(told)


def _states(say: Words, asset_type: str, states: Iterable[str]) -> str:
    return say("alarm_book.or").join(
        say(text) if say.has(text := f"state.{asset_type}.{state}") else state for state in states
    )
