"""Titles that name their limit: filled in for each version, and never written out by hand."""

import msgspec
import pytest

from layouts.alarm_rule_words import rule_words
from model.alarm_rules import Beyond, Changing, Rule, StateIs
from model.errors import BadField
from model.texts import words
from services.alarms.rules import checked_rule

HIGH = Rule(
    "meter.high", "energy", "meter", Beyond("voltage", above=253.0), on_delay_s=90.0, responder="buildings",
    title={"fr": "Tension au-dessus de {limit}", "en": "Voltage above {limit}"},
)  # fmt: skip


def test_the_limit_stands_in_the_title_in_each_languages_figures_and_follows_it() -> None:
    first = checked_rule(HIGH, own_words=True)
    assert first.title == {"fr": "Tension au-dessus de 253\u202fV", "en": "Voltage above 253\u202fV"}
    lower = msgspec.structs.replace(first, condition=Beyond("voltage", above=251.5))
    next_one = checked_rule(lower, own_words=True)
    assert next_one.title == {"fr": "Tension au-dessus de 251,5\u202fV", "en": "Voltage above 251.5\u202fV"}
    assert checked_rule(next_one, own_words=True) == next_one


def test_two_limits_and_a_change_are_told_with_the_unit() -> None:
    both = msgspec.structs.replace(HIGH, condition=Beyond("voltage", below=207.0, above=253.0))
    assert checked_rule(both, own_words=True).title["en"] == "Voltage above 207 / 253\u202fV"
    jump = msgspec.structs.replace(HIGH, condition=Changing("voltage", 60.0, rise=12.5))
    assert checked_rule(jump, own_words=True).title["en"] == "Voltage above 12.5\u202fV"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": {"en": "Voltage above 253 V"}}, "names_limit"),
        ({"title": {"en": "Voltage above 253.5V, check"}}, "names_limit"),
        ({"condition": StateIs(("fault",))}, "no_limit"),
    ],
)
def test_a_title_that_would_go_stale_or_has_nothing_to_say_is_refused(
    changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(BadField) as bad:
        checked_rule(msgspec.structs.replace(HIGH, **changes), own_words=True)
    assert bad.value.reason == reason
    assert bad.value.field.startswith("title_")


def test_a_figure_of_another_unit_may_stand_in_a_title() -> None:
    told = {"en": "Phase 2 of 3, 10% above nominal"}
    assert checked_rule(msgspec.structs.replace(HIGH, title=told), own_words=True).title == told


def test_a_duration_is_told_whole() -> None:
    assert rule_words(words("en"), HIGH).endswith("for 1 min 30 s")
    assert [words("fr").lasting(s) for s in (0, 0.5, 5_400, 172_800)] == ["0 s", "0,5 s", "1 h 30 min", "2 j"]
