"""The series of one asset over a period: raw observations, hourly or daily rollups, whichever fits best."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.domains.declaration import Property
from model.series import Asked, Series, Source, empty_series
from services.history.buckets import bucketed, checked_period, local_days, property_of, with_gaps
from services.history.calendar import day_hours, day_start, days_between, hour_starts

RAW_UP_TO = timedelta(days=2)
HOURS_UP_TO = timedelta(days=62)
_TOLERANCE_S = 86_400.0


@dataclass(frozen=True, slots=True)
class _Stream:
    id: int
    unit: str
    period_s: int
    declared: Property


def asset_series(engine: Engine, zone: ZoneInfo, asked: Asked, source: Source | None = None) -> Series:
    """The series of ``asked.asset_id``: raw up to 2 days, hours up to two months, else days.

    A coarser source is taken where the finer one does not reach back as far. ``source`` forces one.
    Raises BadRequest for an impossible period, Unavailable when the database is away or too slow.
    """
    checked_period(asked.t0, asked.t1)
    with asking(engine) as connection:
        stream = _stream(connection, asked)
        if stream is None:
            return empty_series(asked)
        chosen = source or _fitting_source(connection, stream, asked, zone)
        return _READERS[chosen](connection, stream, asked, zone)


def _stream(connection: Connection, asked: Asked) -> _Stream | None:
    row = connection.execute(
        text(
            "SELECT d.id, d.unit, d.period_s, a.asset_type "
            "FROM datastream d JOIN asset a ON a.id = d.asset_id "
            "WHERE d.asset_id = :asset AND d.observed_property = :property"
        ),
        {"asset": asked.asset_id, "property": asked.observed_property},
    ).one_or_none()
    if row is None:
        return None
    return _Stream(row[0], row[1], row[2], property_of(row[3], asked.observed_property))


_FIRSTS = text(
    """
    SELECT (SELECT extract(epoch FROM min(phenomenon_time)) FROM reading
            WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time < :t1),
           (SELECT extract(epoch FROM min(bucket)) FROM rollup_hour
            WHERE datastream_id = :stream AND bucket >= :t0 AND bucket < :t1),
           (SELECT extract(epoch FROM (min(day)::timestamp AT TIME ZONE :zone)) FROM rollup_day
            WHERE datastream_id = :stream AND day >= :first AND day <= :last)
    """
)


def _fitting_source(connection: Connection, stream: _Stream, asked: Asked, zone: ZoneInfo) -> Source:
    first, last = local_days(asked, zone)
    row = connection.execute(
        _FIRSTS,
        {
            "stream": stream.id,
            "t0": asked.t0,
            "t1": asked.t1,
            "zone": zone.key,
            "first": first,
            "last": last,
        },
    ).one()
    firsts: dict[Source, float | None] = dict(zip(("raw", "hour", "day"), row, strict=True))
    length = asked.t1 - asked.t0
    if length > RAW_UP_TO:
        firsts.pop("raw")
    if length > HOURS_UP_TO:
        firsts.pop("hour")
    held = {name: float(first) for name, first in firsts.items() if first is not None}
    reach = min(held.values(), default=0.0) + _TOLERANCE_S
    return next((name for name, first in held.items() if first <= reach), "day")


_RAW = text(
    "SELECT extract(epoch FROM phenomenon_time), result FROM reading "
    "WHERE datastream_id = :stream AND phenomenon_time >= :t0 AND phenomenon_time < :t1 "
    "AND (quality & 7) <> 2 ORDER BY phenomenon_time"
)


def _raw(connection: Connection, stream: _Stream, asked: Asked, zone: ZoneInfo) -> Series:
    rows = connection.execute(_RAW, {"stream": stream.id, "t0": asked.t0, "t1": asked.t1}).all()
    times = np.array([row[0] for row in rows], "f8")
    values = np.array([row[1] for row in rows], "f8")
    expected = max(1.0, (asked.t1 - asked.t0).total_seconds() / stream.period_s)
    coverage = min(1.0, len(np.unique(times // stream.period_s)) / expected)
    times, values = with_gaps(times, values, stream.period_s)
    nothing = np.full(len(times), np.nan)
    received = np.isfinite(values).astype("f8")
    return Series(
        asked, times, values, nothing, nothing, received, "raw", stream.unit, stream.period_s,
        stream.declared.decimals, coverage,
    )  # fmt: skip


_HOURS = text(
    "SELECT extract(epoch FROM bucket), n, sum, min, max, coverage FROM rollup_hour "
    "WHERE datastream_id = :stream AND bucket >= :t0 AND bucket < :t1 ORDER BY bucket"
)
_DAYS = text(
    "SELECT extract(epoch FROM (day::timestamp AT TIME ZONE :zone)), n, sum, min, max, coverage "
    "FROM rollup_day WHERE datastream_id = :stream AND day >= :first AND day <= :last ORDER BY day"
)


def _hours(connection: Connection, stream: _Stream, asked: Asked, zone: ZoneInfo) -> Series:
    rows = connection.execute(_HOURS, {"stream": stream.id, "t0": asked.t0, "t1": asked.t1}).all()
    grid = hour_starts(asked.t0, asked.t1).astype("f8")
    return bucketed(rows, grid, np.ones(len(grid)), asked, "hour", stream.declared, stream.period_s)


def _days(connection: Connection, stream: _Stream, asked: Asked, zone: ZoneInfo) -> Series:
    days = list(days_between(*local_days(asked, zone)))
    rows = connection.execute(
        _DAYS, {"stream": stream.id, "zone": zone.key, "first": days[0], "last": days[-1]}
    ).all()
    grid = np.array([day_start(day, zone).timestamp() for day in days], "f8")
    lengths = np.array([day_hours(day, zone) for day in days], "f8")
    return bucketed(rows, grid, lengths, asked, "day", stream.declared, stream.period_s)


_Reader = Callable[[Connection, _Stream, Asked, ZoneInfo], Series]
_READERS: dict[Source, _Reader] = {"raw": _raw, "hour": _hours, "day": _days, "none": _days}
