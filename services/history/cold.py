"""The archive's files read by DuckDB, within memory, threads and time, with the corrections in force."""

import threading
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.errors import Unavailable

DEADLINE_S = 6.0
"""As long as the database may take (``geodata/asking.py``)."""
LIMITS: dict[str, Any] = {"memory_limit": "512MB", "threads": 2, "preserve_insertion_order": False}

Answer = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Fix:
    """A correction in force: the reading of ``stream`` at ``at`` (epoch microseconds) was ``result``.

    NaN instead of a result: the reading says nothing.
    """

    stream: int
    at: int
    result: float


_READINGS = """
    SELECT o.datastream_id, epoch_us(o.phenomenon_time) AS us, o.result, o.quality & 7 AS quality
    FROM read_parquet($files) o
    WHERE o.phenomenon_time >= $t0 AND o.phenomenon_time < $t1 {which}
"""
_CORRECTED = """
    SELECT r.datastream_id, r.us, CASE WHEN f.us IS NULL THEN r.result ELSE f.result END AS result,
           CASE WHEN f.us IS NULL THEN r.quality WHEN isnan(f.result) THEN 2 ELSE 0 END AS quality
    FROM ({readings}) r LEFT JOIN fix f ON f.datastream_id = r.datastream_id AND f.us = r.us
"""
_OF_STREAMS = "AND o.datastream_id IN (SELECT unnest($streams))"
_OF_ONE = "AND o.datastream_id = $stream"


class Cold:
    """The archive below ``folder``. Questions may be put from several threads; each ends within its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database: duckdb.DuckDBPyConnection | None = None
        self._opening = threading.Lock()

    def readings(
        self,
        question: str,
        files: Sequence[str],
        t0: datetime,
        t1: datetime,
        streams: Sequence[int] | None = None,
        fixes: Iterable[Fix] = (),
        tables: dict[str, Any] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Columns of ``question`` over ``reading`` (datastream_id, us since 1970, result, quality).

        ``reading`` holds the rows of ``files`` (paths below the folder) in [t0, t1), of ``streams`` (None:
        all), corrected by ``fixes``. ``tables`` are Arrow tables the question may join. Raises Unavailable
        when a file is missing or the deadline passes.
        """
        given: dict[str, Any] = {"files": [str(self.folder / file) for file in files], "t0": t0, "t1": t1}
        which = ""
        if streams is not None and len(streams) == 1:
            which, given = _OF_ONE, given | {"stream": int(streams[0])}
        elif streams is not None:
            which, given = _OF_STREAMS, given | {"streams": [int(stream) for stream in streams]}
        source = _READINGS.format(which=which)
        rows = [(fix.stream, fix.at, fix.result) for fix in fixes]
        with self._asking(deadline_s) as cursor:
            if rows:
                cursor.execute("CREATE TEMP TABLE fix (datastream_id INTEGER, us BIGINT, result DOUBLE)")
                cursor.executemany("INSERT INTO fix VALUES (?, ?, ?)", rows)
                source = _CORRECTED.format(readings=source)
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            return _columns(cursor.execute(f"WITH reading AS ({source}) {question}", given))

    def file(self, question: str, file: Path, deadline_s: float = 120.0) -> tuple[Any, ...]:
        """The one row ``question`` gives over ``$file``; Unavailable when it cannot be read."""
        with self._asking(deadline_s) as cursor:
            row = cursor.execute(question, {"file": str(file)}).fetchone()
        return tuple(row or ())

    @contextmanager
    def _asking(self, deadline_s: float) -> Any:
        cursor = self._open().cursor()
        late = threading.Timer(deadline_s, cursor.interrupt)
        late.start()
        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise Unavailable(f"the archive did not answer within {deadline_s:g} s") from error
        except duckdb.Error as error:
            raise Unavailable(f"the archive cannot be read: {str(error).splitlines()[0]}") from error
        finally:
            late.cancel()
            cursor.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._opening:
            if self._database is None:
                self._database = duckdb.connect(config=LIMITS)
            return self._database


def _columns(answer: duckdb.DuckDBPyConnection) -> Answer:
    # A column with NULLs comes masked; nobody here asks for one.
    return {name: np.asarray(column) for name, column in answer.fetchnumpy().items()}


_OUT = text(
    "SELECT day, path FROM archived_day WHERE dropped_at IS NOT NULL AND day >= :first AND day <= :last "
    "ORDER BY day"
)


def days_out(connection: Connection, t0: datetime, t1: datetime) -> dict[date, str]:
    """The archived UTC days [t0, t1) touches whose rows left the database, with their files."""
    bounds = {"first": t0.date(), "last": (t1 - timedelta(microseconds=1)).date()}
    return {day: path for day, path in connection.execute(_OUT, bounds)}


_FIXES = text(
    """
    SELECT datastream_id, (extract(epoch FROM phenomenon_time) * 1000000)::bigint,
           coalesce(result, 'NaN'::float8)
    FROM correction
    WHERE withdrawn_at IS NULL AND phenomenon_time >= :t0 AND phenomenon_time < :t1
      AND (CAST(:streams AS integer[]) IS NULL OR datastream_id = ANY (CAST(:streams AS integer[])))
    """
)


def fixes_in(
    connection: Connection, t0: datetime, t1: datetime, streams: Sequence[int] | None = None
) -> list[Fix]:
    """The corrections in force of readings in [t0, t1), of ``streams`` (None: all)."""
    wanted = None if streams is None else [int(stream) for stream in streams]
    return [Fix(*row) for row in connection.execute(_FIXES, {"t0": t0, "t1": t1, "streams": wanted})]
