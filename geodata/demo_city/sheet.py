"""The sheet the demo city's equipment is written on, one row an asset, parents before their children."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.demo_city.ground import Floats


@dataclass
class Sheet:
    """Rows of equipment being drawn.

    ``rating`` is an asset's rated quantity (a lamp's W, a cabinet's kW when all is lit, a meter's base kW,
    a detector's busiest veh/h, a car park's places) and ``kind`` its variety within the type (a cabinet's
    dimming programme, a building's use, a detector's traffic profile).
    """

    types: list[str] = field(default_factory=list)
    external_ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    streets: list[str] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    rating: list[float] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    attributes: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        asset_type: str,
        external_id: str,
        name: str,
        street: str,
        at: Floats,
        *,
        parent: int = -1,
        rating: float = 0.0,
        kind: int = 0,
        year: int = 2018,
        **attributes: Any,
    ) -> int:
        """Write one asset at ``at`` (metres); returns its row."""
        self.types.append(asset_type)
        self.external_ids.append(external_id)
        self.names.append(name)
        self.streets.append(street)
        self.points.append((float(at[0]), float(at[1])))
        self.parents.append(parent)
        self.rating.append(rating)
        self.kind.append(kind)
        self.years.append(year)
        self.attributes.append(attributes)
        return len(self.types) - 1


def z_order(xy: Floats) -> npt.NDArray[np.int64]:
    """The order of points ``xy`` (n, 2) along a Z-shaped curve: neighbours get neighbouring numbers."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    cells = ((xy - low) / np.maximum(high - low, 1) * 1023).astype("i8")
    key = np.zeros(len(xy), "i8")
    for bit in range(10):
        key |= (cells[:, 0] >> bit & 1) << 2 * bit | (cells[:, 1] >> bit & 1) << 2 * bit + 1
    return np.argsort(key, kind="stable")


def apart(rng: np.random.Generator, xy: Floats, weight: Floats, count: int, distance: float) -> list[int]:
    """Choose ``count`` of the points ``xy``, likelier where ``weight`` is larger, ``distance`` m apart.

    When there is no room for that many, the distance is halved, and halved again.
    """
    order = np.argsort(-np.log(rng.random(len(xy))) / np.maximum(weight, 1e-9))
    order = order[weight[order] > 0]
    chosen: list[int] = []
    while len(chosen) < min(count, len(order)):
        taken = set(chosen)
        for at in order.tolist():
            if len(chosen) >= count:
                break
            if at not in taken and _clear(xy, chosen, at, distance):
                chosen.append(at)
        distance /= 2
    return chosen


def _clear(xy: Floats, chosen: list[int], at: int, distance: float) -> bool:
    return not chosen or float(np.square(xy[chosen] - xy[at]).sum(axis=1).min()) > distance**2
