"""The ground under pictures of the city: areas and streets in a flat box, true to shape at its latitude.

One projection for a report's drawing and a replay's pixels: degrees east are shortened by the cosine of the
middle latitude, which over a city errs by less than a line is wide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Engine, text

from geodata.asking import asking
from model.report import Ground

Floats = npt.NDArray[np.float64]
Line = Floats
MARGIN = 0.02
DEADLINE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A box of ``width`` by ``height`` over a piece of the earth: WGS84 degrees to places in it, y down."""

    width: float
    height: float
    west: float
    north: float
    kx: float
    ky: float

    def place(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Where ``lon``, ``lat`` lie in the box."""
        return (np.asarray(lon) - self.west) * self.kx, (self.north - np.asarray(lat)) * self.ky


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Lines of the ground in degrees: each f8 (n, 2), longitude first."""

    areas: tuple[Line, ...]
    streets: dict[int, tuple[Line, ...]]


_AREAS = text(
    "SELECT ST_AsBinary(geometry) FROM area WHERE kind = :kind AND geometry IS NOT NULL ORDER BY id"
)
_STREETS = text(
    "SELECT rank, ST_AsBinary(ST_Simplify(geometry, 0.0001, true)) FROM street "
    "WHERE removed_at IS NULL AND geometry IS NOT NULL AND rank <= :least ORDER BY rank, id"
)


def read_lines(engine: Engine, area_kind: str, least_rank: int = 2) -> Lines:
    """The outlines of all areas of ``area_kind`` and the streets of at most ``least_rank``."""
    with asking(engine, DEADLINE_MS) as connection:
        areas = [bytes(row[0]) for row in connection.execute(_AREAS, {"kind": area_kind})]
        streets = [(row[0], bytes(row[1])) for row in connection.execute(_STREETS, {"least": least_rank})]
    ranks = sorted({rank for rank, _ in streets})
    return Lines(
        _lines_of(areas),
        {rank: _lines_of(wkb for own, wkb in streets if own == rank) for rank in ranks},
    )


def _lines_of(shapes: Iterable[bytes]) -> tuple[Line, ...]:
    """Every ring and line of ``shapes``, each as its coordinates."""
    parts = [shapely.from_wkb(wkb) for wkb in shapes]
    found: list[Line] = []
    for part in shapely.get_parts(np.array(parts, "O")) if parts else ():
        kind = part.geom_type
        rings = [part.exterior, *part.interiors] if kind == "Polygon" else [part]
        found += [np.asarray(shapely.get_coordinates(ring), "f8") for ring in rings]
    return tuple(line for line in found if len(line) > 1)


def frame_over(lines: Lines, bounds: Sequence[float], width: float, height: float | None = None) -> Frame:
    """The box that holds all areas (or ``bounds`` west, south, east, north, where there are none).

    ``height`` None: as high as the shape asks; else the city is fitted into the box and centred.
    """
    west, south, east, north = _extent(lines, bounds)
    shrink = cos(radians((south + north) / 2))
    wide, high = (east - west) * shrink, north - south
    if height is None:
        ky = width * (1 - 2 * MARGIN) / wide
        height = high * ky + 2 * MARGIN * width
    else:
        ky = min(width / wide, height / high) * (1 - 2 * MARGIN)
    kx = ky * shrink
    return Frame(
        width,
        round(height, 1),
        west - (width - wide * ky) / 2 / kx,
        north + (height - high * ky) / 2 / ky,
        kx,
        ky,
    )


def _extent(lines: Lines, bounds: Sequence[float]) -> tuple[float, float, float, float]:
    if not lines.areas:
        return bounds[0], bounds[1], bounds[2], bounds[3]
    every = np.vstack(lines.areas)
    (west, south), (east, north) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    return west, south, east, north


def drawn_ground(lines: Lines, frame: Frame) -> Ground:
    """The lines as SVG paths in the box of ``frame``."""
    return Ground(
        frame.width,
        frame.height,
        tuple(path([line], frame) + "Z" for line in lines.areas),
        {rank: path(streets, frame) for rank, streets in lines.streets.items()},
    )


def path(lines: Iterable[Line], frame: Frame) -> str:
    """One SVG path through each of ``lines``, to a tenth of the box's unit."""
    return "".join(_one_path(line, frame) for line in lines)


def _one_path(line: Line, frame: Frame) -> str:
    x, y = frame.place(line[:, 0], line[:, 1])
    points = np.round(np.column_stack([x, y]), 1)
    changed = np.any(np.diff(points, axis=0) != 0, axis=1)
    points = points[np.concatenate([[True], changed])]
    return "M" + "L".join(f"{a:g} {b:g}" for a, b in points.tolist())
