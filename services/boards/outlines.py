"""Outlines of the communes for small maps: a few hundred bytes each, with no gap between neighbours."""

from sqlalchemy import Connection, text

from model.board import LittleMap, Outline

WIDTH = 200.0
_GRID = 0.5

_BOX = text(
    """
    SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e), cos(radians((ST_YMin(e) + ST_YMax(e)) / 2))
    FROM (SELECT ST_Extent(geometry) AS e FROM area WHERE kind = :kind AND id = ANY (:areas)) box
    """
)
_PATHS = text(
    """
    SELECT id, name, coalesce(ST_AsSVG(ST_SnapToGrid(
               ST_Scale(ST_Translate(geometry, -CAST(:west AS float8), -CAST(:north AS float8)),
                        CAST(:kx AS float8), CAST(:ky AS float8)), CAST(:grid AS float8)), 1, 2), '')
    FROM area WHERE kind = :kind AND id = ANY (:areas) AND geometry IS NOT NULL ORDER BY id
    """
)
"""Snapping every vertex to one grid thins the outline and keeps shared borders shared."""


def little_map(connection: Connection, kind: str, areas: list[int]) -> LittleMap:
    """The outlines of ``areas`` (ids, of ``kind``), true to shape at their latitude, in a box 200 wide."""
    which: dict[str, object] = {"kind": kind, "areas": areas}
    west, south, east, north, shrink = connection.execute(_BOX, which).one()
    if west is None:
        return LittleMap(WIDTH, WIDTH, ())
    scale = WIDTH / ((east - west) * shrink)
    bounds = which | {"west": west, "north": north, "kx": scale * shrink, "ky": scale, "grid": _GRID}
    outlines = tuple(Outline(*row) for row in connection.execute(_PATHS, bounds))
    return LittleMap(WIDTH, round((north - south) * scale, 1), outlines)
