"""What time brings: put before the operators, back again, a step further. Computed from rows alone, so that a
restart changes nothing. Pure."""

from collections.abc import Collection, Iterable, Sequence

from services.alarms.engine.standing import Standing
from services.alarms.rules import RuleInForce


def due_to_show(
    standing: Iterable[Standing],
    rules: Sequence[RuleInForce],
    hidden: Collection[int],
    waiting: Collection[int],
    now: float,
) -> list[int]:
    """Alarms to be put before the operators: they last, nothing explains or hides them, their cause had its
    time to come, and nobody concluded yet that they wait for it."""
    return [
        one.id
        for one in standing
        if one.watched
        and one.annunciated != one.annunciated
        and not one.cause
        and one.id not in hidden
        and one.id not in waiting
        and now - one.noticed >= rules[one.place].rule.hold_s
    ]


def due_again(
    standing: Iterable[Standing], rules: Sequence[RuleInForce], hidden: Collection[int], now: float
) -> list[int]:
    """Acknowledged alarms that last longer than their rule lets them."""
    return [
        one.id
        for one in standing
        if one.watched
        and not one.cause
        and one.id not in hidden
        and 0 < rules[one.place].rule.re_alarm_s <= now - one.acknowledged
    ]


def due_further(
    standing: Iterable[Standing], rules: Sequence[RuleInForce], hidden: Collection[int], now: float
) -> dict[int, int]:
    """Alarms nobody acknowledged in time, each with the step it is at now."""
    steps = {}
    for one in standing:
        if not one.watched or one.cause or one.id in hidden or one.acknowledged == one.acknowledged:
            continue
        if one.annunciated != one.annunciated:
            continue
        began = one.escalated if one.escalation == 0 and one.escalated == one.escalated else one.annunciated
        step = sum(now - began >= after for after in rules[one.place].rule.escalate_s)
        if step > one.escalation:
            steps[one.id] = step
    return steps
