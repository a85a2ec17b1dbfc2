"""The ingest on a real PostgreSQL and Redis: what is accepted is durable, counted and shown."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns
from model.states import Status
from services.live import Ingest, Reject, load_state
from services.live.state import LiveState
from tests.live_city import lay_out, seen


@pytest.fixture
async def ingest(engine: Engine, redis_url: str) -> AsyncIterator[Ingest]:
    lay_out(engine)
    one = Ingest(engine, redis_url, shard="test")
    await one.start()
    yield one
    await one.stop()


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_what_is_sent_is_stored_counted_and_shown(
    ingest: Ingest, engine: Engine, redis_url: str
) -> None:
    receipt = await ingest.submit(
        "test",
        [
            seen("L-1", "lamp_failure"),
            seen("L-1", 0.0, what="power"),
            seen("nobody", "on"),
            seen("A-1", 999.0, what="power"),
        ],
        [Reject(1, "malformed", "{}")],
    )
    assert (receipt.received, receipt.stored, receipt.duplicate, receipt.rejected) == (5, 2, 0, 3)
    assert [(r.row, r.reason) for r in receipt.rejects] == [
        (1, "malformed"), (3, "unknown_asset"), (4, "out_of_range")]  # fmt: skip
    assert (count(engine, "observation"), count(engine, "state_change"), count(engine, "reject")) == (1, 1, 3)
    assert count(engine, "dirty_hour") == 1
    snap = LiveState(redis_url, "test").read()
    assert snap is not None
    lamp = read_columns(engine).index_of(101)
    assert snap.records["status"][lamp] == Status.FAULT
    assert snap.records["value"][lamp] == 0


async def test_the_same_batch_twice_changes_nothing(ingest: Ingest, engine: Engine) -> None:
    batch = [seen("L-1", "on"), seen("L-1", 70.0, what="power"), seen("L-2", "off")]
    await ingest.submit("test", batch)
    again = await ingest.submit("test", batch)
    assert (again.stored, again.duplicate) == (0, 3)
    assert (count(engine, "observation"), count(engine, "state_change")) == (1, 2)


async def test_a_repetition_inside_one_batch_is_counted(ingest: Ingest, engine: Engine) -> None:
    batch = [seen("L-1", 70.0, what="power")] * 3 + [seen("L-2", "on")] * 2
    receipt = await ingest.submit("test", batch)
    assert (receipt.stored, receipt.duplicate) == (2, 3)


async def test_the_database_tells_the_state_and_since_when(ingest: Ingest, engine: Engine) -> None:
    await ingest.submit("test", [seen("L-1", "on", 1)])
    await ingest.submit("test", [seen("L-1", "lamp_failure", 2)])
    await ingest.submit("test", [seen("L-1", "no_supply", 3), seen("L-1", "no_supply", 9)])
    columns = read_columns(engine)
    loaded = load_state(engine, columns)
    lamp = columns.index_of(101)
    assert loaded.records["status"][lamp] == Status.FAULT
    assert loaded.since[lamp] == int(seen("L-1", 0, 2).phenomenon_time.timestamp())
    assert np.isclose(loaded.rows[lamp], seen("L-1", 0, 3).phenomenon_time.timestamp())
