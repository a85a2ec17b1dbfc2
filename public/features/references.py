"""Coordinate reference systems a feature can be asked in: their addresses, axes and decimals."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Reference:
    """One system: its URI, what PROJ calls it, whether latitude comes first, decimals worth writing."""

    uri: str
    name: str
    swapped: bool = False
    decimals: int = 2


CRS84 = Reference("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84", decimals=6)
REFERENCES = {
    one.uri: one
    for one in (
        CRS84,
        Reference("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326", swapped=True, decimals=6),
        Reference("http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"),
        Reference("http://www.opengis.net/def/crs/EPSG/0/2154", "EPSG:2154"),
    )
}
"""By URI, the default (and what is stored) first."""


def shapes_in(shapes: npt.NDArray[Any], reference: Reference) -> npt.NDArray[Any]:
    """``shapes`` of CRS84 in ``reference``, its axes in its own order, rounded to its decimals."""
    moved: npt.NDArray[Any] = shapely.transform(shapes, partial(_there, reference))
    return moved


def shape_from(shape: Any, reference: Reference) -> Any:
    """``shape`` of ``reference``, axes in its own order, in CRS84."""
    return shapely.transform(shape, partial(_back, reference))


def coordinates_in(x: Floats, y: Floats, reference: Reference) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in ``reference``, east (or longitude) first whatever its axes are."""
    if reference.name in ("OGC:CRS84", "EPSG:4326"):
        return x, y
    east, north = _to(reference.name).transform(x, y)
    return np.asarray(east, "f8"), np.asarray(north, "f8")


def east_first(box: Box, reference: Reference) -> Box:
    """``box`` as asked in ``reference``, with east (or longitude) first."""
    return (box[1], box[0], box[3], box[2]) if reference.swapped else box


def box_in_degrees(box: Box, reference: Reference) -> Box:
    """A box of degrees around all of ``box`` (east first)."""
    if reference.name in ("OGC:CRS84", "EPSG:4326"):
        return box
    return tuple(_from(reference.name).transform_bounds(*box, densify_pts=21))  # type: ignore[return-value]


def _there(reference: Reference, pairs: Floats) -> Floats:
    x, y = coordinates_in(pairs[:, 0], pairs[:, 1], reference)
    pair = (y, x) if reference.swapped else (x, y)
    return np.asarray(np.round(np.column_stack(pair), reference.decimals) + 0.0, "f8")


def _back(reference: Reference, pairs: Floats) -> Floats:
    first, second = pairs[:, 0], pairs[:, 1]
    x, y = (second, first) if reference.swapped else (first, second)
    if reference.name not in ("OGC:CRS84", "EPSG:4326"):
        x, y = _from(reference.name).transform(x, y)
    return np.asarray(np.column_stack((x, y)), "f8")


@cache
def _to(name: str) -> Transformer:
    return Transformer.from_crs("OGC:CRS84", name, always_xy=True)


@cache
def _from(name: str) -> Transformer:
    return Transformer.from_crs(name, "OGC:CRS84", always_xy=True)
