"""What change of rule follows from which facts."""

from dataclasses import replace

import msgspec
import pytest

from model.alarm_quality import RuleFigures
from model.alarm_review import changed
from model.alarm_rules import Beyond, Rule, StateIs
from services.alarms.reviews.facts import Facts
from services.alarms.reviews.proposing import changes_for

TRIPPED = Rule("x.y", "lighting", "control_cabinet", StateIs(("breaker_tripped",)), priority=3)
HOT = msgspec.structs.replace(TRIPPED, condition=Beyond("power", above=12.0, deadband=0.1))
QUIET = RuleFigures(1, "x.y", {}, 100, 3.0, 0.1, 0, 0, 0, 0, 0)


def figures(**said: int) -> RuleFigures:
    return replace(QUIET, **said)  # type: ignore[arg-type]


def told(rule: Rule, facts: Facts, **said: int) -> list[tuple[str, float, float, str]]:
    changes = changes_for(rule, figures(**said), facts)
    return [(one.field, one.before, one.after, one.grounds) for one in changes]


def test_nothing_follows_from_figures_that_say_nothing() -> None:
    assert told(TRIPPED, Facts()) == []
    assert told(TRIPPED, Facts(100, [3_600.0] * 100)) == []


def test_what_comes_back_at_once_is_held_by_an_off_delay() -> None:
    facts = Facts(50, [300.0] * 50, gaps=[5.0, 20.0, 40.0, 45.0, 500.0])
    assert told(TRIPPED, facts, chattering=3) == [("off_delay_s", 0.0, 60.0, "chattering")]
    assert told(TRIPPED, facts) == [], "five of fifty, and nothing chatters"
    facts.activations = 20
    assert told(TRIPPED, facts) == [("off_delay_s", 0.0, 60.0, "returning")]


def test_an_off_delay_there_is_counts() -> None:
    """Alarms end that much late, so the condition was away for longer than the alarm."""
    late = msgspec.structs.replace(TRIPPED, off_delay_s=60.0)
    facts = Facts(20, [300.0] * 20, gaps=[50.0] * 10)
    assert told(late, facts) == [("off_delay_s", 60.0, 120.0, "returning")]


def test_on_a_limit_it_is_held_by_a_deadband() -> None:
    facts = Facts(20, [300.0] * 20, gaps=[5.0] * 10, values=[12.1, 12.2, 12.31, 12.34, 12.9])
    assert told(HOT, facts, chattering=2) == [("deadband", 0.1, 0.4, "chattering")]
    wide = changed(HOT, changes_for(HOT, figures(chattering=2), facts))
    assert isinstance(wide.condition, Beyond) and wide.condition.deadband == 0.4
    assert told(wide, facts, chattering=2) == [("off_delay_s", 0.0, 10.0, "chattering")]


def test_what_is_over_at_once_waits_longer() -> None:
    facts = Facts(100, [25.0] * 30 + [4_000.0] * 70, acted=[4_000.0] * 10)
    assert told(TRIPPED, facts) == [("on_delay_s", 0.0, 30.0, "fleeting")]
    assert told(msgspec.structs.replace(TRIPPED, highly_managed=True), facts) == []


def test_no_delay_swallows_what_was_acted_on() -> None:
    facts = Facts(100, [25.0] * 30 + [4_000.0] * 70, acted=[15.0] * 2 + [4_000.0] * 8)
    assert told(TRIPPED, facts) == [("on_delay_s", 0.0, 10.0, "fleeting")]
    facts.acted = [5.0] * 5
    assert told(TRIPPED, facts) == []


@pytest.mark.parametrize(("priority", "delay"), [(1, 60.0), (2, 120.0), (3, 600.0)])
def test_the_sooner_an_answer_is_due_the_shorter_the_delay(priority: int, delay: float) -> None:
    facts = Facts(10, [50.0] * 4 + [4_000.0] * 6, useless=[550.0, 50.0, 55.0, 110.0] * 10)
    rule = msgspec.structs.replace(TRIPPED, priority=priority)
    assert told(rule, facts)[0][:3] == ("on_delay_s", 0.0, delay)


def test_what_lasts_and_is_of_no_use_asks_for_an_answer_less_soon() -> None:
    facts = Facts(20, [4_000.0] * 20, useless=[4_000.0] * 6)
    said = {"useless": 6, "rated": 7}
    assert told(TRIPPED, facts, **said) == [("priority", 3.0, 4.0, "useless")]
    assert changed(TRIPPED, changes_for(TRIPPED, figures(**said), facts)).priority == 4
    assert told(msgspec.structs.replace(TRIPPED, priority=4), facts, **said) == [], "there is none lower"
    assert told(TRIPPED, facts, useless=6, rated=20) == [], "most call it of use"
    assert told(TRIPPED, facts, useless=2, rated=2) == [], "two are few"
    assert told(TRIPPED, facts, **said, acted=60) == [], "somebody acts on it"
