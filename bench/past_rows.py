"""A made-up past for the bench of the time machine: lamps four times a day, cabinets that trip, keyframes.

Cabinets switch at dusk and dawn and dim at night, each lamp within half a minute after its own; some sixty
cabinets a day trip and leave their lamps dark for an hour or two. 35,000 assets make 143,000 changes a day.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import psycopg
from sqlalchemy import Engine

from geodata.database import copying
from geodata.partitions import ensure_months
from model.states import RECORD, Status
from services.live.pgcopy import copy_bytes, microseconds

DAY_S, HOUR_S = 86_400, 3_600
TO_A_CABINET = 60
"""As ``bench.apply`` lays out: the first of so many assets is the cabinet of the others."""
SWITCHED = ((17 * 3600, 2), (22.5 * 3600, 2), (5.5 * 3600, 2), (7.2 * 3600, 1))
"""When the city switches, seconds of the day, and the state code; on, dimmed, on and off."""
SPREAD_S = 900.0
TRIPS = 60
HOURLY_DAYS = 30
"""As the keeper thins them; of a short past a quarter."""
SPARSE_H = 6

Rows = npt.NDArray[np.void]
ROW = np.dtype([("asset", "i8"), ("time", "f8"), ("status", "i2"), ("state", "i2")])


@dataclass(frozen=True)
class Made:
    """The past that was made: from ``t0`` to ``t1`` (aware), ``rows`` changes and ``frames`` keyframes."""

    t0: datetime
    t1: datetime
    rows: int
    frames: int


def make_past(engine: Engine, assets: int, days: int, seed: int = 7) -> Made:
    """Write ``days`` days up to the last midnight (UTC) for assets 1 to ``assets``."""
    t1 = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    t0 = t1 - timedelta(days=days)
    random = np.random.default_rng(seed)
    with engine.begin() as connection:
        ensure_months(connection, t0, t1 + timedelta(days=31))
    hourly = timedelta(days=min(HOURLY_DAYS, days // 4))
    city = _City(assets, t0.timestamp(), (t1 - hourly).timestamp())
    rows = 0
    with copying(engine) as connection:
        connection.execute("SET LOCAL synchronous_commit = off")
        connection.execute("SET LOCAL statement_timeout = 0")
        for day in range(days):
            changes = one_day(random, assets, t0.timestamp() + day * DAY_S)
            _write(connection, changes)
            city.live_through(connection, random, changes, t0.timestamp() + day * DAY_S)
            rows += len(changes)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE state_change")
        connection.exec_driver_sql("ANALYZE state_keyframe")
    return Made(t0, t1, rows, city.frames)


def one_day(random: np.random.Generator, assets: int, day: float) -> Rows:
    """The changes (ROW) of the day that begins at ``day`` (epoch s), in order of time."""
    ids = np.arange(1, assets + 1)
    cabinet = (ids - 1) // TO_A_CABINET
    parts = []
    for second, state in SWITCHED:
        lag = random.uniform(0, SPREAD_S, cabinet[-1] + 1)[cabinet]
        lag += np.where((ids - 1) % TO_A_CABINET, random.uniform(2, 28, assets), 0)
        status = Status.ACTIVE if state == SWITCHED[0][1] else Status.NORMAL
        parts.append(_rows(ids, day + second + lag, status, state))
    tripped = random.choice(cabinet[-1], TRIPS, replace=False)
    began = day + random.uniform(8 * HOUR_S, 22 * HOUR_S, TRIPS)
    ended = began + random.uniform(HOUR_S / 2, 1.5 * HOUR_S, TRIPS)
    for which, start, end in zip(tripped, began, ended, strict=True):
        fed = ids[cabinet == which]
        late = np.where(fed == fed[0], 0.0, random.uniform(0.2, 4, len(fed)))
        parts += [_rows(fed, start + late, Status.FAULT, 3), _rows(fed, end + late, Status.NORMAL, 1)]
    rows = np.concatenate(parts)
    rows["time"] = np.round(rows["time"], 3)
    return rows[np.lexsort((rows["asset"], rows["time"]))]


def _rows(ids: npt.NDArray[np.int64], times: npt.NDArray[np.float64], status: Status, state: int) -> Rows:
    rows = np.zeros(len(ids), ROW)
    rows["asset"], rows["time"], rows["status"], rows["state"] = ids, times, status, state
    return rows


def _write(connection: psycopg.Connection[tuple[object, ...]], rows: Rows) -> None:
    packed = copy_bytes(
        [(">i8", rows["asset"]), (">i8", microseconds(rows["time"])), (">i2", rows["status"]),
         (">i2", rows["state"]), (">i8", microseconds(rows["time"] + 1.0))]
    )  # fmt: skip
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY state_change (asset_id, phenomenon_time, status, state, received_at) "
            "FROM STDIN (FORMAT binary)"
        ) as copy,
    ):
        copy.write(packed)


class _City:
    """Every asset as it stands, for the keyframes: hourly of late, every six hours before."""

    def __init__(self, assets: int, t0: float, hourly_from: float) -> None:
        self.records = np.zeros(assets, RECORD)
        self.records["status"] = self.records["state"] = 1
        self.ids = zlib.compress(np.arange(1, assets + 1, dtype="<u4").tobytes())
        self.hourly_from = hourly_from
        self.frames = 0
        self._since = t0

    def live_through(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        random: np.random.Generator,
        changes: Rows,
        day: float,
    ) -> None:
        """Take the changes of ``day`` and write the keyframes that fall into it."""
        for at in self._instants(day):
            self._take(changes[(changes["time"] > self._since) & (changes["time"] <= at)])
            self._since = at
            self._frame(connection, random, at)
        self._take(changes[changes["time"] > self._since])
        self._since = day + DAY_S - 1e-9

    def _instants(self, day: float) -> Iterator[float]:
        step = 1 if day >= self.hourly_from else SPARSE_H
        return (day + hour * HOUR_S for hour in range(0, 24, step))

    def _take(self, changes: Rows) -> None:
        at = changes["asset"] - 1
        self.records["status"][at], self.records["state"][at] = changes["status"], changes["state"]

    def _frame(
        self, connection: psycopg.Connection[tuple[object, ...]], random: np.random.Generator, at: float
    ) -> None:
        """Each asset was heard within its last minute or so, and measured something."""
        self.records["time"] = (at - random.uniform(0, 50, len(self.records))).astype("u4")
        self.records["value"] = random.integers(0, 200, len(self.records))
        connection.execute(
            "INSERT INTO state_keyframe (at, asset_ids, records) VALUES (to_timestamp(%s), %s, %s)",
            (at, self.ids, zlib.compress(self.records.tobytes(), 1)),
        )
        self.frames += 1
