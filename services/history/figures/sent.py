"""Readings as they were sent, whether their day is in the database or archived; no correction applies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, text

from model.errors import Unavailable
from services.history.archive.cold import Cold
from services.history.figures.raw import steady

_MOMENT = timedelta(microseconds=1)
_COLUMNS = ["phenomenon_time", "result", "quality", "raw", "raw_unit"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One observation as it came: aware UTC, in the declared unit; ``raw`` as over the wire, if converted."""

    at: datetime
    result: float
    quality: int
    raw: float | None
    raw_unit: str | None


_HOT = text(
    "SELECT phenomenon_time, result, quality, raw, raw_unit FROM observation "
    "WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time <= :t1 "
    "ORDER BY phenomenon_time DESC LIMIT :most"
)


def sent_between(
    connection: Connection, cold: Cold | None, stream: int, t0: datetime, t1: datetime, most: int
) -> list[Sent]:
    """The newest ``most`` readings of datastream ``stream`` from ``t0`` to ``t1`` (both included), in order.

    Raises Unavailable when an archived day is asked for that cannot be read.
    """

    def read(out: dict[date, str]) -> list[Sent]:
        bounds = {"stream": stream, "t0": t0, "t1": t1, "most": most}
        found = {row[0]: Sent(*row) for row in connection.execute(_HOT, bounds)}
        if cold is not None:
            # Of a reading that is in both (repeated late) the archived one counts, as in every figure.
            found |= {one.at: one for one in _archived(cold.folder, out.values(), stream, t0, t1)}
        return [found[at] for at in sorted(found)][-most:]

    return steady(connection, cold, t0, t1 + _MOMENT, read)


def _archived(folder: Path, files: Iterable[str], stream: int, t0: datetime, t1: datetime) -> Iterable[Sent]:
    for file in files:
        for row in _rows(folder / file, stream):
            at = row["phenomenon_time"].astimezone(UTC)
            if t0 <= at <= t1:
                yield Sent(at, *(row[name] for name in _COLUMNS[1:]))


def _rows(file: Path, stream: int) -> list[dict[str, Any]]:
    """One datastream's rows: files are sorted by datastream, so that one row group is read."""
    try:
        found = pq.read_table(file, columns=_COLUMNS, filters=[("datastream_id", "=", stream)])
    except (OSError, pa.ArrowException) as error:
        raise Unavailable(f"the archived day {file.name} cannot be read") from error
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
