"""The base map: streets and areas as GeoJSON for the browser, made once per layout version.

Positions are WGS84, longitude first, five digits (about a metre); lines lose the vertices that a screen
cannot show.
"""

from collections.abc import Callable

from sqlalchemy import Engine, text

from geodata.asking import asking

DEADLINE_MS = 15_000
_STREET_TOLERANCE = 0.00003
_AREA_TOLERANCE = 0.00008

_STREETS = text(
    """
    SELECT coalesce(string_agg(json_build_object('type', 'Feature', 'geometry', g.shape::json,
               'properties', json_build_object('rank', g.rank, 'name', g.name))::text,
               ',' ORDER BY g.rank DESC, g.id), '')
    FROM (SELECT id, rank, name, ST_AsGeoJSON(ST_Simplify(geometry, :tolerance, true), 5) AS shape
          FROM street WHERE removed_at IS NULL AND geometry IS NOT NULL) g
    """
)
_AREAS = text(
    """
    SELECT coalesce(string_agg(json_build_object('type', 'Feature', 'id', g.id, 'geometry', g.shape::json,
               'properties', json_build_object('id', g.id, 'name', g.name, 'kind', g.kind, 'code', g.code,
                                               'lon', round(ST_X(g.label)::numeric, 5),
                                               'lat', round(ST_Y(g.label)::numeric, 5)))::text,
               ',' ORDER BY g.id), '')
    FROM (SELECT id, name, kind, code,
                 ST_AsGeoJSON(ST_SimplifyPreserveTopology(geometry, :tolerance), 5) AS shape,
                 (ST_MaximumInscribedCircle(geometry)).center AS label
          FROM area WHERE geometry IS NOT NULL) g
    """
)


def streets_geojson(engine: Engine) -> bytes:
    """All streets, local ones first so that main ones are drawn over them; ``rank`` 1..3 and ``name``."""
    return _collection(engine, _STREETS, _STREET_TOLERANCE)


def areas_geojson(engine: Engine) -> bytes:
    """All areas with ``name``, ``kind``, ``code`` and a label point well inside (``lon``, ``lat``)."""
    return _collection(engine, _AREAS, _AREA_TOLERANCE)


LAYERS: dict[str, Callable[[Engine], bytes]] = {"streets": streets_geojson, "areas": areas_geojson}
"""The layers of the base map by the name they are served under."""


def _collection(engine: Engine, statement: object, tolerance: float) -> bytes:
    with asking(engine, DEADLINE_MS) as connection:
        features = connection.scalar(statement, {"tolerance": tolerance}) or ""  # type: ignore[call-overload]
    compact = str(features).replace('" : ', '":').replace(', "', ',"')
    return f'{{"type":"FeatureCollection","features":[{compact}]}}'.encode()
