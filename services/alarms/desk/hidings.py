"""Keeping alarms from the list on purpose: shelve, take out of service, disable; and bringing them back.

Each has an end and a reason; all that happens meanwhile is recorded. One that begins at once is begun here,
with a line in the thread of each alarm it hides; one that begins or ends by the clock is the engine's.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from geodata.asking import asking
from model.alarms import Happening, Hiding, Target
from model.audit import Action
from model.errors import BadField, NotNow, Refused
from model.roles import ALARM_HANDLERS, ALARM_SUPERVISORS
from model.viewer import Viewer
from services.access import within_scope
from services.alarms.desk.acting import DEADLINE_MS, SHORT_MOST, acting, audit, locked, said_text, tell
from services.alarms.desk.ending import audit_hiding, hit_by
from services.alarms.desk.shelving import longest_shelf, why_never_shelved

LONGEST = timedelta(days=366)
"""What is out of service or disabled for longer is reviewed, and asked for again."""
A_MOMENT = timedelta(minutes=1)
REFERENCE_MOST = 120
ENDS_WHEN = ("", "severity")

_ADD = text(
    """
    INSERT INTO alarm_hiding (kind, rule_id, asset_id, with_children, area_id, domain, alarm_id, reason,
        reference, annotation_id, ends_when, from_at, until, made_by, made_by_id, began_at)
    VALUES (:kind, :rule, :asset, :with_children, :area, :domain, :alarm, :reason, :reference, :annotation,
        :ends_when, :from_at, :until, :by, :by_id, :began_at) RETURNING id
    """
)
_BASE: dict[str, Any] = {
    "rule": None, "asset": None, "with_children": False, "area": None, "domain": None, "alarm": None,
    "reference": "", "annotation": None, "ends_when": "", "began_at": None,
}  # fmt: skip
_SHELVED = text(
    """
    SELECT made_by, until FROM alarm_hiding WHERE kind = 'shelved' AND ended_at IS NULL AND until > :now
      AND rule_id = :rule AND asset_id IS NOT DISTINCT FROM :asset AND area_id IS NOT DISTINCT FROM :area
    LIMIT 1
    """
)


# shelve ----------------------------------------------------------------------------------------------


def shelve(
    whole: Engine, viewer: Viewer, alarm_id: int, until: datetime, reason: str, ends_when: str, now: datetime
) -> int:
    """Keep one class of one asset (or area) from the list until ``until``; the id of the hiding.

    Raises NotNow for a closed alarm, one whose rule lets nobody shelve it, and one that is shelved already: a
    shelf is not made longer unseen, it is ended and asked for again. BadField for an end beyond the limit.
    """
    why = said_text("reason", reason, SHORT_MOST)
    if ends_when not in ENDS_WHEN:
        raise BadField("ends_when", "unknown")
    with acting(whole, viewer, ALARM_HANDLERS, "shelve alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        _may_be_shelved(connection, alarm, until, now)
        values = {
            "kind": Hiding.SHELVED.value, "rule": alarm.rule_id, "asset": alarm.asset_id,
            "area": alarm.area_id, "domain": alarm.domain, "alarm": alarm_id, "reason": why,
            "ends_when": ends_when, "from_at": now, "until": until, "began_at": now,
        }  # fmt: skip
        made = _add(connection, viewer, values)
        details = {"until": until, "ends_when": ends_when, "hiding": made}
        tell(connection, viewer, [alarm_id], Happening.SHELVED, why, details)
        audit(connection, viewer, Action.ALARM_SHELVED, [alarm], {"reason": why, **details})
        connection.commit()
    return made


def _may_be_shelved(connection: Connection, alarm: Row[Any], until: datetime, now: datetime) -> None:
    if alarm.closed_at is not None:
        raise NotNow("closed")
    never = why_never_shelved(alarm.declaration)
    if never:
        raise NotNow(never)
    _checked_end(until, now, longest_shelf(alarm.declaration))
    values = {"now": now, "rule": alarm.rule_id, "asset": alarm.asset_id, "area": alarm.area_id}
    before = connection.execute(_SHELVED, values).one_or_none()
    if before is not None:
        raise NotNow("already_shelved", by=before.made_by, until=before.until.astimezone(UTC))


def _checked_end(until: datetime, begins: datetime, most: timedelta) -> None:
    if until.tzinfo is None:
        raise BadField("until", "no_zone")
    if until <= begins:
        raise BadField("until", "ends_before")
    if until - begins > most:
        raise BadField("until", "too_late", hours=round(most.total_seconds() / 3600, 1))


def _add(connection: Connection, viewer: Viewer, values: Mapping[str, Any]) -> int:
    signed = {"by": viewer.name, "by_id": viewer.person_id or None}
    return int(connection.execute(_ADD, {**_BASE, **values, **signed}).scalar_one())


# out of service and disabled -------------------------------------------------------------------------


def out_of_service(
    whole: Engine, viewer: Viewer, target: Target, from_at: datetime, until: datetime, reason: str,
    reference: str, annotation_id: int | None, now: datetime,
) -> int:  # fmt: skip
    """Take ``target`` out of service for the alarms from ``from_at`` to ``until``; the id of the hiding.

    Tied to a work order (``reference``) or to planned works on record (``annotation_id``); BadField without
    either, for a window that begins in the past, or one of more than a year; Refused outside her scope.
    """
    why = said_text("reason", reason, SHORT_MOST)
    order = said_text("reference", reference, REFERENCE_MOST, needed=annotation_id is None)
    begins = max(from_at, now)
    if from_at < now - A_MOMENT:
        raise BadField("from", "in_the_past")
    _checked_end(until, begins, LONGEST)
    with acting(whole, viewer, ALARM_SUPERVISORS, "take equipment out of service", now) as connection:
        values = _placed(connection, viewer, target) | {
            "kind": Hiding.OUT_OF_SERVICE.value, "reason": why, "reference": order,
            "annotation": _works(connection, annotation_id), "from_at": begins, "until": until,
            "began_at": now if begins <= now else None,
        }  # fmt: skip
        made = _add(connection, viewer, values)
        if begins <= now:
            details = {"until": until, "reference": order, "hiding": made}
            tell(connection, viewer, hit_by(connection, made, now), Happening.OUT_OF_SERVICE, why, details)
        audit_hiding(connection, viewer, Action.ALARM_OUT_OF_SERVICE, made, values)
        connection.commit()
    return made


def ask_disabling(
    whole: Engine, viewer: Viewer, target: Target, until: datetime, reason: str, now: datetime
) -> int:
    """Ask that a class of alarms be disabled until ``until``; nothing is, before a second person agrees.

    Raises BadField without a class or for an end more than a year away, NotNow for a highly managed class.
    """
    why = said_text("reason", reason, SHORT_MOST)
    if not target.alarm_class:
        raise BadField("class", "empty")
    _checked_end(until, now, LONGEST)
    with acting(whole, viewer, ALARM_HANDLERS, "ask that alarms be disabled", now) as connection:
        values = _placed(connection, viewer, target) | {
            "kind": Hiding.DISABLED.value, "reason": why, "from_at": now, "until": until
        }  # fmt: skip
        if _highly_managed(connection, values["rule"]):
            raise NotNow("highly_managed")
        made = _add(connection, viewer, values)
        audit_hiding(connection, viewer, Action.ALARM_DISABLING_ASKED, made, values)
        connection.commit()
    return made


_RULE = text("SELECT id, domain FROM alarm_rule WHERE key = :key")
_MANAGED = text(
    """
    SELECT coalesce((declaration ->> 'highly_managed')::boolean, false) FROM alarm_rule_version
    WHERE rule_id = :rule ORDER BY on_at IS NOT NULL AND off_at IS NULL DESC, version DESC LIMIT 1
    """
)
_WORKS = text("SELECT id FROM annotation WHERE id = :id AND kind = 'works' AND withdrawn_at IS NULL")


def _placed(connection: Connection, viewer: Viewer, target: Target) -> dict[str, Any]:
    """Where ``target`` is, as columns; Refused when not all of it lies in what the viewer sees."""
    if target.asset_id is not None and target.area_id is not None:
        raise BadField("asset", "two_places")
    rule, domain = None, target.domain or None
    if target.alarm_class:
        found = connection.execute(_RULE, {"key": target.alarm_class}).one_or_none()
        if found is None:
            raise BadField("class", "unknown")
        rule, domain = found.id, domain or found.domain
    if target.asset_id is None and target.area_id is None and not target.alarm_class:
        raise BadField("asset", "empty")
    within_scope(connection, viewer, asset_id=target.asset_id, area_id=target.area_id)
    _within_domains(viewer, target, domain)
    return {
        "rule": rule, "asset": target.asset_id, "area": target.area_id, "domain": domain,
        "with_children": target.with_children and target.asset_id is not None,
    }  # fmt: skip


def _within_domains(viewer: Viewer, target: Target, domain: str | None) -> None:
    mine = viewer.scope.domains
    if mine is not None and target.asset_id is None and domain not in mine:
        raise Refused("that domain lies outside what you see")


def _highly_managed(connection: Connection, rule_id: int | None) -> bool:
    return bool(rule_id and connection.scalar(_MANAGED, {"rule": rule_id}))


def _works(connection: Connection, annotation_id: int | None) -> int | None:
    if annotation_id is None:
        return None
    found: int | None = connection.scalar(_WORKS, {"id": annotation_id})
    if found is None:
        raise BadField("annotation", "unknown")
    return found


def reachable(engine: Engine, external_ids: Collection[str]) -> dict[str, int]:
    """The registry's ids of assets that ``engine`` sees, by what feeds call them."""
    with asking(engine, DEADLINE_MS) as connection:
        found = connection.execute(_NAMED, {"names": list(external_ids)})
        return {row.external_id: row.id for row in found}


_NAMED = text("SELECT id, external_id FROM asset WHERE external_id = ANY(:names) AND removed_at IS NULL")
