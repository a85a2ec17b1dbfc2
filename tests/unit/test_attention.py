"""What needs somebody: causes with their consequences, worst and newest first."""

import numpy as np

from model.states import Freshness, Status, display_codes
from services.live import Attention, attention
from services.live.memory import blank_records
from tests.unit.live_columns import columns

KINDS = ["control_cabinet", "streetlight", "streetlight", "streetlight", "junction", "camera", "building"]
CITY = columns(KINDS, parents=[-1, 0, 0, -1, -1, -1, -1], areas=[1, 1, 1, 2, 2, 2, 0])
SINCE = np.array([50, 60, 60, 70, 80, 90, 95], "u4")


def look(given: list[Status], /, **filters: object) -> Attention:
    status = np.array(given, "u1")
    codes = display_codes(status, CITY.parents, np.full(len(CITY), Freshness.LATE, "u1"))
    records = blank_records(len(CITY))
    records["status"] = status
    records["state"][0] = 3
    return attention(CITY, records, codes, SINCE, 100.0, **filters)  # type: ignore[arg-type]


N, F, D, L = Status.NORMAL, Status.FAULT, Status.DEGRADED, Status.COMMS_LOST


def test_a_cause_is_listed_once_with_its_consequences_counted() -> None:
    seen = look([F, F, F, N, N, N, N])
    (row,) = seen.rows
    assert (row.external_id, row.consequences, row.priority, row.state) == ("X-0", 2, 1, "breaker_tripped")
    assert (row.asset_type, row.domain, row.freshness) == ("control_cabinet", "lighting", Freshness.LATE)
    assert (seen.total, seen.consequences, seen.by_status[F]) == (1, 2, 1)


def test_lamps_without_a_cause_stand_for_themselves_at_the_lowest_priority() -> None:
    seen = look([D, F, N, F, N, N, N])
    assert [(r.index, r.priority, r.consequences) for r in seen.rows] == [(0, 2, 0), (3, 4, 0), (1, 4, 0)]


def test_worst_first_then_newest() -> None:
    seen = look([N, N, N, N, F, L, F])
    assert [(r.index, r.priority) for r in seen.rows] == [(4, 1), (5, 2), (6, 3)]
    assert [r.index for r in look([L, N, N, N, F, N, N]).rows] == [4, 0], "fault before lost contact"
    assert [r.index for r in look([F, N, N, N, F, N, N]).rows] == [4, 0], "the newer of two alike"


def test_known_and_planned_is_no_attention() -> None:
    assert (
        look([Status.MAINTENANCE, Status.OUT_OF_SERVICE, N, Status.ACTIVE, Status.UNKNOWN, N, N]).rows == ()
    )


def test_filters_and_what_they_count() -> None:
    all_of_it = [F, F, N, F, D, L, N]
    assert [r.index for r in look(all_of_it, domains=["traffic"]).rows] == [4]
    assert [r.index for r in look(all_of_it, area=2).rows] == [4, 5, 3]
    chosen = look(all_of_it, statuses=["fault"])
    assert [r.index for r in chosen.rows] == [0, 3]
    assert chosen.by_status == {F: 2, D: 1, L: 1}, "the filter shows what it hides"
    assert chosen.by_priority == {1: 1, 2: 0, 3: 0, 4: 1}
    limited = look(all_of_it, limit=1)
    assert (len(limited.rows), limited.total) == (1, 4)


def test_a_clock_ahead_gains_no_place() -> None:
    ahead = SINCE.copy()
    ahead[0] = 4_000_000_000
    status = np.array([F, N, N, N, F, N, N], "u1")
    codes = display_codes(status, CITY.parents, np.zeros(len(CITY), "u1"))
    rows = attention(CITY, blank_records(len(CITY)), codes, ahead, 80.0).rows
    assert [row.index for row in rows] == [0, 4], "alike at 'now', in the order of the layout"
