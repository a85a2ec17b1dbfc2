"""Which alarms began near one another in time and place."""

import numpy as np
import numpy.typing as npt
import shapely

from services.alarms.causes.rows import Flags, Open, Places
from services.alarms.causes.topology import Topology

CELL_M = 250.0
"""What hangs on one asset within a square of this side is one point: 80 lamps of a cabinet are not 80."""

AT_ONCE = 4
"""A part of the time within which things began that counts as the same moment."""


def clusters(
    topology: Topology, rows: Open, within_s: float, near_m: float, certain: Flags | None = None
) -> Places:
    """The number of the cluster of each row, i8 (n).

    Two rows are in one where they began within ``within_s`` and stand within ``near_m``, or name the same
    substation; those that name different ones are not neighbours. Neighbours of neighbours belong too.
    What began at the same moment as one of the ``certain`` rows (n) may stand twice as far from it.
    """
    if not len(rows):
        return np.empty(0, "i8")
    points = _points(topology, rows, within_s)
    count = int(points.max()) + 1
    begin, end = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(begin, points, rows["raised"])
    np.maximum.at(end, points, rows["raised"])
    place, supply = np.zeros((count, 2)), np.full(count, -1, "i8")
    place[points], supply[points] = topology.xy[rows["index"]], topology.supply[rows["index"]]
    one, other = np.concatenate([_near(place, supply, 2 * near_m), _of_one_supply(supply, begin)], axis=1)
    gap = np.maximum(0.0, np.maximum(begin[one] - end[other], begin[other] - end[one]))
    metres = np.hypot(*(place[one] - place[other]).T)
    same = (supply[one] >= 0) & (supply[one] == supply[other])
    sure = np.zeros(count, bool)
    if certain is not None:
        sure[points[certain]] = True
    close = np.where((gap <= within_s / AT_ONCE) & (sure[one] | sure[other]), 2 * near_m, near_m)
    joined = (gap <= within_s) & (same | (metres <= close))
    one, other = one[joined], other[joined]
    return _joined(count, one, other)[points]


def _points(topology: Topology, rows: Open, within_s: float) -> Places:
    """The number of the point each row is taken for."""
    index = rows["index"]
    cell = np.floor(np.nan_to_num(topology.xy[index]) / CELL_M).astype("i8")
    kinds = np.column_stack([rows["rule"], topology.unit(index), cell, topology.supply[index]])
    _, kind = np.unique(kinds, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.lexsort((rows["raised"], kind))
    apart = (np.diff(kind[order]) != 0) | (np.diff(rows["raised"][order]) > within_s)
    points = np.empty(len(rows), "i8")
    points[order] = np.concatenate([[0], np.cumsum(apart)])
    return points


def _near(place: npt.NDArray[np.float64], supply: Places, near_m: float) -> Places:
    """Pairs (2, m) of points within ``near_m`` that do not name different substations."""
    shapes = np.asarray(shapely.points(place))
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=near_m)
    kept = (one < other) & ((supply[one] < 0) | (supply[other] < 0) | (supply[one] == supply[other]))
    return np.stack([one[kept], other[kept]]).astype("i8")


def _of_one_supply(supply: Places, begin: npt.NDArray[np.float64]) -> Places:
    """Pairs (2, m) of points that follow one another in time under one substation, however far apart."""
    order = np.lexsort((begin, supply))
    same = (np.diff(supply[order]) == 0) & (supply[order][1:] >= 0)
    return np.stack([order[:-1][same], order[1:][same]]).astype("i8")


def _joined(count: int, one: Places, other: Places) -> Places:
    """The smallest point that each of ``count`` is joined to by pairs, over however many."""
    label = np.arange(count)
    while len(one):
        before = label.copy()
        low = np.minimum(label[one], label[other])
        np.minimum.at(label, one, low)
        np.minimum.at(label, other, low)
        label = label[label]
        if (label == before).all():
            break
    return label
