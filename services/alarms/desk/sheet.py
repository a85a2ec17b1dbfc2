"""One alarm whole: its row, thread, causes and consequences, what its rule says to do, what hides it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from model.alarms import AlarmEvent, AlarmRow, AlarmSheet, Happening
from model.errors import NotFound
from services.alarms.desk.hidden import hidings_of
from services.alarms.desk.rows import rows_by_id
from services.alarms.desk.shelving import longest_shelf, why_never_shelved

CONSEQUENCES_MOST = 200
THREAD_MOST = 500
OF_ASSET_MOST = 50

_ALARM = text(
    """
    SELECT a.id, a.cause_id, a.rule_version, a.confirmed_action, a.escalation, a.annunciated_at,
           a.acknowledged_at, a.closed_at, v.declaration
    FROM alarm a JOIN alarm_rule_version v ON v.rule_id = a.rule_id AND v.version = a.rule_version
    WHERE a.id = :id
    """
)
_CONSEQUENCES = text(
    """
    SELECT id FROM alarm WHERE cause_id = :id AND closed_at IS NULL
    ORDER BY priority, raised_at, id LIMIT :most
    """
)
_THREAD = text(
    """
    SELECT id, at, kind, actor, role, text, details FROM (
        SELECT * FROM alarm_event WHERE alarm_id = :id ORDER BY id DESC LIMIT :most
    ) e ORDER BY id
    """
)
_OF_ASSET = text(
    """
    SELECT id FROM alarm WHERE asset_id = :asset AND closed_at IS NULL ORDER BY priority, raised_at DESC, id
    LIMIT :most
    """
)


def read_sheet(
    connection: Connection, alarm_id: int, at: datetime, *, by_district: bool = False
) -> AlarmSheet:
    """The alarm ``alarm_id``, open or closed. NotFound when the connection sees none of that id."""
    found = connection.execute(_ALARM, {"id": alarm_id}).one_or_none()
    if found is None:
        raise NotFound(f"no alarm {alarm_id}")
    below = list(connection.scalars(_CONSEQUENCES, {"id": alarm_id, "most": CONSEQUENCES_MOST}))
    ids = [alarm_id, *filter(None, [found.cause_id]), *below]
    rows = rows_by_id(connection, ids, at, by_district=by_district)
    rule: dict[str, Any] = found.declaration
    return AlarmSheet(
        row=rows[alarm_id],
        thread=tuple(read_thread(connection, alarm_id)),
        cause=rows.get(found.cause_id),
        consequences=_in_order(rows, below),
        action=rule.get("action") or {},
        responder=rule.get("responder", "operator"),
        rule_version=found.rule_version,
        confirmed_action=found.confirmed_action or "",
        max_shelve_s=int(longest_shelf(rule).total_seconds()),
        escalates_at=_escalates_at(found, rule),
        hidings=hidings_of(connection, alarm_id, at),
        never_shelved=why_never_shelved(rule),
    )


def _in_order(rows: dict[int, AlarmRow], ids: Sequence[int]) -> tuple[AlarmRow, ...]:
    return tuple(rows[number] for number in ids if number in rows)


def _escalates_at(found: Row[Any], rule: dict[str, Any]) -> datetime | None:
    """When the next step is taken: so long after it was put before an operator (model/alarm_rules.py)."""
    steps = rule.get("escalate_s") or ()
    over = found.acknowledged_at is not None or found.closed_at is not None or found.annunciated_at is None
    if over or found.escalation >= len(steps):
        return None
    begun: datetime = found.annunciated_at.astimezone(UTC)
    return begun + timedelta(seconds=float(steps[found.escalation]))


def read_thread(connection: Connection, alarm_id: int) -> list[AlarmEvent]:
    """What happened to an alarm, the newest 500 in order, by people and the system alike."""
    found = connection.execute(_THREAD, {"id": alarm_id, "most": THREAD_MOST})
    return [
        AlarmEvent(e.id, e.at.astimezone(UTC), Happening(e.kind), e.actor, e.role, e.text, e.details)
        for e in found
    ]


def read_of_asset(
    connection: Connection, asset_id: int, at: datetime, *, by_district: bool = False
) -> tuple[AlarmRow, ...]:
    """The open alarms of one asset, hidden and explained ones too, most urgent first."""
    ids = list(connection.scalars(_OF_ASSET, {"asset": asset_id, "most": OF_ASSET_MOST}))
    return _in_order(rows_by_id(connection, ids, at, by_district=by_district), ids)
