"""Moving assets from Redis to the consoles: moves as events, trails in snapshots, and nobody outside duty."""

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import redis
from sqlalchemy import Connection, Engine, text

from geodata.assets import Columns, read_columns
from geodata.database import copying
from geodata.partitions import ensure_partitions
from geodata.profiles import Bounds
from model.observations import Position
from services.live import Event, Hub
from services.live.fleet import load_positions
from services.live.live_positions import LivePositions, position_keys
from services.live.moving import MOVE, Moves, judge_positions, store_positions
from tests.integration.test_hub import next_of
from tests.live_city import lay_out, lay_out_buses
from tests.waiting import until

pytestmark = pytest.mark.servers
NOWHERE = math.nan


@pytest.fixture
def columns(engine: Engine) -> Columns:
    lay_out(engine)
    lay_out_buses(engine, 3)
    return read_columns(engine)


@pytest.fixture
async def live(redis_url: str, columns: Columns) -> AsyncIterator[LivePositions]:
    one = LivePositions(redis_url, "test")
    one.rebuild(columns.version, np.zeros(0, MOVE), 1)
    yield one
    one.close()


@pytest.fixture
async def hub(engine: Engine, redis_url: str, live: LivePositions) -> AsyncIterator[Hub]:
    one = Hub(engine, redis_url, shard="test")
    await one.start()
    yield one
    await one.stop()


def move(columns: Columns, asset: str, time_: float, lon: float = 5.05) -> Moves:
    index = columns.external_ids.tolist().index(asset)
    return np.array([(index, time_, lon, 47.35, 90.0, 20.0, b"L1")], MOVE)


def said(one: Event) -> dict[int, list[object]]:
    return {row[0]: row for row in json.loads(one.data)["m"]}


async def test_a_move_reaches_the_consoles_without_an_id(
    hub: Hub, live: LivePositions, columns: Columns
) -> None:
    now = time.time()
    async with aclosing(hub.subscribe()) as events:
        await next_of(events, "beat")
        live.apply(columns.version, move(columns, "BUS-1", now - 5, 5.061234567), 1)
        one = await next_of(events, "moves")
    assert one.id == ""
    (row,) = said(one).values()
    assert row[1:4] == ["L1", 90.0, 20.0]
    assert row[4] == [round(now - 5, 1), 5.061235, 47.35]


async def test_a_snapshot_has_everybody_with_a_trail(hub: Hub, live: LivePositions, columns: Columns) -> None:
    now = time.time()
    for seconds in (300, 60, 30, 5):
        live.apply(columns.version, move(columns, "BUS-1", now - seconds), 1)
    live.apply(columns.version, move(columns, "BUS-2", now - 300), 1)
    await until(lambda: len(hub.snapshot().moves) == 2)
    first, second = hub.snapshot().moves
    assert [round(now - t) for t in first[4][::3]] == [60, 30, 5]
    assert [round(now - t) for t in second[4][::3]] == [300]


async def test_outside_duty_a_bus_is_in_no_payload(hub: Hub, live: LivePositions, columns: Columns) -> None:
    now = time.time()
    live.apply(columns.version, move(columns, "BUS-1", now - 5), 1)
    await until(lambda: hub.snapshot().moves)
    async with aclosing(hub.subscribe()) as events:
        live.apply(columns.version, move(columns, "BUS-1", now - 1, NOWHERE), 1)
        one = await next_of(events, "moves")
    assert list(said(one).values()) == [[int(move(columns, "BUS-1", 0)["index"][0]), "", None, None, []]]
    assert hub.snapshot().moves == []
    live.apply(columns.version, move(columns, "BUS-1", now - 3), 1)
    await asyncio.sleep(0.1)
    assert hub.snapshot().moves == []


async def test_the_geometry_does_not_tell_where_a_bus_is_registered(hub: Hub, columns: Columns) -> None:
    raw = hub.geometry().raw
    header = json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")])
    bus = next(kind for kind in header["types"] if kind["name"] == "bus")
    assert (bus["moving"], bus["period"]) == (True, 20)
    assert header["box"][0] >= 5.01 and header["box"][2] <= 5.04
    lon = columns.lon[columns.external_ids == "BUS-1"]
    assert lon == 5.01


async def test_another_process_starts_with_the_trails_of_redis(
    hub: Hub, live: LivePositions, columns: Columns, engine: Engine, redis_url: str
) -> None:
    now = time.time()
    for seconds in (40, 20, 3):
        live.apply(columns.version, move(columns, "BUS-3", now - seconds), 1)
    late = Hub(engine, redis_url, shard="test")
    await late.start()
    await until(lambda: late.snapshot().moves)
    assert len(late.snapshot().moves[0][4]) == 9
    await late.stop()


async def test_a_flushed_redis_keeps_the_picture_and_goes_on_when_refilled(
    hub: Hub, live: LivePositions, columns: Columns, redis_url: str
) -> None:
    now = time.time()
    live.apply(columns.version, move(columns, "BUS-1", now - 9), 1)
    await until(lambda: hub.snapshot().moves)
    with redis.Redis.from_url(redis_url) as client:
        client.delete(*position_keys("test"))
    live.rebuild(columns.version, move(columns, "BUS-1", now - 9), 1)
    live.apply(columns.version, move(columns, "BUS-1", now - 1), 1)
    await until(lambda: len(hub.snapshot().moves[0][4]) == 6)


async def test_without_redis_positions_come_from_the_database(engine: Engine, columns: Columns) -> None:
    now = datetime.now(UTC)
    seen = [
        Position("BUS-1", 5.05, 47.35, now - timedelta(seconds=20), line="L1"),
        Position("BUS-2", 5.06, 47.35, now - timedelta(seconds=20), line="L1"),
    ]
    judged = judge_positions(columns, Bounds(4.9, 47.2, 5.2, 47.5), seen, now.timestamp())
    with copying(engine) as connection, connection.cursor() as cursor:
        store_positions(cursor, columns, judged.accepted)
    with engine.begin() as connection:
        _out_of_duty(connection, 5_002, now - timedelta(seconds=5))
    assert columns.external_ids[load_positions(engine, columns)["index"]].tolist() == ["BUS-1"]
    hub = Hub(engine, "redis://127.0.0.1:1/0", shard="test")
    await hub.start()
    await until(lambda: hub.snapshot().moves)
    assert [row[0] for row in hub.snapshot().moves] == [columns.index_of(5_001)]
    await hub.stop()


def _out_of_duty(connection: Connection, asset_id: int, at: datetime) -> None:
    ensure_partitions(connection, at, at)
    connection.execute(
        text("INSERT INTO state_change (asset_id, phenomenon_time, status, state) VALUES (:id, :at, 7, 7)"),
        {"id": asset_id, "at": at},
    )
