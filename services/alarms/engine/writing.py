"""What the engine writes, by one statement however many alarms it is about; and a line in the thread of each.

It changes conditions, causes and what time brings; what people did with an alarm is theirs, but for one
thing: an acknowledged alarm that lasts too long comes back unacknowledged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from model.alarms import Happening

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Fresh:
    """An alarm to be raised. ``raised`` and ``last_raised`` epoch s; ``annunciate``: on the list at once."""

    rule_id: int
    version: int
    asset_id: int | None
    area_id: int | None
    raised: float
    state: int | None
    value: float | None
    activations: int = 1
    last_raised: float = 0.0
    annunciate: bool = False


_RAISE = """
INSERT INTO alarm (rule_id, rule_version, alarm_class, asset_id, area_id, commune_id, district_id, domain,
    asset_type, priority, severity, state, value, raised_at, noticed_at, annunciated_at, last_raised_at,
    activations, latching)
SELECT t.rule_id, t.version, r.key, t.asset_id, t.area_id,
    CASE WHEN s.asset_type = ANY (moving_types()) THEN NULL
         ELSE coalesce(s.commune_id,
                       CASE p.kind WHEN 'commune' THEN p.id WHEN 'district' THEN p.parent_id END) END,
    CASE WHEN s.asset_type = ANY (moving_types()) THEN NULL
         ELSE coalesce(s.district_id, CASE p.kind WHEN 'district' THEN p.id END) END,
    coalesce(s.domain, r.domain), coalesce(s.asset_type, r.asset_type),
    coalesce((v.declaration ->> 'priority')::int, 3), coalesce((v.declaration ->> 'severity')::int, 3),
    t.state, t.value, to_timestamp(t.raised), %(now)s, CASE WHEN t.annunciate THEN %(now)s::timestamptz END,
    to_timestamp(t.last_raised), t.activations, coalesce((v.declaration ->> 'latching')::boolean, false)
FROM unnest(%(rule_id)s::int[], %(version)s::int[], %(asset_id)s::bigint[], %(area_id)s::int[],
            %(raised)s::float8[], %(state)s::int[], %(value)s::float8[], %(activations)s::int[],
            %(last_raised)s::float8[], %(annunciate)s::boolean[])
     AS t (rule_id, version, asset_id, area_id, raised, state, value, activations, last_raised, annunciate)
JOIN alarm_rule r ON r.id = t.rule_id
JOIN alarm_rule_version v ON (v.rule_id, v.version) = (t.rule_id, t.version)
LEFT JOIN asset s ON s.id = t.asset_id LEFT JOIN area p ON p.id = t.area_id
ON CONFLICT DO NOTHING
RETURNING id, rule_id, coalesce(asset_id, 0), coalesce(area_id, 0)
"""
_AGAIN = """
UPDATE alarm a SET returned_at = NULL, return_noticed_at = NULL, last_raised_at = to_timestamp(t.at),
    activations = a.activations + t.times, uncertain = false, reset_at = NULL, reset_by = NULL,
    acknowledged_at = CASE WHEN a.latching THEN NULL ELSE a.acknowledged_at END
FROM unnest(%s::bigint[], %s::float8[], %s::int[]) AS t (id, at, times)
WHERE a.id = t.id AND a.closed_at IS NULL
"""
_RETURN = """
UPDATE alarm a SET returned_at = greatest(to_timestamp(t.at), a.raised_at), return_noticed_at = %s,
    uncertain = false
FROM unnest(%s::bigint[], %s::float8[]) AS t (id, at)
WHERE a.id = t.id AND a.closed_at IS NULL AND a.returned_at IS NULL
"""
_ANNUNCIATE = "UPDATE alarm SET annunciated_at = %s WHERE id = ANY (%s) AND annunciated_at IS NULL"
_CAUSE = """
UPDATE alarm a SET cause_id = nullif(t.cause, 0), cause_since = CASE WHEN t.cause > 0 THEN %s::timestamptz END
FROM unnest(%s::bigint[], %s::bigint[]) AS t (id, cause) WHERE a.id = t.id AND a.grouped_by IS NULL
"""
_UNCERTAIN = "UPDATE alarm SET uncertain = %s WHERE id = ANY (%s)"
_RE_ALARM = """
UPDATE alarm SET acknowledged_at = NULL, re_alarms = re_alarms + 1, escalation = 0, escalated_at = %s
WHERE id = ANY (%s) AND acknowledged_at IS NOT NULL AND returned_at IS NULL RETURNING id
"""
_ESCALATE = """
UPDATE alarm a SET escalation = t.step, escalated_at = %s FROM unnest(%s::bigint[], %s::int[]) AS t (id, step)
WHERE a.id = t.id AND a.acknowledged_at IS NULL AND a.escalation < t.step RETURNING a.id
"""
_LINES = """
INSERT INTO alarm_event (alarm_id, at, kind, details)
SELECT t.id, %s, %s, t.details FROM unnest(%s::bigint[], %s::jsonb[]) AS t (id, details)
"""


def moment(at: float) -> datetime:
    """Epoch s as an aware instant."""
    return datetime.fromtimestamp(at, UTC)


def line(
    connection: Connection, kind: Happening, ids: Sequence[int], now: datetime,
    details: Sequence[Mapping[str, Any]] | None = None,
) -> None:  # fmt: skip
    """A line in the thread of each of ``ids``, by the system."""
    if ids:
        told = [Jsonb(dict(one)) for one in details or [{}] * len(ids)]
        connection.execute(_LINES, (now, str(kind), list(ids), told))


def raise_alarms(
    connection: Connection, fresh: Sequence[Fresh], now: datetime
) -> dict[tuple[int, int, int], int]:
    """Raise ``fresh``; their ids by (rule id, asset id or 0, area id or 0). What is open already stays."""
    if not fresh:
        return {}
    names = Fresh.__slots__
    columns: dict[str, Any] = {name: [getattr(one, name) for one in fresh] for name in names}
    rows = connection.execute(_RAISE, columns | {"now": now}).fetchall()
    made = {(row[1], row[2], row[3]): row[0] for row in rows}
    said = [one for one in fresh if _key(one) in made]
    details = [{"raised": one.raised, "state": one.state, "value": one.value} for one in said]
    line(connection, Happening.RAISED, [made[_key(one)] for one in said], now, details)
    shown = [made[_key(one)] for one in said if one.annunciate]
    line(connection, Happening.ANNUNCIATED, shown, now)
    return made


def _key(one: Fresh) -> tuple[int, int, int]:
    return one.rule_id, one.asset_id or 0, one.area_id or 0


def raise_again(connection: Connection, some: Mapping[int, tuple[float, int]], now: datetime) -> None:
    """Alarms (id: last beginning, how many beginnings) whose condition holds again."""
    if some:
        times = [at for at, _ in some.values()]
        connection.execute(_AGAIN, (list(some), times, [n for _, n in some.values()]))
        line(connection, Happening.RAISED_AGAIN, list(some), now, [{"raised": at} for at in times])


def end_alarms(connection: Connection, some: Mapping[int, float], now: datetime, why: str = "") -> None:
    """Alarms (id: when) whose condition is over."""
    if some:
        connection.execute(_RETURN, (now, list(some), list(some.values())))
        told = {"why": why} if why else {}
        details = [{"returned": at} | told for at in some.values()]
        line(connection, Happening.RETURNED, list(some), now, details)


def annunciate(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Put alarms before the operators."""
    if ids:
        connection.execute(_ANNUNCIATE, (now, list(ids)))
        line(connection, Happening.ANNUNCIATED, ids, now)


def set_causes(connection: Connection, links: Mapping[int, int], now: datetime) -> None:
    """Set the cause of alarms (id: cause, 0 none)."""
    if links:
        connection.execute(_CAUSE, (now, list(links), list(links.values())))
        under = {id_: cause for id_, cause in links.items() if cause}
        line(connection, Happening.SUPPRESSED, list(under), now, [{"cause": c} for c in under.values()])
        line(connection, Happening.UNSUPPRESSED, [id_ for id_, cause in links.items() if not cause], now)


def set_uncertain(connection: Connection, ids: Sequence[int], now: datetime, *, uncertain: bool) -> None:
    """Contact was lost with what alarms are of, or found again."""
    if ids:
        connection.execute(_UNCERTAIN, (uncertain, list(ids)))
        line(connection, Happening.UNCERTAIN if uncertain else Happening.CERTAIN, ids, now)


def re_alarm(connection: Connection, ids: Sequence[int], now: datetime) -> list[int]:
    """Acknowledged alarms that last too long come back; those that did."""
    if not ids:
        return []
    back = [row[0] for row in connection.execute(_RE_ALARM, (now, list(ids))).fetchall()]
    line(connection, Happening.RE_ALARMED, back, now)
    return back


def escalate(connection: Connection, steps: Mapping[int, int], now: datetime) -> list[int]:
    """Take alarms (id: step) a step further; those that were, for nobody had acknowledged them meanwhile."""
    if not steps:
        return []
    taken = connection.execute(_ESCALATE, (now, list(steps), list(steps.values()))).fetchall()
    ids = [row[0] for row in taken]
    line(connection, Happening.ESCALATED, ids, now, [{"step": steps[id_]} for id_ in ids])
    return ids
