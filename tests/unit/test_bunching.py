"""Bunching: measured along the line, by direction, against the planned headway; and it does not flap."""

import numpy as np
import pytest

from geodata.profiles import Bounds
from geodata.transit import BusLine
from model.observations import Position, moment
from services.live.bunching import Gap, Way, bunched, gaps, ways
from services.live.fleet import Fleet
from services.live.moving import MOVE, Moves
from tests.unit.live_columns import columns

NOW = 1_800_000_000.0
M_LON = 1 / (111_195.0 * np.cos(np.radians(47.3)))
# 4 km east, then 4 km north; planned every 400 s, which is 2 km: bunched below 500 m, apart above 800 m.
CORNER = np.array([[5.0, 47.3], [5.0 + 4_000 * M_LON, 47.3], [5.0 + 4_000 * M_LON, 47.3 + 4_000 / 111_195.0]])
LINE = BusLine("L1", "A – B", 400, CORNER)


def bus(index: int, metres: float, bearing: float = 90.0, age: float = 5.0, line: bytes = b"L1") -> Moves:
    """A vehicle so many metres along the line's first leg."""
    place = (index, NOW - age, 5.0 + metres * M_LON, 47.3, bearing, 20.0, line)
    return np.array([place], MOVE)


def found(*moves: Moves) -> list[Gap]:
    return gaps(ways([LINE]), np.concatenate(moves), NOW)


def test_the_gap_is_measured_along_the_path_around_its_corners() -> None:
    north = np.array([(2, NOW, CORNER[1, 0], 47.3 + 700 / 111_195.0, 0.0, 20.0, b"L1")], MOVE)
    (gap,) = found(bus(1, 3_000), north)
    assert gap.pair == (1, 2)
    assert gap.metres == pytest.approx(1_700, rel=0.01)
    assert gap.seconds == pytest.approx(340, rel=0.01)
    assert Way(LINE).length == pytest.approx(8_000, rel=0.01)


def test_only_neighbours_of_one_direction_are_compared() -> None:
    close = found(bus(1, 1_000), bus(2, 1_100, bearing=270), bus(3, 3_000), bus(4, 2_000))
    assert [gap.pair for gap in close] == [(1, 4), (4, 3)]


def test_against_the_path_the_lower_one_is_ahead() -> None:
    (gap,) = found(bus(1, 3_000, 270), bus(2, 2_800, 268))
    assert (gap.pair, gap.direction) == ((1, 2), -1)


@pytest.mark.parametrize(
    "other",
    [
        bus(2, 100),
        bus(2, 1_050, bearing=np.nan),
        bus(2, 1_050, bearing=0.0),
        bus(2, 1_050, age=91),
        bus(2, 1_050, line=b"L2"),
        bus(2, 1_050, line=b""),
        np.array([(2, NOW, np.nan, np.nan, 90.0, 0.0, b"L1")], MOVE),
        np.array([(2, NOW, 5.0 + 1_050 * M_LON, 47.302, 90.0, 0.0, b"L1")], MOVE),
    ],
    ids=["terminus", "no bearing", "across", "old", "other line", "no line", "gone", "off route"],
)
def test_nothing_is_said_of_a_vehicle_that_cannot_be_judged(other: Moves) -> None:
    assert found(bus(1, 1_000), other) == []


def test_a_pair_comes_together_below_a_quarter_and_parts_above_two_fifths() -> None:
    def pairs(metres: float, before: frozenset[tuple[int, int]] = frozenset()) -> frozenset[tuple[int, int]]:
        return bunched(found(bus(1, 1_000), bus(2, 1_000 + metres)), before)

    assert pairs(520) == frozenset()
    assert pairs(480) == {(1, 2)}
    assert pairs(700, pairs(480)) == {(1, 2)}
    assert pairs(820, pairs(480)) == frozenset()


def test_both_of_a_pair_turn_bunched_and_back() -> None:
    city = columns(["bus", "bus"])
    fleet = Fleet(city, Bounds(4.9, 47.0, 5.3, 47.5), [LINE], np.zeros(0, MOVE))

    def said(asset: str, metres: float, seconds: float) -> set[tuple[str, object]]:
        seen = Position(asset, 5.0 + metres * M_LON, 47.3, moment(NOW + seconds), 90.0, 20.0, "L1")
        judged = fleet.judge([seen], NOW + seconds)
        fleet.keep(judged)
        return {(state.asset, state.value) for state in judged.states}

    assert said("X-0", 1_000, 0) == {("X-0", "in_service")}
    assert said("X-1", 1_300, 5) == {("X-0", "bunched"), ("X-1", "bunched")}
    assert said("X-1", 1_400, 20) == {("X-1", "bunched")}
    assert said("X-1", 1_900, 40) == {("X-0", "in_service"), ("X-1", "in_service")}
