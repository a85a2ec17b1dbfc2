"""Where the rows of a collection are: found by box or by shape, taken back as geometries.

Points, which nearly everything a city publishes is, are two arrays and their order from west to east: a box
is a slice of that order. Anything else is geometries in a tree.
"""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from public.features.references import CRS84, Box, Floats, Reference, box_in_degrees, coordinates_in

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


class Places(Protocol):
    """The geometries of a collection's rows, in CRS84."""

    missing: Mask
    """Rows that have none."""

    @property
    def nbytes(self) -> int:
        """Memory held, about."""
        ...

    def take(self, rows: Any) -> npt.NDArray[Any]:
        """The geometries of ``rows``."""
        ...

    def inside(self, box: Box, reference: Reference = CRS84) -> Mask:
        """Rows that meet ``box``, east first, in ``reference``; rows without a place are not among them."""
        ...

    def meeting(self, shape: Any) -> Mask:
        """Rows that meet ``shape`` (CRS84)."""
        ...


class Points:
    """Points, with an order from west to east."""

    def __init__(self, x: Floats, y: Floats) -> None:
        self.x, self.y = x, y
        self.missing: Mask = ~np.isfinite(x)
        order = np.argsort(x, kind="stable")
        self._order = order[: len(x) - int(self.missing.sum())].astype("i4")  # NaN is last
        self._east, self._north = x[self._order], y[self._order]

    @property
    def nbytes(self) -> int:
        """Memory held, about."""
        return sum(one.nbytes for one in (self.x, self.y, self.missing, self._order, self._east, self._north))

    def take(self, rows: Any) -> npt.NDArray[Any]:
        """The points of ``rows``; None where there is none."""
        x, y = self.x[rows], self.y[rows]
        shapes = np.asarray(shapely.points(x, y), object).reshape(x.shape)
        shapes[~np.isfinite(x)] = None
        return shapes

    def inside(self, box: Box, reference: Reference = CRS84) -> Mask:
        """Rows in ``box``: a slice of the order, then what of it lies in the box of ``reference``."""
        rows = self._in_degrees(box_in_degrees(box, reference))
        if reference is not CRS84:
            east, north = coordinates_in(self.x[rows], self.y[rows], reference)
            rows = rows[(east >= box[0]) & (east <= box[2]) & (north >= box[1]) & (north <= box[3])]
        return self._marked(rows)

    def meeting(self, shape: Any) -> Mask:
        """Rows on or in ``shape``."""
        rows = self._in_degrees(shapely.bounds(shape))
        shapely.prepare(shape)
        return self._marked(rows[shapely.intersects_xy(shape, self.x[rows], self.y[rows])])

    def _in_degrees(self, box: Any) -> npt.NDArray[np.int32]:
        west, south, east, north = box
        first = np.searchsorted(self._east, west, "left")
        last = np.searchsorted(self._east, east, "right")
        ups = self._north[first:last]
        found: npt.NDArray[np.int32] = self._order[first:last][(ups >= south) & (ups <= north)]
        return found

    def _marked(self, rows: npt.NDArray[np.int32]) -> Mask:
        mask = np.zeros(len(self.x), bool)
        mask[rows] = True
        return mask


class Shapes:
    """Geometries of any kind, in a tree of their boxes."""

    def __init__(self, shapes: npt.NDArray[Any]) -> None:
        self._shapes = shapes
        self.missing: Mask = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        self._tree = shapely.STRtree(shapes)

    @property
    def nbytes(self) -> int:
        """Memory held, about: a coordinate is three times itself in GEOS, a geometry a few hundred bytes."""
        return int(shapely.get_num_coordinates(self._shapes).sum()) * 48 + len(self._shapes) * 400

    def take(self, rows: Any) -> npt.NDArray[Any]:
        """The geometries of ``rows``."""
        return np.asarray(self._shapes[rows], object)

    def inside(self, box: Box, reference: Reference = CRS84) -> Mask:
        """Rows that meet ``box``; of another system, judged in that system."""
        near = self._found(shapely.box(*box_in_degrees(box, reference)))
        if reference is CRS84 or not len(near):
            return self._marked(near)
        there = shapely.transform(self._shapes[near], lambda c: np.column_stack(
            coordinates_in(c[:, 0], c[:, 1], reference)))  # fmt: skip
        return self._marked(near[shapely.intersects(there, shapely.box(*box))])

    def meeting(self, shape: Any) -> Mask:
        """Rows that meet ``shape``."""
        return self._marked(self._found(shape))

    def _found(self, shape: Any) -> Rows:
        return np.asarray(self._tree.query(shape, predicate="intersects"), "i8")

    def _marked(self, rows: Rows) -> Mask:
        mask = np.zeros(len(self._shapes), bool)
        mask[rows] = True
        return mask


def places_of(wkb: pa.ChunkedArray) -> Places:
    """The places of a column of WKB: points as columns, anything else as geometries."""
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    kinds = np.unique(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]))
    if set(kinds.tolist()) <= {0}:
        return Points(shapely.get_x(shapes), shapely.get_y(shapes))
    return Shapes(shapes)
