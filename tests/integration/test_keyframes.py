"""Keyframes on a real database: what was stored is what is read back, from Redis or without it."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns
from geodata.profiles import read_profile
from model.states import Status
from services.live import Ingest, keep_history, load_state, write_keyframe
from services.live.keeping import keep_keyframe
from services.live.keyframes import sparse, thin_keyframes
from services.live.memory import blank_records
from tests.clock import began
from tests.live_city import lay_out, seen, sent
from tests.waiting import begin


async def filled(engine: Engine, redis_url: str) -> None:
    lay_out(engine)
    ingest = Ingest(engine, redis_url, shard="demo")
    await begin(ingest)
    await ingest.submit("test", sent([seen("L-1", "lamp_failure", 1), seen("L-2", 33.0, 2, "power")]))
    await ingest.submit("test", sent([seen("L-1", "lamp_failure", 30)]))
    await ingest.stop()


@pytest.mark.parametrize("redis_answers", [True, False])
async def test_a_keyframe_holds_the_live_state(engine: Engine, redis_url: str, redis_answers: bool) -> None:
    await filled(engine, redis_url)
    url = redis_url if redis_answers else "unix:///nowhere.sock"
    assert keep_keyframe(engine, url, read_profile("demo"), began()) == 9
    columns = read_columns(engine)
    lamp, other = columns.index_of(101), columns.index_of(102)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM state_change"))
    records = load_state(engine, columns).records
    assert records["status"][lamp] == Status.FAULT
    if redis_answers:
        assert records["time"][lamp] == int(seen("L-1", 0, 30).phenomenon_time.timestamp())
        assert records["value"][other] == 33


def test_old_keyframes_are_thinned_and_no_pause_gets_longer() -> None:
    began_at = datetime(2025, 10, 25, tzinfo=UTC)
    hours = [0, 1, 2, 3, 4, 5, 6, 7, 8, 20, 20.5, 21, 27, 34, 35, 36, 50]
    instants = [began_at + timedelta(hours=h) for h in hours]
    gone = sparse(instants)
    left = [at for at in instants if at not in gone]
    assert [(at - began_at) / timedelta(hours=1) for at in left] == [0, 6, 8, 20, 21, 27, 34, 36, 50]
    assert sparse(left) == []


def test_thinning_spares_the_last_thirty_days(engine: Engine) -> None:
    lay_out(engine)
    columns = read_columns(engine)
    now = began().replace(minute=0, second=0, microsecond=0)
    for hours in range(24 * 29, 24 * 32):
        write_keyframe(engine, columns, blank_records(len(columns)), now - timedelta(hours=hours))
    thin_keyframes(engine, now)
    with engine.connect() as connection:
        left = list(connection.scalars(text("SELECT at FROM state_keyframe ORDER BY at")))
    recent = [at for at in left if at >= now - timedelta(days=30)]
    assert len(recent) == 25
    assert len(left) - len(recent) in (8, 9, 10)
    assert max(b - a for a, b in pairwise(left)) <= timedelta(hours=6)


@pytest.mark.parametrize("redis_answers", [True, False])
async def test_a_keyframe_without_redis_says_that_it_heard_nobody(
    engine: Engine, redis_url: str, redis_answers: bool
) -> None:
    await filled(engine, redis_url)
    keep_keyframe(engine, redis_url if redis_answers else "unix:///no.sock", read_profile("demo"), began())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT heard FROM state_keyframe")) is redis_answers


async def test_the_newest_keyframe_then_the_changes(engine: Engine) -> None:
    lay_out(engine)
    columns = read_columns(engine)
    for minutes, status in ((10, Status.FAULT), (5, Status.ACTIVE)):
        records = blank_records(len(columns))
        records["status"] = status
        write_keyframe(engine, columns, records, began() - timedelta(minutes=minutes))
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET removed_at = now() WHERE id = 103"))
    smaller = read_columns(engine)
    loaded = load_state(engine, smaller)
    assert len(loaded.records) == len(columns) - 1
    assert set(loaded.records["status"].tolist()) == {Status.ACTIVE}


async def test_history_is_kept_until_asked_to_stop_and_once_more_then(engine: Engine, redis_url: str) -> None:
    await filled(engine, redis_url)
    stop = asyncio.Event()
    keeping = asyncio.create_task(
        keep_history(engine, redis_url, read_profile("demo"), stop, every=timedelta(milliseconds=200))
    )

    def stored() -> int:
        with engine.connect() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM state_keyframe")) or 0)

    async with asyncio.timeout(20):
        while await asyncio.to_thread(stored) < 2:
            await asyncio.sleep(0.05)
    before = stored()
    stop.set()
    async with asyncio.timeout(10):
        await keeping
    assert stored() > before
    month = datetime.now(UTC)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"state_change_{month:%Y_%m}"})
