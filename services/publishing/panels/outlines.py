"""Outlines of areas as paths of a small map: one plane, north up, no projection finer than the eye."""

from collections.abc import Mapping
from math import cos, radians

from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

WIDTH = 1000
_MARGIN = 8


class Plan:
    """Where places of ``outlines`` (WGS84, by code) lie on a map ``WIDTH`` wide and ``height`` high."""

    def __init__(self, outlines: Mapping[str, BaseGeometry]) -> None:
        bounds = [outline.bounds for outline in outlines.values()]
        self._west = min((box[0] for box in bounds), default=0.0)
        self._north = max((box[3] for box in bounds), default=1.0)
        east, south = (
            max((box[2] for box in bounds), default=1.0),
            min((box[1] for box in bounds), default=0.0),
        )
        # A degree of longitude is shorter by the cosine of the latitude: true enough over one city.
        self.latitude = (south + self._north) / 2
        self._squeeze = cos(radians(self.latitude))
        self._scale = (WIDTH - 2 * _MARGIN) / max((east - self._west) * self._squeeze, 1e-9)
        self.height = round((self._north - south) * self._scale) + 2 * _MARGIN

    def path(self, outline: BaseGeometry) -> str:
        """``outline`` as the data of an SVG path, whole units."""
        parts = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
        polygons = [part for part in parts if isinstance(part, Polygon)]
        rings = [ring for part in polygons for ring in (part.exterior, *part.interiors)]
        return "".join(self._ring(list(ring.coords)) for ring in rings)

    def units(self, degrees: float) -> float:
        """How wide so many degrees of longitude are on the map."""
        return degrees * self._squeeze * self._scale

    def _ring(self, corners: list[tuple[float, ...]]) -> str:
        points = list(dict.fromkeys(self.point(*corner[:2]) for corner in corners))
        if len(points) < 3:
            return ""
        first, *rest = points
        return f"M{first[0]} {first[1]}L" + " ".join(f"{x} {y}" for x, y in rest) + "Z"

    def point(self, lon: float, lat: float) -> tuple[int, int]:
        """Where a place is on the map, whole units."""
        x = _MARGIN + (lon - self._west) * self._squeeze * self._scale
        y = _MARGIN + (self._north - lat) * self._scale
        return round(x), round(y)
