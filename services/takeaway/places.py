"""The geometries of assets and areas, as files carry them: WKB, WGS84, exterior rings counter-clockwise."""

from collections.abc import Sequence

from sqlalchemy import Engine, text

from geodata.asking import asking

_ASSETS = text(
    "SELECT id, ST_AsBinary(ST_ForcePolygonCCW(ST_Force2D(geometry))) FROM asset WHERE id = ANY (:ids)"
)
_AREA = text("SELECT ST_AsBinary(ST_ForcePolygonCCW(ST_Force2D(geometry))) FROM area WHERE id = :area")
_CITY = text(
    "SELECT ST_AsBinary(ST_ForcePolygonCCW(ST_Force2D(ST_UnaryUnion(ST_Collect(geometry))))) "
    "FROM area WHERE kind = :kind"
)


def asset_shapes(engine: Engine, ids: Sequence[int]) -> list[bytes | None]:
    """The geometry of each asset of ``ids``, in their order; None for what has none or is not known."""
    with asking(engine) as connection:
        found = {row[0]: row[1] for row in connection.execute(_ASSETS, {"ids": list(ids)})}
    return [_bytes(found.get(asset_id)) for asset_id in ids]


def area_shape(engine: Engine, area_id: int | None, kind: str) -> bytes | None:
    """The geometry of an area, or (None) of the whole city: all its areas of ``kind`` together."""
    with asking(engine) as connection:
        if area_id:
            return _bytes(connection.scalar(_AREA, {"area": area_id}))
        return _bytes(connection.scalar(_CITY, {"kind": kind}))


def _bytes(wkb: bytes | memoryview | None) -> bytes | None:
    return None if wkb is None else bytes(wkb)
