"""What moves, on the pages of a real web process: snapshot, panel and the map of a past instant."""

import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from geodata.assets import read_columns
from geodata.database import copying
from geodata.profiles import Bounds
from model.observations import Position
from model.states import Status
from services.live.live_positions import LivePositions
from services.live.moving import MOVE, judge_positions, store_positions
from tests.clock import began
from tests.integration.small_city import change
from tests.integration.test_hub import until
from tests.live_city import lay_out, lay_out_buses
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
OUT_OF_DUTY = 7


def at(asset: str, ago: float, lon: float) -> Position:
    return Position(asset, lon, 47.35, began() - timedelta(seconds=ago), 90.0, 18.0, "L1")


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """Two buses 150 m apart on line L1, and a third that went out of duty two minutes ago."""
    lay_out(engine)
    lay_out_buses(engine, 3)
    columns = read_columns(engine)
    seen = [at("BUS-1", 150, 5.049), at("BUS-1", 10, 5.05), at("BUS-2", 10, 5.052), at("BUS-3", 150, 5.06)]
    judged = judge_positions(columns, Bounds(4.9, 47.2, 5.2, 47.5), seen, time.time())
    with copying(engine) as connection, connection.cursor() as cursor:
        store_positions(cursor, columns, judged.accepted)
    with engine.begin() as connection:
        change(connection, (5_003, began() - timedelta(seconds=120), int(Status.OUT_OF_SERVICE), OUT_OF_DUTY))
    live = LivePositions(redis_url, "demo")
    live.rebuild(columns.version, np.zeros(0, MOVE), 1)
    live.apply(columns.version, judged.moves[:3], 1)
    live.close()
    async with open_room(database_url, redis_url) as opened:
        await until(lambda: len(opened.city.live.snapshot().moves) == 2)
        yield opened


def indices(room: Room, *assets: str) -> list[int]:
    return [room.city.live.columns.external_ids.tolist().index(asset) for asset in assets]


async def test_the_snapshot_has_those_on_duty_alone(room: Room) -> None:
    shot = (await room.client.get("/live/snapshot")).json()
    assert [row[0] for row in shot["moves"]] == indices(room, "BUS-1", "BUS-2")


async def test_the_panel_tells_line_speed_and_who_is_ahead(room: Room) -> None:
    body = json.dumps((await room.call("show_asset", "BUS-1", 0, 0, None, "en", ""))["response"]["room-body"])
    assert "on duty" in body and '"L1"' in body and "18 km/h" in body
    assert "BUS-2, 150 m, about 0.5 min, planned 7 min" in body
    assert "47.31" not in body


async def test_the_panel_of_one_out_of_duty_tells_nothing_but_that(room: Room) -> None:
    body = json.dumps((await room.call("show_asset", "BUS-3", 0, 0, None, "en", ""))["response"]["room-body"])
    assert "off duty, position hidden" in body
    assert "km/h" not in body and "47.3" not in body


async def test_a_past_instant_shows_them_where_they_were_then(room: Room) -> None:
    async def moves(ago: float) -> dict[int, list[float]]:
        asked = (began() - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
        answer = await room.client.get("/history/state", params={"at": asked})
        return {row[0]: row[4] for row in answer.json()["moves"]}

    first, second, third = indices(room, "BUS-1", "BUS-2", "BUS-3")
    assert {index: fixes[1] for index, fixes in (await moves(140)).items()} == {first: 5.049, third: 5.06}
    assert {index: fixes[1] for index, fixes in (await moves(5)).items()} == {first: 5.05, second: 5.052}
    assert await moves(115) == {first: [(began() - timedelta(seconds=150)).timestamp(), 5.049, 47.35]}
    assert await moves(3_600) == {}


async def test_a_search_tells_no_place(room: Room) -> None:
    found = (await room.client.get("/registry/search", params={"q": "BUS-3"})).json()
    assert found[0]["external_id"] == "BUS-3"
    assert not {"lon", "lat"} & set(found[0])
