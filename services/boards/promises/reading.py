"""What a promise is counted from, read by local day: energy, points in service, hours lit, degree days."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.promises import COVERAGE_FLOOR, Promised
from services.boards.promises.saving import Used
from services.history import AreaTable, area_table, day_start

Floats = npt.NDArray[np.float64]
CABINETS, LIT, METERS = ("control_cabinet", "energy"), ("streetlight", "lit_share"), ("meter", "energy")
BASE_C = 18.0
ENERGY = {Promised.LIGHTING_ENERGY: CABINETS, Promised.BUILDING_ENERGY: METERS}
POINTS = {Promised.LIGHTING_ENERGY: "streetlight", Promised.BUILDING_ENERGY: "meter"}

QUERY = """SELECT day, sum(sum) AS kwh, sum(n) AS values FROM area_day
WHERE asset_type = '{asset_type}' AND observed_property = '{name}' AND day BETWEEN '{first}' AND '{last}'
GROUP BY day ORDER BY day"""
"""The question beneath a saving, as somebody may ask it again; the answer is the same rows added up."""


def read_used(connection: Connection, zone: ZoneInfo, promised: Promised, first: date, last: date) -> Used:
    """What was used on every local day from ``first`` to ``last``, of the whole city."""
    pair = ENERGY[promised]
    pairs = [pair, LIT] if promised is Promised.LIGHTING_ENERGY else [pair]
    table = area_table(connection, zone, pairs, first, last)
    drivers = (
        lit_hours(table) if promised is Promised.LIGHTING_ENERGY
        else degree_days(connection, zone, table.days)
    )  # fmt: skip
    return Used(
        table.days,
        table.sum[pair].sum(axis=0),
        np.asarray(table.city_coverage(pair)) * np.ones(len(table.days)),
        points_in_service(connection, zone, POINTS[promised], table.days),
        drivers,
    )


def lit_hours(table: AreaTable) -> Floats:
    """Burning hours of a point by day, of the lamps that were heard; NaN on a day too few were."""
    n, total = table.n[LIT].sum(axis=0), table.sum[LIT].sum(axis=0)
    known = (table.city_coverage(LIT) >= COVERAGE_FLOOR) & (n > 0)
    hours = np.divide(total, n, out=np.full(len(table.days), np.nan), where=n > 0) * table.hours
    return np.asarray(np.where(known, hours, np.nan))


_POINTS = text(
    """
    SELECT day, sum(moved) FROM (
        SELECT greatest(:first, coalesce((installed_at AT TIME ZONE :zone)::date, :first)) AS day, 1 AS moved
        FROM asset WHERE asset_type = :asset_type
        UNION ALL
        SELECT greatest(:first, (removed_at AT TIME ZONE :zone)::date), -1
        FROM asset WHERE asset_type = :asset_type AND removed_at IS NOT NULL
    ) moves WHERE day <= :last GROUP BY day
    """
)


def points_in_service(
    connection: Connection, zone: ZoneInfo, asset_type: str, days: tuple[date, ...]
) -> Floats:
    """How many assets of a type stood there on each of ``days``: installed by then, not removed yet."""
    asked = {"asset_type": asset_type, "first": days[0], "last": days[-1], "zone": zone.key}
    moved = np.zeros(len(days))
    for day, count in connection.execute(_POINTS, asked):
        moved[(day - days[0]).days] += float(count)
    return np.asarray(np.cumsum(moved))


_WARMTH = text(
    """
    SELECT (bucket AT TIME ZONE :zone)::date AS day, sum(sum) / sum(n) AS mean
    FROM area_hour WHERE asset_type = 'building' AND observed_property = 'outdoor_temperature'
      AND bucket >= :t0 AND bucket < :t1 AND n > 0
    GROUP BY bucket
    """
)


def degree_days(connection: Connection, zone: ZoneInfo, days: tuple[date, ...]) -> Floats:
    """Degree days base 18 of each day: max(0, 18 - (Tmin + Tmax) / 2) of the city's hourly means.

    NaN on a day of which less than nine tenths of 24 hours have a temperature.
    """
    t0, t1 = day_start(days[0], zone), day_start(date.fromordinal(days[-1].toordinal() + 1), zone)
    by_day: dict[date, list[float]] = {}
    for day, mean in connection.execute(_WARMTH, {"zone": zone.key, "t0": t0, "t1": t1}):
        by_day.setdefault(day, []).append(float(mean))
    found = np.full(len(days), np.nan)
    for at, day in enumerate(days):
        told = by_day.get(day, [])
        if len(told) >= COVERAGE_FLOOR * 24:
            found[at] = max(0.0, BASE_C - (min(told) + max(told)) / 2)
    return found
