"""Rows of alarms as they are read: one select that list, sheet, thread and dossier share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from geodata.asking import statement
from geodata.assets import Columns
from model.alarms import AlarmRow, Hiding, state_of

Places = Callable[[], Columns | None]
"""The assets a scope sees now, for their live indices; None while they are not laid out."""

COLUMNS = """
    a.id, a.alarm_class, v.declaration -> 'title' AS title, a.priority, a.severity, a.domain, a.asset_type,
    a.asset_id, coalesce(s.external_id, '') AS asset, coalesce(s.name, r.name, '') AS name,
    coalesce(s.street, '') AS street, coalesce(r.name, '') AS area, a.state, a.value, a.raised_at,
    a.noticed_at, a.returned_at, a.acknowledged_at, coalesce(a.acknowledged_by, '') AS acknowledged_by,
    a.confirmed_at, coalesce(a.assigned_to, '') AS assigned_to, h.kind AS hiding, a.cause_id,
    b.id IS NOT NULL AND b.closed_at IS NULL AS explained, a.cause_id IS NOT NULL AND b.id IS NULL AS outside,
    a.activations, a.escalation, a.uncertain, a.latching AND a.reset_at IS NULL AS latched,
    ST_X(p.at) AS lon, ST_Y(p.at) AS lat, a.closed_at
"""
JOINS = """
    JOIN alarm_rule_version v ON v.rule_id = a.rule_id AND v.version = a.rule_version
    LEFT JOIN asset s ON s.id = a.asset_id
    LEFT JOIN area r ON r.id = coalesce(
        a.area_id, CASE WHEN :by_district THEN a.district_id ELSE a.commune_id END)
    LEFT JOIN alarm b ON b.id = a.cause_id
    LEFT JOIN alarm_hidden(:at) h ON h.alarm_id = a.id
    CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(s.geometry) = 'POINT' THEN s.geometry
                                    WHEN s.geometry IS NOT NULL THEN ST_PointOnSurface(s.geometry)
                                    WHEN a.asset_id IS NULL THEN ST_PointOnSurface(r.geometry) END AS at) p
"""
"""The areas alarms are named after are communes, or districts where the city counts by those."""

_BY_ID = statement(
    """
    SELECT {columns}, coalesce(g.consequences, 0) AS consequences, g.worst
    FROM alarm a {joins}
    LEFT JOIN LATERAL (
        WITH RECURSIVE under (id, priority, lasts) AS (
            SELECT x.id, x.priority, x.returned_at IS NULL FROM alarm x
            WHERE x.cause_id = a.id AND x.closed_at IS NULL
            UNION
            SELECT x.id, x.priority, x.returned_at IS NULL FROM under u JOIN alarm x ON x.cause_id = u.id
            WHERE x.closed_at IS NULL
        ) SELECT count(*) AS consequences, min(priority) FILTER (WHERE lasts) AS worst
        FROM under WHERE id <> a.id
    ) g ON true
    WHERE a.id = ANY(:ids)
    """,
    columns=COLUMNS,
    joins=JOINS,
)


def row_of(found: Row[Any]) -> AlarmRow:
    """The row ``found`` by a select of ``COLUMNS`` with ``consequences`` and ``worst``; no live index yet."""
    hiding = Hiding(found.hiding) if found.hiding else Hiding.SUPPRESSED if found.explained else None
    code = state_of(
        active=found.returned_at is None, acknowledged=found.acknowledged_at is not None,
        latched=found.latched, hiding=hiding,
    )  # fmt: skip
    return AlarmRow(
        id=found.id, alarm_class=found.alarm_class, title=found.title or {}, priority=found.priority,
        severity=found.severity, domain=found.domain, asset_type=found.asset_type, asset=found.asset,
        index=-1, name=found.name, street=found.street, area=found.area, state=found.state,
        value=found.value, raised_at=_utc(found.raised_at), noticed_at=_utc(found.noticed_at),
        returned_at=_maybe(found.returned_at), acknowledged_at=_maybe(found.acknowledged_at),
        acknowledged_by=found.acknowledged_by, confirmed_at=_maybe(found.confirmed_at),
        assigned_to=found.assigned_to, code=code, hiding=hiding, cause_id=found.cause_id,
        consequences=int(found.consequences), activations=found.activations, escalation=found.escalation,
        uncertain=found.uncertain, latched=found.latched, cause_outside=found.outside, lon=found.lon,
        lat=found.lat, worst=min(found.priority, found.worst or found.priority),
        asset_id=found.asset_id or 0,
    )  # fmt: skip


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _maybe(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def rows_by_id(
    connection: Connection, ids: Sequence[int], at: datetime, *, by_district: bool = False
) -> dict[int, AlarmRow]:
    """The alarms ``ids``, open or closed, by id; those the connection does not see are left out."""
    if not ids:
        return {}
    found = connection.execute(_BY_ID, {"ids": list(ids), "at": at, "by_district": by_district})
    return {row.id: row_of(row) for row in found}


def placed(rows: Sequence[AlarmRow], columns: Columns | None) -> tuple[AlarmRow, ...]:
    """``rows`` with their live indices in ``columns``."""
    if columns is None:
        return tuple(rows)
    return tuple(replace(row, index=columns.index_of(row.asset_id) if row.asset_id else -1) for row in rows)
