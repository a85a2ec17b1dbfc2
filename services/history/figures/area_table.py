"""Many figures of many areas over many local days at once: what a board is computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.history.calendar import day_hours, days_between

Pair = tuple[str, str]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AreaTable:
    """Figures by (area, local day) for each asset type and property.

    ``areas`` area ids (0: outside all), ``days`` the local days, ``hours`` how long each lasts. ``n``,
    ``sum`` and ``coverage`` map a pair to f8 (areas, days): number of values, their sum, share of the
    hours' expected values received. What was not received is 0 with coverage 0.
    """

    areas: tuple[int, ...]
    days: tuple[date, ...]
    hours: Floats
    n: dict[Pair, Floats]
    sum: dict[Pair, Floats]
    coverage: dict[Pair, Floats]

    def weight(self, pair: Pair) -> Floats:
        """What each area weighs, f8 (areas, 1): the values an hour of its fullest day held."""
        weight: Floats = (self.n[pair] / self.hours).max(axis=1, keepdims=True, initial=0.0)
        return weight

    def city_coverage(self, pair: Pair) -> Floats:
        """Coverage of the whole city by day, each area at its weight."""
        weight = self.weight(pair)
        total = weight.sum()
        covered: Floats = (self.coverage[pair] * weight).sum(axis=0)
        return covered / total if total else covered


_TABLE = text(
    """
    SELECT asset_type, observed_property, area_id, day, n, sum, coverage FROM area_day
    WHERE day >= :first AND day <= :last AND asset_type = ANY (:types) AND observed_property = ANY (:names)
    """
)


def area_table(
    connection: Connection, zone: ZoneInfo, pairs: Sequence[Pair], first: date, last: date
) -> AreaTable:
    """The figures ``pairs`` of every area and every local day from ``first`` to ``last``."""
    days = tuple(days_between(first, last))
    bounds = {
        "first": first,
        "last": last,
        "types": sorted({pair[0] for pair in pairs}),
        "names": sorted({pair[1] for pair in pairs}),
    }
    rows = connection.execute(_TABLE, bounds).all()
    areas = tuple(sorted({row[2] for row in rows}))
    hours = np.array([day_hours(day, zone) for day in days], "f8")
    n, total, coverage = ({pair: np.zeros((len(areas), len(days))) for pair in pairs} for _ in range(3))
    table = AreaTable(areas, days, hours, n, total, coverage)
    at_area, at_day = {a: i for i, a in enumerate(areas)}, {d: i for i, d in enumerate(days)}
    for kind, name, area, day, count, added, covered in rows:
        if (kind, name) not in table.n:
            continue
        cell = at_area[area], at_day[day]
        table.n[kind, name][cell] = count
        table.sum[kind, name][cell] = added
        table.coverage[kind, name][cell] = covered
    return table
