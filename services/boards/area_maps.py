"""What maps of key figures stand on: outlines of the areas, hatching for those without value, and counts."""

import math
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.area_maps import MapArea

DEADLINE_MS = 3_000
_HATCHES = 90
"""Hatch lines across the whole city: fine enough for its smallest commune."""

_AREAS = text(
    """
    SELECT id, code, name, population, ST_Area(geometry::geography) / 1e6 AS km2,
           ST_AsBinary(ST_SnapToGrid(geometry, 0.0004)) AS outline
    FROM area WHERE kind = :kind AND geometry IS NOT NULL ORDER BY name
    """
)
_POINTS = text(
    """
    SELECT CASE WHEN :kind = 'district' THEN district_id ELSE commune_id END, count(*)
    FROM asset WHERE asset_type = ANY (:types) AND (installed_at IS NULL OR installed_at < :until)
      AND (removed_at IS NULL OR removed_at >= :until)
    GROUP BY 1
    """
)


class AreaMaps:
    """Outlines and counts of one city's areas. Methods block; they raise Unavailable without a database."""

    def __init__(self, engine: Engine, profile: CityProfile) -> None:
        self._engine = engine
        self._profile = profile

    def areas(self) -> tuple[MapArea, ...]:
        """The areas the city counts by, by name; outlines thinned to about 40 m, shared borders shared."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_AREAS, {"kind": self._profile.area_kind}).all()
        shapes = [shapely.make_valid(shapely.from_wkb(bytes(row.outline))) for row in rows]
        lines = _hatching(shapes)
        return tuple(
            MapArea(
                row.id, row.code, row.name, row.population, row.km2, _geojson(shape), _within(lines, shape)
            )
            for row, shape in zip(rows, shapes, strict=True)
        )

    def points(self, types: Collection[str], last: date) -> dict[int, int]:
        """How many assets of ``types`` each area had at the end of the local day ``last``."""
        until = datetime.combine(last + timedelta(days=1), time(), self._profile.zone)
        bounds = {"kind": self._profile.area_kind, "types": sorted(types), "until": until}
        with asking(self._engine, DEADLINE_MS) as connection:
            return {area: count for area, count in connection.execute(_POINTS, bounds) if area is not None}


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    return [orient(part, sign=-1.0) for part in parts if isinstance(part, Polygon) and not part.is_empty]


def _geojson(shape: BaseGeometry) -> dict[str, object]:
    """``shape`` as a geometry: on a globe an outer ring runs clockwise, else it is all but the area."""
    told: dict[str, object] = shapely.geometry.mapping(MultiPolygon(_polygons(shape)))
    return told


def _hatching(shapes: list[BaseGeometry]) -> list[shapely.LineString]:
    """Parallel lines at 45 degrees across everything, as the eye sees them: true to the latitude."""
    if not shapes:
        return []
    west, south, east, north = shapely.total_bounds(shapes)
    slope = math.cos(math.radians((south + north) / 2))
    high = (east - west) * slope
    step = (north - south + high) / _HATCHES
    starts = [south - high + step * at for at in range(_HATCHES + 1)]
    return [shapely.LineString([(west, start), (east, start + high)]) for start in starts]


def _within(lines: list[shapely.LineString], shape: BaseGeometry) -> list[list[tuple[float, float]]]:
    cut = [part for line in lines for part in shapely.get_parts(shapely.intersection(line, shape))]
    return [
        [(round(x, 5), round(y, 5)) for x, y in part.coords]
        for part in cut
        if isinstance(part, shapely.LineString) and not part.is_empty
    ]
