"""The evaluator of rules: each kind of condition, and that pieces of a history say what the whole says."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.assets import Columns
from model.alarm_rules import (
    Beyond,
    Changing,
    Condition,
    Following,
    Many,
    Rule,
    Silent,
    StateIs,
    Stuck,
    Unexpected,
)
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.watching import CHANGES, READINGS, Sky, Watcher

DAY = 86_400.0
NOON = 1_772_366_400.0
"""2026-03-01 12:00 UTC, by day over the made-up city."""
SKY = (5.03, 47.32)
TRIPPED, FEEDING, IDLE = 3, 2, 1


def columns(*kinds: str, parents: Sequence[int] = (), areas: Sequence[int] = ()) -> Columns:
    """Assets of these types, 50 m apart on a line to the east."""
    n = len(kinds)
    names = np.array([f"X{i}" for i in range(n)], "O")
    return Columns(
        version=1,
        ids=np.arange(1, n + 1, dtype="i8"),
        external_ids=names,
        names=names,
        streets=names,
        lon=5.0 + np.arange(n) * 50 / 75_500,
        lat=np.full(n, 47.32),
        types=np.array([TYPE_ORDER.index(kind) for kind in kinds], "u1"),
        parents=np.array(parents or [-1] * n, "i4"),
        areas=np.array(areas or [1] * n, "i4"),
        periods=np.array([ASSET_TYPES[kind].period_s for kind in kinds], "f8"),
    )


def rule(condition: Condition, asset_type: str = "control_cabinet", **more: Any) -> Rule:
    return Rule(key=f"{asset_type}.x", domain="lighting", asset_type=asset_type, condition=condition, **more)


def changes(*rows: tuple[int, float, int]) -> Any:
    """CHANGES of (index, time, state code)."""
    return np.array([(i, t, 0, s) for i, t, s in rows], CHANGES)


def readings(*rows: tuple[int, float, float], slot: int = 0) -> Any:
    return np.array([(i, slot, t, v) for i, t, v in rows], READINGS)


def watching(one: Rule, city: Columns, at: float = NOON) -> Watcher:
    """A watcher that knows every asset to be idle at ``at``."""
    watcher = Watcher([one], city, Sky(*SKY))
    n = len(city)
    began = watcher.begin(at, np.ones(n, "u1"), np.full(n, IDLE, "u1"), np.full(n, at - DAY))
    assert len(began) == 0
    return watcher


def told(turns: Any) -> list[tuple[int, float, bool]]:
    return [(int(t["index"]), float(t["time"]) - NOON, bool(t["active"])) for t in turns]


def test_a_state_is_in_alarm_from_when_it_began_until_it_ended() -> None:
    watcher = watching(rule(StateIs(("breaker_tripped",))), columns("control_cabinet", "junction"))
    turns = watcher.take(
        changes((0, NOON + 5, TRIPPED), (1, NOON + 6, 3), (0, NOON + 9, FEEDING)), until=NOON + 10
    )
    assert told(turns) == [(0, 5, True), (0, 9, False)]
    assert turns["state"].tolist() == [TRIPPED, FEEDING]


def test_delays_leave_out_what_is_short() -> None:
    watcher = watching(
        rule(StateIs(("breaker_tripped",)), on_delay_s=10, off_delay_s=20), columns("control_cabinet")
    )
    short = changes((0, NOON + 1, TRIPPED), (0, NOON + 10, FEEDING))
    assert told(watcher.take(short, until=NOON + 100)) == []
    assert told(watcher.take(changes((0, NOON + 101, TRIPPED)), until=NOON + 105)) == []
    assert told(watcher.take(until=NOON + 120)) == [(0, 111, True)]
    flutter = changes((0, NOON + 130, FEEDING), (0, NOON + 140, TRIPPED), (0, NOON + 150, FEEDING))
    assert told(watcher.take(flutter, until=NOON + 160)) == []
    assert told(watcher.take(until=NOON + 200)) == [(0, 170, False)]


def test_a_late_change_does_not_undo_a_newer_one() -> None:
    watcher = watching(rule(StateIs(("breaker_tripped",))), columns("control_cabinet"))
    assert told(watcher.take(changes((0, NOON + 10, TRIPPED)), until=NOON + 10)) == [(0, 10, True)]
    assert told(watcher.take(changes((0, NOON + 5, FEEDING)), until=NOON + 11)) == []


def test_a_limit_is_over_a_deadband_inside_it() -> None:
    watcher = watching(rule(Beyond("power", above=12, deadband=2)), columns("control_cabinet"))
    values = [11, 13, 11, 12.5, 10, 11, 13]
    turns = watcher.take(readings=readings(*((0, NOON + i, v) for i, v in enumerate(values))), until=NOON + 9)
    assert told(turns) == [(0, 1, True), (0, 4, False), (0, 6, True)]
    assert turns["value"].tolist() == [13, 10, 13]


def test_a_limit_below_and_of_another_property_is_its_own() -> None:
    watcher = watching(rule(Beyond("voltage", below=207)), columns("control_cabinet"))
    turns = watcher.take(readings=readings((0, NOON + 1, 100)), until=NOON + 2)
    assert told(turns) == []
    assert told(watcher.take(readings=readings((0, NOON + 3, 200), slot=2), until=NOON + 4)) == [(0, 3, True)]


def test_a_rate_is_told_from_any_reading_within_the_time() -> None:
    watcher = watching(
        rule(Changing("power", within_s=60, rise=5)), columns("control_cabinet", "control_cabinet")
    )
    first = readings((0, NOON, 1), (1, NOON, 9), (0, NOON + 30, 3))
    assert told(watcher.take(readings=first, until=NOON + 30)) == []
    later = readings((0, NOON + 55, 6.5), (1, NOON + 70, 20), (0, NOON + 130, 7))
    assert told(watcher.take(readings=later, until=NOON + 130)) == [(0, 55, True), (0, 130, False)]


def test_one_value_for_too_long_is_stuck_and_any_other_ends_it() -> None:
    watcher = watching(rule(Stuck("power", for_s=100)), columns("control_cabinet", "control_cabinet"))
    same = readings(*((i, NOON + t, 4.0 * (1 - i)) for i in (0, 1) for t in (0, 50, 100, 150)))
    assert told(watcher.take(readings=same, until=NOON + 160)) == [(0, 100, True)], "0 may last"
    assert told(watcher.take(readings=readings((0, NOON + 200, 5)), until=NOON + 210)) == [(0, 200, False)]
    assert told(watcher.take(until=NOON + 310)) == [(0, 300, True)]


def test_silence_is_told_when_its_limit_passes_and_only_of_who_ever_spoke() -> None:
    watcher = watching(rule(Silent(periods=3)), columns("control_cabinet", "control_cabinet"))
    heard = np.array([NOON, 0.0])
    assert told(watcher.take(until=NOON + 180, heard=heard)) == []
    assert told(watcher.take(until=NOON + 181, heard=None)) == [], "not judged while nobody can tell"
    assert told(watcher.take(until=NOON + 190, heard=heard)) == [(0, 180, True)]
    heard[0] = NOON + 195
    assert told(watcher.take(until=NOON + 196, heard=heard)) == [(0, 195, False)]


def test_a_lamp_lit_by_day_is_told_when_the_sun_is_up_and_one_that_is_off_by_night() -> None:
    day = rule(Unexpected("day", ("on", "dimmed")), "streetlight")
    night = rule(Unexpected("night", ("off",)), "streetlight")
    watcher = Watcher([day, night], columns("streetlight"), Sky(*SKY))
    # Lit through the night of 2026-02-28 and on into the day; put out at noon; not lit again in the evening.
    began = watcher.begin(
        NOON - 8 * 3_600, np.full(1, 2, "u1"), np.full(1, 2, "u1"), np.full(1, NOON - 18 * 3_600)
    )
    assert len(began) == 0
    turns = watcher.take(changes((0, NOON, 1)), until=NOON + 10 * 3_600)
    by_day = [(t["rule"], bool(t["active"]), round((float(t["time"]) - NOON) / 3_600, 1)) for t in turns]
    # Sunrise at 06:19 UTC and sunset at 17:22 UTC there and then; half an hour of margin each.
    assert by_day == [(0, True, -5.2), (0, False, 0.0), (1, True, 5.9)]


def test_what_is_late_is_not_judged_by_a_sky_that_was_and_does_not_undo_what_is_newer() -> None:
    day = rule(Unexpected("day", ("on", "dimmed")), "streetlight")
    watcher = Watcher([day], columns("streetlight", "streetlight"), Sky(*SKY))
    hour = 3_600.0
    watcher.begin(NOON - 8 * hour, np.full(2, 1, "u1"), np.full(2, 1, "u1"), np.full(2, NOON - DAY))
    # The rule's day began at 06:49 UTC. That the first lamp was lit before it is known only afterwards, and
    # that the second was lit at ten only after it is known to be out since eleven.
    assert told(watcher.take(changes((1, NOON - hour, 1)), until=NOON)) == []
    late = changes((0, NOON - 6 * hour, 2), (1, NOON - 2 * hour, 2))
    assert told(watcher.take(late, until=NOON + 1)) == []
    # At the next edges the first is lit and the second is not.
    turns = told(watcher.take(until=NOON + DAY))
    assert [(index, round(at / hour, 1), on) for index, at, on in turns] == [(0, 18.8, True)]
    put_out = watcher.take(changes((0, NOON + DAY + hour, 1)), until=NOON + DAY + 2 * hour)
    assert told(put_out) == [(0, DAY + hour, False)]


def test_one_after_another_by_relation() -> None:
    city = columns("gateway", "camera", "access_point", parents=[-1, 0, -1])
    after = {"first_type": "gateway", "first": ("no_contact",), "then": ("no_image",), "within_s": 60}
    watcher = watching(rule(Following(relation="parent", **after), "camera"), city)  # type: ignore[arg-type]
    assert told(watcher.take(changes((1, NOON + 5, 3)), until=NOON + 6)) == [], "nothing before it"
    calm = changes((1, NOON + 7, 2), (0, NOON + 10, 4))
    assert told(watcher.take(calm, until=NOON + 20)) == []
    assert told(watcher.take(changes((1, NOON + 40, 3)), until=NOON + 50)) == [(1, 40, True)]
    assert told(watcher.take(changes((1, NOON + 60, 2)), until=NOON + 61)) == [(1, 60, False)]
    assert told(watcher.take(changes((1, NOON + 90, 3)), until=NOON + 91)) == [], "too long after"
    near = {"first_type": "camera", "first": ("no_image",), "then": ("forced",), "within_s": 60}
    watcher = watching(rule(Following(relation="near", near_m=60, **near), "access_point"), city)  # type: ignore[arg-type]
    turns = watcher.take(changes((1, NOON + 1, 3), (2, NOON + 9, 3)), until=NOON + 10)
    assert told(turns) == [(2, 9, True)]


def test_many_in_one_area_is_an_alarm_of_the_area() -> None:
    city = columns(*["streetlight"] * 5, areas=[7, 7, 7, 9, 7])
    watcher = watching(rule(Many(("lamp_failure",), least=3, within_s=60), "streetlight"), city)
    rows = changes((0, NOON, 4), (1, NOON + 50, 4), (3, NOON + 51, 4), (2, NOON + 70, 4), (4, NOON + 75, 4))
    turns = watcher.take(rows, until=NOON + 80)
    assert [(int(t["index"]), int(t["area"]), float(t["time"]) - NOON, bool(t["active"])) for t in turns] == [
        (-1, 7, 75.0, True)
    ]
    ended = watcher.take(changes((0, NOON + 90, 1), (1, NOON + 91, 1)), until=NOON + 99)
    assert [(int(t["area"]), float(t["time"]) - NOON, bool(t["active"])) for t in ended] == [(7, 91.0, False)]


def test_what_stands_is_adopted_and_what_changed_meanwhile_is_told() -> None:
    city = columns(*["control_cabinet"] * 4)
    watcher = Watcher([rule(StateIs(("breaker_tripped",)), on_delay_s=10)], city, Sky(*SKY))
    state = np.array([TRIPPED, FEEDING, TRIPPED, TRIPPED], "u1")
    since = np.array([NOON - 500, NOON - 40, NOON - 60, NOON - 4])
    turns = watcher.begin(NOON, np.zeros(4, "u1"), state, since, {(0, 0): NOON - 490, (0, 1): NOON - 300})
    assert told(turns) == [(2, -50, True), (1, -40, False)]
    assert told(watcher.take(until=NOON + 10)) == [(3, 6, True)]


KINDS: dict[str, Rule] = {
    "state": rule(StateIs(("breaker_tripped", "feeder_open")), on_delay_s=7, off_delay_s=5),
    "limit": rule(Beyond("power", above=6, deadband=2), on_delay_s=4),
    "rate": rule(Changing("power", within_s=20, rise=5, fall=6), off_delay_s=3),
    "stuck": rule(Stuck("power", for_s=25)),
    "day": rule(Unexpected("day", ("feeding",))),
    "following": rule(
        Following("control_cabinet", ("no_contact",), ("breaker_tripped",), 30, relation="near", near_m=60)
    ),
    "many": rule(Many(("breaker_tripped",), least=2, within_s=40)),
}
rows_ = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 120), st.sampled_from([1, 2, 3, 4, 5])),
    max_size=25,
    unique_by=lambda r: r[:2],
)
values_ = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 120), st.integers(0, 9)),
    max_size=25,
    unique_by=lambda r: r[:2],
)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=60, deadline=None)
@given(rows=rows_, values=values_, cuts=st.sets(st.integers(0, 150), max_size=5))
def test_pieces_say_what_the_whole_says(
    kind: str, rows: list[tuple[int, int, int]], values: list[tuple[int, int, int]], cuts: set[int]
) -> None:
    city = columns(*["control_cabinet"] * 3, areas=[1, 1, 2])

    def run(ends: list[int]) -> list[tuple[Any, ...]]:
        watcher = watching(KINDS[kind], city)
        said, start = [], 0
        for end in ends:
            some = changes(*((i, NOON + t, s) for i, t, s in rows if start < t <= end))
            read = readings(*((i, NOON + t, v) for i, t, v in values if start < t <= end))
            said += watcher.take(some, read, until=NOON + end).tolist()
            start = end
        return sorted(map(repr, said))  # type: ignore[arg-type]

    assert run([*sorted(cuts - {0}), 200]) == run([200])


@settings(max_examples=200, deadline=None)
@given(rows=rows_, on_s=st.integers(0, 20), off_s=st.integers(0, 20))
def test_states_with_delays_say_what_a_slow_walk_over_every_second_says(
    rows: list[tuple[int, int, int]], on_s: int, off_s: int
) -> None:
    city = columns(*["control_cabinet"] * 3)
    one = rule(StateIs(("breaker_tripped",)), on_delay_s=on_s, off_delay_s=off_s)
    turns = watching(one, city).take(changes(*((i, NOON + t, s) for i, t, s in rows)), until=NOON + 200)
    assert sorted(told(turns)) == sorted(_by_seconds(rows, on_s, off_s))


def _by_seconds(rows: list[tuple[int, int, int]], on_s: int, off_s: int) -> list[tuple[int, float, bool]]:
    """The same, told by looking at every second: a turn at t was held for its delay before t, and at t."""
    found = []
    for index in range(3):
        state = dict.fromkeys(range(-100, 201), False)
        for t in range(1, 201):
            here = [s for i, at, s in rows if i == index and at == t]
            state[t] = here[-1] == TRIPPED if here else state[t - 1]
        said = False
        for t in range(1, 201):
            if said != state[t] and all(
                state[b] == state[t] for b in range(t - (on_s if state[t] else off_s), t + 1)
            ):
                said = state[t]
                found.append((index, float(t), said))
    return found
