"""What is hidden now, oldest first: by people (shelved, out of service, disabled) and by design."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.asking import statement
from model.alarms import HiddenRow, Hiding

MOST = 500

_SELECT = """
    SELECT h.id, h.kind, coalesce(q.key, '') AS alarm_class, w.title, coalesce(s.external_id, '') AS asset,
           coalesce(s.name, r.name, '') AS name, coalesce(r.name, c.name, '') AS area,
           coalesce(h.domain, s.domain, q.domain, '') AS domain, h.reason, h.reference, h.from_at, h.until,
           h.made_by, h.made_by_id, coalesce(h.seconded_by, '') AS seconded_by,
           h.kind = 'disabled' AND h.seconded_at IS NULL AS waiting, h.with_children, {alarms} AS alarms
    FROM alarm_hiding h
    LEFT JOIN alarm_rule q ON q.id = h.rule_id
    LEFT JOIN LATERAL (
        SELECT declaration -> 'title' AS title FROM alarm_rule_version v WHERE v.rule_id = h.rule_id
        ORDER BY v.version DESC LIMIT 1
    ) w ON true
    LEFT JOIN asset s ON s.id = h.asset_id
    LEFT JOIN area r ON r.id = h.area_id
    LEFT JOIN area c ON c.id = s.commune_id
    WHERE h.ended_at IS NULL AND h.until > :at
"""
_HIDDEN = statement(
    """
    WITH behind AS MATERIALIZED (
        SELECT k.hiding_id, count(*) AS n
        FROM alarm_hidden(:at) k JOIN alarm a ON a.id = k.alarm_id GROUP BY 1
    ) {select} ORDER BY h.from_at, h.id LIMIT :most
    """,
    select=_SELECT.format(alarms="coalesce((SELECT n FROM behind WHERE hiding_id = h.id), 0)"),
)
_OF_ALARM = statement(
    """
    {select}
    AND (h.id IN (SELECT hiding_id FROM alarm_hidden(:at) WHERE alarm_id = :id)
         OR EXISTS (SELECT FROM alarm a WHERE a.id = :id AND a.rule_id = h.rule_id
                    AND (h.asset_id IS NULL OR a.asset_id = h.asset_id)
                    AND (h.area_id IS NULL OR h.area_id IN (a.commune_id, a.district_id, a.area_id))))
    ORDER BY h.from_at, h.id
    """,
    select=_SELECT.format(alarms="1"),
)
# One line a cause: eighty lamps behind a cabinet are hidden by one thing.
_SUPPRESSED = text(
    """
    SELECT c.id, 'suppressed' AS kind, c.alarm_class, v.declaration -> 'title' AS title,
           coalesce(s.external_id, '') AS asset, coalesce(s.name, r.name, '') AS name,
           coalesce(r.name, '') AS area, c.domain, '' AS reason, '' AS reference, x.from_at,
           CAST(NULL AS timestamptz) AS until, x.made_by, CAST(NULL AS bigint) AS made_by_id,
           '' AS seconded_by, false AS waiting, false AS with_children, x.alarms
    FROM (SELECT cause_id, count(*) AS alarms, min(coalesce(cause_since, raised_at)) AS from_at,
                 coalesce(min(grouped_by), '') AS made_by
          FROM alarm WHERE closed_at IS NULL AND cause_id IS NOT NULL GROUP BY 1) x
    JOIN alarm c ON c.id = x.cause_id AND c.closed_at IS NULL
    JOIN alarm_rule_version v ON v.rule_id = c.rule_id AND v.version = c.rule_version
    LEFT JOIN asset s ON s.id = c.asset_id
    LEFT JOIN area r ON r.id = coalesce(c.area_id, c.commune_id)
    ORDER BY x.from_at, c.id LIMIT :most
    """
)


def read_hidden(connection: Connection, at: datetime) -> tuple[HiddenRow, ...]:
    """What is hidden at ``at`` (now, aware) or will be, oldest first. Of what is suppressed, ``id`` is the
    alarm that explains it; of all others the hiding's."""
    values = {"at": at, "most": MOST}
    found = [*connection.execute(_HIDDEN, values), *connection.execute(_SUPPRESSED, {"most": MOST})]
    return tuple(sorted((_row(one) for one in found), key=lambda row: row.from_at))


def hidings_of(connection: Connection, alarm_id: int, at: datetime) -> tuple[HiddenRow, ...]:
    """What hides one alarm, and what is asked for or planned of its class on its asset."""
    return tuple(_row(one) for one in connection.execute(_OF_ALARM, {"at": at, "id": alarm_id}))


def _row(found: Row[Any]) -> HiddenRow:
    return HiddenRow(
        id=found.id, kind=Hiding(found.kind), alarm_class=found.alarm_class, title=found.title or {},
        asset=found.asset, name=found.name, area=found.area, domain=found.domain, reason=found.reason,
        reference=found.reference, from_at=found.from_at.astimezone(UTC),
        until=found.until and found.until.astimezone(UTC), made_by=found.made_by,
        made_by_id=found.made_by_id, seconded_by=found.seconded_by, waiting=found.waiting,
        alarms=found.alarms, with_children=found.with_children,
    )  # fmt: skip
