"""Keyframes on a real database: what was stored is what is read back, from Redis or without it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns
from geodata.profiles import read_profile
from model.states import Status
from services.live import Ingest, keep_history, load_state, write_keyframe
from services.live.keeping import keep_keyframe
from services.live.memory import blank_records
from tests.clock import began
from tests.live_city import lay_out, seen, sent


async def filled(engine: Engine, redis_url: str) -> None:
    lay_out(engine)
    ingest = Ingest(engine, redis_url, shard="demo")
    await ingest.start()
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
        assert connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"observation_{month:%Y_%m}"})
