"""The assets of a city as columns: the one reading of the table that live state, map and alarms share.

Rows are ordered by ``asset.id``; a row's place is its *live index*, dense and valid for one layout
version. Assets gone from their source are left out; their history stays.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text

from model.domains import ASSET_TYPES, TYPE_ORDER


@dataclass(frozen=True)
class Columns:
    """The city's assets, one numpy array a column, all of length n.

    ``ids`` i8; ``external_ids`` and ``names`` and ``streets`` objects (str); ``lon`` and ``lat`` f8 in
    WGS84 (a line's or surface's point on surface); ``types`` u1 codes into ``TYPE_ORDER``; ``parents`` i4
    live indices or -1; ``areas`` i4 ids of the commune (or the district where the city has one commune)
    or 0 when outside; ``periods`` f8 seconds.
    """

    version: int
    ids: npt.NDArray[np.int64]
    external_ids: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    streets: npt.NDArray[np.object_]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    types: npt.NDArray[np.uint8]
    parents: npt.NDArray[np.int32]
    areas: npt.NDArray[np.int32]
    periods: npt.NDArray[np.float64]

    def __len__(self) -> int:
        """How many assets."""
        return len(self.ids)

    def index_of(self, asset_id: int) -> int:
        """The live index of ``asset_id``; -1 when it is not in this layout."""
        at = int(np.searchsorted(self.ids, asset_id))
        return at if at < len(self.ids) and self.ids[at] == asset_id else -1


def read_version(engine: Engine) -> int:
    """The layout version in force: clients with another one fetch the columns anew."""
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT version FROM layout WHERE id = 1")) or 0)


_COLUMNS = text(
    """
    SELECT a.id, a.external_id, a.name, coalesce(a.street, ''), ST_X(p.at), ST_Y(p.at), a.asset_type,
           coalesce(a.parent_id, 0), coalesce(CASE WHEN :kind = 'district' THEN a.district_id
                                                   ELSE a.commune_id END, 0)
    FROM asset a
    CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(a.geometry) = 'POINT' THEN a.geometry
                                    WHEN a.geometry IS NULL THEN NULL
                                    ELSE ST_PointOnSurface(a.geometry) END AS at) p
    WHERE a.removed_at IS NULL AND a.geometry IS NOT NULL
    ORDER BY a.id
    """
)


def read_columns(engine: Engine, area_kind: str = "commune") -> Columns:
    """Read the columns of the layout in force; 35,000 assets take about 0.3 s.

    ``area_kind`` says which area an asset is counted under: ``commune`` or ``district``.
    """
    with engine.connect() as connection:
        version = int(connection.scalar(text("SELECT version FROM layout WHERE id = 1")) or 0)
        rows = connection.execute(_COLUMNS, {"kind": area_kind}).all()
    columns = list(zip(*rows, strict=True)) or [()] * 9
    ids = np.array(columns[0], "i8")
    parents = np.array(columns[7], "i8")
    at = np.searchsorted(ids, parents)
    known = (at < len(ids)) & (ids[np.minimum(at, max(len(ids) - 1, 0))] == parents) if len(ids) else at > 0
    return Columns(
        version=version,
        ids=ids,
        external_ids=np.array(columns[1], "O"),
        names=np.array(columns[2], "O"),
        streets=np.array(columns[3], "O"),
        lon=np.array(columns[4], "f8"),
        lat=np.array(columns[5], "f8"),
        types=np.array([TYPE_ORDER.index(t) for t in columns[6]], "u1"),
        parents=np.where(known, at, -1).astype("i4"),
        areas=np.array(columns[8], "i4"),
        periods=np.array([ASSET_TYPES[t].period_s for t in columns[6]], "f8"),
    )


_VISIBLE = text(
    """
    SELECT (SELECT version FROM layout WHERE id = 1),
           ARRAY(SELECT id FROM asset WHERE removed_at IS NULL AND geometry IS NOT NULL ORDER BY id)
    """
)


def read_visible(engine: Engine) -> tuple[int, npt.NDArray[np.int64]]:
    """The layout version in force, and the ids of its assets that ``engine`` may see, i8 ascending.

    Of an engine bound to a scope the database itself says which those are.
    """
    with engine.connect() as connection:
        version, ids = connection.execute(_VISIBLE).one()
    return int(version or 0), np.array(ids, "i8")


def raise_version(connection: object) -> None:
    """Say that assets, areas or streets changed; call it in the transaction that changes them."""
    connection.execute(text("UPDATE layout SET version = version + 1 WHERE id = 1"))  # type: ignore[attr-defined]
