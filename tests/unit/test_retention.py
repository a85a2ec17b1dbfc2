"""Retention rules of a city profile: declared whole, or refused by name."""

from typing import Any

import pytest

from geodata.profiles import read_profile
from geodata.retention_rules import RetentionRule, declared_rules
from model.errors import BadProfile

GOOD = {"keep": "30 days", "basis": "délibération", "decided_by": "Ville"}


def test_a_rule_is_read_whole() -> None:
    rule = RetentionRule("vehicle_positions", "30 days", "délibération", "Ville")
    assert declared_rules({"vehicle_positions": GOOD}) == [rule]
    assert read_profile("demo").retention == ()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (GOOD | {"keep": "0 days"}, "0 days"),
        (GOOD | {"keep": "for ever"}, "for ever"),
        (GOOD | {"keep": "30 days; DROP TABLE position"}, "30 days;"),
        (GOOD | {"basis": " "}, "basis"),
        ({"keep": "2 months"}, "basis, decided_by"),
        ("2 months", "keep, basis, decided_by"),
    ],
)
def test_a_bad_rule_names_itself(table: Any, said: str) -> None:
    with pytest.raises(BadProfile, match=r"retention\.vehicle_positions") as refused:
        declared_rules({"vehicle_positions": table})
    assert said in str(refused.value)
