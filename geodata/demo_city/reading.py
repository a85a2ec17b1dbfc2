"""The demo city read back from its database, with all that its physics needs."""

from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from geodata.demo_city.buildings import USES
from geodata.demo_city.city import DemoCity
from geodata.demo_city.equipment import PROFILES
from model.domains import TYPE_ORDER

_ASSETS = text(
    """
    SELECT id, external_id, asset_type, name, coalesce(street, ''), ST_X(place), ST_Y(place),
           coalesce(parent_id, 0), coalesce(commune_id, 0),
           CASE WHEN geometry = place THEN attributes
                ELSE attributes || jsonb_build_object('path', ST_AsGeoJSON(geometry)::jsonb -> 'coordinates')
           END
    FROM asset
    CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(geometry) = 'POINT' THEN geometry
                                    ELSE ST_LineInterpolatePoint(geometry, 0.5) END AS place) p
    WHERE source = 'demo' AND removed_at IS NULL ORDER BY id
    """
)
_BUSES = text(
    """
    SELECT external_id, coalesce(attributes ->> 'line', '')
    FROM asset WHERE asset_type = 'bus' AND removed_at IS NULL ORDER BY id
    """
)
_USES = {use.key: place for place, use in enumerate(USES)}


def read_city(engine: Engine) -> DemoCity:
    """The demo city of ``engine``: rows in the order of ids, without outlines and streets.

    What is drawn as a line has its coordinates in the attribute ``path``, as when it was drawn.
    """
    with engine.connect() as connection:
        rows = connection.execute(_ASSETS).all()
    ids, external_ids, types, names, streets, lon, lat, parents, communes, attributes = (
        [row[at] for row in rows] for at in range(10)
    )
    place = np.searchsorted(np.array(ids, "i8"), np.array(parents, "i8"))
    traits = [_traits(kind, about) for kind, about in zip(types, attributes, strict=True)]
    return DemoCity(
        communes_list=(),
        streets=(),
        types=np.array([TYPE_ORDER.index(t) for t in types], "u1"),
        external_ids=external_ids,
        names=names,
        street_names=streets,
        lonlat=np.column_stack([np.array(lon, "f8"), np.array(lat, "f8")]),
        parents=np.where(np.array(parents, "i8") > 0, place, -1).astype("i4"),
        communes=np.array(communes, "i4"),
        rating=np.array([t[0] for t in traits], "f4"),
        kind=np.array([t[1] for t in traits], "u1"),
        years=[about.get("installed_year", 0) for about in attributes],
        attributes=attributes,
    )


def buses(engine: Engine) -> list[tuple[str, str]]:
    """The external id of every bus of the city and the line it runs, in the order of their ids."""
    with engine.connect() as connection:
        rows = connection.execute(_BUSES).all()
    return [(str(row[0]), str(row[1])) for row in rows]


def _traits(asset_type: str, about: dict[str, Any]) -> tuple[float, int]:
    """Rating and kind, as ``Sheet`` explains them, from what the asset's attributes say."""
    if asset_type == "streetlight":
        return about["power_w"], 0
    if asset_type == "control_cabinet":
        return about["rated_kw"], int(about["programme"].removeprefix("P-"))
    if asset_type in ("detector", "segment"):
        return about["busiest_veh_h"], PROFILES.index(about["profile"])
    if asset_type == "meter":
        return about["load_factor"], _USES[about["use"]]
    return about.get("places", 0), _USES.get(about.get("use", ""), 0)
