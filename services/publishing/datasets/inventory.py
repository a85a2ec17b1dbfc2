"""Inventories: which equipment of a dataset's types stands where. And how many of it each area has."""

import pyarrow as pa

from geodata.asking import asking
from model.datasets import Place
from services.publishing.datasets.asked import DEADLINE_MS, Asked, CannotCoarsen, only_as_declared
from services.publishing.datasets.fetching import fetched
from services.publishing.datasets.shaping import points, shaped

_INVENTORY = """
    COPY (
        SELECT a.external_id, a.asset_type, a.name, a.street, c.name, c.code, ST_X(p.at), ST_Y(p.at)
        FROM asset a
        LEFT JOIN area c
          ON c.id = CASE WHEN %(kind)s = 'district' THEN a.district_id ELSE a.commune_id END
        CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(a.geometry) = 'POINT' THEN a.geometry
                                        ELSE ST_PointOnSurface(a.geometry) END AS at) p
        WHERE a.removed_at IS NULL AND a.geometry IS NOT NULL AND a.asset_type = ANY (%(types)s)
          AND (%(areas)s::integer[] IS NULL OR a.commune_id = ANY (%(areas)s::integer[])
               OR a.district_id = ANY (%(areas)s::integer[]))
          AND (%(since_known)s::timestamptz IS NULL OR a.created_at <= %(since_known)s::timestamptz)
    ) TO STDOUT (FORMAT csv)
"""
_INVENTORY_TYPES = {
    "id": pa.string(), "type": pa.string(), "name": pa.string(), "street": pa.string(),
    "area": pa.string(), "area_code": pa.string(), "lon": pa.float64(), "lat": pa.float64(),
}  # fmt: skip


def inventory(asked: Asked) -> pa.Table:
    """The equipment in place now, each piece with its place; what has no place is on no map and not here."""
    only_as_declared(asked)
    bounds = asked.bounds | {"since_known": asked.youngest if asked.release.delay_s else None}
    with asking(asked.engine, DEADLINE_MS) as connection:
        found = fetched(connection, _INVENTORY, bounds, _INVENTORY_TYPES)
    columns = {name: found[name] for name in found.column_names}
    columns["geometry"] = points(found["lon"], found["lat"])
    return shaped(asked.release, columns, found.num_rows)


_COUNTED = """
    COPY (
        SELECT CASE WHEN %(place)s = 'area' THEN c.name END, CASE WHEN %(place)s = 'area' THEN c.code END,
               count(*)
        FROM asset a
        LEFT JOIN area c
          ON c.id = CASE WHEN %(kind)s = 'district' THEN a.district_id ELSE a.commune_id END
        WHERE a.removed_at IS NULL AND a.asset_type = ANY (%(types)s)
          AND (%(areas)s::integer[] IS NULL OR a.commune_id = ANY (%(areas)s::integer[])
               OR a.district_id = ANY (%(areas)s::integer[]))
        GROUP BY 1, 2
    ) TO STDOUT (FORMAT csv)
"""
_COUNTED_TYPES = {"area": pa.string(), "area_code": pa.string(), "count": pa.int64()}


def cameras(asked: Asked) -> pa.Table:
    """How many cameras each area has, and nothing of any of them."""
    if asked.release.grain.place is Place.ASSET:
        raise CannotCoarsen(f"{asked.release.name}: cameras are counted by area at the finest")
    with asking(asked.engine, DEADLINE_MS) as connection:
        found = fetched(connection, _COUNTED, asked.bounds, _COUNTED_TYPES)
    columns = {"area": found["area"], "area_code": found["area_code"], "cameras": found["count"]}
    return shaped(asked.release, columns, found.num_rows)
