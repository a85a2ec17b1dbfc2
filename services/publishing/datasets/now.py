"""The state of roads and car parks at one instant: what the history knows of it, and the newest value.

The publisher knows no Redis: states are those of the time machine, so that what is no longer known is
unknown here too, and values older than three of their periods are left out, as the live screens do.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geodata.asking import asking
from model.domains import ASSET_TYPES
from services.history import History
from services.publishing.datasets.asked import DEADLINE_MS, Asked, only_as_declared
from services.publishing.datasets.fetching import fetched
from services.publishing.datasets.shaping import instants, points, shaped

STALE_PERIODS = 3

_NEWEST = """
    COPY (
        SELECT a.id, a.external_id, a.name, c.name, c.code, ST_X(p.at), ST_Y(p.at), r.result,
               extract(epoch FROM r.phenomenon_time)::float8
        FROM asset a
        LEFT JOIN area c
          ON c.id = CASE WHEN %(kind)s = 'district' THEN a.district_id ELSE a.commune_id END
        CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(a.geometry) = 'POINT' THEN a.geometry
                                        ELSE ST_PointOnSurface(a.geometry) END AS at) p
        LEFT JOIN datastream d ON d.asset_id = a.id AND d.observed_property = %(property)s
        LEFT JOIN LATERAL (
            SELECT o.result, o.phenomenon_time FROM reading o
            WHERE o.datastream_id = d.id AND (o.quality & 7) <> 2 AND o.phenomenon_time <= %(at)s
              AND o.phenomenon_time > %(at)s::timestamptz - %(periods)s * interval '1 second' * d.period_s
            ORDER BY o.phenomenon_time DESC LIMIT 1
        ) r ON true
        WHERE a.removed_at IS NULL AND a.geometry IS NOT NULL AND a.asset_type = ANY (%(types)s)
          AND (%(areas)s::integer[] IS NULL OR a.commune_id = ANY (%(areas)s::integer[])
               OR a.district_id = ANY (%(areas)s::integer[]))
        ORDER BY a.id
    ) TO STDOUT (FORMAT csv)
"""
_TYPES = {
    "asset": pa.int64(), "id": pa.string(), "name": pa.string(), "area": pa.string(),
    "area_code": pa.string(), "lon": pa.float64(), "lat": pa.float64(), "value": pa.float64(),
    "second": pa.float64(),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """Which property of which asset type a dataset shows."""

    asset_type: str
    observed_property: str


SHOWN = {
    "traffic-now": Shown("segment", "speed"),
    "car-parks-now": Shown("car_park", "free_places"),
}


def now(asked: Asked) -> pa.Table:
    """A row for each road or car park: its state, its value, and when it was last heard."""
    only_as_declared(asked)
    shown = SHOWN[asked.release.dataset.name]
    at = asked.youngest
    past = History(asked.engine, asked.profile.zone).state_at(at)
    bounds = asked.bounds | {"property": shown.observed_property, "at": at, "periods": STALE_PERIODS}
    with asking(asked.engine, DEADLINE_MS) as connection:
        found = fetched(connection, _NEWEST, bounds, _TYPES)
    ids = found["asset"].to_numpy()
    place = np.searchsorted(past.asset_ids, ids)
    held = np.isin(ids, past.asset_ids)
    records = past.records[np.minimum(place, max(len(past.records) - 1, 0))] if len(past.records) else None
    state = np.where(held, records["state"], 0) if records is not None else np.zeros(len(ids), "u1")
    heard = np.where(held, records["time"], 0).astype("f8") if records is not None else np.zeros(len(ids))
    measured = np.fmax(heard, pc.fill_null(found["second"], np.nan).to_numpy())
    columns = {name: found[name] for name in ("id", "name", "area", "area_code")}
    columns |= {
        "state": _state_names(shown.asset_type).take(pa.array(state, pa.int64())),
        shown.observed_property: found["value"],
        "measured_at": instants(measured),
        "geometry": points(found["lon"], found["lat"]),
    }
    return shaped(asked.release, columns, found.num_rows)


def _state_names(asset_type: str) -> pa.Array:
    """The name of every state code of a byte; 0, and what is not declared, is the type's unknown."""
    by_code = ASSET_TYPES[asset_type].by_code
    return pa.array([by_code.get(code, by_code[0]).name for code in range(256)], pa.string())
