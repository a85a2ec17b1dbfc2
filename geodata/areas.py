"""Which area a place lies in: one spatial join, in the database, over the pieces of the areas.

Areas are cut into pieces of few vertices with a spatial index of their own, so that a point is tested
against a handful of edges and not a whole coastline. A place on a border belongs to the area with the
lowest id, so it counts once; one outside all areas belongs to none and is kept.
"""

from sqlalchemy import Connection, text

KINDS = ("commune", "district")

POINT_OF = (
    "CASE WHEN GeometryType({0}.geometry) = 'POINT' THEN {0}.geometry "
    "ELSE ST_PointOnSurface({0}.geometry) END"
)
"""The one place an asset stands for, of a row with a geometry."""


def cut_areas(connection: Connection) -> None:
    """Make the temporary table ``area_piece`` of the areas as they are now; it lives as the transaction."""
    connection.execute(text("DROP TABLE IF EXISTS area_piece"))
    connection.execute(
        text(
            "CREATE TEMP TABLE area_piece ON COMMIT DROP AS "
            "SELECT id, kind, ST_Subdivide(geometry, 64) AS geometry FROM area WHERE geometry IS NOT NULL"
        )
    )
    connection.execute(text("CREATE INDEX ON area_piece USING gist (geometry)"))
    connection.execute(text("ANALYZE area_piece"))


def areas_at(place: str) -> str:
    """SQL for a lateral subquery with ``commune_id`` and ``district_id`` of the SQL expression ``place``."""
    wanted = ", ".join(f"min(p.id) FILTER (WHERE p.kind = '{kind}') AS {kind}_id" for kind in KINDS)
    return f"(SELECT {wanted} FROM area_piece p WHERE ST_Intersects(p.geometry, {place}))"  # noqa: S608


def resolve_all(connection: Connection) -> int:
    """Give every asset its areas anew, after areas changed; returns how many assets moved."""
    cut_areas(connection)
    moved = connection.execute(
        text(
            f"""
            UPDATE asset SET commune_id = n.commune_id, district_id = n.district_id
            FROM (SELECT a.id, at.commune_id, at.district_id
                  FROM (SELECT id, {POINT_OF.format("b")} AS place FROM asset b OFFSET 0) a
                  CROSS JOIN LATERAL {areas_at("a.place")} at) n
            WHERE n.id = asset.id
              AND (asset.commune_id, asset.district_id) IS DISTINCT FROM (n.commune_id, n.district_id)
            """  # noqa: S608 - built of constants
        )
    )
    return int(moved.rowcount)


def nest_areas(connection: Connection) -> int:
    """Give each district the commune, and each commune the metropolis, it lies in; returns how many moved."""
    moved = connection.execute(
        text(
            """
            UPDATE area SET parent_id = n.parent_id
            FROM (SELECT a.id, (SELECT min(b.id) FROM area b
                                WHERE b.kind = CASE a.kind WHEN 'district' THEN 'commune'
                                                           WHEN 'commune' THEN 'metropolis' END
                                  AND ST_Intersects(b.geometry, ST_PointOnSurface(a.geometry))) AS parent_id
                  FROM area a) n
            WHERE n.id = area.id AND area.parent_id IS DISTINCT FROM n.parent_id
            """
        )
    )
    return int(moved.rowcount)
