"""Maps of key figures by area: what one shows, what its values are divided by, and why an area has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from model.kpis import Kpi, KpiTable, Measure

CLASSES = 5
"""Steps of a map's colours: more cannot be told apart."""


class Per(StrEnum):
    """What a figure that grows with its area is divided by; ``ITSELF``: shown as it is."""

    ITSELF = "itself"
    POINT = "point"
    INHABITANT = "inhabitant"
    KM2 = "km2"


class Missing(StrEnum):
    """Why an area has no value; its words are ``kpi_map.missing_<value>``."""

    NOTHING = "nothing"
    COVERAGE = "coverage"
    WITHHELD = "withheld"
    NO_DENOMINATOR = "no_denominator"
    OUTSIDE = "outside"
    """A part of the city this reader may not see, or where the figure is not counted."""


@dataclass(frozen=True)
class MapArea:
    """One area of a map: ``outline`` as a GeoJSON geometry (WGS84, wound as maps on a globe want it),
    ``hatch`` lines across it as lists of points, for when it has no value. ``km2`` is its surface."""

    id: int
    code: str
    name: str
    population: int | None
    km2: float
    outline: Mapping[str, Any] = field(repr=False)
    hatch: Sequence[Sequence[tuple[float, float]]] = field(repr=False)


@dataclass(frozen=True)
class Told:
    """What a map says of one area: its value, or why there is none. ``coverage`` is 0 to 1, NaN unknown."""

    area: MapArea
    value: float | None
    coverage: float
    missing: Missing | None


def dividing(kpi: Kpi) -> tuple[Per, ...]:
    """What ``kpi`` may be divided by: only a total grows with its area, a rate or a median does not."""
    return tuple(Per) if kpi.measure is Measure.TOTAL else (Per.ITSELF,)


def divisor(area: MapArea, per: Per, points: Mapping[int, int]) -> float | None:
    """How much of ``per`` there is in ``area``; None where that is not known or none."""
    found = {
        Per.ITSELF: 1.0,
        Per.POINT: float(points.get(area.id, 0)),
        Per.INHABITANT: float(area.population or 0),
        Per.KM2: area.km2,
    }[per]
    return found if found > 0 else None


def told(
    areas: Sequence[MapArea], table: KpiTable, at: int, per: Per, points: Mapping[int, int]
) -> tuple[Told, ...]:
    """What the period ``at`` (its place in ``table.starts``) says of each of ``areas``, in their order."""
    rows = {area_id: row for row, (area_id, _) in enumerate(table.areas)}
    return tuple(_told(area, rows.get(area.id), table, at, divisor(area, per, points)) for area in areas)


def _told(area: MapArea, row: int | None, table: KpiTable, at: int, by: float | None) -> Told:
    if row is None:
        return Told(area, None, float("nan"), Missing.OUTSIDE)
    value, coverage = float(table.values[row, at]), float(table.coverage[row, at])
    if np.isfinite(value):
        return Told(
            area, None if by is None else value / by, coverage, None if by else Missing.NO_DENOMINATOR
        )
    if not np.isfinite(coverage) or coverage <= 0:
        return Told(area, None, coverage, Missing.NOTHING)
    below = coverage < table.kpi.coverage_floor
    return Told(area, None, coverage, Missing.COVERAGE if below else Missing.WITHHELD)


def class_bounds(values: Sequence[float]) -> tuple[float, ...]:
    """The bounds of up to ``CLASSES`` classes of equal width in round numbers that hold ``values``.

    Two bounds where all are equal; none for no value.
    """
    if not values:
        return ()
    low, high = min(values), max(values)
    if low == high:
        return (low, high)
    width = _round_width((high - low) / CLASSES)
    first = np.floor(low / width + 1e-9) * width
    while first + CLASSES * width < high - 1e-9 * width:
        width = _round_width(width * 1.01)
        first = np.floor(low / width + 1e-9) * width
    count = max(1, int(np.ceil((high - first) / width - 1e-9)))
    return tuple(round(float(first + step * width), 10) for step in range(count + 1))


def _round_width(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least ``least``."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= least * (1 - 1e-9)))


def class_of(value: float, bounds: Sequence[float]) -> int:
    """Which class ``value`` is in, from 0; the last holds its own end."""
    return int(np.clip(np.searchsorted(bounds, value, side="right") - 1, 0, max(len(bounds) - 2, 0)))


def shade_of(step: int, classes: int, low_is_dark: bool) -> int:
    """The shade (0 palest to ``CLASSES`` - 1) of class ``step`` of ``classes``: spread over all shades.

    Dark is always the end that is served worst: the low one where ``low_is_dark``.
    """
    place = step if classes < 2 else round(step * (CLASSES - 1) / (classes - 1))
    return CLASSES - 1 - place if low_is_dark else place
