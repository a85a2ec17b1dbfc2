"""Packed hours of state changes: the same rows, also after late ones; the timeline counts by both alike."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, insert, text

from geodata.assets import read_columns
from geodata.tables import dirty_change_hour
from model.observations import Observation
from model.states import Status
from services.history import History
from services.history.past.change_hours import (
    AT_ONCE,
    keep_all_change_hours,
    keep_change_hours,
    pack,
    start_of,
    unpack,
)
from services.history.past.change_rows import Changes, read_changes
from services.history.past.change_shelf import ChangeShelf
from services.live import Ingest, Parsed
from tests.clock import began
from tests.integration.past_city import GAP, HOURS, T0, past_city
from tests.integration.small_city import change
from tests.integration.test_area_days import PARIS
from tests.live_city import lay_out
from tests.waiting import begin

pytestmark = pytest.mark.servers
END = T0 + timedelta(hours=HOURS)
LATER = END + timedelta(hours=2)
NAMES = ("asset_ids", "times", "status", "state")


def _same(left: Changes, right: Changes) -> None:
    for name in NAMES:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), name)


def _now() -> datetime:
    return datetime.now(UTC)


def test_an_hour_comes_out_as_it_was_packed() -> None:
    random, hour = np.random.default_rng(4), T0.timestamp()
    us = np.sort(random.integers(0, 3_600_000_000, 5_000))
    us[10:20] = us[10]
    times = (int(hour) * 1_000_000 + us) / 1e6
    ids = random.integers(1, 2**32 - 1, 5_000)
    made = Changes(ids, times, random.integers(0, 8, 5_000).astype("u1"), np.full(5_000, 255, "u1"))
    _same(unpack(pack(made, hour), hour), made)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_span_reads_the_same_from_packed_hours_as_from_rows(engine: Engine, seed: int) -> None:
    past_city(engine, seed)
    keep_all_change_hours(engine, LATER)
    random, shelf = np.random.default_rng(seed), ChangeShelf()
    with engine.begin() as connection:
        _dirty_some(connection, random)
        for _ in range(40):
            low, high = sorted(random.uniform(-4, HOURS + 4, 2))
            t0, t1 = (T0 + timedelta(hours=float(h)) for h in (low, high))
            _same(shelf.between(connection, t0, t1), read_changes(connection, t0, t1))
        on_the_hour = (T0 + timedelta(hours=2), T0 + timedelta(hours=5))
        _same(shelf.between(connection, *on_the_hour), read_changes(connection, *on_the_hour))
    assert shelf.bytes > 0


def _dirty_some(connection: Connection, random: np.random.Generator) -> None:
    """Change rows of packed hours as the recorder does: with the hour marked."""
    for back in random.choice(HOURS, 6, replace=False).tolist():
        hour = T0 + timedelta(hours=back)
        change(connection, (12, hour + timedelta(minutes=7, seconds=back), 4, 1))
        connection.execute(insert(dirty_change_hour).values(hour=hour))


def test_late_rows_are_packed_with_their_hour_anew(engine: Engine) -> None:
    past_city(engine, 5)
    keep_all_change_hours(engine, LATER)
    with engine.begin() as connection:
        _dirty_some(connection, np.random.default_rng(1))
    assert keep_change_hours(engine, LATER) == 6
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM dirty_change_hour")) == 0
        rows = connection.scalar(text("SELECT count(*) FROM state_change"))
        assert connection.scalar(text("SELECT sum(count) FROM change_hour")) == rows
        _same(ChangeShelf().between(connection, T0, END), read_changes(connection, T0, END))


def test_only_finished_hours_are_packed_newest_first(engine: Engine) -> None:
    now = start_of(_now()) + timedelta(minutes=9)
    this_hour = start_of(now)
    with engine.begin() as connection:
        change(connection, (12, now - timedelta(hours=30), 4, 1), (12, now - timedelta(minutes=1), 1, 1))
    assert keep_change_hours(engine, now) == AT_ONCE
    newest = text("SELECT max(hour) FROM change_hour")
    with engine.connect() as connection:
        assert connection.scalar(newest) == this_hour - timedelta(hours=2)
    keep_all_change_hours(engine, now + timedelta(minutes=1))
    with engine.connect() as connection:
        assert connection.scalar(newest) == this_hour - timedelta(hours=1)


# --- the timeline ----------------------------------------------------------------------------------------


def _by_hand(engine: Engine, t0: datetime, t1: datetime, step_s: int) -> dict[float, list[int]]:
    """Counts by step from every row, one at a time."""
    found: dict[float, list[int]] = {}
    with engine.connect() as connection:
        for at, status in connection.execute(text("SELECT phenomenon_time, status FROM state_change")):
            step = at.timestamp() // step_s * step_s
            if t0.timestamp() // step_s * step_s <= step < t1.timestamp():
                row = found.setdefault(step, [0, 0, 0, 0])
                row[{4: 0, 3: 1, 5: 2}.get(status, 3)] += 1
    return found


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("step_s", [60, 300, 600, 1_800, 7_200, 86_400])
def test_the_density_equals_a_count_of_every_row(engine: Engine, packed: bool, step_s: int) -> None:
    past_city(engine, 9)
    if packed:
        keep_all_change_hours(engine, LATER)
        with engine.begin() as connection:
            _dirty_some(connection, np.random.default_rng(3))
    t0, t1 = T0 + timedelta(hours=1, minutes=17, seconds=3), T0 + timedelta(hours=38, minutes=3)
    density = History(engine, PARIS).change_density(t0, t1, step_s)
    expected = _by_hand(engine, t0, t1, step_s)
    counts = np.column_stack([density.fault, density.degraded, density.comms_lost, density.other])
    shown = {float(t): row for t, row in zip(density.times, counts.tolist(), strict=True) if any(row)}
    assert shown == expected
    assert density.times[0] <= t0.timestamp() < density.times[0] + step_s


@pytest.mark.parametrize("packed", [False, True])
def test_gaps_are_where_nothing_was_recorded(engine: Engine, packed: bool) -> None:
    past_city(engine, 9)
    if packed:
        keep_all_change_hours(engine, LATER)
    found = History(engine, PARIS).timeline(T0 + timedelta(hours=2), T0 + timedelta(hours=55), 100)
    with engine.connect() as connection:
        marks = text(
            "SELECT max(at) FILTER (WHERE at <= :a), min(at) FILTER (WHERE at >= :b) FROM (SELECT at "
            "FROM state_keyframe UNION ALL SELECT phenomenon_time FROM state_change) m"
        )
        before, after = connection.execute(marks, {"a": GAP[0], "b": GAP[1]}).one()
    assert found.gaps == [(before.timestamp(), after.timestamp())]
    assert found.first == T0 - timedelta(hours=2)


# --- who writes into a finished hour ---------------------------------------------------------------------


async def test_what_comes_in_late_marks_its_hour_and_is_played_where_it_belongs(
    engine: Engine, redis_url: str
) -> None:
    lay_out(engine)
    ingest = Ingest(engine, redis_url, shard="test")
    await begin(ingest)
    now = began()
    await ingest.submit("test", Parsed([_state("L-1", "on", now - timedelta(hours=9))], []))
    keep_all_change_hours(engine, now)
    late = now - timedelta(hours=5)
    await ingest.submit("test", Parsed([_state("A-2", "breaker_tripped", late)], []))
    await ingest.submit("test", Parsed([_state("L-2", "on", now)], []))
    await ingest.stop()
    with engine.connect() as connection:
        assert list(connection.scalars(text("SELECT hour FROM dirty_change_hour"))) == [start_of(late)]
    columns, history = read_columns(engine), History(engine, PARIS)
    for packed_anew in (False, True):
        if packed_anew:
            assert keep_change_hours(engine, now) == 1
        shown = history.played(columns, late - timedelta(minutes=1), late + timedelta(minutes=1))
        assert [(int(i), int(c) & 7) for i, c in zip(shown.index, shown.codes, strict=True)] == [
            (columns.index_of(11), Status.FAULT)
        ]


def _state(asset: str, state: str, at: datetime) -> Observation:
    return Observation(asset, "state", state, at)
