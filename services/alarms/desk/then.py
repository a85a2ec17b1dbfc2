"""Alarms as they stood at an instant of the past: the part of the statement every question about it shares.

What was known then is what had been noticed by then; who had acknowledged, what explained what and what was
hidden is read from what is on record of each alarm up to the instant (``alarm_event``), never from its row
alone, which says how it is now.
"""

from geodata.asking import statement
from services.alarms.desk.listing import TREE
from services.alarms.desk.rows import COLUMNS

STOOD = """tstzrange(a.noticed_at, greatest(a.noticed_at, coalesce(a.closed_at, 'infinity'::timestamptz)))
               @> CAST(:at AS timestamptz)"""
"""Noticed by the instant, and still on the books: the expression of the index ``alarm_stood``."""

# What a row says of itself now was so at the instant already if it came to be by then: every later change
# would have moved its time. Only what came after the instant sends one to the events.
_THEN = """
    known AS MATERIALIZED (SELECT a.* FROM alarm a WHERE {stood}),
    told AS MATERIALIZED (
        SELECT e.alarm_id,
               max(e.id) FILTER (WHERE e.kind IN ('raised', 'raised_again')) AS raised,
               max(e.id) FILTER (WHERE e.kind = 'returned') AS returned,
               greatest(count(*) FILTER (WHERE e.kind IN ('raised', 'raised_again')), 1) AS activations,
               max(e.id) FILTER (WHERE e.kind = 'acknowledged') AS acknowledged,
               max(e.id) FILTER (
                   WHERE e.kind = 're_alarmed' OR e.kind = 'raised_again' AND a.latching) AS anew,
               max(e.id) FILTER (WHERE e.kind IN ('suppressed', 'grouped')) AS under,
               max(e.id) FILTER (WHERE e.kind IN ('unsuppressed', 'ungrouped')) AS freed,
               max(e.id) FILTER (WHERE e.kind = 'assigned') AS assigned,
               count(*) FILTER (WHERE e.kind = 'escalated') AS escalation,
               max(e.id) FILTER (WHERE e.kind = 'uncertain') AS uncertain,
               max(e.id) FILTER (WHERE e.kind = 'certain') AS certain
        FROM known a JOIN alarm_event e ON e.alarm_id = a.id AND e.at <= :at GROUP BY 1
    ),
    stood AS MATERIALIZED (
        SELECT a.id, a.rule_id, a.rule_version, a.alarm_class, a.asset_id, a.area_id, a.commune_id,
               a.district_id, a.domain, a.asset_type, a.priority, a.severity, a.state, a.value, a.raised_at,
               a.noticed_at, CASE WHEN a.annunciated_at <= :at THEN a.annunciated_at END AS annunciated_at,
               CASE WHEN a.return_noticed_at <= :at THEN a.returned_at
                    WHEN t.returned > coalesce(t.raised, 0) THEN r.at END AS returned_at,
               CASE WHEN a.acknowledged_at <= :at THEN a.acknowledged_at
                    WHEN t.acknowledged > coalesce(t.anew, 0) THEN k.at END AS acknowledged_at,
               CASE WHEN a.acknowledged_at <= :at THEN a.acknowledged_by
                    WHEN t.acknowledged > coalesce(t.anew, 0) THEN k.actor END AS acknowledged_by,
               CASE WHEN a.confirmed_at <= :at THEN a.confirmed_at END AS confirmed_at,
               CASE WHEN a.assigned_at <= :at THEN a.assigned_to ELSE g.details ->> 'to' END AS assigned_to,
               CASE WHEN a.assigned_at <= :at THEN a.assigned_to_id
                    ELSE CAST(g.details ->> 'to_id' AS bigint) END AS assigned_to_id,
               CASE WHEN a.cause_since <= :at THEN a.cause_id
                    WHEN t.under > coalesce(t.freed, 0) THEN CAST(u.details ->> 'cause' AS bigint)
               END AS was_under,
               coalesce(t.activations, 1) AS activations, coalesce(t.escalation, 0) AS escalation,
               coalesce(t.uncertain > coalesce(t.certain, 0), false) AS uncertain, a.latching,
               CASE WHEN a.reset_at <= :at THEN a.reset_at END AS reset_at
        FROM known a
        LEFT JOIN told t ON t.alarm_id = a.id
        LEFT JOIN alarm_event r ON r.id = t.returned AND a.return_noticed_at IS DISTINCT FROM r.at
        LEFT JOIN alarm_event k ON k.id = t.acknowledged
        LEFT JOIN alarm_event u ON u.id = t.under
        LEFT JOIN alarm_event g ON g.id = t.assigned
    ),
    then_alarm AS MATERIALIZED (
        SELECT s.*, CAST(NULL AS timestamptz) AS closed_at,
               CASE WHEN c.id IS NOT NULL OR x.id IS NULL THEN s.was_under END AS cause_id,
               c.id IS NOT NULL AS under, x.closed_at > CAST(:at AS timestamptz) - interval '60 s' AS waits
        FROM stood s LEFT JOIN stood c ON c.id = s.was_under LEFT JOIN alarm x ON x.id = s.was_under
    ),
    linked AS MATERIALIZED (
        SELECT a.id, a.was_under AS cause_id, a.priority, a.raised_at, a.acknowledged_at, a.returned_at,
               a.annunciated_at, a.domain, a.commune_id, a.district_id, a.area_id, a.asset_id,
               a.assigned_to_id, h.kind AS hiding, a.under, a.waits AND NOT a.under AS waits
        FROM then_alarm a LEFT JOIN alarm_hidden_then(:at) h ON h.alarm_id = a.id
    ),
"""
THEN = f"WITH RECURSIVE {_THEN.format(stood=STOOD)} {TREE}"
"""Up to ``then_alarm`` (rows shaped as ``alarm``), ``linked``, ``tree``, ``grouped`` and ``causes``."""

JOINS_THEN = """
    JOIN alarm_rule_version v ON v.rule_id = a.rule_id AND v.version = a.rule_version
    LEFT JOIN asset s ON s.id = a.asset_id
    LEFT JOIN area r ON r.id = coalesce(
        a.area_id, CASE WHEN :by_district THEN a.district_id ELSE a.commune_id END)
    LEFT JOIN then_alarm b ON b.id = a.cause_id
    LEFT JOIN linked h ON h.id = a.id AND h.hiding IS NOT NULL
    CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(s.geometry) = 'POINT' THEN s.geometry
                                    WHEN s.geometry IS NOT NULL THEN ST_PointOnSurface(s.geometry)
                                    WHEN a.asset_id IS NULL THEN ST_PointOnSurface(r.geometry) END AS at) p
"""
COLUMNS_THEN = COLUMNS.replace("h.kind AS hiding", "h.hiding AS hiding")

OF_ASSET = statement(
    """
    {then} SELECT {columns}, coalesce(g.consequences, 0) AS consequences, g.worst
    FROM then_alarm a {joins} LEFT JOIN grouped g ON g.root = a.id
    WHERE a.asset_id = :asset ORDER BY a.priority, a.raised_at DESC, a.id LIMIT :most
    """,
    then=THEN,
    columns=COLUMNS_THEN,
    joins=JOINS_THEN,
)
