"""Why a rule was not tried is said in the reader's own language, whatever went wrong."""

import pytest

from layouts.alarm_trial_reasons import trial_reason
from model.errors import BadField, NotFound, Refused, TooBroad, Unavailable, VigieError
from model.texts import words

ERRORS: dict[str, VigieError] = {
    "refused": Refused("operator may not try rules of alarms"),
    "whole_city": Refused("rules are written by those who see the whole city", "whole_city"),
    "not_found": NotFound("x: no version 9"),
    "not_on_record": BadField("condition", "not_on_record"),
    "not_declared": BadField("condition", "not_declared", which="'melted'"),
    "out_of_range": BadField("period", "out_of_range", least=1, most=92),
    "unavailable": Unavailable("the database did not answer within 30 s"),
    "other": TooBroad(5, {"by": "hour"}),
}


@pytest.mark.parametrize("kind", sorted(ERRORS))
def test_a_reason_is_said_in_either_language_and_never_in_the_words_of_the_error(kind: str) -> None:
    error = ERRORS[kind]
    values = error.values if isinstance(error, BadField) else {}
    told = [trial_reason(words(language), error) for language in ("fr", "en")]
    assert told == [words(language)(f"alarm_trial.{kind}", **values) for language in ("fr", "en")]
    assert told[0] != told[1]
    assert str(error) not in told


def test_a_code_nobody_has_words_for_is_told_by_its_kind() -> None:
    say = words("fr")
    assert trial_reason(say, Refused("no", "unheard_of")) == say("alarm_trial.refused")
    assert trial_reason(say, BadField("priority", "unheard_of")) == say("alarm_trial.other")
