"""Figures of areas and asset types by hour and by local day, from the table ``area_hour``.

``area_hour`` holds one kind of area, the one the city counts by, and 0 for assets outside all of them;
so its rows add up to the city (field.md F2: communes and unlocated make the total).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, TextClause, text

from geodata.asking import asking
from services.history.calendar import day_hours, day_start, days_between


@dataclass(frozen=True, slots=True)
class DayFigure:
    """One local day of one figure: ``n`` values adding to ``sum``, their extremes, and the coverage.

    A day nothing was received on has ``n`` 0, NaN for the rest and coverage 0: a gap, never a zero.
    """

    day: date
    n: int
    sum: float
    min: float
    max: float
    coverage: float

    @property
    def mean(self) -> float:
        """``sum / n``; NaN on a day without values. For ``fault_share`` this is the failure rate, 0 to 1."""
        return self.sum / self.n if self.n else nan


@dataclass(frozen=True, slots=True)
class HourFigure:
    """One hour (UTC start) of one figure over an area or the city; fields as in DayFigure."""

    at: datetime
    n: int
    sum: float
    min: float
    max: float
    coverage: float


_HOURS_AND_WEIGHTS = """
    WITH hour AS (
        SELECT area_id, bucket, n, sum, min, max, coverage
        FROM area_hour
        WHERE asset_type = :asset_type AND observed_property = :property
          AND bucket >= :t0 AND bucket < :t1
          AND (CAST(:area AS integer) IS NULL OR area_id = :area)
    ), weight AS (
        SELECT area_id, max(n)::float8 AS w FROM hour GROUP BY area_id
    )
"""
"""An area weighs as many values as its fullest hour of the period held."""


def _weighted(question: str) -> TextClause:
    return text(_HOURS_AND_WEIGHTS + question)


_DAYS = _weighted(
    """
    SELECT (bucket AT TIME ZONE :zone)::date, sum(n), sum(sum), min(min), max(max),
           sum(coverage * w), (SELECT sum(w) FROM weight)
    FROM hour JOIN weight USING (area_id)
    GROUP BY 1 ORDER BY 1
    """
)

_HOURS = _weighted(
    """
    SELECT bucket, sum(n), sum(sum), min(min), max(max), sum(coverage * w) / (SELECT sum(w) FROM weight)
    FROM hour JOIN weight USING (area_id)
    GROUP BY bucket ORDER BY bucket
    """
)


def area_days(
    engine: Engine,
    zone: ZoneInfo,
    asset_type: str,
    observed_property: str,
    first_day: date,
    last_day: date,
    area_id: int | None = None,
) -> list[DayFigure]:
    """Every local day from ``first_day`` to ``last_day``, of one area or (None) of the whole city.

    Coverage is the areas' hourly coverage, weighted by how many values an area's fullest hour holds, over
    all hours the day lasts (23 or 25 on the days the clock changes): an hour without a row counts as 0.
    Raises Unavailable when the database is away or too slow.
    """
    bounds = _bounds(asset_type, observed_property, area_id) | {
        "zone": zone.key,
        "t0": day_start(first_day, zone),
        "t1": day_start(last_day + timedelta(days=1), zone),
    }
    with asking(engine) as connection:
        rows = {row[0]: row for row in connection.execute(_DAYS, bounds)}
    return [_day_figure(day, rows.get(day), zone) for day in days_between(first_day, last_day)]


def _day_figure(day: date, row: Row[Any] | None, zone: ZoneInfo) -> DayFigure:
    if row is None:
        return DayFigure(day, 0, nan, nan, nan, 0.0)
    _, n, total, low, high, covered, weight = tuple(row)
    coverage = covered / (weight * day_hours(day, zone)) if weight else 0.0
    return DayFigure(day, int(n), float(total), float(low), float(high), min(1.0, float(coverage)))


def area_hours(
    connection: Connection,
    asset_type: str,
    observed_property: str,
    t0: datetime,
    t1: datetime,
    area_id: int | None = None,
) -> list[HourFigure]:
    """The hours of [t0, t1) that have figures, oldest first; an hour without any is left out."""
    bounds = _bounds(asset_type, observed_property, area_id) | {"t0": t0, "t1": t1}
    return [HourFigure(row[0], int(row[1]), *row[2:]) for row in connection.execute(_HOURS, bounds)]


def _bounds(asset_type: str, observed_property: str, area_id: int | None) -> dict[str, object]:
    return {"asset_type": asset_type, "property": observed_property, "area": area_id}
