"""The hub on a real PostgreSQL and Redis: frames, resume, layouts, and where the picture comes from."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import numpy as np
import pytest
import redis
from sqlalchemy import Engine, text

from geodata.partitions import ensure_partitions
from model.states import CHANGE, CONSEQUENCE_BIT, Status
from services.live import Event, Hub, Ingest
from services.live.state import LiveState
from services.logs import new_trace
from tests.live_city import lay_out, seen, sent
from tests.waiting import begin, until

PATIENCE_S = 10.0
_A_FAULT = text(
    "INSERT INTO state_change (asset_id, phenomenon_time, status, state) VALUES (101, now(), 4, 4)"
)


@pytest.fixture
async def ingest(engine: Engine, redis_url: str) -> AsyncIterator[Ingest]:
    lay_out(engine)
    one = Ingest(engine, redis_url, shard="test")
    await begin(one)
    yield one
    await one.stop()


@pytest.fixture
async def hub(engine: Engine, redis_url: str, ingest: Ingest) -> AsyncIterator[Hub]:
    one = Hub(engine, redis_url, shard="test")
    await one.start()
    await until(lambda: one.source == "live")
    yield one
    await one.stop()


def index(hub: Hub, asset_id: int) -> int:
    assert hub.columns is not None
    return hub.columns.index_of(asset_id)


def changes(one: Event) -> dict[int, int]:
    """Index to code of a frame as a browser would read it."""
    coded = np.frombuffer(base64.b64decode(json.loads(one.data)["c"]), "<u4")
    return {int(c) >> 8: int(c) & 0xFF for c in coded}


async def next_of(events: AsyncIterator[Event], kind: str) -> Event:
    async with asyncio.timeout(PATIENCE_S):
        async for one in events:
            if one.kind == kind:
                return one
    raise AssertionError(f"no {kind} came")


async def test_a_fault_reaches_the_consoles(hub: Hub, ingest: Ingest) -> None:
    async with aclosing(hub.subscribe()) as events:
        await next_of(events, "beat")
        await ingest.submit("test", sent([seen("L-1", "lamp_failure")]))
        frame = await next_of(events, "frame")
        assert changes(frame)[index(hub, 101)] & 0x0F == Status.FAULT
        (notice,) = json.loads((await next_of(events, "notices")).data)
        assert (notice["id"], notice["from"], notice["to"], notice["state"]) == (
            "L-1", "unknown", "fault", "lamp_failure")  # fmt: skip
    assert hub.attention_version > 0


async def test_a_trace_is_followed_from_the_batch_to_the_frame(
    hub: Hub, ingest: Ingest, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "services.live.hub")
    live, trace = LiveState(redis_url, "test"), new_trace()
    change = np.array([(index(hub, 101), Status.FAULT, 4, 0, int(time.time()))], CHANGE)
    assert hub.columns is not None
    async with aclosing(hub.subscribe()) as events:
        await next_of(events, "beat")
        live.apply(hub.columns.version, change, int(time.time() * 1000), trace)
        sent_frame = await next_of(events, "frame")
    live.close()
    assert json.loads(sent_frame.data)["r"] == trace
    assert trace in {getattr(record, "trace", "") for record in caplog.records}


async def test_lamps_of_a_tripped_cabinet_are_consequences(hub: Hub, ingest: Ingest) -> None:
    dark = [seen(f"L-{n}", "no_supply") for n in range(1, 6)]
    await ingest.submit("test", sent([*dark, seen("A-1", "breaker_tripped")]))
    await until(lambda: hub.codes[index(hub, 101)] & CONSEQUENCE_BIT)
    await ingest.submit("test", sent([seen("A-1", "feeding", 1)]))
    await until(lambda: not hub.codes[index(hub, 101)] & CONSEQUENCE_BIT)


async def test_a_console_resumes_after_its_last_frame(hub: Hub, ingest: Ingest) -> None:
    before = hub.snapshot().sequence
    await ingest.submit("test", sent([seen("L-1", "on")]))
    await ingest.submit("test", sent([seen("L-2", "on")]))
    await until(lambda: hub.codes[index(hub, 102)] & 7 == Status.ACTIVE)
    got: dict[int, int] = {}
    async with aclosing(hub.subscribe(before)) as events:
        while len(got) < 2:
            got |= changes(await next_of(events, "frame"))
    assert got.keys() == {index(hub, 101), index(hub, 102)}
    async with aclosing(hub.subscribe("1-0")) as events:
        await next_of(events, "resync")


async def test_a_new_layout_is_announced_and_followed(hub: Hub, ingest: Ingest, engine: Engine) -> None:
    await ingest.submit("test", sent([seen("L-2", "lamp_failure")]))
    old = hub.snapshot()
    async with aclosing(hub.subscribe(old.sequence)) as events:
        with engine.begin() as connection:
            connection.execute(text("UPDATE asset SET removed_at = now() WHERE id = 101"))
            connection.execute(text("UPDATE layout SET version = version + 1"))
        reload = await next_of(events, "reload")
    assert json.loads(reload.data) == {"version": old.version + 1}
    await until(lambda: hub.source == "live")
    assert len(hub.codes) == len(old.codes) - 1
    assert hub.codes[index(hub, 102)] & 7 == Status.FAULT
    async with aclosing(hub.subscribe(old.sequence)) as events:
        await next_of(events, "resync")


async def test_a_flushed_redis_is_rebuilt_by_itself(hub: Hub, ingest: Ingest, redis_url: str) -> None:
    await ingest.submit("test", sent([seen("L-3", "lamp_failure")]))
    await until(lambda: hub.codes[index(hub, 103)] & 7 == Status.FAULT)
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    await until(lambda: client.exists("live:{test}:snap"), 5)
    client.close()
    await ingest.submit("test", sent([seen("L-3", "on", 5)]))
    await until(lambda: hub.codes[index(hub, 103)] & 7 == Status.ACTIVE, 5)
    assert hub.source == "live"


async def test_without_the_intake_the_picture_comes_from_the_database(
    hub: Hub, ingest: Ingest, engine: Engine
) -> None:
    await ingest.stop()
    await until(lambda: hub.source == "database", 5)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        ensure_partitions(connection, now, now)
        connection.execute(_A_FAULT)
    await until(lambda: hub.codes[index(hub, 101)] & 7 == Status.FAULT, 5)
