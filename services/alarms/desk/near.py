"""Where an alarm is, and what equipment lies near it, in metres of the city's own projected system."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from model.errors import BadProfile

NEAR_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Near:
    """One asset, how far it is in metres, and where it is drawn (WGS84)."""

    id: int
    external_id: str
    name: str
    asset_type: str
    domain: str
    distance_m: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a dossier is about: an alarm, when it began (UTC), its place (EWKT) and the areas around it.

    ``box`` bounds the place and the radius in degrees.
    """

    alarm_id: int
    at: datetime
    asset_id: int | None
    place: str
    areas: tuple[int, ...]
    radius_m: float
    span_s: float
    srid: int
    box: dict[str, float]
    itself: Near

    @property
    def window(self) -> dict[str, datetime]:
        """The span either side, to bind."""
        span = timedelta(seconds=self.span_s)
        return {"t0": self.at - span, "t1": self.at + span}

    @property
    def metric(self) -> dict[str, Any]:
        """The place and how far around it, to bind."""
        return {"place": self.place, "srid": self.srid, "radius": self.radius_m, "at": self.at}


_ANCHOR = text(
    """
    SELECT a.id, a.raised_at, a.asset_id, a.asset_type, a.domain, coalesce(s.external_id, '') AS external_id,
           coalesce(s.name, r.name, '') AS name, ST_AsEWKT(p.place, 9) AS place,
           ST_X(o.at) AS lon, ST_Y(o.at) AS lat,
           ST_XMin(b.box) AS west, ST_YMin(b.box) AS south, ST_XMax(b.box) AS east, ST_YMax(b.box) AS north,
           ARRAY(WITH RECURSIVE around AS (
               SELECT id, parent_id FROM area WHERE id IN (a.area_id, a.commune_id, a.district_id)
               UNION SELECT x.id, x.parent_id FROM area x JOIN around y ON x.id = y.parent_id
           ) SELECT id FROM around) AS areas
    FROM alarm a LEFT JOIN asset s ON s.id = a.asset_id LEFT JOIN area r ON r.id = a.area_id
    CROSS JOIN LATERAL (SELECT coalesce(s.geometry, r.geometry) AS place) p
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(p.place) AS at) o
    CROSS JOIN LATERAL (
        SELECT ST_Transform(ST_Expand(ST_Transform(p.place, CAST(:srid AS int)), :radius), 4326) AS box
    ) b
    WHERE a.id = :id
    """
)
_NEAR = text(
    """
    SELECT id, external_id, name, asset_type, domain, distance, ST_X(at), ST_Y(at) FROM (
        SELECT s.id, s.external_id, s.name, s.asset_type, s.domain, ST_PointOnSurface(s.geometry) AS at,
               ST_Distance(ST_Transform(s.geometry, CAST(:srid AS int)),
                           ST_Transform(CAST(:place AS geometry), CAST(:srid AS int))) AS distance
        FROM asset s WHERE s.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
          AND s.removed_at IS NULL
    ) x WHERE distance <= :radius ORDER BY distance, id LIMIT :most
    """
)


def read_anchor(
    connection: Connection, alarm_id: int, radius_m: float, span_s: float, metric_crs: str
) -> Anchor | None:
    """The alarm ``alarm_id`` as what a dossier is about; None when the connection sees none, or no place."""
    srid = srid_of(metric_crs)
    found = connection.execute(_ANCHOR, {"id": alarm_id, "srid": srid, "radius": radius_m}).one_or_none()
    if found is None or found.place is None:
        return None
    itself = Near(found.asset_id or 0, found.external_id, found.name, found.asset_type, found.domain, 0.0,
                  found.lon, found.lat)  # fmt: skip
    return Anchor(
        found.id, found.raised_at.astimezone(UTC), found.asset_id, found.place, tuple(found.areas),
        radius_m, span_s, srid,
        {name: getattr(found, name) for name in ("west", "south", "east", "north")}, itself,
    )  # fmt: skip


def srid_of(crs: str) -> int:
    """The number of ``EPSG:<number>``; BadProfile for any other."""
    authority, _, number = crs.partition(":")
    if authority.upper() != "EPSG" or not number.isdigit():
        raise BadProfile(f"metric_crs: {crs!r} is no EPSG:<number>")
    return int(number)


def nearest(connection: Connection, anchor: Anchor) -> dict[int, Near]:
    """The assets within the radius by id, the nearest first, at most 2,000."""
    values = {**anchor.box, **anchor.metric, "most": NEAR_MOST}
    found = connection.execute(_NEAR, {name: value for name, value in values.items() if name != "at"})
    return {row.id: Near(*row) for row in found}
