"""Hourly figures of areas as columns, for every analysis: read from ``area_hour``, never from raw rows."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection, text

from model.analysis import Hours, Question, Read

HOUR_S = 3_600.0

_AREAS = text("SELECT id FROM area WHERE CAST(:area AS integer) IS NULL OR id = :area")
_HOURS = text(
    """
    WITH hour AS (
        SELECT area_id, bucket, n, sum, coverage FROM area_hour
        WHERE area_id = ANY(:areas) AND asset_type = :asset_type AND observed_property = :property
          AND bucket >= :t0 AND bucket < :t1
    ), weight AS (SELECT area_id, max(n)::float8 AS w FROM hour GROUP BY area_id)
    SELECT extract(epoch FROM bucket)::float8, sum(n)::float8, sum(sum),
           sum(coverage * w) / nullif((SELECT sum(w) FROM weight), 0)
    FROM hour JOIN weight USING (area_id)
    GROUP BY bucket ORDER BY bucket
    """
)
"""Naming every area lets the primary key answer; an area weighs as many values as its fullest hour holds."""


def areas_of(connection: Connection, area_id: int | None) -> list[int]:
    """The areas a question counts over: one, or (None) all with 0 for assets outside every area."""
    found = [row[0] for row in connection.execute(_AREAS, {"area": area_id})]
    return found if area_id is not None else [0, *found]


def area_hours(
    connection: Connection, areas: Sequence[int], asset_type: str, observed_property: str, asked: Question
) -> Hours:
    """One property of an asset type over ``areas``, on every hour of the question's period."""
    rows = connection.execute(
        _HOURS,
        {
            "areas": list(areas),
            "asset_type": asset_type,
            "property": observed_property,
            "t0": asked.t0,
            "t1": asked.t1,
        },
    ).all()
    first = asked.t0.timestamp()
    count = round((asked.t1.timestamp() - first) / HOUR_S)
    columns = np.zeros((4, count))
    columns[0] = first + np.arange(count) * HOUR_S
    columns[2] = np.nan
    if rows:
        found = np.array([tuple(row) for row in rows], "f8").T
        place = np.rint((found[0] - first) / HOUR_S).astype("i8")
        columns[1:, place] = found[1:]
    return Hours(columns[0], columns[1], columns[2], np.nan_to_num(columns[3]))


def read_of(hours: Hours, source: str = "area_hour") -> Read:
    """What ``hours`` were read from, between which instants, how completely."""
    there = np.flatnonzero(hours.n > 0)
    if not len(there):
        return Read(source, None, None, 0.0, 0)
    bounds = [datetime.fromtimestamp(hours.at[i], UTC) for i in (there[0], there[-1])]
    return Read(source, bounds[0], bounds[1], float(hours.coverage.mean()), int(hours.n.sum()))


_BY_AREA = text(
    """
    SELECT h.area_id, coalesce(a.name, ''), sum(h.n)::float8, sum(h.sum), sum(h.coverage) / :hours
    FROM area_hour h LEFT JOIN area a ON a.id = h.area_id
    WHERE h.area_id = ANY(:areas) AND h.asset_type = :asset_type AND h.observed_property = :property
      AND h.bucket >= :t0 AND h.bucket < :t1
    GROUP BY h.area_id, a.name ORDER BY h.area_id
    """
)


def totals_by_area(
    connection: Connection, areas: Sequence[int], asset_type: str, observed_property: str, asked: Question
) -> list[tuple[int, str, float, float, float]]:
    """(area id, name, n, sum, coverage) over the period of each area that has any; 0 is outside all areas."""
    rows = connection.execute(
        _BY_AREA,
        {
            "areas": list(areas),
            "asset_type": asset_type,
            "property": observed_property,
            "t0": asked.t0,
            "t1": asked.t1,
            "hours": (asked.t1 - asked.t0).total_seconds() / HOUR_S,
        },
    )
    return [(row[0], row[1], row[2], row[3], min(1.0, row[4])) for row in rows]
