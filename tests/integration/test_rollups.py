"""Rollups equal a recount by SQL, on a day of 25 hours, a day with gaps, after late and corrected data."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, delete, select, text

from geodata.tables import area_hour, dirty_batch, observation, rollup_day, rollup_hour
from services.history import History, keep_rollups, roll_up_dirty, roll_up_states
from tests.integration.small_city import add_areas, add_assets, add_streams, change, keyframe, observe
from tests.integration.test_area_days import PARIS

pytestmark = pytest.mark.servers
LONG_DAY = date(2025, 10, 26)
START = datetime(2025, 10, 25, 22, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

RECOUNT = text(
    """
    SELECT count(*), sum(result), min(result), max(result) FROM observation
    WHERE datastream_id = ANY (:streams) AND phenomenon_time >= :t0 AND phenomenon_time < :t1
    """
)


@pytest.fixture
def metered(engine: Engine) -> Engine:
    """Two meters in commune 1 and one outside; 25 hours of quarters, six of them missing on stream 1."""
    random = np.random.default_rng(3)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("meter", 1), ("meter", 1), ("meter", None))
        add_streams(connection, (1, "energy", 900), (2, "energy", 900), (3, "energy", 900))
        for stream in (1, 2, 3):
            missing = set(range(8, 14)) if stream == 1 else set()
            observe(
                connection,
                stream,
                [
                    (START + QUARTER * q, float(random.integers(1, 90)))
                    for q in range(100)
                    if q not in missing
                ],
            )
    return engine


def _roll_up(engine: Engine) -> None:
    while roll_up_dirty(engine, PARIS, 40):
        pass


def test_the_long_day_equals_a_recount(metered: Engine) -> None:
    _roll_up(metered)
    with metered.connect() as connection:
        bounds = {"streams": [1], "t0": START, "t1": START + timedelta(hours=25)}
        expected = connection.execute(RECOUNT, bounds).one()
        found = connection.execute(
            select(rollup_day).where(rollup_day.c.datastream_id == 1, rollup_day.c.day == LONG_DAY)
        ).one()
    assert tuple(found[2:6]) == tuple(expected)
    assert found.coverage == pytest.approx(94 / 100)


def test_hours_of_an_area_equal_a_recount_and_count_the_silent(metered: Engine) -> None:
    _roll_up(metered)
    hour = START + timedelta(hours=2)
    with metered.connect() as connection:
        bounds = {"streams": [1, 2], "t0": hour, "t1": hour + timedelta(hours=1)}
        expected = connection.execute(RECOUNT, bounds).one()
        found = connection.execute(
            select(area_hour).where(area_hour.c.area_id == 1, area_hour.c.bucket == hour)
        ).one()
        outside = connection.execute(select(area_hour).where(area_hour.c.area_id == 0)).all()
    assert tuple(found[4:8]) == tuple(expected)
    assert found.coverage == pytest.approx(0.5)
    assert len(outside) == 25


def test_late_and_withdrawn_values_come_out_right(metered: Engine) -> None:
    _roll_up(metered)
    gap = START + timedelta(hours=2)
    with metered.begin() as connection:
        observe(connection, 1, [(gap, 500.0)])
        connection.execute(delete(observation).where(observation.c.datastream_id == 3))
        connection.execute(
            dirty_batch.insert(),
            [{"streams": [3], "bucket": START + timedelta(hours=h)} for h in range(25)],
        )
    _roll_up(metered)
    with metered.connect() as connection:
        hour = connection.execute(
            select(rollup_hour).where(rollup_hour.c.datastream_id == 1, rollup_hour.c.bucket == gap)
        ).one()
        left = connection.execute(
            text(
                "SELECT (SELECT count(*) FROM rollup_day WHERE datastream_id = 3), "
                "(SELECT count(*) FROM area_hour WHERE area_id = 0), (SELECT count(*) FROM dirty_batch)"
            )
        ).one()
    assert (hour.n, hour.sum, hour.coverage) == (1, 500.0, 0.25)
    assert tuple(left) == (0, 0, 0)


def test_series_choose_their_source_and_keep_gaps(metered: Engine) -> None:
    _roll_up(metered)
    history = History(metered, PARIS)
    end = START + timedelta(hours=25)
    raw = history.series(1, "energy", START, end)
    assert raw.source == "raw"
    assert int(np.isnan(raw.values).sum()) == 1
    assert raw.coverage == pytest.approx(0.94)
    hours = history.series(1, "energy", START - timedelta(days=10), end)
    assert hours.source == "hour"
    assert int(np.isfinite(hours.values).sum()) == 24
    days = history.series(1, "energy", START - timedelta(days=100), end)
    assert days.source == "day"
    with metered.connect() as connection:
        total = connection.execute(RECOUNT, {"streams": [1], "t0": START, "t1": end}).one()[1]
    assert np.nansum(hours.values) == np.nansum(days.values) == np.nansum(raw.values) == total


def test_the_week_before_lies_under_the_week_it_is_compared_with(metered: Engine) -> None:
    _roll_up(metered)
    history = History(metered, PARIS)
    now = history.area_series(
        1, "meter", "energy", START + timedelta(days=7, hours=1), START + timedelta(days=8, hours=1)
    )
    before = history.previous(now)
    wall = [datetime.fromtimestamp(t, PARIS).hour for t in before.times[np.isfinite(before.values)]]
    assert wall[0] == 0
    assert wall[-1] == 23
    assert before.times[0] == now.times[0]


def test_fault_share_is_the_share_of_known_time_in_fault(engine: Engine) -> None:
    hour = datetime(2025, 11, 3, 18, tzinfo=UTC)
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre")
        add_assets(connection, ("streetlight", 1), ("streetlight", 1), ("streetlight", 1), ("camera", 1))
        keyframe(connection, hour - timedelta(hours=1), {1: (2, 2), 2: (4, 4), 4: (2, 2)})
        change(
            connection,
            (1, hour + timedelta(minutes=15), 4, 4),
            (1, hour + timedelta(minutes=45), 5, 6),
            (2, hour + timedelta(minutes=30), 2, 3),
            (4, hour + timedelta(hours=1), 3, 3),
        )
    roll_up_states(engine, PARIS, hour)
    roll_up_states(engine, PARIS, hour)
    with engine.connect() as connection:
        rows = {(r.asset_type, r.observed_property): r for r in connection.execute(select(area_hour))}
    lamps = rows["streetlight", "fault_share"]
    assert (lamps.n, lamps.sum, lamps.min, lamps.max) == (2, 1.25, 0.5, 0.75)
    assert lamps.coverage == pytest.approx(2 / 3)
    assert rows["streetlight", "lit_share"].sum == 0.25 + 0.5
    assert rows["camera", "fault_share"].sum == 0.0
    assert ("camera", "lit_share") not in rows


async def test_the_keeper_rolls_up_what_is_dirty_and_stops(metered: Engine) -> None:
    stop = asyncio.Event()
    keeper = asyncio.create_task(keep_rollups(metered, PARIS, stop, every_s=0.05))
    async with asyncio.timeout(20):
        while await asyncio.to_thread(_dirty, metered):
            await asyncio.sleep(0.02)
        stop.set()
        await keeper


def _dirty(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM dirty_batch")) or 0)
