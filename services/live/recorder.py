"""The recorder: a judged batch into the history, in one transaction, by COPY.

Values go to ``observation``, turned states to ``state_change``, refusals to ``reject``; hours that changed
are noted in ``dirty_batch``. Writing the same batch twice changes nothing.
"""

from collections.abc import Mapping
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
from geodata.deadlines import PatientConnection
from geodata.partitions import ensure_partitions, month_start
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.errors import Unavailable
from model.observations import moment
from services.live.pgcopy import copy_bytes, microseconds
from services.live.quality import Judged

Cursor = psycopg.Cursor[Any]

PATIENCE_S = 4.0
"""No answer of the database within this: it is away (503), and the sender keeps what it sent."""
_OPTIONS = "-c timezone=UTC -c statement_timeout=3500 -c lock_timeout=2000 -c synchronous_commit=on"
"""An answer of 200 means durable, whatever the server's default."""
SLOTS = max(len(kind.properties) for kind in ASSET_TYPES.values())

_STAGING = """
CREATE TEMP TABLE IF NOT EXISTS arriving
    (row integer, datastream_id integer, phenomenon_time timestamptz, result float8, quality smallint)
    ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS arriving_states
    (row integer, asset_id bigint, phenomenon_time timestamptz, status smallint, state smallint)
    ON COMMIT DELETE ROWS;
"""
_STORE_VALUES = """
WITH stored AS (
    INSERT INTO observation (datastream_id, phenomenon_time, result, quality)
    SELECT datastream_id, phenomenon_time, result, quality FROM arriving
    ON CONFLICT DO NOTHING RETURNING datastream_id, phenomenon_time
), hours AS (
    INSERT INTO dirty_batch (bucket, streams)
    SELECT date_trunc('hour', phenomenon_time, 'UTC'), array_agg(DISTINCT datastream_id)
    FROM stored GROUP BY 1
)
SELECT row FROM arriving a WHERE NOT EXISTS
    (SELECT FROM stored s WHERE (s.datastream_id, s.phenomenon_time) = (a.datastream_id, a.phenomenon_time))
"""
_STORE_STATES = """
WITH stored AS (
    INSERT INTO state_change (asset_id, phenomenon_time, status, state)
    SELECT asset_id, phenomenon_time, status, state FROM arriving_states
    ON CONFLICT (asset_id, phenomenon_time) DO UPDATE SET status = excluded.status, state = excluded.state
    WHERE state_change.state <> excluded.state RETURNING asset_id, phenomenon_time
)
SELECT row FROM arriving_states a WHERE row >= 0 AND NOT EXISTS
    (SELECT FROM stored s WHERE (s.asset_id, s.phenomenon_time) = (a.asset_id, a.phenomenon_time))
"""
_COUNT_REJECT = """
INSERT INTO reject (source, reason, count, excerpt, first_seen, last_seen)
VALUES (%s, %s, %s, %s, now(), now())
ON CONFLICT (source, reason) DO UPDATE SET
    count = reject.count + excluded.count, excerpt = excluded.excerpt, last_seen = excluded.last_seen
"""


class Recorder:
    """Writes batches through one connection of its own. Not for several threads at once."""

    def __init__(self, engine: Engine, columns: Columns) -> None:
        self._engine = engine
        self._columns = columns
        self._connection: PatientConnection | None = None
        self._streams = np.zeros((len(columns), SLOTS), "i4")
        self._streams_read = False
        self._months: set[datetime] = set()

    def write(
        self, values: Judged, states: npt.NDArray[np.void], rejects: Mapping[tuple[str, str], tuple[int, str]]
    ) -> list[int]:
        """Store measured ``values`` (JUDGED), ``states`` (STATE_ROW) and counted ``rejects``, durably.

        ``rejects`` maps (source, reason) to count and excerpt. Returns the batch rows the history already
        had. Raises Unavailable when the database is away or hangs, psycopg.DataError or IntegrityError
        when it refuses the data; nothing is stored then.
        """
        try:
            return self._write(values, states, rejects)
        except (psycopg.DataError, psycopg.IntegrityError):
            # The layout may have changed under us: read the datastreams anew before the next try.
            self.close()
            raise
        except (psycopg.Error, SQLAlchemyError) as error:
            self.close()
            raise Unavailable(f"the database is away: {type(error).__name__}") from None

    def _write(
        self, values: Judged, states: npt.NDArray[np.void], rejects: Mapping[tuple[str, str], tuple[int, str]]
    ) -> list[int]:
        connection = self._open()
        self._prepare(values, states)
        with connection.transaction(), connection.cursor() as cursor:
            repeated = self._values(cursor, values) + self._states(cursor, states)
            _count_rejects(cursor, rejects)
        return repeated

    def ping(self) -> int:
        """The layout version in force; Unavailable when the database does not answer."""
        try:
            row = self._open().execute("SELECT version FROM layout WHERE id = 1").fetchone()
        except psycopg.Error as error:
            self.close()
            raise Unavailable(f"the database is away: {type(error).__name__}") from None
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Let go of the connection; the next write opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._streams_read = False

    def _open(self) -> PatientConnection:
        if self._connection is None or self._connection.closed:
            url = plain_url(self._engine.url.render_as_string(hide_password=False))
            opened = PatientConnection.connect(url, autocommit=True, connect_timeout=2, options=_OPTIONS)
            opened.patience_s = PATIENCE_S
            opened.execute(_STAGING)
            self._connection = opened
        return self._connection

    def _prepare(self, values: Judged, states: npt.NDArray[np.void]) -> None:
        for times in (values["time"], states["time"]):
            if len(times):
                self._ensure_months(moment(times.min()), moment(times.max()))
        if len(values):
            self._ensure_streams(values)

    def _ensure_months(self, first: datetime, last: datetime) -> None:
        """Partitions of the months between; what is older than thirteen months was refused before."""
        month = month_start(first.astimezone(UTC))
        while month <= last:
            if month not in self._months:
                with self._engine.begin() as connection:
                    ensure_partitions(connection, month, month)
                self._months.add(month)
            month = month_start(month, 1)

    def _ensure_streams(self, values: Judged) -> None:
        if not self._streams_read:
            self._read_streams()
        missing = values[self._streams[values["index"], values["slot"]] == 0]
        if len(missing):
            self._make_streams(missing)
            self._read_streams()

    def _read_streams(self) -> None:
        rows = self._open().execute("SELECT id, asset_id, observed_property FROM datastream").fetchall()
        self._streams[:] = 0
        names = [[p.name for p in ASSET_TYPES[kind].properties] for kind in TYPE_ORDER]
        for stream, asset_id, name in rows:
            index = self._columns.index_of(asset_id)
            known = names[self._columns.types[index]] if index >= 0 else []
            if name in known:
                self._streams[index, known.index(name)] = stream
        self._streams_read = True

    def _make_streams(self, missing: Judged) -> None:
        rows = []
        for index, slot in {(int(i), int(s)) for i, s in zip(missing["index"], missing["slot"], strict=True)}:
            kind = ASSET_TYPES[TYPE_ORDER[self._columns.types[index]]]
            observed = kind.properties[slot]
            rows.append((int(self._columns.ids[index]), observed.name, observed.unit, kind.period_s))
        with self._open().cursor() as cursor:
            cursor.executemany(
                "INSERT INTO datastream (asset_id, observed_property, unit, period_s) "
                "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                sorted(rows),
            )

    def _values(self, cursor: Cursor, values: Judged) -> list[int]:
        if not len(values):
            return []
        streams = self._streams[values["index"], values["slot"]]
        first, again = _first_of_each(streams, values["time"])
        once = values[first]
        rows = copy_bytes(
            [(">i4", once["row"]), (">i4", streams[first]), (">i8", microseconds(once["time"])),
             (">f8", once["value"]), (">i2", once["quality"])]
        )  # fmt: skip
        known = _store(cursor, "arriving", rows, _STORE_VALUES)
        return known + [int(row) for row in values["row"][again]]

    def _states(self, cursor: Cursor, states: npt.NDArray[np.void]) -> list[int]:
        if not len(states):
            return []
        assets = self._columns.ids[states["index"]]
        rows = copy_bytes(
            [(">i4", states["row"]), (">i8", assets), (">i8", microseconds(states["time"])),
             (">i2", states["status"]), (">i2", states["state"])]
        )  # fmt: skip
        return _store(cursor, "arriving_states", rows, _STORE_STATES)


def _first_of_each(
    streams: npt.NDArray[np.int32], times: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of the first of each datastream and instant, and of those that only repeat one."""
    order = np.lexsort((times, streams))
    same = (np.diff(streams[order]) == 0) & (np.diff(times[order]) == 0)
    repeats = np.append(False, same)
    return order[~repeats], order[repeats]


def _store(cursor: Cursor, table: str, rows: bytes, statement: LiteralString) -> list[int]:
    """COPY ``rows`` into the staging ``table``, then store them; the batch rows that were known already."""
    with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))) as copy:
        copy.write(rows)
    return [int(row[0]) for row in cursor.execute(statement).fetchall()]


def _count_rejects(cursor: Cursor, rejects: Mapping[tuple[str, str], tuple[int, str]]) -> None:
    for (source, reason), (count, excerpt) in sorted(rejects.items()):
        cursor.execute(_COUNT_REJECT, (source, reason, count, storable(excerpt)))


def storable(excerpt: str) -> str:
    """``excerpt`` as PostgreSQL takes text: no NUL, no lone surrogate, at most 2,000 characters."""
    clean = excerpt[:2000].replace("\x00", "�")
    return clean.encode("utf-8", "replace").decode("utf-8")
