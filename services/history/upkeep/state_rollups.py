"""Hourly figures of states: which share of an hour assets were in fault, or lamps lit, by area and type.

``fault_share``: n = assets whose state was known in the hour; sum = over them, the share of their known
time spent in fault or link lost; so sum / n is the failure rate. ``lit_share``: the same for light points
on or dimmed. Coverage = known time over assets times one hour.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, text

from geodata.area_days import refresh_days_of_states
from geodata.asking import asking
from model.domains import TYPE_ORDER
from model.domains.lighting import STREETLIGHT
from model.states import Status
from services.history.past.change_rows import Changes
from services.history.past.timeline import PastState, changes, state_at

HOUR = timedelta(hours=1)
FAILED = (Status.FAULT, Status.COMMS_LOST)
LIT = (STREETLIGHT.state_named("on").code, STREETLIGHT.state_named("dimmed").code)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class _Stretches:
    """Stretches of constant state within the hour: whose (row of the assets), how long (s), what."""

    row: npt.NDArray[np.int64]
    seconds: Floats
    status: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]


def stretches(ids: npt.NDArray[np.int64], past: PastState, later: Changes, hour: datetime) -> _Stretches:
    """Cut the hour from ``hour`` of the assets ``ids`` (ascending) into stretches of constant state."""
    start = hour.timestamp()
    known = np.isin(past.asset_ids, ids)
    asset = np.concatenate([ids, past.asset_ids[known], later.asset_ids])
    time = np.concatenate([np.full(len(ids) + int(known.sum()), start), later.times])
    unknown = np.zeros(len(ids), "u1")
    status = np.concatenate([unknown, past.records["status"][known], later.status])
    state = np.concatenate([unknown, past.records["state"][known], later.state])
    keep = np.isin(asset, ids)
    asset, time, status, state = asset[keep], time[keep], status[keep], state[keep]
    order = np.lexsort((time, asset))
    asset, time = asset[order], time[order]
    end = np.append(time[1:], start + 3600.0)
    end[np.append(asset[1:] != asset[:-1], True)] = start + 3600.0
    return _Stretches(np.searchsorted(ids, asset), end - time, status[order], state[order])


def roll_up_states(engine: Engine, zone: ZoneInfo, hour: datetime, area_kind: str = "commune") -> int:
    """Write ``fault_share`` and ``lit_share`` of the finished ``hour`` (aware, whole); rows written.

    The figures of its local day in ``zone`` follow.
    Nothing is written where nothing was known. Running again replaces the hour. Raises Unavailable.
    """
    hour = hour.astimezone(UTC)
    past, later = state_at(engine, hour), changes(engine, hour, hour + HOUR - timedelta(microseconds=1))
    with asking(engine) as connection:
        ids, types, areas = _assets(connection, hour, area_kind)
        cut = stretches(ids, past, later, hour)
        rows = _rows("fault_share", cut, np.isin(cut.status, FAILED), ids, types, areas)
        lamps = types == TYPE_ORDER.index("streetlight")
        rows += _rows("lit_share", cut, np.isin(cut.state, LIT), ids, np.where(lamps, types, -1), areas)
        if rows:
            _replace(connection, hour, rows)
            refresh_days_of_states(connection, zone, hour)
            connection.commit()
    return len(rows)


_ASSETS = text(
    """
    SELECT id, asset_type, coalesce(CASE WHEN :kind = 'district' THEN district_id ELSE commune_id END, 0)
    FROM asset WHERE removed_at IS NULL OR removed_at > :hour ORDER BY id
    """
)


def _assets(
    connection: Connection, hour: datetime, area_kind: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rows = connection.execute(_ASSETS, {"hour": hour, "kind": area_kind}).all()
    ids = np.array([row[0] for row in rows], "i8")
    types = np.array([TYPE_ORDER.index(row[1]) for row in rows], "i8")
    return ids, types, np.array([row[2] for row in rows], "i8")


def _rows(
    name: str,
    cut: _Stretches,
    wanted: npt.NDArray[np.bool_],
    ids: npt.NDArray[np.int64],
    types: npt.NDArray[np.int64],
    areas: npt.NDArray[np.int64],
) -> list[dict[str, object]]:
    """One row an area and type: shares of ``wanted`` stretches; type -1 is left out."""
    known_s = np.bincount(cut.row, cut.seconds * (cut.status != Status.UNKNOWN), len(ids))
    wanted_s = np.bincount(cut.row, cut.seconds * wanted, len(ids))
    share = np.divide(wanted_s, known_s, out=np.zeros(len(ids)), where=known_s > 0)
    rows: list[dict[str, object]] = []
    for area, kind in sorted(set(zip(areas.tolist(), types.tolist(), strict=True))):
        here = (areas == area) & (types == kind)
        seen = share[here & (known_s > 0)]
        if kind < 0 or not len(seen):
            continue
        rows.append(
            {
                "area": area, "type": TYPE_ORDER[kind], "property": name, "n": len(seen),
                "sum": float(seen.sum()), "min": float(seen.min()), "max": float(seen.max()),
                "coverage": float(known_s[here].mean() / 3600.0),
            }
        )  # fmt: skip
    return rows


def _replace(connection: Connection, hour: datetime, rows: list[dict[str, object]]) -> None:
    connection.execute(
        text(
            "DELETE FROM area_hour WHERE bucket = :hour AND observed_property IN ('fault_share', 'lit_share')"
        ),
        {"hour": hour},
    )
    connection.execute(
        text(
            "INSERT INTO area_hour "
            "(area_id, asset_type, observed_property, bucket, n, sum, min, max, coverage) "
            "VALUES (:area, :type, :property, :hour, :n, :sum, :min, :max, :coverage)"
        ),
        [row | {"hour": hour} for row in rows],
    )
