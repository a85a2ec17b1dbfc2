"""How figures of alarm quality stand to their targets, and what a profile may say of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.alarm_quality import AlarmQuality, Position
from model.alarm_targets import TARGETS, measures, overall, targets_of
from model.errors import BadProfile

T0 = datetime(2026, 3, 1, tzinfo=UTC)
CALM = AlarmQuality(
    position=Position(""), t0=T0, t1=T0 + timedelta(days=10), total=100, first_bin=T0, bins=(), watched=1.0,
    unwatched=0,
    per_ten_minutes=0.5, per_hour=6.0, per_day=72.0, peak_bin=10, peak_bin_at=T0, peak_hour=15,
    peak_hour_at=T0, floods=(), in_flood=0.01, by_priority={1: 2, 2: 3, 3: 15, 4: 80}, offenders=(),
    offenders_share=0.05, chattering=(), fleeting=0, stale=4, responses=(), shelved=0, suppressed=0,
    outcome=0.5, useless=0.1, rules=(),
)  # fmt: skip


def test_a_figure_on_its_target_meets_it_and_one_beyond_does_not() -> None:
    assert {one.verdict for one in measures(CALM, TARGETS)} == {"met", "none"}
    worse = replace(CALM, per_hour=6.1, peak_bin=11, stale=5, by_priority={1: 6, 3: 15, 4: 79})
    told = {one.name: one.verdict for one in measures(worse, TARGETS)}
    assert (told["per_hour"], told["peak_bin"], told["stale_a_day"]) == ("above", "over", "over")
    assert (told["share_high"], told["share_low"]) == ("above", "above")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, "calm"),
        ({"per_hour": 12.0}, "busy"),
        ({"per_hour": 12.1}, "overloaded"),
        ({"in_flood": 0.011}, "overloaded"),
        ({"watched": 0.0, "total": 0}, "unwatched"),
        ({"watched": 0.0, "per_hour": 0.0}, "unwatched"),
    ],
)
def test_the_board_says_in_one_word_whether_it_is_overloaded(changed: dict[str, Any], word: str) -> None:
    assert overall(replace(CALM, **changed), TARGETS) == word


def test_a_city_sets_targets_with_their_source() -> None:
    own = {"targets": {"per_hour": {"value": 5, "most": 10, "source": "EEMUA 191"}}}
    assert (targets_of(own)["per_hour"].value, targets_of(own)["per_day"].value) == (5, 150)
    for name, wrong in (("moon", {"value": 1, "source": "x"}), ("per_hour", {"value": 5})):
        with pytest.raises(BadProfile):
            targets_of({"targets": {name: wrong}})
