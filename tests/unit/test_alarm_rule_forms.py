"""The form of a new version of a rule: what it holds, what is read from it, where it says what is wrong."""

import pytest

from layouts import alarm_rule_forms as forms
from model.alarm_rules import Beyond, Rule
from model.errors import BadField
from model.texts import words

HOT = Rule(
    "cabinet.hot", "lighting", "cabinet", Beyond("temperature_c", above=60.0, deadband=5.0),
    priority=2, severity=4, on_delay_s=60.0, escalate_s=(300.0, 900.0),
)  # fmt: skip


def changed(**fields: str) -> list[str]:
    """The fields as they open on ``HOT``, with those typed over."""
    return [fields.get(name, held) for name, held in zip(forms.FIELDS, forms.filled(HOT), strict=True)]


def test_a_form_left_as_it_opened_changes_nothing() -> None:
    assert forms.changed_rule(HOT, changed()) == (HOT, "")


def test_what_is_typed_is_read_in_the_french_way_and_in_minutes() -> None:
    typed = changed(above="62,5", escalate_s="5 ; 20", priority="1", reason="été chaud")
    rule, reason = forms.changed_rule(HOT, typed)
    assert isinstance(rule.condition, Beyond)
    assert (rule.condition.above, rule.escalate_s, rule.priority) == (62.5, (300.0, 1200.0), 1)
    assert reason == "été chaud"


@pytest.mark.parametrize("typed", ["chaud", "nan", "inf", "1e999"])
def test_what_is_no_number_is_told_at_its_field(typed: str) -> None:
    with pytest.raises(BadField) as caught:
        forms.changed_rule(HOT, changed(deadband=typed))
    told = dict(zip(forms.FIELDS, forms.wrong_at(words("fr"), caught.value), strict=True))
    assert told.pop("deadband") == "Écrire un nombre"
    assert set(told.values()) == {None}


def test_an_error_of_no_field_of_the_form_stands_at_the_reason() -> None:
    told = forms.wrong_at(words("en"), BadField("hold_s", "out_of_range", least=0.0, most=3600.0))
    assert told[-1] and "3,600" in told[-1]
    assert not any(told[:-1])
