"""What the figures are made from: the alarms put before a position, what activated when, and who watched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.alarm_quality import Position
from services.alarms.quality.watched import joined

# Whole alarms and not one page: what is asked for is bound.
_MINE = """
    (CAST(:domains AS text[]) IS NULL OR a.domain = ANY (:domains))
    AND (CAST(:areas AS text[]) IS NULL OR EXISTS (
        SELECT FROM area r WHERE r.code = ANY (:areas) AND r.id IN (a.commune_id, a.district_id, a.area_id)))
"""
_ALARMS = text(
    f"""
    SELECT a.id, a.rule_id, coalesce(a.asset_id, 0), coalesce(a.area_id, 0), a.priority,
           extract(epoch FROM a.annunciated_at)::float8, extract(epoch FROM a.raised_at)::float8,
           extract(epoch FROM a.returned_at)::float8, first.at, a.confirmed_at IS NOT NULL,
           a.confirmed_at IS NOT NULL OR a.assigned_to IS NOT NULL
               OR EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id AND NOT g.useless),
           EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id),
           EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id AND g.useless)
    FROM alarm a LEFT JOIN LATERAL (
        SELECT extract(epoch FROM min(e.at))::float8 AS at FROM alarm_event e
        WHERE e.alarm_id = a.id AND e.kind = 'acknowledged'
    ) first ON true
    WHERE a.annunciated_at >= :t0 AND a.annunciated_at < :t1 AND {_MINE}
    ORDER BY a.annunciated_at, a.id
    """  # noqa: S608 - a constant of ours
)
_ACTIVATIONS = text(
    f"""
    SELECT a.rule_id, coalesce(a.asset_id, 0), coalesce(a.area_id, 0), extract(epoch FROM e.at)::float8
    FROM alarm_event e JOIN alarm a ON a.id = e.alarm_id
    WHERE e.kind IN ('raised', 'raised_again') AND e.at >= :t0 AND e.at < :t1 AND {_MINE}
    ORDER BY 1, 2, 3, 4
    """  # noqa: S608 - a constant of ours
)
_STALE = text(
    f"""
    SELECT greatest(a.raised_at + interval '24 hours', :t0), least(a.returned_at, :t1) FROM alarm a
    WHERE a.raised_at < :t1 AND coalesce(a.returned_at, :t1) > :t0 AND {_MINE}
      AND a.annunciated_at IS NOT NULL
      AND least(a.returned_at, :t1) > a.raised_at + interval '24 hours'
    """  # noqa: S608 - a constant of ours
)
_SUPPRESSED = text(
    f"""
    SELECT count(DISTINCT a.id) FROM alarm_event e JOIN alarm a ON a.id = e.alarm_id
    WHERE e.kind = 'suppressed' AND e.at >= :t0 AND e.at < :t1 AND {_MINE}
    """  # noqa: S608 - a constant of ours
)
_SHELVED = text(
    f"""
    SELECT count(*) FROM alarm_hiding h JOIN alarm a ON a.id = h.alarm_id
    WHERE h.kind = 'shelved' AND h.made_at >= :t0 AND h.made_at < :t1 AND {_MINE}
    """  # noqa: S608 - a constant of ours
)
_WATCHED = text(
    "SELECT extract(epoch FROM began_at)::float8, extract(epoch FROM ended_at)::float8 "
    "FROM alarm_watch WHERE began_at < :t1"
)
_NAMES = text(
    """
    SELECT r.id, r.key, coalesce(v.declaration -> 'title', '{}'::jsonb) FROM alarm_rule r
    LEFT JOIN LATERAL (SELECT declaration FROM alarm_rule_version WHERE rule_id = r.id
                       ORDER BY version DESC LIMIT 1) v ON true
    """
)
_ASSETS = text("SELECT id, external_id, name FROM asset WHERE id = ANY (:ids)")
_AREAS = text("SELECT id, code, name FROM area WHERE id = ANY (:ids)")

ALARM = np.dtype(
    [("id", "i8"), ("rule", "i4"), ("asset", "i8"), ("area", "i4"), ("priority", "u1"), ("shown", "f8"),
     ("raised", "f8"), ("returned", "f8"), ("acknowledged", "f8"), ("confirmed", "?"), ("acted", "?"),
     ("rated", "?"), ("useless", "?")]
)  # fmt: skip
"""An alarm as figures need it; instants epoch s, NaN: not. ``acted``: somebody did something about it, or
called it of use."""


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """``alarms`` ALARM by when they were shown; ``activations`` f8 (n, 4): rule, asset, area,
    when; ``watched`` the (begin, end) an engine watched up to t1, epoch s, joined; ``stale`` from when to
    when each that lasted over 24 hours was too old."""

    alarms: npt.NDArray[Any]
    activations: npt.NDArray[np.float64]
    watched: list[tuple[float, float]]
    stale: list[tuple[datetime, datetime]]
    suppressed: int
    shelved: int


def read(connection: Connection, position: Position, t0: datetime, t1: datetime) -> Read:
    """What figures of [t0, t1) (aware) are made from."""
    asked = {
        "t0": t0, "t1": t1, "domains": sorted(position.domains) if position.domains else None,
        "areas": sorted(position.areas) if position.areas else None,
    }  # fmt: skip
    rows = [
        tuple(np.nan if one is None else one for one in row) for row in connection.execute(_ALARMS, asked)
    ]
    activations = [tuple(row) for row in connection.execute(_ACTIVATIONS, asked)]
    return Read(
        np.array(rows, ALARM),
        np.array(activations, "f8").reshape(-1, 4),
        joined((row[0], row[1]) for row in connection.execute(_WATCHED, {"t1": t1})),
        [(row[0], row[1]) for row in connection.execute(_STALE, asked)],
        *(int(connection.scalar(what, asked) or 0) for what in (_SUPPRESSED, _SHELVED)),
    )


def rule_names(connection: Connection) -> dict[int, tuple[str, dict[str, str]]]:
    """Key and own title of every class."""
    return {row[0]: (row[1], row[2]) for row in connection.execute(_NAMES)}


def named(
    connection: Connection, keys: list[tuple[int, int, int]]
) -> dict[tuple[int, int, int], tuple[str, dict[str, str], str, str]]:
    """Class, its own title, external id and name of each of (rule, asset, area)."""
    rules = rule_names(connection)
    assets = {row[0]: row for row in connection.execute(_ASSETS, {"ids": [key[1] for key in keys]})}
    areas = {row[0]: row for row in connection.execute(_AREAS, {"ids": [key[2] for key in keys]})}
    found = {}
    for rule, asset, area in keys:
        place = assets.get(asset) or areas.get(area) or (0, "", "")
        found[rule, asset, area] = (*rules[rule], place[1], place[2])
    return found
