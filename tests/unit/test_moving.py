"""Positions are judged, never repaired; those outside duty leave nothing but that there is no duty."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from geodata.profiles import Bounds
from model.observations import Position
from services.live.fleet import Fleet
from services.live.moving import JudgedPositions, judge_positions
from tests.unit.live_columns import columns

CITY = columns(["streetlight", "bus", "bus"])
BOUNDS = Bounds(5.0, 47.2, 5.2, 47.5)
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def at(asset: str = "X-1", lon: float = 5.1, lat: float = 47.3, ago: float = 5, **told: object) -> Position:
    return Position(asset, lon, lat, NOW - timedelta(seconds=ago), **told)  # type: ignore[arg-type]


def judged(*positions: Position) -> JudgedPositions:
    return judge_positions(CITY, BOUNDS, positions, NOW.timestamp())


def test_a_good_position_is_taken_as_it_is() -> None:
    (move,) = judged(at(bearing=370.0, speed=23.4, line="L3")).accepted
    assert (move["row"], move["index"], move["lon"], move["lat"]) == (0, 1, 5.1, 47.3)
    assert (move["bearing"], move["line"]) == (10.0, b"L3")
    assert move["speed"] == pytest.approx(23.4)
    assert move["time"] == NOW.timestamp() - 5


@pytest.mark.parametrize(
    ("position", "reason", "detail"),
    [
        (at("X-9"), "unknown_asset", "X-9"),
        (at("X-0"), "not_moving", "X-0"),
        (at(lon=math.nan), "not_finite", "X-1"),
        (at(lat=math.inf), "not_finite", "X-1"),
        (at(lon=4.0), "outside_the_city", "4.00000 47.30000"),
        (at(lon=47.3, lat=5.1), "outside_the_city", "look swapped"),
        (at(ago=-301), "in_the_future", "X-1"),
        (at(ago=8 * 86_400), "too_old", "X-1"),
    ],
)
def test_a_bad_one_is_refused_by_its_place_with_a_reason(
    position: Position, reason: str, detail: str
) -> None:
    outcome = judged(at(), position, at("X-2"))
    (reject,) = outcome.rejects
    assert (reject.row, reject.reason) == (1, reason)
    assert detail in reject.detail
    assert outcome.accepted["row"].tolist() == [0, 2]


def test_only_what_would_fit_the_other_way_round_is_called_swapped() -> None:
    (reject,) = judged(at(lon=4.0)).rejects
    assert "swapped" not in reject.detail


def test_what_is_not_told_or_not_possible_is_left_out_and_the_place_kept() -> None:
    moves = judged(at(), at(bearing=math.nan, speed=900.0), at(speed=-1.0)).accepted
    assert all(math.isnan(move["bearing"]) and math.isnan(move["speed"]) for move in moves)


def test_a_long_line_name_is_cut_between_letters() -> None:
    (move,) = judged(at(line="é" * 40)).accepted
    assert move["line"].decode() == "é" * 16


def test_outside_duty_nothing_is_kept_but_the_state() -> None:
    outcome = judged(at(duty=False), at("X-1", duty=False, ago=2), at("X-9", duty=False), at("X-2"))
    assert outcome.off_duty == [0, 1, 2]
    assert outcome.accepted["row"].tolist() == [3]
    assert not outcome.rejects
    (state,) = outcome.states
    assert (state.asset, state.property, state.value) == ("X-1", "state", "out_of_duty")
    assert state.phenomenon_time == NOW - timedelta(seconds=2)
    (gone,) = outcome.gone
    assert gone["index"] == 1 and math.isnan(gone["lon"]) and math.isnan(gone["lat"])
    assert len(outcome.moves) == 2


def test_outside_duty_even_a_bad_place_is_not_looked_at() -> None:
    outcome = judged(at(lon=math.nan, duty=False), at("X-2", ago=-900, duty=False))
    assert outcome.off_duty == [0, 1] and not outcome.rejects
    assert [state.asset for state in outcome.states] == ["X-1"]


def said(fleet: Fleet, *positions: Position, keep: bool = True) -> list[tuple[str, object]]:
    outcome = fleet.judge(positions, NOW.timestamp())
    if keep:
        fleet.keep(outcome)
    return [(state.asset, state.value) for state in outcome.states]


def fleet() -> Fleet:
    return Fleet(CITY, BOUNDS, [], judged().moves)


def test_a_new_position_says_in_service_and_an_older_one_nothing() -> None:
    ours = fleet()
    assert said(ours, at(ago=5)) == [("X-1", "in_service")]
    assert said(ours, at(ago=9)) == []
    assert said(ours, at(ago=3, duty=False)) == [("X-1", "out_of_duty")]
    assert said(ours, at(ago=4)) == []
    assert said(ours, at(ago=1)) == [("X-1", "in_service")]


def test_memory_moves_on_only_when_the_batch_was_durable() -> None:
    ours = fleet()
    assert said(ours, at(ago=5), keep=False) == said(ours, at(ago=5)) == [("X-1", "in_service")]
    assert len(ours.latest) == 1
