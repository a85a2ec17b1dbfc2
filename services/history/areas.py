"""Figures of areas and asset types by hour and by local day, from ``area_hour`` and ``area_day``.

Both hold one kind of area, the one the city counts by, and 0 for assets outside all of them; so their
rows add up to the city (field.md F2: communes and unlocated make the total).
"""

from dataclasses import dataclass
from datetime import date, datetime
from math import nan
from typing import Any

from sqlalchemy import Connection, Engine, Row

from geodata.asking import asking, statement
from services.history.calendar import days_between


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


_WHICH = """
    WHERE asset_type = :asset_type AND observed_property = :property
      AND (CAST(:area AS integer) IS NULL OR area_id = :area)
"""
_WHICH_HOURS = """
    WHERE asset_type = :asset_type AND observed_property = :property
      AND area_id = ANY (CASE WHEN CAST(:area AS integer) IS NOT NULL THEN ARRAY[CAST(:area AS integer)]
          ELSE ARRAY(SELECT id FROM area UNION SELECT d.area_id FROM area_day d
                     WHERE d.asset_type = :asset_type AND d.observed_property = :property) || 0 END)
"""
"""The hours of a city are read area by area, as their key lies; 0 is outside all areas."""
_DAYS = statement(
    """
    WITH figure AS (
        SELECT * FROM area_day {which} AND day >= :first AND day <= :last
    ), weight AS (
        SELECT area_id, max(fullest)::float8 AS w FROM figure GROUP BY area_id
    )
    SELECT day, sum(n), sum(sum), min(min), max(max),
           sum(coverage * w) / nullif((SELECT sum(w) FROM weight), 0)
    FROM figure JOIN weight USING (area_id)
    GROUP BY day
    """,
    which=_WHICH,
)
"""An area weighs as many values as its fullest hour of the period held."""
_HOURS = statement(
    """
    WITH figure AS (
        SELECT * FROM area_hour {which} AND bucket >= :t0 AND bucket < :t1
    ), weight AS (
        SELECT area_id, max(n)::float8 AS w FROM figure GROUP BY area_id
    )
    SELECT bucket, sum(n), sum(sum), min(min), max(max), sum(coverage * w) / (SELECT sum(w) FROM weight)
    FROM figure JOIN weight USING (area_id)
    GROUP BY bucket ORDER BY bucket
    """,
    which=_WHICH_HOURS,
)


def area_days(
    engine: Engine,
    asset_type: str,
    observed_property: str,
    first_day: date,
    last_day: date,
    area_id: int | None = None,
) -> list[DayFigure]:
    """Every local day from ``first_day`` to ``last_day``, of one area or (None) of the whole city.

    Coverage is that of the areas, weighted by how many values an area's fullest hour holds, over all hours
    the day lasts (23 or 25 on the days the clock changes): an hour without a row counts as 0.
    Raises Unavailable when the database is away or too slow.
    """
    bounds = _bounds(asset_type, observed_property, area_id) | {"first": first_day, "last": last_day}
    with asking(engine) as connection:
        rows = {row[0]: row for row in connection.execute(_DAYS, bounds)}
    return [_day_figure(day, rows.get(day)) for day in days_between(first_day, last_day)]


def _day_figure(day: date, row: Row[Any] | None) -> DayFigure:
    if row is None:
        return DayFigure(day, 0, nan, nan, nan, 0.0)
    _, n, total, low, high, coverage = tuple(row)
    return DayFigure(day, int(n), float(total), float(low), float(high), min(1.0, float(coverage or 0)))


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
