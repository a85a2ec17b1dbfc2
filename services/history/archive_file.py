"""One closed day of observations as a Parquet file: written, summed up, and read back into the database.

A row's checksum is the first 60 bits of the MD5 of its columns as text, floats as their 64 bits; a day's is
the sum over its rows, so that order does not matter. PostgreSQL and DuckDB compute it from the same text.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, text

from geodata.asking import statement
from geodata.partitions import partition_of
from services.history.cold import Cold
from services.history.packed import columns_of_rows

ROWS_A_GROUP = 122_880
"""What DuckDB reads at once; with rows sorted by datastream one asset's day lies in one group."""
SCHEMA = pa.schema(
    [
        pa.field("datastream_id", pa.int32(), nullable=False),
        pa.field("phenomenon_time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("result", pa.float64(), nullable=False),
        pa.field("quality", pa.int16(), nullable=False),
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("raw", pa.float64()),
        pa.field("raw_unit", pa.string()),
    ]
)
_WRITING: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": ["datastream_id", "result", "quality", "raw", "raw_unit"],
    "column_encoding": {"phenomenon_time": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED"},
}
_US_2000 = 946_684_800_000_000
_ROW = np.dtype(
    [
        ("fields", ">i2"), ("l1", ">i4"), ("stream", ">i4"), ("l2", ">i4"), ("at", ">i8"),
        ("l3", ">i4"), ("result", ">f8"), ("l4", ">i4"), ("quality", ">i2"),
        ("l5", ">i4"), ("received", ">i8"),
    ]
)  # fmt: skip
"""A row of PostgreSQL's binary COPY of the columns that are never null: all of one length."""
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TAIL = b"\xff\xff"
_COLUMNS = "datastream_id, phenomenon_time, result, quality, received_at"


@dataclass(frozen=True)
class Summed:
    """How many rows, and their checksum as decimal text."""

    count: int
    checksum: str


_SUM_FILE = """
    SELECT count(*), coalesce(sum(CAST('0x' || substr(md5(concat_ws('|', datastream_id,
        epoch_us(phenomenon_time), CAST(CAST(result AS BIT) AS VARCHAR), quality, epoch_us(received_at),
        coalesce(CAST(CAST(raw AS BIT) AS VARCHAR), ''), coalesce(raw_unit, ''))), 1, 15) AS BIGINT)), 0)
    FROM read_parquet($file)
"""
ROW_SUM = """
    ('x' || substr(md5(concat_ws('|', datastream_id,
        (extract(epoch FROM phenomenon_time) * 1000000)::bigint,
        ('x' || encode(float8send(result), 'hex'))::bit(64)::text, quality,
        (extract(epoch FROM received_at) * 1000000)::bigint,
        coalesce(('x' || encode(float8send(raw), 'hex'))::bit(64)::text, ''), coalesce(raw_unit, ''))),
        1, 15))::bit(60)::bigint
"""
"""The checksum of a row of ``observation``, in PostgreSQL."""
_SUM_TABLE = "SELECT count(*), coalesce(sum({row_sum}), 0) FROM {table}"


def sum_of_file(cold: Cold, file: Path) -> Summed:
    """Count and checksum of the Parquet ``file``. Raises Unavailable when it cannot be read."""
    count, checksum = cold.file(_SUM_FILE, file)
    return Summed(int(count), str(int(checksum)))


def sum_of_table(connection: Connection, day: date) -> Summed:
    """Count and checksum of the partition of the UTC ``day``."""
    count, checksum = connection.execute(
        statement(_SUM_TABLE, row_sum=ROW_SUM, table=partition_of(day))
    ).one()
    return Summed(int(count), str(int(checksum)))


def write_file(connection: Connection, day: date, file: Path) -> None:
    """Write the partition of ``day`` to ``file``, sorted by datastream and time, and flush it to the disk.

    Memory holds one row group, whatever the day's size.
    """
    raws = _raws(connection, day)
    with pq.ParquetWriter(file, SCHEMA, **_WRITING) as writer:
        for rows in _groups(connection, day):
            writer.write_table(_table(rows, raws), row_group_size=ROWS_A_GROUP)
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _raws(connection: Connection, day: date) -> dict[tuple[int, int], tuple[float, str | None]]:
    """What was sent where the door converted it, by (datastream, epoch us): rare."""
    question = text(
        "SELECT datastream_id, (extract(epoch FROM phenomenon_time) * 1000000)::bigint, raw, raw_unit "  # noqa: S608
        f"FROM {partition_of(day)} WHERE raw IS NOT NULL OR raw_unit IS NOT NULL"
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(question)}


_ROWS = """
    SELECT datastream_id, (extract(epoch FROM phenomenon_time) * 1000000)::bigint AS us, result, quality,
           (extract(epoch FROM received_at) * 1000000)::bigint AS received
    FROM {table} WHERE datastream_id >= :first AND datastream_id <= :last
    ORDER BY datastream_id, phenomenon_time
"""
_KINDS = {"datastream_id": "integer", "us": "bigint", "result": "float8", "quality": "smallint",
          "received": "bigint"}  # fmt: skip


def _groups(connection: Connection, day: date) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """The rows of a day, sorted, about a row group at a time."""
    table = partition_of(day)
    counts = connection.execute(
        text(f"SELECT datastream_id, count(*) FROM {table} GROUP BY 1 ORDER BY 1")  # noqa: S608 - ours
    ).all()
    for first, last in _ranges(counts):
        bounds = {"first": first, "last": last}
        yield columns_of_rows(connection, _ROWS.format(table=table), bounds, **_KINDS)


def _ranges(counts: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Ranges of datastreams that hold a row group together, or one datastream each where it holds more."""
    first, held = None, 0
    last = 0
    for stream, count in counts:
        if first is not None and held + count > ROWS_A_GROUP:
            yield first, last
            first, held = None, 0
        first, last, held = (stream if first is None else first), stream, held + count
    if first is not None:
        yield first, last


def _table(
    rows: dict[str, npt.NDArray[Any]], raws: dict[tuple[int, int], tuple[float, str | None]]
) -> pa.Table:
    at = rows["us"].astype("i8")
    streams = rows["datastream_id"].astype("i4")
    sent: list[tuple[float | None, str | None]] = [(None, None)] * len(at)
    if raws:
        keys = zip(streams.tolist(), at.tolist(), strict=True)
        sent = [raws.get(key, (None, None)) for key in keys]
    return pa.Table.from_arrays(
        [
            pa.array(streams),
            pa.array(at, pa.timestamp("us", "UTC")),
            pa.array(rows["result"].astype("f8")),
            pa.array(rows["quality"].astype("i2")),
            pa.array(rows["received"].astype("i8"), pa.timestamp("us", "UTC")),
            pa.array([raw for raw, _ in sent], pa.float64()),
            pa.array([unit for _, unit in sent], pa.string()),
        ],
        schema=SCHEMA,
    )


_STAGE = """
    CREATE TEMP TABLE coming_back (datastream_id integer, phenomenon_time timestamptz, result float8,
        quality smallint, received_at timestamptz) ON COMMIT DROP
"""
_BACK = f"""
    INSERT INTO observation ({_COLUMNS}) SELECT {_COLUMNS} FROM coming_back
    ON CONFLICT (datastream_id, phenomenon_time) DO UPDATE
    SET result = excluded.result, quality = excluded.quality, received_at = excluded.received_at
"""  # noqa: S608 - names of ours
"""What was recorded first stays: a late repetition of an archived reading does not replace it."""
_RAW_BACK = text(
    "UPDATE observation SET raw = :raw, raw_unit = :unit "
    "WHERE datastream_id = :stream AND phenomenon_time = :at"
)


def read_back(connection: Connection, file: Path) -> int:
    """Put the rows of ``file`` back into ``observation``, whose partition must be there; how many."""
    connection.execute(text(_STAGE))
    source = pq.ParquetFile(file)
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    sent: list[dict[str, Any]] = []
    with raw.cursor() as cursor, cursor.copy("COPY coming_back FROM STDIN (FORMAT binary)") as copy:
        copy.write(_HEAD)
        for batch in source.iter_batches(ROWS_A_GROUP):
            copy.write(_packed(batch))
            sent += _sent(batch)
        copy.write(_TAIL)
    count = connection.execute(text(_BACK)).rowcount
    if sent:
        connection.execute(_RAW_BACK, sent)
    return count


def _packed(batch: pa.RecordBatch) -> bytes:
    rows = np.zeros(len(batch), _ROW)
    rows["fields"] = 5
    names = (("l1", 4), ("l2", 8), ("l3", 8), ("l4", 2), ("l5", 8))
    for name, size in names:
        rows[name] = size
    rows["stream"] = batch["datastream_id"].to_numpy()
    rows["at"] = batch["phenomenon_time"].cast(pa.int64()).to_numpy() - _US_2000
    rows["result"] = batch["result"].to_numpy()
    rows["quality"] = batch["quality"].to_numpy()
    rows["received"] = batch["received_at"].cast(pa.int64()).to_numpy() - _US_2000
    return rows.tobytes()


def _sent(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """What was sent, of the rows the door converted."""
    there = pa.compute.or_(batch["raw"].is_valid(), batch["raw_unit"].is_valid())
    some = batch.filter(there)
    return [
        {"stream": stream, "at": at, "raw": raw, "unit": unit}
        for stream, at, raw, unit in zip(
            some["datastream_id"].to_pylist(),
            some["phenomenon_time"].to_pylist(),
            some["raw"].to_pylist(),
            some["raw_unit"].to_pylist(),
            strict=True,
        )
    ]
