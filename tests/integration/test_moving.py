"""Positions in a real PostGIS and a real Redis: stored once, kept as long as the rule says, newest wins."""

import math
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import psycopg
import pytest
import redis
from sqlalchemy import Engine, text

from geodata.assets import Columns, read_columns
from geodata.database import copying
from geodata.positions import keep_positions, positions_between
from geodata.profiles import Bounds
from geodata.retention import apply_rules
from geodata.retention_rules import RetentionRule
from model.errors import Unavailable
from model.observations import Position
from services.live.fleet import load_positions, open_fleet
from services.live.live_positions import LivePositions, position_keys
from services.live.moving import MOVE, Moves, judge_positions, store_positions
from services.live.state import LayoutMissing
from tests.clock import began
from tests.live_city import lay_out, lay_out_buses

pytestmark = pytest.mark.servers
BOUNDS = Bounds(4.9, 47.2, 5.2, 47.5)


@pytest.fixture
def city(engine: Engine) -> Columns:
    lay_out(engine)
    lay_out_buses(engine, 3)
    return read_columns(engine)


@pytest.fixture
def live(redis_url: str) -> Iterator[LivePositions]:
    one = LivePositions(redis_url, "test")
    yield one
    one.close()


def at(asset: str, ago: float, lon: float = 5.05, **told: object) -> Position:
    return Position(asset, lon, 47.35, began() - timedelta(seconds=ago), line="L1", **told)  # type: ignore[arg-type]


def store(engine: Engine, city: Columns, *positions: Position) -> list[int]:
    judged = judge_positions(city, BOUNDS, positions, began().timestamp())
    with copying(engine) as connection, connection.cursor() as cursor:
        return store_positions(cursor, city, judged.accepted)


def stored(engine: Engine, days: float = 30) -> list[tuple[object, ...]]:
    return [tuple(row) for row in positions_between(engine, began() - timedelta(days=days), began())]


def test_positions_are_stored_once_however_often_they_come(engine: Engine, city: Columns) -> None:
    batch = (
        at("BUS-1", 20, bearing=90.0, speed=21.5),
        at("BUS-2", 20),
        at("BUS-1", 20, lon=5.06),
        at("BUS-1", 5),
    )
    assert store(engine, city, *batch) == [2]
    assert store(engine, city, *batch) == [0, 1, 2, 3]
    assert store(engine, city) == []
    rows = stored(engine)
    assert len(rows) == 3
    assert rows[0][1:] == (began().timestamp() - 20, 5.05, 47.35, 90.0, 21.5, "L1")
    assert rows[1][4:6] == (None, None)


def test_a_batch_that_fails_leaves_nothing(engine: Engine, city: Columns) -> None:
    judged = judge_positions(city, BOUNDS, [at("BUS-1", 5)], began().timestamp())
    with pytest.raises(psycopg.Error), copying(engine) as connection, connection.cursor() as cursor:
        store_positions(cursor, city, judged.accepted)
        cursor.execute("SELECT 1/0")
    assert stored(engine) == []


def test_late_positions_make_the_day_they_need(engine: Engine, city: Columns) -> None:
    assert store(engine, city, at("BUS-1", 6 * 86_400), at("BUS-1", 5)) == []
    assert len(stored(engine)) == 2


def test_what_is_older_than_the_rule_is_dropped_by_the_day(engine: Engine, city: Columns) -> None:
    store(engine, city, at("BUS-1", 86_400), at("BUS-1", 5))
    kept = keep_positions(engine, began())
    assert kept.dropped == []
    assert f"position_{began() + timedelta(days=2):%Y_%m_%d}" in kept.made
    assert keep_positions(engine, began()).made == []
    later = keep_positions(engine, began() + timedelta(days=62))
    assert f"position_{began() - timedelta(days=1):%Y_%m_%d}" in later.dropped
    assert f"position_{began():%Y_%m_%d}" in later.dropped
    assert stored(engine) == []


def test_nothing_within_two_months_is_dropped(engine: Engine, city: Columns) -> None:
    store(engine, city, at("BUS-1", 5))
    within = began() + timedelta(days=57)
    assert keep_positions(engine, within).dropped == []
    assert len(stored(engine)) == 1


def test_the_city_may_decide_on_less(engine: Engine, city: Columns) -> None:
    rule = RetentionRule("vehicle_positions", "3 days", "décision du délégué", "Ville")
    assert apply_rules(engine, [rule]) == 1
    assert apply_rules(engine, [rule]) == 0
    store(engine, city, at("BUS-1", 5 * 86_400), at("BUS-1", 5))
    keep_positions(engine, began())
    assert len(stored(engine)) == 1
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT keep, basis, decided_by FROM retention_rule WHERE class = 'vehicle_positions'")
        ).one()
    assert tuple(row) == (timedelta(days=3), "décision du délégué", "Ville")


def test_the_newest_are_read_back(engine: Engine, city: Columns) -> None:
    store(engine, city, at("BUS-1", 40), at("BUS-1", 10, lon=5.06), at("BUS-2", 3_000), at("BUS-3", 15))
    moves = load_positions(engine, city, began())
    assert [str(city.external_ids[i]) for i in moves["index"]] == ["BUS-1", "BUS-3"]
    assert moves["lon"].tolist() == [5.06, 5.05]
    assert math.isnan(moves["speed"][0])
    assert open_fleet(engine, city, BOUNDS).latest["index"].tolist() == moves["index"].tolist()


# Redis ------------------------------------------------------------------------------------------------------


def move(index: int, time: float, lon: float = 5.05) -> Moves:
    return np.array([(index, time, lon, 47.35, 90.0, 20.0, b"L1")], MOVE)


def known(live: LivePositions) -> dict[int, tuple[float, float]]:
    read = live.read()
    assert read is not None
    return {int(m["index"]): (float(m["time"]), float(m["lon"])) for m in read.moves}


def test_the_newest_position_wins_and_only_news_is_streamed(live: LivePositions, redis_url: str) -> None:
    live.rebuild(3, move(1, 100.0), 1)
    assert live.apply(3, np.concatenate([move(1, 99.0), move(1, 101.0, 5.06), move(2, 50.0)]), 2) == 2
    assert live.apply(3, move(1, 101.0, 5.09), 3) == 0
    assert known(live) == {1: (101.0, 5.06), 2: (50.0, 5.05)}
    with redis.Redis.from_url(redis_url) as client:
        entries = client.xrange(position_keys("test").moves)
    assert [len(fields[b"d"]) // MOVE.itemsize for _, fields in entries] == [0, 2]


def test_who_is_gone_stays_gone_until_something_newer(live: LivePositions) -> None:
    live.rebuild(3, move(1, 100.0), 1)
    assert live.apply(3, move(1, 100.0, math.nan), 2) == 1
    assert live.apply(3, move(1, 100.0), 3) == 0
    assert live.apply(3, move(1, 99.0), 3) == 0
    assert math.isnan(known(live)[1][1])
    assert live.apply(3, move(1, 110.0), 4) == 1
    assert known(live)[1] == (110.0, 5.05)


def test_a_flushed_redis_and_another_layout_ask_for_a_rebuild(live: LivePositions, redis_url: str) -> None:
    with pytest.raises(LayoutMissing):
        live.apply(3, move(1, 100.0), 1)
    assert live.read() is None
    live.rebuild(3, move(1, 100.0), 1)
    with pytest.raises(LayoutMissing):
        live.apply(4, move(1, 100.0), 1)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    with pytest.raises(LayoutMissing):
        live.apply(3, move(1, 101.0), 1)
    live.rebuild(4, np.zeros(0, MOVE), 1)
    assert known(live) == {}


def test_a_redis_that_is_away_is_said_at_once() -> None:
    away = LivePositions("redis://127.0.0.1:1/0", "test")
    with pytest.raises(Unavailable):
        away.apply(1, move(1, 1.0), 1)
    away.close()
