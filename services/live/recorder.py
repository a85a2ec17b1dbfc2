"""The recorder: a plan into the history, in one transaction, by COPY.

Values go to ``observation``, turned states to ``state_change``, positions to ``position``, refused items to
``dead_letter``; hours that changed are noted in ``dirty_batch``, and every item in its feed's account. A
plan that was written already is recognised by its id and changes nothing, not even a count.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import Columns
from geodata.database import plain_url
from geodata.deadlines import Hope, PatientConnection, patient
from geodata.partitions import ensure_months, ensure_observation_days, month_start
from model.errors import Unavailable
from model.observations import moment
from services.live.accounts import store_accounts
from services.live.keyframes import places
from services.live.lease import Lease
from services.live.lessening import ever_less, only
from services.live.letters import store_letters
from services.live.moving import store_positions
from services.live.pgcopy import array_bytes, copy_bytes, microseconds
from services.live.plan import Plan
from services.live.streams import Streams

log = logging.getLogger(__name__)
Cursor = psycopg.Cursor[Any]
Rows = npt.NDArray[np.void]

PATIENCE_S = 3.0
"""A database that lives may take this long for a batch; one that hangs is given up by its pulse, sooner."""
DRAIN_PATIENCE_S = 10.0
DAY_S = 86_400
WARY_BATCHES = 30
_STORED: tuple[LiteralString, ...] = (
    "datastream_id", "phenomenon_time", "result", "quality", "received_at",
)  # fmt: skip
_LOCK_SHARE = 0.3
"""Of the patience, for a lock somebody else holds."""
_OPTIONS = "-c timezone=UTC -c statement_timeout={ms} -c lock_timeout={lock} -c synchronous_commit=on"
"""An answer of 200 means durable, whatever the server's default."""

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS arriving
    (row integer, datastream_id integer, phenomenon_time timestamptz, result float8, quality smallint)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS arriving_states
    (row integer, asset_id bigint, phenomenon_time timestamptz, status smallint, state smallint)
    ON COMMIT DELETE ROWS;
"""
_SETTLE = "INSERT INTO settled_batch (id, received_at) VALUES (%s, to_timestamp(%s)) ON CONFLICT DO NOTHING"
_STORE_VALUES = """
INSERT INTO observation (datastream_id, phenomenon_time, result, quality, received_at)
SELECT datastream_id, phenomenon_time, result, quality, to_timestamp(%s) FROM arriving ON CONFLICT DO NOTHING
"""
_KNOWN_VALUES = """
SELECT row FROM arriving a JOIN observation o USING (datastream_id, phenomenon_time)
WHERE o.received_at <> to_timestamp(%s)
"""
_STORE_STATES = """
WITH stored AS (
    INSERT INTO state_change (asset_id, phenomenon_time, status, state)
    SELECT asset_id, phenomenon_time, status, state FROM arriving_states
    ON CONFLICT (asset_id, phenomenon_time) DO UPDATE SET status = excluded.status, state = excluded.state,
        received_at = excluded.received_at
    WHERE state_change.state <> excluded.state RETURNING asset_id, phenomenon_time
)
SELECT row FROM arriving_states a WHERE row >= 0 AND NOT EXISTS
    (SELECT FROM stored s WHERE (s.asset_id, s.phenomenon_time) = (a.asset_id, a.phenomenon_time))
"""
_MARK_HOURS = """
INSERT INTO dirty_change_hour (hour)
SELECT DISTINCT date_trunc('hour', phenomenon_time) FROM arriving_states
WHERE date_trunc('hour', phenomenon_time) + interval '65 minutes' < now()
"""
"""Packed hours are made from ten minutes after their end on (services/history/past/change_hours.py)."""
_RAW = """
UPDATE observation SET raw = %s, raw_unit = %s
WHERE datastream_id = %s AND phenomenon_time = %s AND received_at = to_timestamp(%s)
"""


@dataclass
class Written:
    """What became of a plan: rows the history already had, and rows it refused with the reason."""

    repeated: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


class Recorder:
    """Writes plans through one connection of its own. Not for several threads at once."""

    def __init__(
        self, engine: Engine, lease: Lease, hope: Hope = lambda: True, patience_s: float = PATIENCE_S
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._hope = hope
        self._patience_s = patience_s
        self._connection: PatientConnection | None = None
        self._streams: Streams | None = None
        self._months: set[datetime] = set()
        self._days: set[float] = set()
        self._wary = 0

    def write(self, plan: Plan, columns: Columns) -> Written:
        """Store ``plan`` durably; its assets are looked up in ``columns`` by their ids.

        Raises Unavailable when the database is away, hangs, or another process holds the lease; nothing is
        stored then. What the database refuses as data is found by halves, and the rest stored; where no value
        is to blame, less and less of the plan is tried.
        """
        try:
            return self._write(plan, columns)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            # The layout may have changed under us: read the datastreams anew before the next try.
            log.warning(
                "batch %s was refused as data (%s); looking for the row", plan.id, type(error).__name__
            )
            self.close()
            return self._without_poison(plan, columns)
        except (psycopg.Error, SQLAlchemyError) as error:
            self.close()
            raise Unavailable(f"the database is away: {type(error).__name__}") from None

    def _without_poison(self, plan: Plan, columns: Columns) -> Written:
        self._months.clear()
        self._days.clear()
        try:
            # A day may have been archived, and its partition dropped, since we made sure of it.
            self._ensure_partitions(plan)
            keep, refused = self._healthy(plan, columns)
            for rest, left_out in ever_less(only(plan, keep)):
                try:
                    written = self._write(rest, columns, refused + left_out)
                except (psycopg.DataError, psycopg.IntegrityError) as error:
                    log.warning("batch %s is still refused (%s); less of it is tried", plan.id, error)
                else:
                    return Written(written.repeated, refused + left_out)
        except (psycopg.Error, SQLAlchemyError) as error:
            self.close()
            raise Unavailable(f"the database refuses: {type(error).__name__}") from None
        raise Unavailable("the database refuses even the count of a batch")

    def _healthy(self, plan: Plan, columns: Columns) -> tuple[npt.NDArray[np.bool_], list[tuple[int, str]]]:
        """Which of the plan's values the database takes, and (row, why) of those it does not."""
        keep = np.ones(len(plan.values), "?")
        refused: list[tuple[int, str]] = []
        doubtful = [np.arange(len(plan.values))]
        while doubtful:
            some = doubtful.pop()
            why = self._refusal(plan, some, columns) if len(some) else None
            if why is None:
                continue
            if len(some) == 1:
                keep[some] = False
                refused.append((int(plan.values["row"][some[0]]), why))
            else:
                doubtful += np.array_split(some, 2)
        return keep, refused

    def _refusal(self, plan: Plan, some: npt.NDArray[np.intp], columns: Columns) -> str | None:
        """Try only these values and take them back; why they are refused, None when they are not."""
        connection = self._open()
        try:
            self._ensure_streams(plan.values[some], plan.value_ids[some], columns)
            with connection.transaction(force_rollback=True), connection.cursor() as cursor:
                self._values(cursor, plan.values[some], plan.value_ids[some], plan.received_at, columns)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            return type(error).__name__
        return None

    def _write(self, plan: Plan, columns: Columns, refused: Sequence[tuple[int, str]] = ()) -> Written:
        connection = self._open()
        self._ensure_partitions(plan)
        self._ensure_streams(plan.values, plan.value_ids, columns)
        with connection.transaction(), connection.cursor() as cursor:
            self._lease.check(cursor)
            if cursor.execute(_SETTLE, (plan.id, plan.received_at)).rowcount == 0:
                return Written()
            repeated = self._values(cursor, plan.values, plan.value_ids, plan.received_at, columns)
            repeated += self._states(cursor, plan)
            repeated += self._positions(cursor, plan, columns)
            self._raws(cursor, plan, columns)
            store_letters(cursor, plan.letters, plan.id, plan.received_at)
            store_accounts(cursor, plan, repeated, refused)
        return Written(repeated)

    @property
    def connection(self) -> PatientConnection:
        """Its connection, for small questions between plans; Unavailable when the database is away."""
        try:
            return self._open()
        except psycopg.Error as error:
            self.close()
            raise Unavailable(f"the database is away: {type(error).__name__}") from None

    def close(self) -> None:
        """Let go of the connection; the next write opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._streams = None

    def _open(self) -> PatientConnection:
        if self._connection is None or self._connection.closed:
            url = plain_url(self._engine.url.render_as_string(hide_password=False))
            options = _OPTIONS.format(
                ms=int(self._patience_s * 900), lock=int(self._patience_s * 1000 * _LOCK_SHARE)
            )
            kind = patient(self._patience_s, self._hope)
            opened = kind.connect(url, autocommit=True, connect_timeout=2, options=options)
            opened.execute(_STAGING)
            self._connection = opened
        return self._connection

    def _ensure_partitions(self, plan: Plan) -> None:
        """Partitions of every day and month the plan touches; older than thirteen months was refused."""
        days = np.unique(plan.values["time"] // DAY_S) * DAY_S
        months = {
            month_start(moment(at).astimezone(UTC)) for at in np.unique(plan.states["time"] // DAY_S) * DAY_S
        }
        missing = [at for at in days.tolist() if at not in self._days]
        if not missing and months <= self._months:
            return
        with self._engine.begin() as connection:
            for at in missing:
                ensure_observation_days(connection, moment(at), moment(at))
            for month in months - self._months:
                ensure_months(connection, month, month)
        self._days.update(missing)
        self._months |= months

    def _ensure_streams(self, values: Rows, ids: npt.NDArray[np.int64], columns: Columns) -> None:
        """Make the datastreams that are missing, outside the transaction: one that is rolled back must not
        leave us with the ids of datastreams there are none of."""
        if len(values):
            self._streams_of(columns).ids(places(columns, ids), values["slot"])

    def _streams_of(self, columns: Columns) -> Streams:
        if self._streams is None or self._streams.columns is not columns:
            self._streams = Streams(self._open(), columns)
        return self._streams

    def _values(
        self, cursor: Cursor, values: Rows, ids: npt.NDArray[np.int64], received_at: float, columns: Columns
    ) -> list[int]:
        """Store values and mark their hours; the rows that were known."""
        if not len(values):
            return []
        streams = self._streams_of(columns).ids(places(columns, ids), values["slot"])
        first, again = _first_of_each(streams, values["time"])
        once, stream = values[first], streams[first]
        repeated = [int(row) for row in values["row"][again]]
        if not self._at_once(cursor, once, stream, received_at):
            repeated += self._by_staging(cursor, once, stream, received_at)
        _copy(cursor, "dirty_batch", _dirty(stream, once["time"]), ("bucket", "streams"))
        return repeated

    def _at_once(
        self, cursor: Cursor, values: Rows, streams: npt.NDArray[np.int32], received_at: float
    ) -> bool:
        """Copy values straight into the history; False, and nothing was done, where one was known already.

        Twice as fast as through the staging table. After a repetition the next batches do not try: senders
        that repeat go on repeating for a while.
        """
        if self._wary:
            self._wary -= 1
            return False
        received = np.full(len(values), received_at)
        rows = copy_bytes(
            [(">i4", streams), (">i8", microseconds(values["time"])), (">f8", values["value"]),
             (">i2", values["quality"]), (">i8", microseconds(received))]
        )  # fmt: skip
        try:
            with cursor.connection.transaction():
                _copy(cursor, "observation", rows, _STORED)
        except psycopg.errors.UniqueViolation:
            self._wary = WARY_BATCHES
            return False
        return True

    def _by_staging(
        self, cursor: Cursor, once: Rows, stream: npt.NDArray[np.int32], received_at: float
    ) -> list[int]:
        """Store values some of which may be known; the rows that were."""
        rows = copy_bytes(
            [(">i4", once["row"]), (">i4", stream), (">i8", microseconds(once["time"])),
             (">f8", once["value"]), (">i2", once["quality"])]
        )  # fmt: skip
        _copy(cursor, "arriving", rows)
        stored = cursor.execute(_STORE_VALUES, (received_at,)).rowcount
        if stored == len(once):
            return []
        return [int(row[0]) for row in cursor.execute(_KNOWN_VALUES, (received_at,)).fetchall()]

    def _states(self, cursor: Cursor, plan: Plan) -> list[int]:
        states = plan.states
        if not len(states):
            return []
        rows = copy_bytes(
            [(">i4", states["row"]), (">i8", plan.state_ids), (">i8", microseconds(states["time"])),
             (">i2", states["status"]), (">i2", states["state"])]
        )  # fmt: skip
        _copy(cursor, "arriving_states", rows)
        cursor.execute(_MARK_HOURS)
        return [int(row[0]) for row in cursor.execute(_STORE_STATES).fetchall()]

    def _positions(self, cursor: Cursor, plan: Plan, columns: Columns) -> list[int]:
        at = places(columns, plan.position_ids) if len(plan.positions) else np.zeros(0, "i8")
        known = plan.positions[at >= 0].copy()
        known["index"] = at[at >= 0]
        return store_positions(cursor, columns, known)

    def _raws(self, cursor: Cursor, plan: Plan, columns: Columns) -> None:
        """What was sent, beside the values the door converted."""
        if not plan.raws:
            return
        place = {int(row): at for at, row in enumerate(plan.values["row"].tolist())}
        at = [place[row] for row, _, _ in plan.raws if row in place]
        some = plan.values[at]
        streams = self._streams_of(columns).ids(places(columns, plan.value_ids[at]), some["slot"])
        raws = [(raw, unit) for row, raw, unit in plan.raws if row in place]
        cursor.executemany(
            _RAW,
            [
                (raw, unit, int(stream), moment(time), plan.received_at)
                for (raw, unit), stream, time in zip(raws, streams, some["time"].tolist(), strict=True)
            ],
        )


def _dirty(streams: npt.NDArray[np.int32], times: npt.NDArray[np.float64]) -> bytes:
    """The rows of ``dirty_batch``: each hour, with the datastreams that have something new in it."""
    hours = (times // 3_600).astype("i8")
    found = [(hour, np.unique(streams[hours == hour])) for hour in np.unique(hours)]
    return array_bytes([(hour * 3_600.0, some) for hour, some in found])


def _first_of_each(
    streams: npt.NDArray[np.int32], times: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of the first of each datastream and instant, and of those that only repeat one."""
    order = np.lexsort((times, streams))
    same = (np.diff(streams[order]) == 0) & (np.diff(times[order]) == 0)
    repeats = np.append(False, same)
    return order[~repeats], order[repeats]


def _copy(cursor: Cursor, table: LiteralString, rows: bytes, columns: Sequence[LiteralString] = ()) -> None:
    names = (
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Identifier, columns))) if columns else sql.SQL("")
    )
    with cursor.copy(
        sql.SQL("COPY {} {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)
    ) as copy:
        copy.write(rows)
