"""When a flood begins and ends, by fixed ten minutes of the city's clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from model.errors import BadProfile
from services.alarms import FloodSettings, bin_start, flood_of, flood_settings

PARIS, KATHMANDU = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kathmandu")
MORE = FloodSettings()
AT_LEAST = FloodSettings(comparison="at_least")
START = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


def bins(counts: Iterable[int], start: datetime = START) -> dict[datetime, int]:
    """Counts of bins one after the other."""
    return {start + n * timedelta(minutes=10): count for n, count in enumerate(counts) if count}


def at(bin_number: int, seconds: float = 300) -> datetime:
    return START + timedelta(minutes=10 * bin_number, seconds=seconds)


@pytest.mark.parametrize(
    ("settings", "count", "on"),
    [(MORE, 10, False), (MORE, 11, True), (AT_LEAST, 9, False), (AT_LEAST, 10, True)],
)
def test_ten_or_eleven_is_the_profiles_to_say(settings: FloodSettings, count: int, on: bool) -> None:
    found = flood_of(bins([count]), at(0), PARIS, settings)
    assert (found.on, found.count, found.threshold) == (on, count, 10)
    assert found.since == (START if on else None)


def test_a_flood_lasts_until_a_whole_bin_is_below_five() -> None:
    counts = bins([2, 12, 6, 5, 4, 9])
    lasting = [flood_of(counts, at(n), PARIS, MORE).on for n in range(7)]
    assert lasting == [False, True, True, True, True, False, False]
    assert flood_of(counts, at(3), PARIS, MORE).since == START + timedelta(minutes=10)


def test_the_running_bin_begins_a_flood_and_ends_none() -> None:
    counts = bins([11, 0, 20])
    assert flood_of(counts, at(1, 1), PARIS, MORE).on, "below five so far, but not over"
    assert not flood_of(bins([11]), at(2, 0), PARIS, MORE).on
    again = flood_of(counts, at(2, 1), PARIS, MORE)
    assert again.on and again.since == START + timedelta(minutes=20)


def test_bins_that_hold_nothing_end_a_flood_too() -> None:
    assert not flood_of(bins([40]), at(50), PARIS, MORE).on


@pytest.mark.parametrize(
    ("local", "zone", "begins"),
    [
        ("2026-11-27T18:09:59+01:00", PARIS, "2026-11-27T18:00:00+01:00"),
        ("2026-11-27T18:10:00+01:00", PARIS, "2026-11-27T18:10:00+01:00"),
        # A zone of quarters of an hour: its own clock's tens, not those of UTC.
        ("2026-11-27T18:09:00+05:45", KATHMANDU, "2026-11-27T18:00:00+05:45"),
        ("2026-11-27T18:14:00+05:45", KATHMANDU, "2026-11-27T18:10:00+05:45"),
    ],
)
def test_bins_are_aligned_to_the_clock_of_the_city(local: str, zone: ZoneInfo, begins: str) -> None:
    assert bin_start(datetime.fromisoformat(local), zone) == datetime.fromisoformat(begins)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_the_clock_changes_has_whole_bins(day: tuple[int, int, int], hours: int) -> None:
    first = datetime(*day, tzinfo=PARIS).astimezone(UTC)
    every = [first + timedelta(minutes=n) for n in range(hours * 60)]
    starts = sorted({bin_start(one, PARIS) for one in every})
    assert len(starts) == hours * 6
    assert {b - a for a, b in pairwise(starts)} == {timedelta(minutes=10)}
    # A flood over the change: twelve in the bin before it, six in each of its bins, four after.
    change = first + timedelta(hours=1)
    counts = bins([12] + [6] * 6 + [4], change - timedelta(minutes=10))
    assert flood_of(counts, change + timedelta(minutes=55), PARIS, MORE).on
    assert not flood_of(counts, change + timedelta(minutes=75), PARIS, MORE).on


@pytest.mark.parametrize(
    "table",
    [
        {"flood_begins": 4},
        {"flood_begins": "10"},
        {"flood_ends_below": 0},
        {"flood_comparison": "over"},
    ],
)
def test_what_cannot_be_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(BadProfile, match=r"\[alarms\]"):
        flood_settings(table)


def test_the_profile_may_say_otherwise() -> None:
    told = flood_settings({"flood_begins": 15, "flood_comparison": "at_least", "flood_ends_below": 6})
    assert told == FloodSettings(15, "at_least", 6)
    assert flood_settings({}) == FloodSettings()
