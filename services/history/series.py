"""The series of one asset over a period: raw observations, hourly or daily rollups, whichever fits best."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.asking import ask_once, asking
from model.domains.declaration import Property
from model.series import Asked, Series, Source, Used, empty_series
from services.history.buckets import bucketed, checked_period, local_days, property_of, with_gaps
from services.history.calendar import day_hours, day_start, days_between, hour_starts
from services.history.cold import Cold
from services.history.estimating import check_raw
from services.history.raw import Raw, raw_readings
from services.history.thinning import thinned_with_gaps

RAW_UP_TO = timedelta(days=2)
HOURS_UP_TO = timedelta(days=62)
_TOLERANCE_S = 86_400.0


@dataclass(frozen=True, slots=True)
class _Stream:
    id: int
    unit: str
    period_s: int
    declared: Property


def asset_series(
    engine: Engine,
    zone: ZoneInfo,
    asked: Asked,
    source: Source | None = None,
    cold: Cold | None = None,
    points: int | None = None,
) -> Series:
    """The series of ``asked.asset_id``: raw up to 2 days, hours up to two months, else days.

    A coarser source is taken where the finer one does not reach back as far. ``source`` forces one. Raw
    readings come from the database and the archive alike; ``points`` bounds how many are returned, extremes
    kept. Raises BadRequest for an impossible period, TooBroad for raw readings by the million, Unavailable
    when the database or the archive is away or too slow.
    """
    checked_period(asked.t0, asked.t1)
    if source is None and asked.t1 - asked.t0 <= RAW_UP_TO:
        found = _at_once(engine, asked, points)
        if found is not None:
            return found
    with asking(engine) as connection:
        stream = _stream(connection, asked)
        if stream is None:
            return empty_series(asked)
        reading = _Reading(connection, stream, asked, zone, cold, points)
        return _READERS[source](reading) if source else _fitting(reading)


_ONCE = """
    SELECT d.id, d.unit, d.period_s, a.asset_type,
           EXISTS (SELECT FROM archived_day WHERE dropped_at IS NOT NULL
                   AND day >= %(first)s::date AND day <= %(last)s::date),
           r.times, r.results
    FROM datastream d JOIN asset a ON a.id = d.asset_id, LATERAL (
        SELECT string_agg(float8send(extract(epoch FROM phenomenon_time)::float8), ''
                          ORDER BY phenomenon_time) AS times,
               string_agg(float8send(result), '' ORDER BY phenomenon_time) AS results
        FROM reading
        WHERE datastream_id = d.id AND phenomenon_time >= %(t0)s::timestamptz
          AND phenomenon_time < %(t1)s::timestamptz AND (quality & 7) <> 2
    ) r
    WHERE d.asset_id = %(asset)s AND d.observed_property = %(property)s
"""
"""Times and results packed as ``packed`` does it."""


def _at_once(engine: Engine, asked: Asked, points: int | None) -> Series | None:
    """The raw series in one journey; None where some of it is archived, or does not reach back as far."""
    t0, t1 = asked.t0.astimezone(UTC), asked.t1.astimezone(UTC)
    bounds = {
        "asset": asked.asset_id, "property": asked.observed_property, "t0": t0, "t1": t1,
        "first": t0.date(), "last": t1.date(),
    }  # fmt: skip
    rows = ask_once(engine, _ONCE, bounds)
    if not rows:
        return empty_series(asked)
    stream_id, unit, period_s, asset_type, archived, *packed = rows[0]
    times, results = (np.frombuffer(column or b"", ">f8").astype("f8") for column in packed)
    if archived or not len(times) or times[0] > asked.t0.timestamp() + _TOLERANCE_S:
        return None
    stream = _Stream(stream_id, unit, period_s, property_of(asset_type, asked.observed_property))
    check_raw(asked.t0, asked.t1, period_s)
    raw = Raw(np.full(len(times), stream_id, "i4"), times, results, len(times), 0)
    return _raw_series(stream, asked, raw, points)


def _fitting(reading: "_Reading") -> Series:
    """The finest series for the length asked for that reaches back as far as any."""
    asked = reading.asked
    raw = _raw(reading) if asked.t1 - asked.t0 <= RAW_UP_TO else None
    if raw is not None and len(raw) and raw.times[0] <= asked.t0.timestamp() + _TOLERANCE_S:
        return raw
    first = float(raw.times[0]) if raw is not None and len(raw) else None
    chosen = _fitting_source(reading, first)
    return raw if chosen == "raw" and raw is not None else _READERS[chosen](reading)


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
    SELECT (SELECT extract(epoch FROM min(bucket)) FROM rollup_hour
            WHERE datastream_id = :stream AND bucket >= :t0 AND bucket < :t1),
           (SELECT extract(epoch FROM (min(day)::timestamp AT TIME ZONE :zone)) FROM rollup_day
            WHERE datastream_id = :stream AND day >= :first AND day <= :last)
    """
)


def _fitting_source(reading: "_Reading", first_raw: float | None) -> Source:
    asked, (first, last) = reading.asked, local_days(reading.asked, reading.zone)
    bounds = {"stream": reading.stream.id, "t0": asked.t0, "t1": asked.t1, "zone": reading.zone.key}
    hour, day = reading.connection.execute(_FIRSTS, bounds | {"first": first, "last": last}).one()
    firsts: dict[Source, float | None] = {"raw": first_raw, "hour": hour, "day": day}
    if asked.t1 - asked.t0 > HOURS_UP_TO:
        firsts.pop("hour")
    held = {name: float(at) for name, at in firsts.items() if at is not None}
    reach = min(held.values(), default=0.0) + _TOLERANCE_S
    return next((name for name, at in held.items() if at <= reach), "day")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One question on its way: what is asked of which datastream, and where it is read."""

    connection: Connection
    stream: _Stream
    asked: Asked
    zone: ZoneInfo
    cold: Cold | None = None
    points: int | None = None


def _raw(reading: _Reading) -> Series:
    stream, asked = reading.stream, reading.asked
    check_raw(asked.t0, asked.t1, stream.period_s)
    raw = raw_readings(reading.connection, reading.cold, [stream.id], asked.t0, asked.t1)
    return _raw_series(stream, asked, raw, reading.points)


def _raw_series(stream: _Stream, asked: Asked, raw: Raw, points: int | None) -> Series:
    expected = max(1.0, (asked.t1 - asked.t0).total_seconds() / stream.period_s)
    coverage = min(1.0, len(np.unique(raw.times // stream.period_s)) / expected)
    times, values = with_gaps(raw.times, raw.values, stream.period_s)
    thin = points is not None and len(raw.times) > points
    if thin:
        times, values = thinned_with_gaps(raw.times, raw.values, stream.period_s, int(points or 0))
    nothing = np.full(len(times), np.nan)
    received = np.isfinite(values).astype("f8")
    return Series(
        asked, times, values, nothing, nothing, received, "raw", stream.unit, stream.period_s,
        stream.declared.decimals, coverage, raw.used, thin,
    )  # fmt: skip


_HOURS = text(
    "SELECT extract(epoch FROM bucket), n, sum, min, max, coverage FROM rollup_hour "
    "WHERE datastream_id = :stream AND bucket >= :t0 AND bucket < :t1 ORDER BY bucket"
)
_DAYS = text(
    "SELECT extract(epoch FROM (day::timestamp AT TIME ZONE :zone)), n, sum, min, max, coverage "
    "FROM rollup_day WHERE datastream_id = :stream AND day >= :first AND day <= :last ORDER BY day"
)


def _hours(reading: _Reading) -> Series:
    stream, asked = reading.stream, reading.asked
    bounds = {"stream": stream.id, "t0": asked.t0, "t1": asked.t1}
    rows = reading.connection.execute(_HOURS, bounds).all()
    grid = hour_starts(asked.t0, asked.t1).astype("f8")
    found = bucketed(rows, grid, np.ones(len(grid)), asked, "hour", stream.declared, stream.period_s)
    return replace(found, used=Used(("rollup_hour",), len(rows)))


def _days(reading: _Reading) -> Series:
    stream, asked, zone = reading.stream, reading.asked, reading.zone
    days = list(days_between(*local_days(asked, zone)))
    bounds = {"stream": stream.id, "zone": zone.key, "first": days[0], "last": days[-1]}
    rows = reading.connection.execute(_DAYS, bounds).all()
    grid = np.array([day_start(day, zone).timestamp() for day in days], "f8")
    lengths = np.array([day_hours(day, zone) for day in days], "f8")
    found = bucketed(rows, grid, lengths, asked, "day", stream.declared, stream.period_s)
    return replace(found, used=Used(("rollup_day",), len(rows)))


_READERS: dict[Source, Callable[[_Reading], Series]] = {
    "raw": _raw,
    "hour": _hours,
    "day": _days,
    "none": _days,
}
