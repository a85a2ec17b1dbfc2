"""The picture of a web process: newest wins, freshness ages, and what is worth telling."""

import numpy as np

from model.domains import ASSET_TYPES
from model.states import CHANGE, CONSEQUENCE_BIT, FRESHNESS_SHIFT, Freshness, Status
from services.live.keyframes import Loaded
from services.live.memory import blank_records
from services.live.notices import MOST, notices
from services.live.picture import Picture, attention_moved
from tests.unit.live_columns import columns

NOW = 1_800_000_000


def picture(kinds: list[str], parents: list[int] | None = None) -> Picture:
    count = len(kinds)
    records = blank_records(count)
    records["status"], records["state"], records["time"] = Status.ACTIVE, 2, NOW - 10
    loaded = Loaded(records, np.full(count, NOW - 1_000, "u4"), np.zeros(count, "f8"))
    return Picture(columns(kinds, parents), loaded, NOW)


def change(index: int, status: int, state: int, time: int) -> tuple[int, int, int, float, int]:
    return index, status, state, 0.0, time


def apply(one: Picture, *changes: tuple[int, int, int, float, int]) -> None:
    one.apply(np.array(list(changes), CHANGE))


def test_older_changes_and_unknown_indices_are_passed_over() -> None:
    one = picture(["streetlight", "streetlight"])
    apply(one, change(0, 4, 4, NOW - 5), change(1, 4, 4, NOW - 11), change(9, 4, 4, NOW))
    assert one.records["status"].tolist() == [Status.FAULT, Status.ACTIVE]
    assert one.since.tolist() == [NOW - 5, NOW - 1_000]
    indices, before = one.redraw(NOW)
    assert (indices.tolist(), before[0], one.codes[0]) == ([0], Status.ACTIVE, Status.FAULT)


def test_a_whole_state_never_takes_the_picture_back() -> None:
    one = picture(["streetlight", "streetlight"])
    whole = one.records.copy()
    whole["time"][:] = NOW - 20, NOW - 5
    whole["status"] = Status.DEGRADED
    one.refresh(whole)
    assert one.records["status"].tolist() == [Status.ACTIVE, Status.DEGRADED]


def test_changes_of_the_database_are_taken_in_their_order() -> None:
    one = picture(["streetlight", "streetlight"])
    one.turn([(100, Status.NORMAL, 1, NOW - 2_000.0), (101, Status.FAULT, 4, NOW - 3.0), (555, 4, 4, NOW)])
    assert one.records["status"].tolist() == [Status.ACTIVE, Status.FAULT]
    assert (one.since[1], one.records["time"][1]) == (NOW - 3, NOW - 3)
    one.turn([(101, Status.FAULT, 10, NOW - 2.0)])
    assert (one.since[1], one.records["state"][1]) == (NOW - 3, 10)


def test_what_is_not_heard_of_ages_and_a_silent_type_is_named() -> None:
    one = picture(["control_cabinet", "streetlight"])
    period = ASSET_TYPES["control_cabinet"].period_s
    later = NOW - 10 + 3 * period + 1
    assert one.late_feeds(later - 2) == []
    (late,) = one.late_feeds(later)
    assert (late["type"], late["last"], late["period"]) == ("control_cabinet", NOW - 10, period)
    indices, _ = one.redraw(later)
    assert indices.tolist() == [0]
    assert one.codes[0] >> FRESHNESS_SHIFT == Freshness.STALE


def test_attention_moves_with_what_is_abnormal_and_with_nothing_else() -> None:
    codes = np.array([1, 4, 4 | CONSEQUENCE_BIT, 4 | Freshness.STALE << FRESHNESS_SHIFT], "u1")
    at = np.array([0])

    def moved(old: int, new: int) -> bool:
        return attention_moved(at, codes[[old]], codes[[new]])

    assert moved(0, 1)
    assert moved(1, 2)
    assert not moved(1, 3), "a fault that is not heard of is the same fault"
    assert not attention_moved(at, np.array([1], "u1"), np.array([2], "u1")), "a lamp is switched on"


def told(one: Picture, *changes: tuple[int, int, int, float, int]) -> list[dict[str, object]]:
    apply(one, *changes)
    indices, before = one.redraw(NOW)
    return notices(one.columns, one.records, before, one.codes, indices)


def test_the_ten_most_severe_are_told() -> None:
    one = picture(["streetlight"] * 30 + ["junction"])
    changes = [change(n, 3, 5, NOW) for n in range(15)] + [change(n, 4, 4, NOW) for n in range(15, 31)]
    first, *rest = told(one, *changes)
    assert (first["id"], first["from"], first["to"], first["state"]) == ("X-30", "active", "fault", "dark")
    assert len(rest) == MOST - 1
    assert {each["to"] for each in rest} == {"fault"}


def test_switching_and_consequences_are_not_told_and_recovery_is() -> None:
    one = picture(["control_cabinet", "streetlight", "streetlight"], [-1, 0, -1])
    assert told(one, change(2, Status.NORMAL, 1, NOW)) == []
    tripped = told(one, change(0, 4, 3, NOW), change(1, 4, 10, NOW))
    assert [each["id"] for each in tripped] == ["X-0"]
    mended = told(one, change(0, 2, 2, NOW + 1), change(1, 2, 2, NOW + 1))
    assert [(each["id"], each["to"]) for each in mended] == [("X-0", "active")]


def test_what_is_out_of_service_is_no_late_feed() -> None:
    one = picture(["bus", "bus", "streetlight"])
    later = NOW + 4 * ASSET_TYPES["bus"].period_s
    assert [late["type"] for late in one.late_feeds(later)] == ["bus"]
    apply(one, *(change(index, Status.OUT_OF_SERVICE, 7, NOW) for index in (0, 1)))
    assert one.late_feeds(later) == []
