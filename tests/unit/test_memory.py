"""Newest phenomenon_time wins, whatever the order of arrival; the history can be told from the rows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.observations import Quality
from model.states import RECORD, Status
from services.live.memory import CityMemory, Taken, blank_records, remember
from services.live.quality import JUDGED, STATE_SLOT
from tests.unit.live_columns import columns

CITY = columns(["streetlight", "streetlight", "control_cabinet"])
Seen = tuple[int, int, float]
"""Live index, state code, epoch s."""


def fresh() -> CityMemory:
    count = len(CITY)
    return remember(CITY, blank_records(count), np.zeros(count, "u4"), np.zeros(count, "f8"))


def take(memory: CityMemory, seen: Sequence[Seen], slot: int = STATE_SLOT, quality: int = 0) -> Taken:
    rows = [(row, index, slot, value, time, quality) for row, (index, value, time) in enumerate(seen)]
    return memory.take(np.array(rows, JUDGED))


states = st.tuples(st.integers(0, 2), st.sampled_from([1, 2, 3, 4, 6]), st.integers(1_000, 1_040).map(float))
instants = st.lists(states, max_size=30, unique_by=lambda seen: (seen[0], seen[2]))


@given(instants, st.randoms(use_true_random=False), st.integers(1, 7))
def test_any_order_and_any_batches_end_in_the_same_state(seen: list[Seen], dice: object, size: int) -> None:
    shuffled = list(seen)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    memory = fresh()
    for start in range(0, len(shuffled), size):
        take(memory, shuffled[start : start + size])
    for index in range(len(CITY)):
        ours = sorted((time, state) for place, state, time in seen if place == index)
        record = memory.records[index]
        assert (int(record["state"]), int(record["time"])) == (
            (ours[-1][1], int(ours[-1][0])) if ours else (0, 0)
        )


@given(instants)
def test_stored_rows_tell_the_state_at_every_instant_when_sent_in_order(seen: list[Seen]) -> None:
    memory, stored = fresh(), []
    for one in sorted(seen, key=lambda s: s[2]):
        stored += take(memory, [one]).array().tolist()
    for index, state, time in seen:
        rows = [row for row in stored if row[1] == index and row[2] <= time]
        assert max(rows, key=lambda row: row[2])[4] == state
    for before, after in pairwise([row for row in stored if row[1] == 0]):
        assert before[4] != after[4], "a state that repeats is not stored"


@given(instants)
def test_the_same_again_is_known(seen: list[Seen]) -> None:
    memory = fresh()
    take(memory, seen)
    before = memory.records.copy()
    again = take(memory, [max((s for s in seen if s[0] == n), key=lambda s: s[2]) for n, *_ in seen])
    assert len(again.known) == len(seen)
    assert memory.records.tobytes() == before.tobytes()


def test_at_equal_times_the_last_to_arrive_wins() -> None:
    memory = fresh()
    taken = take(memory, [(0, 4, 1_000.0), (0, 2, 1_000.0)])
    assert memory.records["state"][0] == 2
    assert (taken.known, [row[0] for row in taken.array().tolist()]) == ([0], [1])
    take(memory, [(0, 4, 1_000.0)])
    assert memory.records["status"][0] == Status.FAULT


def test_within_one_second_the_finer_time_wins() -> None:
    memory = fresh()
    take(memory, [(0, 2, 1_000.75)])
    take(memory, [(0, 4, 1_000.25)])
    assert memory.records["state"][0] == 2


def test_since_is_when_the_status_changed_not_the_state() -> None:
    memory = fresh()
    take(memory, [(0, 2, 1_000.0)])
    take(memory, [(0, 3, 1_010.0)])
    assert memory.since[0] == 1_000, "dimmed is as active as on"
    take(memory, [(0, 4, 1_020.0)])
    take(memory, [(0, 10, 1_030.0)])
    assert memory.since[0] == 1_020


def test_a_late_state_between_two_confirmations_is_stored_with_the_return_from_it() -> None:
    memory = fresh()
    take(memory, [(0, 2, 1_000.0)])
    take(memory, [(0, 2, 1_020.0)])
    taken = take(memory, [(0, 4, 1_010.0)])
    assert [row[2:] for row in taken.array().tolist()] == [
        (1_010.0, Status.FAULT, 4),
        (1_020.0, Status.ACTIVE, 2),
    ]
    assert memory.records["state"][0] == 2


def test_values_are_kept_by_their_own_time_and_bad_ones_only_prove_contact() -> None:
    memory = fresh()
    take(memory, [(0, 70, 1_010.0)], slot=0)
    take(memory, [(0, 65, 1_000.0)], slot=0)
    take(memory, [(0, 5, 1_020.0)], slot=0, quality=Quality.BAD)
    take(memory, [(0, 50, 1_030.0)], slot=1)
    assert memory.records["value"][0] == 70
    assert memory.records["time"][0] == 1_030, "dimming is not the main value, but it is news"
    take(memory, [(0, 4, 1_005.0)])
    assert memory.records["status"][0] == Status.FAULT, "a value's time does not hide a state"


def test_a_value_beyond_a_half_float_is_capped_not_infinite() -> None:
    memory = fresh()
    take(memory, [(0, 90_000, 1_000.0)], slot=0)
    assert memory.records["value"][0] == 65_504


def test_what_a_batch_did_can_be_taken_back() -> None:
    memory = fresh()
    before = memory.records.copy()
    saved = memory.save(np.array([0]))
    take(memory, [(0, 4, 1_000.0)])
    assert memory.records.tobytes() != before.tobytes()
    memory.put_back(saved)
    assert memory.records.tobytes() == before.tobytes()
    assert before.dtype == RECORD
