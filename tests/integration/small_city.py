"""A handful of assets with observations and states written by hand, for tests that recount them."""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, delete, insert

from geodata.area_days import fill_area_days
from geodata.partitions import ensure_partitions
from geodata.tables import (
    area,
    area_day,
    asset,
    datastream,
    dirty_batch,
    observation,
    state_change,
    state_keyframe,
)
from model.domains import DOMAIN_OF
from model.states import RECORD

PARIS = ZoneInfo("Europe/Paris")
SQUARE = "SRID=4326;MULTIPOLYGON((({0} 47, {1} 47, {1} 48, {0} 48, {0} 47)))"


def add_areas(connection: Connection, *names: str) -> None:
    """Communes numbered from 1, squares side by side."""
    for number, name in enumerate(names, 1):
        outline = SQUARE.format(4 + number, 5 + number)
        row = {"id": number, "kind": "commune", "code": str(number), "name": name, "source": "test"}
        connection.execute(insert(area).values(**row, geometry=outline))


def add_assets(connection: Connection, *kinds: tuple[str, int | None]) -> None:
    """Assets numbered from 1: (asset type, commune or None)."""
    for number, (kind, commune) in enumerate(kinds, 1):
        connection.execute(
            insert(asset).values(
                id=number,
                external_id=f"X-{number}",
                source="test",
                domain=DOMAIN_OF[kind].name,
                asset_type=kind,
                name=f"{kind} {number}",
                geometry=f"SRID=4326;POINT({5.1 + number / 100} 47.5)",
                commune_id=commune,
            )
        )


def add_streams(connection: Connection, *streams: tuple[int, str, int]) -> None:
    """Datastreams numbered from 1: (asset, observed property, period in seconds)."""
    for number, (owner, name, period_s) in enumerate(streams, 1):
        connection.execute(
            insert(datastream).values(
                id=number, asset_id=owner, observed_property=name, unit="kWh", period_s=period_s
            )
        )


def observe(connection: Connection, stream: int, values: Iterable[tuple[datetime, float]]) -> None:
    """Observations of a datastream, with their hours noted as dirty, as the recorder does."""
    rows = list(values)
    ensure_partitions(connection, min(at for at, _ in rows), max(at for at, _ in rows))
    connection.execute(
        insert(observation),
        [{"datastream_id": stream, "phenomenon_time": at, "result": value} for at, value in rows],
    )
    hours = {at.replace(minute=0, second=0, microsecond=0) for at, _ in rows}
    connection.execute(insert(dirty_batch), [{"bucket": hour, "streams": [stream]} for hour in hours])


def area_days_follow(engine: Engine, zone: ZoneInfo = PARIS) -> None:
    """Bring ``area_day`` to what a test wrote into ``area_hour`` by hand, as rolling up would have."""
    with engine.begin() as connection:
        connection.execute(delete(area_day))
        fill_area_days(connection, zone)


def change(connection: Connection, *rows: tuple[int, datetime, int, int]) -> None:
    """State changes: (asset, when, status, state)."""
    ensure_partitions(connection, min(r[1] for r in rows), max(r[1] for r in rows) + timedelta(days=1))
    keys = ("asset_id", "phenomenon_time", "status", "state")
    connection.execute(insert(state_change), [dict(zip(keys, row, strict=True)) for row in rows])


def keyframe(connection: Connection, at: datetime, states: dict[int, tuple[int, int]]) -> None:
    """A keyframe: asset to (status, state), each last seen at that instant."""
    records = np.zeros(len(states), RECORD)
    for row, number in enumerate(sorted(states)):
        records[row] = (*states[number], np.nan, int(at.timestamp()))
    connection.execute(
        insert(state_keyframe).values(
            at=at,
            asset_ids=zlib.compress(np.array(sorted(states), "<u4").tobytes()),
            records=zlib.compress(records.tobytes()),
        )
    )
