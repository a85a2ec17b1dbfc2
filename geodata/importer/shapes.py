"""Geometries of a batch: read from whatever the file has, mended where that is safe, brought to WGS84."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geodata.importer.batch import Batch
from geodata.importer.profile import Position, Value
from geodata.importer.values import parse_number
from geodata.placing import Floats, to_wgs84

POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
NAN = float("nan")
CHECK_DEGREES = 0.005
"""How far two columns of one row may lie apart (some 400 m) and still name the same place."""


@dataclass
class Shapes:
    """Geometries of n rows in one coordinate system.

    ``x``, ``y`` f8 (n): the points themselves, or the middle of each shape's box; NaN where there is none.
    ``shapes``: shapely objects (n) unless all are points. ``unread``: rows whose geometry text is no
    geometry, with the column it stands in. ``elsewhere``: rows whose second position disagrees.
    """

    x: Floats
    y: Floats
    shapes: npt.NDArray[np.object_] | None = None
    unread: dict[int, str] = field(default_factory=dict)
    elsewhere: set[int] = field(default_factory=set)

    def boxes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """West, south, east, north of each row, f8 (n)."""
        if self.shapes is None:
            return self.x, self.y, self.x, self.y
        west, south, east, north = shapely.bounds(self.shapes).T
        return west, south, east, north


def read_shapes(batch: Batch, position: Position) -> Shapes:
    """The geometries of ``batch``: the file's own, or from the columns ``position`` names."""
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are expected, and refused
        found = _of_columns(batch, position) if batch.wkb is None or _named(position) else _of_wkb(batch.wkb)
    if position.axes == "lat_lon":
        found = _turned(found)
    if position.check_lat_lon:
        _compare(found, *_pair(batch, position.check_lat_lon, position.decimal, latitude_first=True))
    return found


def _named(position: Position) -> bool:
    return bool(position.lon or position.lat_lon or position.lon_lat or position.wkt or position.geojson)


def _of_wkb(wkb: npt.NDArray[np.object_]) -> Shapes:
    try:
        packed = b"".join(wkb.tolist())
        points = np.frombuffer(packed, POINT) if len(packed) == POINT.itemsize * len(wkb) else None
    except TypeError:  # a row without geometry
        points = None
    if points is not None and (points["order"] == 1).all() and (points["kind"] == 1).all():
        return Shapes(points["x"].copy(), points["y"].copy())
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    return _of_shapes(shapes, shapely.is_missing(shapes) & np.array([w is not None for w in wkb]), "geometry")


def _of_shapes(shapes: npt.NDArray[np.object_], unread: npt.NDArray[np.bool_], column: str) -> Shapes:
    lost = dict.fromkeys(np.flatnonzero(unread).tolist(), column)
    shapes = shapely.force_2d(shapes)
    # A single coordinate that is no number hides from bounds: such a shape has no place at all.
    odd = _not_finite(shapes)
    shapes[odd] = None
    west, south, east, north = shapely.bounds(shapes).T
    x, y = (west + east) / 2, (south + north) / 2
    x[odd] = y[odd] = np.inf
    points = (shapely.get_type_id(shapes) == 0) | shapely.is_missing(shapes)
    return Shapes(x, y, None if points.all() else shapes, lost)


def _not_finite(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    odd = np.zeros(len(shapes), bool)
    odd[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return odd & ~shapely.is_empty(shapes)


def _of_columns(batch: Batch, position: Position) -> Shapes:
    if position.wkt or position.geojson:
        column = position.wkt or position.geojson
        reader = shapely.from_wkt if position.wkt else shapely.from_geojson
        texts = [str(t).strip() or None if t is not None else None for t in batch.columns[column].tolist()]
        shapes = reader(np.array(texts, dtype=object), on_invalid="ignore")
        return _of_shapes(
            shapes, shapely.is_missing(shapes) & np.array([t is not None for t in texts]), column
        )
    if position.lon:
        x, bad_x = _floats(batch.text(position.lon), position.lon, position.decimal)
        y, bad_y = _floats(batch.text(position.lat), position.lat, position.decimal)
        return Shapes(x, y, None, bad_x | bad_y)
    column = position.lat_lon or position.lon_lat
    x, y, unread = _pair(batch, column, position.decimal, latitude_first=bool(position.lat_lon))
    return Shapes(x, y, None, unread)


def _floats(texts: list[str], column: str, decimal: str) -> tuple[Floats, dict[int, str]]:
    """The texts as f8 (n), NaN where empty; and the rows, by place, that are no finite number."""
    rule = Value(column, "number", decimal=decimal)
    numbers = [parse_number(text, rule) if text else NAN for text in texts]
    unread = {at: column for at, number in enumerate(numbers) if not isinstance(number, float)}
    return np.array([n if isinstance(n, float) else NAN for n in numbers], "f8"), unread


def _pair(
    batch: Batch, column: str, decimal: str, *, latitude_first: bool
) -> tuple[Floats, Floats, dict[int, str]]:
    """x, y and unread rows of a column that holds "lat, lon", "lat lon" or, with commas, "lat; lon"."""
    halves = [_halves(text, decimal) for text in batch.text(column)]
    first, bad_first = _floats([half[0] for half in halves], column, decimal)
    second, bad_second = _floats([half[1] for half in halves], column, decimal)
    bad = bad_first | bad_second
    return (second, first, bad) if latitude_first else (first, second, bad)


def _halves(text: str, decimal: str) -> tuple[str, str]:
    if not text:
        return "", ""
    for mark in (";", ",", " ") if decimal == "." else (";", " "):
        parts = [part.strip(" ,;[]()") for part in text.strip(" []()").split(mark) if part.strip()]
        if len(parts) == 2:
            return parts[0], parts[1]
    return "?", "?"


def _turned(found: Shapes) -> Shapes:
    shapes: Any = found.shapes
    if shapes is not None:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return Shapes(found.y, found.x, shapes, found.unread, found.elsewhere)


def _compare(found: Shapes, x: Floats, y: Floats, _unread: dict[int, str]) -> None:
    points = shapely.points(x, y)
    own = found.shapes if found.shapes is not None else shapely.points(found.x, found.y)
    with np.errstate(invalid="ignore"):
        apart = shapely.distance(own, points) > CHECK_DEGREES
    found.elsewhere |= set(np.flatnonzero(apart).tolist())


def in_wgs84(found: Shapes, crs: str) -> Shapes:
    """The same geometries with longitude and latitude; inf where ``crs`` does not reach."""
    lon, lat = to_wgs84(found.x, found.y, crs)
    if found.shapes is None:
        return Shapes(lon, lat, None, found.unread, found.elsewhere)

    def move(xy: Floats) -> Floats:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs))

    return Shapes(lon, lat, shapely.transform(found.shapes, move), found.unread, found.elsewhere)


WANTED_TYPES = {"area": (3, 6), "street": (1, 5), "asset": (0, 1, 3, 4, 5, 6)}
"""Geometry types (shapely's ids) each target takes: surfaces, lines, or nearly anything."""


def mended(
    shapes: npt.NDArray[np.object_], target: str
) -> tuple[npt.NDArray[np.object_], set[int], set[int]]:
    """Valid shapes of the target's kind; the places that were made valid; the places of a wrong kind.

    A bow-tie becomes the two surfaces it draws (``make_valid``); what degenerates to another kind of
    geometry on the way is refused. Areas become multipolygons and streets multilines.
    """
    kinds = shapely.get_type_id(shapes)
    invalid = np.isin(kinds, (3, 6)) & ~shapely.is_valid(shapes)
    fixed = shapes.copy()
    for at in np.flatnonzero(invalid).tolist():
        fixed[at] = _surfaces(shapely.make_valid(shapes[at]))
    kinds = shapely.get_type_id(fixed)
    wrong = ~shapely.is_missing(shapes) & ~np.isin(kinds, WANTED_TYPES[target])
    if target != "asset":
        for kind, multiple in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
            for at in np.flatnonzero(~wrong & (kinds == kind)).tolist():
                fixed[at] = multiple([fixed[at]])
    return fixed, set(np.flatnonzero(invalid & ~wrong).tolist()), set(np.flatnonzero(wrong).tolist())


def _surfaces(shape: Any) -> Any:
    """The surfaces of ``shape``, without the lines and points that making it valid may leave."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shape
