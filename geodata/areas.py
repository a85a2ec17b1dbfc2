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


def area_at(kind: str, place: str) -> str:
    """SQL for the id of the area of ``kind`` at the SQL expression ``place``; null when there is none."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not one of {KINDS}")
    return (
        f"(SELECT min(p.id) FROM area_piece p WHERE p.kind = '{kind}' "  # noqa: S608 - from KINDS
        f"AND ST_Intersects(p.geometry, {place}))"
    )


def resolve_all(connection: Connection) -> int:
    """Give every asset its areas anew, after areas changed; returns how many assets moved."""
    cut_areas(connection)
    place = POINT_OF.format("a")
    moved = connection.execute(
        text(
            f"""
            UPDATE asset SET commune_id = n.commune_id, district_id = n.district_id
            FROM (SELECT a.id, {area_at("commune", place)} AS commune_id,
                         {area_at("district", place)} AS district_id
                  FROM asset a WHERE a.geometry IS NOT NULL OFFSET 0) n
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
