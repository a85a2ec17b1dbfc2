"""The card of one asset: what it is, where, what feeds it and what hangs on it."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.errors import NotFound
from model.registry import AssetCard, Relative

DEADLINE_MS = 2_000
NAMED_CHILDREN = 50


_CARD = text(
    """
    SELECT a.id, a.external_id, a.name, a.domain, a.asset_type, coalesce(a.street, ''),
           ST_X(ST_PointOnSurface(a.geometry)), ST_Y(ST_PointOnSurface(a.geometry)),
           coalesce(c.name, ''), coalesce(d.name, ''), a.source, a.attributes,
           a.installed_at, a.removed_at, a.updated_at,
           p.id, p.external_id, p.name, p.asset_type
    FROM asset a LEFT JOIN area c ON c.id = a.commune_id LEFT JOIN area d ON d.id = a.district_id
    LEFT JOIN asset p ON p.id = a.parent_id
    WHERE a.id = :id
    """
)
_CHILDREN = text(
    "SELECT id, external_id, name, asset_type FROM asset WHERE parent_id = :id AND removed_at IS NULL "
    "ORDER BY asset_type, id LIMIT :limit"
)
_COUNTS = text(
    "SELECT asset_type, count(*) FROM asset WHERE parent_id = :id AND removed_at IS NULL "
    "GROUP BY 1 ORDER BY 1"
)
_ID = text("SELECT id FROM asset WHERE external_id = :external_id")


def asset_id_of(engine: Engine, external_id: str) -> int:
    """The id of the asset feeds call ``external_id``, removed ones too. Raises NotFound, Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        found = connection.scalar(_ID, {"external_id": external_id})
    if found is None:
        raise NotFound(f"no asset {external_id[:80]!r}")
    return int(found)


def card(engine: Engine, asset_id: int) -> AssetCard:
    """The card of ``asset_id``. Raises NotFound, and Unavailable when the database is away."""
    with asking(engine, DEADLINE_MS) as connection:
        row = connection.execute(_CARD, {"id": asset_id}).one_or_none()
        if row is None:
            raise NotFound(f"no asset {asset_id}")
        parent = None if row[15] is None else Relative(*row[15:19])
        values: tuple[Any, ...] = (*row[:15], parent, *_children(connection, asset_id))
        return AssetCard(*values)


def _children(connection: Connection, asset_id: int) -> tuple[tuple[Relative, ...], dict[str, int]]:
    rows = connection.execute(_CHILDREN, {"id": asset_id, "limit": NAMED_CHILDREN})
    counts = connection.execute(_COUNTS, {"id": asset_id})
    return tuple(Relative(*row) for row in rows), {kind: int(n) for kind, n in counts}
