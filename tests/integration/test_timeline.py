"""The past against a brute-force replay of every change: never later, never guessed."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from model.errors import BadRequest
from model.states import Status
from services.history import History
from tests.integration.small_city import change, keyframe
from tests.integration.test_area_days import PARIS

pytestmark = pytest.mark.servers
T = datetime(2025, 11, 3, 6, tzinfo=UTC)


def _many_changes(seed: int, count: int) -> list[tuple[int, datetime, int, int]]:
    random = np.random.default_rng(seed)
    seconds = random.choice(24 * 3600, count, replace=False)
    return [
        (int(random.integers(1, 40)), T + timedelta(seconds=int(s)), int(random.integers(1, 8)), 2)
        for s in sorted(seconds)
    ]


@pytest.mark.parametrize("after_h", [0, 5.5, 12.01, 23.9])
def test_the_past_equals_a_replay_of_every_change(engine: Engine, after_h: float) -> None:
    rows = _many_changes(7, 600)
    first = {number: (1, 1) for number in range(1, 30)}
    at = T + timedelta(hours=after_h)
    middle = T + timedelta(hours=12)
    expected = dict(first)
    halfway = dict(first)
    for asset_id, when, status, state in rows:
        if when <= at:
            expected[asset_id] = (status, state)
        if when <= middle:
            halfway[asset_id] = (status, state)
    with engine.begin() as connection:
        keyframe(connection, T - timedelta(seconds=1), first)
        keyframe(connection, middle, halfway)
        change(connection, *rows)
    past = History(engine, PARIS).state_at(at)
    found = {
        int(i): (int(r["status"]), int(r["state"])) for i, r in zip(past.asset_ids, past.records, strict=True)
    }
    assert found == expected
    assert past.known == 1.0


def test_before_anything_was_received_the_past_is_unknown(engine: Engine) -> None:
    with engine.begin() as connection:
        keyframe(connection, T, {1: (4, 4)})
    past = History(engine, PARIS).state_at(T - timedelta(seconds=1))
    assert (len(past.asset_ids), past.known, past.evidence) == (0, 0.0, None)


def test_after_a_long_silence_the_last_known_state_is_not_the_past(engine: Engine) -> None:
    with engine.begin() as connection:
        keyframe(connection, T, {1: (4, 4), 2: (1, 1)})
    history = History(engine, PARIS)
    assert history.state_at(T + timedelta(hours=6)).known == 1.0
    late = history.state_at(T + timedelta(hours=8))
    assert late.known == 0.0
    assert set(late.records["status"]) == {Status.UNKNOWN}


def test_changes_are_half_open_and_in_order(engine: Engine) -> None:
    with engine.begin() as connection:
        change(
            connection,
            (2, T + timedelta(seconds=9.25), 4, 4),
            (1, T, 1, 1),
            (3, T + timedelta(seconds=20), 1, 1),
        )
    found = History(engine, PARIS).changes(T, T + timedelta(seconds=20))
    assert found.asset_ids.tolist() == [2, 3]
    assert found.times.tolist() == [T.timestamp() + 9.25, T.timestamp() + 20]


def test_density_counts_by_gravity_and_shows_quiet_steps(engine: Engine) -> None:
    with engine.begin() as connection:
        change(
            connection,
            *[
                (number, T + timedelta(minutes=1), status, 1)
                for number, status in enumerate((4, 4, 3, 5, 1, 2), 1)
            ],
            (9, T + timedelta(minutes=25), 4, 4),
            (9, T + timedelta(minutes=30), 4, 4),
        )
    density = History(engine, PARIS).change_density(T, T + timedelta(minutes=30), 600)
    assert density.times.tolist() == [T.timestamp() + s for s in (0, 600, 1200)]
    assert density.fault.tolist() == [2, 0, 1]
    assert (density.degraded[0], density.comms_lost[0], density.other[0]) == (1, 1, 2)


def test_a_naive_instant_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest):
        History(engine, PARIS).state_at(datetime(2025, 11, 3))  # noqa: DTZ001
