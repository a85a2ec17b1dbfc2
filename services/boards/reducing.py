"""From a day's n and sum to a figure: the formulas in one place, as the board's definitions state them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.board import Figure, Reduce
from services.history import AreaTable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pooled:
    """The sources of one figure added up: f8 (areas, days), and points by area (f8)."""

    n: Floats
    sum: Floats
    coverage: Floats
    city_coverage: Floats
    points: Floats
    hours: Floats


def pooled(table: AreaTable, figure: Figure, points: Floats) -> Pooled:
    """The figure's sources as one; coverage is their mean, each weighing its values."""
    pairs = figure.sources
    n = sum((table.n[pair] for pair in pairs), np.zeros((len(table.areas), len(table.days))))
    weight = {pair: table.weight(pair) for pair in pairs}
    covered = sum((table.coverage[pair] * weight[pair] for pair in pairs), np.zeros_like(n))
    whole = sum((weight[pair] for pair in pairs), np.zeros((len(table.areas), 1)))
    return Pooled(
        n=n,
        sum=sum((table.sum[pair] for pair in pairs), np.zeros_like(n)),
        coverage=np.divide(covered, whole, out=np.zeros_like(n), where=whole > 0),
        city_coverage=covered.sum(axis=0) / max(float(whole.sum()), 1e-9),
        points=points,
        hours=table.hours,
    )


def reduce(how: Reduce, n: Floats, total: Floats, points: Floats | float, hours: Floats) -> Floats:
    """The figure of each cell; NaN where nothing was received.

    rate 100 * sum / n; availability 100 * (1 - sum / n), both of shares of asset-hours; vehicles: mean
    flow (veh/h) * hours of the day; total sum; per point sum / points.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, total / n, np.nan)
        if how is Reduce.RATE:
            return 100 * mean
        if how is Reduce.AVAILABILITY:
            return 100 * (1 - mean)
        if how is Reduce.VEHICLES:
            return mean * hours
        received = np.where(n > 0, total, np.nan)
        per: Floats = received / points if how is Reduce.PER_POINT else received
        return np.where(np.isfinite(per), per, np.nan)


def city_values(figure: Figure, cells: Pooled) -> Floats:
    """The figure of the whole city by day, NaN under its coverage floor."""
    values = reduce(
        figure.reduce, cells.n.sum(axis=0), cells.sum.sum(axis=0), float(cells.points.sum()), cells.hours
    )
    return np.where(cells.city_coverage >= figure.coverage_floor, values, np.nan)


def area_values(figure: Figure, cells: Pooled, day: int) -> Floats:
    """The figure of each area on one day, NaN under the coverage floor."""
    how = figure.per_area or figure.reduce
    values = reduce(how, cells.n[:, day], cells.sum[:, day], cells.points, cells.hours[day : day + 1])
    return np.where(cells.coverage[:, day] >= figure.coverage_floor, values, np.nan)
