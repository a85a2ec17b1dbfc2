"""What an asset has from its neighbours: the parent its row names, the street it stands in."""

from sqlalchemy import Connection, text

from geodata.importer.profile import ImportProfile
from geodata.profiles import CityProfile
from model.domains import ASSET_TYPES

_MAY_FEED = "(a.asset_type || '<' || p.asset_type) = ANY(:pairs)"


def touches_parents(profile: ImportProfile) -> bool:
    """Whether this profile's rows name parents, or may be the parents others name."""
    return bool(profile.parent) or any(profile.asset_type in t.parents for t in ASSET_TYPES.values())


def link_parents(connection: Connection) -> int:
    """Point every asset at the parent its attributes name; returns how many links changed.

    Only parents of a type the domain allows count: a lamp's is a control cabinet, never another lamp.
    """
    changed = connection.execute(
        text(
            f"""
            UPDATE asset SET parent_id = n.parent_id
            FROM (SELECT a.id, p.id AS parent_id FROM asset a
                  LEFT JOIN asset p ON p.external_id = a.attributes->>'parent' AND {_MAY_FEED}
                  WHERE a.attributes ? 'parent') n
            WHERE n.id = asset.id AND asset.parent_id IS DISTINCT FROM n.parent_id
            """  # noqa: S608 - built of a constant
        ),
        {"pairs": _pairs()},
    )
    return int(changed.rowcount)


def count_orphans(connection: Connection, source: str) -> int:
    """Assets of ``source`` that name a parent nobody knows, or one of a type that cannot feed them."""
    return int(
        connection.scalar(
            text(
                "SELECT count(*) FROM asset WHERE source = :source AND removed_at IS NULL "
                "AND attributes ? 'parent' AND parent_id IS NULL"
            ),
            {"source": source},
        )
        or 0
    )


def _pairs() -> list[str]:
    return [f"{t.name}<{parent}" for t in ASSET_TYPES.values() for parent in t.parents]


def name_streets(connection: Connection, profile: ImportProfile, city: CityProfile) -> int:
    """Give assets without a street the name of the nearest one within ``street_within_m``, if asked for.

    The nearest four by degrees are measured again in metres in the city's projected system: degrees of
    longitude are shorter than degrees of latitude.
    """
    if not profile.street_within_m:
        return 0
    named = connection.execute(
        text(
            """
            UPDATE asset SET street = n.name
            FROM (SELECT a.id, s.name FROM asset a CROSS JOIN LATERAL (
                      SELECT near.name, ST_Distance(ST_Transform(near.geometry, :srid),
                                                    ST_Transform(a.geometry, :srid)) AS metres
                      FROM (SELECT name, geometry FROM street WHERE removed_at IS NULL AND name <> ''
                            ORDER BY geometry <-> a.geometry LIMIT 4) near
                      ORDER BY metres LIMIT 1) s
                  WHERE a.source = :source AND a.street IS NULL AND a.removed_at IS NULL
                    AND s.metres <= :reach) n
            WHERE n.id = asset.id
            """
        ),
        {
            "source": profile.name,
            "reach": profile.street_within_m,
            "srid": int(city.metric_crs.removeprefix("EPSG:")),
        },
    )
    return int(named.rowcount)
