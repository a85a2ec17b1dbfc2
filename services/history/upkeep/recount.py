"""Raw readings counted by the hour, from the database and the archive, beside the rollups."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import psycopg
import pyarrow as pa
from sqlalchemy import Connection, text

from services.history.archive.cold import Cold, fixes_in
from services.history.figures.raw import steady

_EMPTY = text("TRUNCATE recount_hour, waiting, expired")
_EXPIRED = text(
    """
    INSERT INTO expired SELECT d.id, past.since FROM datastream d JOIN asset a ON a.id = d.asset_id
    JOIN unnest(CAST(:types AS text[]), CAST(:names AS text[]), CAST(:sinces AS timestamptz[]))
        AS past (asset_type, observed_property, since)
      ON (past.asset_type, past.observed_property) = (a.asset_type, d.observed_property)
    WHERE past.since > :t0
    """
)
_WAITING = text(
    "INSERT INTO waiting SELECT DISTINCT stream, bucket FROM dirty_batch, unnest(streams) AS stream "
    "WHERE bucket >= :t0 AND bucket < :t1"
)
_HOT = text(
    """
    INSERT INTO recount_hour
    SELECT r.datastream_id, date_trunc('hour', r.phenomenon_time) AS bucket, count(*), sum(r.result),
           min(r.result), max(r.result),
           least(1, count(DISTINCT floor(extract(epoch FROM r.phenomenon_time) / d.period_s))
                    * d.period_s / 3600.0)
    FROM reading r JOIN datastream d ON d.id = r.datastream_id
    WHERE r.phenomenon_time >= :t0 AND r.phenomenon_time < :t1 AND (r.quality & 7) <> 2
    GROUP BY r.datastream_id, bucket, d.period_s
    """
)
_COLD = """
    SELECT r.datastream_id, r.us // 3600000000 AS hour, count(*) AS n, sum(r.result) AS sum,
           min(r.result) AS min, max(r.result) AS max,
           least(1.0, count(DISTINCT r.us // (s.period_s * 1000000)) * any_value(s.period_s) / 3600.0)
               AS coverage
    FROM reading r JOIN stream s ON s.id = r.datastream_id
    WHERE r.quality <> 2
    GROUP BY r.datastream_id, hour
"""
_COLUMNS = ("datastream_id", "hour", "n", "sum", "min", "max", "coverage")
_STREAMS = text("SELECT id, period_s FROM datastream")
_FORGET = text(
    """
    DELETE FROM recount_hour h WHERE EXISTS
        (SELECT FROM expired e WHERE e.stream = h.datastream_id AND h.bucket < e.since)
    """
)


def recount(
    connection: Connection, cold: Cold, t0: datetime, t1: datetime, past: dict[str, list[object]]
) -> None:
    """Fill the temporary tables of ``comparisons.PREPARE`` with what [t0, t1) really holds.

    ``recount_hour`` gets the hours, ``waiting`` those still to be recomputed, ``expired`` the datastreams
    whose readings ``past`` (``retention.columns_of``) no longer allows. Raises Unavailable.
    """

    def read(out: dict[date, str]) -> None:
        connection.execute(_EMPTY)
        connection.execute(_HOT, {"t0": t0, "t1": t1})
        if out:
            _count_files(connection, cold, list(out.values()), t0, t1)

    steady(connection, cold, t0, t1, read)
    connection.execute(_WAITING, {"t0": t0, "t1": t1})
    if past["types"]:
        connection.execute(_EXPIRED, past | {"t0": t0})
        connection.execute(_FORGET)


def count_files(
    connection: Connection, cold: Cold, files: Sequence[str], t0: datetime, t1: datetime
) -> dict[str, Any]:
    """The hours of ``files`` in [t0, t1) by datastream, corrected, as columns."""
    ids, periods = zip(*connection.execute(_STREAMS).all(), strict=True)
    streams = pa.table({"id": pa.array(ids, pa.int32()), "period_s": pa.array(periods, pa.int64())})
    return cold.readings(
        _COLD, files, t0, t1, fixes=fixes_in(connection, t0, t1), tables={"stream": streams},
        deadline_s=120.0,
    )  # fmt: skip


def _count_files(
    connection: Connection, cold: Cold, files: Sequence[str], t0: datetime, t1: datetime
) -> None:
    found = count_files(connection, cold, files, t0, t1)
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    columns = [found[name].tolist() for name in _COLUMNS]
    with raw.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS from_files (LIKE recount_hour)")
        cursor.execute("TRUNCATE from_files")
        with cursor.copy("COPY from_files FROM STDIN") as copy:
            for stream, hour, *figures in zip(*columns, strict=True):
                at = datetime.fromtimestamp(hour * 3600, t0.tzinfo)
                copy.write_row((stream, at, *figures))
        cursor.execute("INSERT INTO recount_hour SELECT * FROM from_files")
