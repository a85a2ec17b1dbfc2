"""Daily figures of an asset type counted from raw readings, wherever these lie: the slow way round.

Rollups answer the same in milliseconds; this is for whoever doubts them, and for the archive's own pace.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.errors import TooBroad
from services.history.areas import DayFigure
from services.history.calendar import HOUR_S, day_hours, day_start, days_between
from services.history.cold import Cold, fixes_in
from services.history.raw import steady

DEADLINE_MS = 60_000
MOST_HOT, MOST_COLD = 20_000_000, 500_000_000
"""Readings counted in the database, and in the archive, within the deadline."""

_STREAMS = text(
    """
    SELECT d.id, d.period_s FROM datastream d JOIN asset a ON a.id = d.asset_id
    WHERE a.asset_type = :asset_type AND d.observed_property = :property
      AND (CAST(:area AS integer) IS NULL OR :area IN (a.commune_id, a.district_id)
           OR (:area = 0 AND a.commune_id IS NULL))
    """
)
_HOT = text(
    """
    SELECT floor(extract(epoch FROM phenomenon_time) / 3600)::bigint, count(*), sum(result), min(result),
           max(result)
    FROM reading
    WHERE datastream_id = ANY (CAST(:streams AS integer[])) AND phenomenon_time >= :t0
      AND phenomenon_time < :t1 AND (quality & 7) <> 2
    GROUP BY 1
    """
)
_COLD = """
    SELECT h.day, CAST(sum(n) AS BIGINT) AS n, sum(total) AS total, min(low) AS low, max(high) AS high
    FROM (SELECT us // 3600000000 AS hour, count(*) AS n, sum(result) AS total, min(result) AS low,
                 max(result) AS high
          FROM reading WHERE quality <> 2 GROUP BY 1) f
    JOIN hour h ON h.hour = f.hour
    GROUP BY h.day
"""

_Row = tuple[int, int, float, float, float]


def counted_days(
    engine: Engine,
    zone: ZoneInfo,
    cold: Cold | None,
    asset_type: str,
    observed_property: str,
    first: date,
    last: date,
    area_id: int | None = None,
) -> list[DayFigure]:
    """Every local day from ``first`` to ``last``, of one area or (None) the city, from raw readings.

    Coverage is readings over those expected of all datastreams. TooBroad when the readings are too many to
    count in a minute; Unavailable when the database or the archive is away or too slow.
    """
    t0, t1 = day_start(first, zone), day_start(last + timedelta(days=1), zone)
    days = list(days_between(first, last))
    wanted = {"asset_type": asset_type, "property": observed_property, "area": area_id}
    with asking(engine, DEADLINE_MS) as connection:
        streams = connection.execute(_STREAMS, wanted).all()
        expected = sum(HOUR_S / period for _, period in streams)
        ids = [stream for stream, _ in streams]
        rows: list[_Row] = []
        if ids:
            rows = steady(
                connection, cold, t0, t1,
                lambda out: _read(connection, cold, ids, (t0, t1), expected, _hours(days, zone), out),
            )  # fmt: skip
    return _figures(rows, days, zone, expected)


def _hours(days: Sequence[date], zone: ZoneInfo) -> dict[int, int]:
    """Which of ``days`` (by number) each hour since 1970 belongs to."""
    starts = [int(day_start(day, zone).timestamp()) // HOUR_S for day in days]
    return {
        start + hour: number
        for number, (day, start) in enumerate(zip(days, starts, strict=True))
        for hour in range(day_hours(day, zone))
    }


def _read(
    connection: Connection,
    cold: Cold | None,
    ids: list[int],
    span: tuple[datetime, datetime],
    expected: float,
    hours: dict[int, int],
    out: dict[date, str],
) -> list[_Row]:
    t0, t1 = span
    days_hot = max(0.0, (t1 - t0) / timedelta(days=1) - len(out))
    _check(int(expected * 24 * days_hot), MOST_HOT, t1)
    _check(int(expected * 24 * len(out)), MOST_COLD, t1)
    hot = connection.execute(_HOT, {"streams": ids, "t0": t0, "t1": t1})
    rows = [(hours[row[0]], *row[1:]) for row in hot]
    return rows + (_archived(connection, cold, ids, span, hours, out) if cold and out else [])


def _check(rows: int, most: int, t1: datetime) -> None:
    if rows > most:
        raise TooBroad(rows, {"by": "day", "t1": t1.isoformat()})


def _archived(
    connection: Connection,
    cold: Cold,
    ids: list[int],
    span: tuple[datetime, datetime],
    hours: dict[int, int],
    out: dict[date, str],
) -> list[_Row]:
    table = pa.table(
        {"hour": pa.array(hours.keys(), pa.int64()), "day": pa.array(hours.values(), pa.int64())}
    )
    found: Any = cold.readings(
        _COLD, list(out.values()), *span, streams=ids, fixes=fixes_in(connection, *span, ids),
        tables={"hour": table}, deadline_s=DEADLINE_MS / 1000,
    )  # fmt: skip
    columns = [found[name].tolist() for name in ("day", "n", "total", "low", "high")]
    return list(zip(*columns, strict=True))


def _figures(rows: list[_Row], days: Sequence[date], zone: ZoneInfo, expected: float) -> list[DayFigure]:
    held: dict[int, _Row] = {}
    for row in rows:
        old = held.get(row[0])
        held[row[0]] = _added(old, row) if old else row
    figures = []
    for number, day in enumerate(days):
        found = held.get(number)
        if found is None:
            figures.append(DayFigure(day, 0, nan, nan, nan, 0.0))
            continue
        covered = min(1.0, found[1] / (expected * day_hours(day, zone)))
        figures.append(
            DayFigure(day, int(found[1]), float(found[2]), float(found[3]), float(found[4]), covered)
        )
    return figures


def _added(one: _Row, other: _Row) -> _Row:
    return one[0], one[1] + other[1], one[2] + other[2], min(one[3], other[3]), max(one[4], other[4])
