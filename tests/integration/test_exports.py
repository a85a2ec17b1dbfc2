"""Exports over HTTP on a real database: what a file holds equals a recount by SQL, and reopens elsewhere."""

import io
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pandas
import pytest
import shapely
from sqlalchemy import Engine, text

from model.states import Status
from services.takeaway import table
from tests.alarms_made_up import add_alarm, add_rule
from tests.clock import began
from tests.integration.small_city import add_streams, change, keyframe, observe
from tests.live_city import lay_out
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
PARIS = ZoneInfo("Europe/Paris")
LAMPS = 5
TRIPPED, NO_SUPPLY, ON = 3, 10, 2
CABINET, DOOR, BLIND = "control_cabinet.tripped", "control_cabinet.open", "camera.blind"
READ = {
    "csv": lambda raw: pandas.read_csv(io.BytesIO(raw), comment="#", float_precision="round_trip"),
    "geojson": lambda raw: geopandas.read_file(io.BytesIO(raw)),
    "geoparquet": lambda raw: geopandas.read_parquet(io.BytesIO(raw)),
}


def trip() -> datetime:
    """When the cabinet trips: an hour before the test."""
    return began() - timedelta(hours=1)


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    """The small city with a name to trip over, a tripped cabinet, and a meter with a gap and a bad value."""
    lay_out(engine, LAMPS)
    fed = range(101, 101 + LAMPS)
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET name = :name WHERE id = 13"), {"name": '=A1+"x", été\n💡'})
        fine = dict.fromkeys([10, 11, 12, 13, *fed], (int(Status.ACTIVE), ON))
        keyframe(connection, trip() - timedelta(hours=1), fine)
        dark = [(lamp, trip(), int(Status.FAULT), NO_SUPPLY) for lamp in fed]
        change(connection, (10, trip(), int(Status.FAULT), TRIPPED), *dark)
        change(connection, (101, trip() + timedelta(minutes=30), int(Status.ACTIVE), ON))
        add_streams(connection, (13, "power", 900))
        readings = [(began() - timedelta(minutes=15 * n), 0.1 * n) for n in range(1, 40) if not 10 < n < 16]
        observe(connection, 1, readings)
        connection.execute(
            text("UPDATE observation SET quality = 1 WHERE phenomenon_time = :at"), {"at": readings[3][0]}
        )
    async with open_room(database_url, redis_url) as opened:
        yield opened


async def taken(room: Room, **asked: str) -> Any:
    """The file asked for, reopened."""
    answer = await room.client.get("/history/export", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="vigie-demo-')
    return READ[asked.get("format", "csv")](answer.content)


def epochs(column: Any) -> list[float]:
    return [at.timestamp() for at in pandas.to_datetime(column, utc=True)]


# --- series ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", READ)
async def test_a_series_equals_its_readings(room: Room, engine: Engine, kind: str) -> None:
    found = await taken(room, series="asset:M-1", p="1d", format=kind, lang="en")
    found = found[found["source"] == "raw"]
    there = found[found["value"].notna()]
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT extract(epoch FROM phenomenon_time)::float8, result, quality FROM reading ORDER BY 1"
            )
        ).all()
    assert epochs(there["time_utc"]) == [row[0] for row in rows]
    assert there["value"].tolist() == [row[1] for row in rows]
    assert there["quality"].tolist() == ["uncertain" if row[2] else "good" for row in rows]
    assert set(found["quality"]) == {"good", "uncertain", "gap"}
    assert epochs(found["time_local"]) == epochs(found["time_utc"])
    assert set(there["unit"]) == {"kWh"}
    if kind != "csv":
        assert all(found.geometry == shapely.Point(5.04, 47.34))


async def test_names_that_bite_are_harmless_in_a_csv_and_whole_elsewhere(room: Room) -> None:
    name = '=A1+"x", été\n💡'
    sheet = await taken(room, series="asset:M-1", p="1d")
    assert set(sheet["place"]) == {f"'{name}"}
    places = await taken(room, series="asset:M-1", p="1d", format="geoparquet")
    assert set(places["place"]) == {name}


@pytest.mark.parametrize("kind", READ)
async def test_an_empty_answer_still_says_what_was_asked(room: Room, kind: str) -> None:
    asked = {"series": "asset:M-1", "t0": "2020-01-01", "t1": "2020-01-02", "format": kind, "lang": "en"}
    answer = await room.client.get("/history/export", params=asked)
    told = answer.content.decode("utf-8", "replace")
    for part in ("2020-01-01T00:00:00+01:00", "Europe/Paris", "CC0 1.0", "Invented city"):
        assert part in told
    found = READ[kind](answer.content)
    assert found.empty or not found["value"].notna().any()


async def test_an_area_carries_its_outline(room: Room) -> None:
    found = await taken(room, series="area:1:meter:power", p="1d", format="geojson")
    assert len(found)
    assert found.geometry.iloc[0].equals(shapely.box(5.0, 47.3, 5.1, 47.4))


# --- the state of an instant -----------------------------------------------------------------------------


def at(minutes: float) -> str:
    """An instant ``minutes`` after the trip, as the address writes it."""
    return (trip() + timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize("kind", READ)
async def test_the_state_of_an_instant_equals_the_last_change_of_each(
    room: Room, engine: Engine, kind: str
) -> None:
    found = await taken(room, at=at(40), format=kind)
    with engine.connect() as connection:
        last = dict(
            connection.execute(
                text(
                    "SELECT DISTINCT ON (a.id) a.external_id, c.status FROM asset a "
                    "LEFT JOIN state_change c ON c.asset_id = a.id AND c.phenomenon_time <= :at "
                    "ORDER BY a.id, c.phenomenon_time DESC"
                ),
                {"at": trip() + timedelta(minutes=40)},
            ).all()
        )
    expected = {name: Status(status or Status.ACTIVE).key for name, status in last.items()}
    assert dict(zip(found["asset"], found["status"], strict=True)) == expected
    dark = found[found["consequence"]]
    assert sorted(dark["asset"]) == ["L-2", "L-3", "L-4", "L-5"]
    assert set(dark["parent"]) == {"A-1"}
    if kind != "csv":
        lamp = found[found["asset"] == "L-2"].iloc[0]
        assert (lamp.geometry.x, lamp.geometry.y) == pytest.approx((lamp["lon"], lamp["lat"]), abs=1e-7)


@pytest.mark.parametrize("kind", READ)
async def test_the_state_of_an_instant_tells_the_alarms_then_open(
    room: Room, engine: Engine, kind: str
) -> None:
    camera = {"id": 20, "name": "CAM-1"}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry) VALUES "
                "(:id, :name, 'test', 'surveillance', 'camera', :name, "
                "ST_SetSRID(ST_MakePoint(5.02, 47.33), 4326))"
            ),
            camera,
        )
        connection.execute(text("UPDATE layout SET version = version + 1"))
        for key, domain in ((CABINET, "lighting"), (DOOR, "lighting"), (BLIND, "surveillance")):
            add_rule(connection, key, trip(), priority=1 if key == CABINET else 3, domain=domain)
        add_alarm(connection, CABINET, trip(), asset=10)
        add_alarm(connection, DOOR, trip(), asset=10)
        add_alarm(connection, DOOR, trip() + timedelta(minutes=50), asset=11)
        over = trip() + timedelta(minutes=20)
        add_alarm(connection, BLIND, trip(), asset=camera["id"], returned=over, acknowledged=over)
    found = await taken(room, at=at(40), format=kind)
    told = {row["asset"]: (row["open_alarms"], row["worst_priority"]) for _, row in found.iterrows()}
    assert told["A-1"] == (2, 1)
    quiet = [asset for asset, (count, worst) in told.items() if count == 0 and pandas.isna(worst)]
    assert sorted(quiet) == sorted(set(told) - {"A-1"}), "raised later, or a protected record that is closed"


async def test_the_filters_of_the_map_reach_the_file(room: Room) -> None:
    cause = await taken(room, at=at(40), statuses="fault", domains="lighting", area="1")
    assert cause["asset"].tolist() == ["A-1"]
    assert len(await taken(room, at=at(40), domains="traffic")) == 1
    assert len(await taken(room, at=at(40), area="99")) == 0


# --- between two instants --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", READ)
async def test_the_changes_between_two_instants_equal_the_table(
    room: Room, engine: Engine, kind: str
) -> None:
    found = await taken(room, a=at(-5), b=at(60), what="changes", format=kind)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT extract(epoch FROM c.phenomenon_time)::float8, a.external_id, c.status "
                "FROM state_change c JOIN asset a ON a.id = c.asset_id ORDER BY c.phenomenon_time, a.id"
            )
        ).all()
    told = zip(epochs(found["time_utc"]), found["asset"], found["status"], strict=True)
    assert list(told) == [(row[0], row[1], Status(row[2]).key) for row in rows]


@pytest.mark.parametrize("kind", READ)
async def test_the_difference_is_the_histories_own(room: Room, kind: str) -> None:
    found = await taken(room, a=at(-5), b=at(60), format=kind)
    told = (await room.client.get("/history/difference", params={"a": at(-5), "b": at(60)})).json()
    rows = [(r["external_id"], r["kind"], r["from"], r["to"]) for r in told["rows"]]
    columns = (found[name] for name in ("asset", "difference", "status_a", "status_b"))
    assert list(zip(*columns, strict=True)) == rows
    assert found["difference"].tolist().count("came_and_went") == 1
    assert epochs(found["at_utc"]) == [r["at"] for r in told["rows"]]


async def test_too_many_changes_are_refused_in_the_readers_language(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("services.takeaway.changes_table"), "MOST_ROWS", 3)
    asked = {"a": at(-5), "b": at(60), "what": "changes", "lang": "fr"}
    answer = await room.client.get("/history/export", params=asked)
    assert answer.status_code == 400
    assert "un seul secteur" in answer.json()["error"]["message"]


async def test_filtered_changes_are_counted_as_they_come(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table.bounded, "__defaults__", (3, 30.0))
    asked = {"a": at(-5), "b": at(60), "what": "changes", "domains": "lighting", "lang": "en"}
    answer = await room.client.get("/history/export", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "toomuch")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"at": "yesterday"},
        {"at": "2026-11-01T20:00:00"},
        {"a": "2026-11-02T00:00:00Z", "b": "2026-11-01T00:00:00Z"},
        {"a": "2026-01-01T00:00:00Z", "b": "2026-11-01T00:00:00Z"},
        {"at": "now", "format": "xlsx"},
    ],
)
async def test_what_cannot_be_asked_is_said(room: Room, asked: dict[str, str]) -> None:
    answer = await room.client.get("/history/export", params=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "badrequest")
    assert "⟦" not in answer.text


async def test_geojson_is_one_collection_with_its_label_first(room: Room) -> None:
    answer = await room.client.get(
        "/history/export", params={"at": at(40), "format": "geojson", "lang": "en"}
    )
    found = json.loads(answer.content)
    assert list(found) == ["type", "takeaway", "columns", "features"]
    assert found["takeaway"]["coverage"] == "1.0000"
    assert answer.headers["content-type"] == "application/geo+json"
    coordinates = np.array([feature["geometry"]["coordinates"] for feature in found["features"]])
    assert (np.abs(coordinates[:, 0] - 5) < 1).all()
