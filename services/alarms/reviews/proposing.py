"""A change of rule that follows from what its alarms did: each by one cause, by the texts of the field.

Chattering and what comes back at once is held by an off delay, on a limit by a deadband; what is over
before anybody could answer by a longer on delay; what lasts and is still called useless by most who say
anything asks for no answer so soon: a lower priority (ISA-18.2, EEMUA 191). A highly managed class keeps its
priority and its on delay, whatever is said of it: that takes more than figures.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from model.alarm_quality import RuleFigures
from model.alarm_review import Change, Grounds
from model.alarm_rules import Beyond, Rule
from services.alarms.reviews.facts import Facts

LADDER_S = (10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1_800.0)
"""Durations people read at a glance; a proposal is one of them."""
LATEST_S = {1: 60.0, 2: 120.0, 3: 600.0, 4: 1_800.0}
"""How late an alarm of a priority may begin to be told: a small part of the time to answer it."""
OFTEN, MOST = 0.2, 0.8
KEPT = 0.9
"""What somebody acted on is not delayed away: at least so much of it lasts longer than the delay."""
FLEETING_S = 60.0
FLEETING_OFTEN = 0.1
SAID_LEAST = 3
LOWEST = 4


def changes_for(rule: Rule, figures: RuleFigures, facts: Facts) -> tuple[Change, ...]:
    """What to change of ``rule``; nothing where the figures say nothing clear."""
    return tuple(
        change
        for change in (
            _against_returning(rule, figures, facts),
            None if rule.highly_managed else _against_fleeting(rule, facts),
            None if rule.highly_managed else _of_priority(rule, figures, facts),
        )
        if change is not None
    )


def _against_returning(rule: Rule, figures: RuleFigures, facts: Facts) -> Change | None:
    soon, of = len(facts.gaps), facts.activations
    if not of or not (figures.chattering or soon / of >= OFTEN) or not soon:
        return None
    grounds: Grounds = "chattering" if figures.chattering else "returning"
    count = figures.chattering or soon
    band = _deadband(rule, facts)
    if band is not None and isinstance(rule.condition, Beyond):
        return Change("deadband", rule.condition.deadband, band, grounds, count, of)
    # Over is told an off delay late and back an on delay late: of the condition itself it was this long.
    wanted = _least(quantile(facts.gaps, MOST) + rule.off_delay_s - rule.on_delay_s)
    if wanted <= rule.off_delay_s:
        return None
    return Change("off_delay_s", rule.off_delay_s, wanted, grounds, count, of)


def _deadband(rule: Rule, facts: Facts) -> float | None:
    """How far beyond its limit a value goes that comes back at once; a noise goes as far below it."""
    condition = rule.condition
    if not isinstance(condition, Beyond) or not facts.values:
        return None
    limits = [limit for limit in (condition.above, condition.below) if limit is not None]
    beyond = [min(abs(value - limit) for limit in limits) for value in facts.values]
    wanted = _rounded_up(quantile(beyond, MOST))
    return wanted if wanted > condition.deadband else None


def _against_fleeting(rule: Rule, facts: Facts) -> Change | None:
    latest = LATEST_S[rule.priority]
    fleeting = [one for one in facts.lasted if one < FLEETING_S]
    brief = fleeting + [one for one in facts.useless if FLEETING_S <= one <= latest]
    late = rule.on_delay_s - rule.off_delay_s
    if not facts.lasted or len(brief) / len(facts.lasted) < FLEETING_OFTEN:
        return None
    acted = [one + late for one in facts.acted]
    wanted = next(_delays(quantile(brief, MOST) + late, latest, acted), 0.0)
    if wanted <= rule.on_delay_s:
        return None
    shorter = sum(one + late < wanted for one in facts.lasted)
    return Change("on_delay_s", rule.on_delay_s, wanted, "fleeting", shorter, len(facts.lasted))


def _delays(wanted: float, latest: float, acted: Sequence[float]) -> Iterator[float]:
    """Steps of the ladder that keep what was acted on, from the least that is enough downwards."""
    for step in reversed(LADDER_S):
        if step > min(_least(wanted), latest):
            continue
        if not acted or sum(one > step for one in acted) / len(acted) >= KEPT:
            yield step


def _of_priority(rule: Rule, figures: RuleFigures, facts: Facts) -> Change | None:
    """Where most who say anything call it useless, though it lasts, and hardly anybody acts on it."""
    lasting = [one for one in facts.useless if one > LATEST_S[rule.priority]]
    mostly = figures.useless >= SAID_LEAST and figures.useless * 2 > figures.rated
    if not mostly or figures.acted * 2 > figures.alarms or rule.priority == LOWEST:
        return None
    if len(lasting) * 2 < len(facts.useless):
        return None
    return Change("priority", rule.priority, rule.priority + 1, "useless", figures.useless, figures.rated)


def quantile(values: Sequence[float], share: float) -> float:
    """The least value at or below which ``share`` of ``values`` lie."""
    return float(np.quantile(values, share, method="inverted_cdf"))


def _least(seconds: float) -> float:
    """The first step of the ladder above ``seconds``, or its last."""
    return next((step for step in LADDER_S if step > seconds), LADDER_S[-1])


def _rounded_up(value: float) -> float:
    """``value`` up to the next with one digit that counts; what is above 0 stays so."""
    if value <= 0:
        return 0.0
    unit: float = 10.0 ** math.floor(math.log10(value))
    return round(math.ceil(round(value / unit, 6)) * unit, 9)
