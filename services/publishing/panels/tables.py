"""Reading the published tables a panel is drawn from: a panel never sees more than its datasets let out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from shapely.geometry.base import BaseGeometry

Tables = Mapping[str, pa.Table]
"""Published tables by their dataset's name, with the register's columns; those not published are absent."""

Outlines = Mapping[str, BaseGeometry]
"""Areas by their code, WGS84."""


def rows_of(tables: Tables, name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """``columns`` of the table ``name``, row by row; empty where it is not published with them all."""
    table = tables.get(name)
    if table is None or not set(columns) <= set(table.column_names):
        return []
    return list(zip(*(table.column(column).to_pylist() for column in columns), strict=True))


def narrowed(tables: Tables, code: str) -> Tables:
    """What the tables say of the area ``code`` alone; those that do not tell areas apart are left out."""
    return {
        name: table.filter(pc.equal(table.column("area_code"), code))
        for name, table in tables.items()
        if "area_code" in table.column_names
    }


def areas_of(tables: Tables) -> dict[str, str]:
    """Name by code of every area in the tables, by name."""
    found: dict[str, str] = {}
    for table in tables.values():
        if {"area_code", "area"} <= set(table.column_names):
            pairs = table.group_by(["area_code", "area"]).aggregate([]).to_pylist()
            found |= {row["area_code"]: row["area"] for row in pairs if row["area_code"] and row["area"]}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def last_days(rows: Sequence[tuple[Any, ...]], count: int) -> list[date]:
    """The ``count`` days up to the newest in the first column of ``rows``, oldest first."""
    if not rows:
        return []
    newest: date = max(row[0] for row in rows)
    return [newest - timedelta(days=back) for back in range(count - 1, -1, -1)]


def weighted(pairs: Iterator[tuple[float | None, float | None]]) -> float | None:
    """The mean of values by their weights, without those that are missing. None for nothing."""
    total = weight = 0.0
    for value, heavy in pairs:
        if value is not None and heavy:
            total, weight = total + value * heavy, weight + heavy
    return total / weight if weight else None


def newest_instant(values: Sequence[datetime | None]) -> datetime | None:
    """The newest of ``values``; None when there is none."""
    return max((value for value in values if value is not None), default=None)
