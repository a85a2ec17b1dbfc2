"""What is done with alarms: acknowledge, confirm, reset, assign, comment, rate. One transaction each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, text

from geodata.scoping import scoped
from model.alarms import Acknowledged, Already, ChangedSince, Happening, Seen
from model.audit import Action
from model.errors import NotNow
from model.roles import ALARM_HANDLERS
from model.viewer import Viewer
from services.access import must_be
from services.alarms.desk.acting import (
    SHORT_MOST,
    Locked,
    acting,
    audit,
    locked,
    said_text,
    tell,
    tell_closed,
)
from services.alarms.desk.people import checked_assignee
from services.alarms.desk.rows import rows_by_id

_ACKNOWLEDGE = text(
    """
    UPDATE alarm SET acknowledged_at = :now, acknowledged_by = :by, acknowledged_by_id = :by_id
    WHERE id = ANY(:ids)
    """
)


def acknowledge(
    whole: Engine, viewer: Viewer, seen: Sequence[Seen], now: datetime, *, by_district: bool = False
) -> Acknowledged:
    """Acknowledge the alarms ``seen``, at most 200 that were listed, each as it was read back.

    One acknowledged before stays with whom it was, and one that was raised again or closed since is left:
    the answer says which and why. Raises NotNow when nothing else could be done, NotFound, BadField, Refused
    and Unavailable.
    """
    with acting(whole, viewer, ALARM_HANDLERS, "acknowledge alarms", now) as connection:
        found = locked(connection, [one.id for one in seen])
        changed = _changed(found, seen)
        left = {one.id for one in changed}
        already = tuple(
            Already(a.id, a.acknowledged_by, a.acknowledged_at.astimezone(UTC), _mine(a, viewer))
            for a in found.values()
            if a.acknowledged_at is not None and a.id not in left
        )
        left |= {one.id for one in already}
        mine = [number for number in found if number not in left]
        if not mine and not already:
            raise NotNow("changed_since", changed=changed)
        if mine:
            values = {"ids": mine, "now": now, "by": viewer.name, "by_id": viewer.person_id or None}
            connection.execute(_ACKNOWLEDGE, values)
            tell(connection, viewer, mine, Happening.ACKNOWLEDGED)
            tell_closed(connection, [found[number] for number in mine])
        # Read while they are held, so that what is answered is what was committed.
        rows = rows_by_id(connection, mine, now, by_district=by_district)
        audit(connection, viewer, Action.ALARM_ACKNOWLEDGED, [found[number] for number in mine])
        connection.commit()
    return Acknowledged(tuple(rows[number] for number in mine), already, changed)


def _mine(alarm: Row[Any], viewer: Viewer) -> bool:
    return bool(viewer.person_id) and alarm.acknowledged_by_id == viewer.person_id


def _changed(found: Locked, seen: Sequence[Seen]) -> tuple[ChangedSince, ...]:
    changed = {}
    for one in seen:
        alarm = found[one.id]
        if alarm.activations != one.activations:
            changed[one.id] = ChangedSince(one.id, "raised_again", alarm.activations)
        elif alarm.closed_at is not None and alarm.acknowledged_at is None:
            changed[one.id] = ChangedSince(one.id, "closed", alarm.activations)
    return tuple(changed.values())


_CONFIRM = text(
    "UPDATE alarm SET confirmed_at = :now, confirmed_by = :by, confirmed_action = :action WHERE id = :id"
)


def confirm(whole: Engine, viewer: Viewer, alarm_id: int, action: str, now: datetime) -> None:
    """Say what was done about an alarm. NotNow before it was acknowledged, or once it was confirmed."""
    done = said_text("action", action, SHORT_MOST)
    with acting(whole, viewer, ALARM_HANDLERS, "confirm alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        if alarm.acknowledged_at is None:
            raise NotNow("acknowledge_first")
        if alarm.confirmed_at is not None:
            raise NotNow("already_confirmed", by=alarm.confirmed_by)
        connection.execute(_CONFIRM, {"id": alarm_id, "now": now, "by": viewer.name, "action": done})
        tell(connection, viewer, [alarm_id], Happening.CONFIRMED, done)
        audit(connection, viewer, Action.ALARM_CONFIRMED, [alarm], {"action": done})
        connection.commit()


_RESET = text("UPDATE alarm SET reset_at = :now, reset_by = :by WHERE id = :id")


def reset(whole: Engine, viewer: Viewer, alarm_id: int, now: datetime) -> None:
    """Let go of a latched alarm. NotNow for one that does not latch, or whose condition lasts."""
    with acting(whole, viewer, ALARM_HANDLERS, "reset alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        if not alarm.latching:
            raise NotNow("not_latched")
        if alarm.returned_at is None:
            raise NotNow("still_active")
        if alarm.reset_at is not None:
            raise NotNow("already_reset")
        connection.execute(_RESET, {"id": alarm_id, "now": now, "by": viewer.name})
        tell(connection, viewer, [alarm_id], Happening.RESET)
        tell_closed(connection, [alarm])
        audit(connection, viewer, Action.ALARM_RESET, [alarm])
        connection.commit()


_ASSIGN = text(
    "UPDATE alarm SET assigned_to = :name, assigned_to_id = :person, assigned_at = :at WHERE id = :id"
)


def assign(whole: Engine, viewer: Viewer, alarm_id: int, person_id: int | None, now: datetime) -> None:
    """Give an alarm to somebody who sees it, or to nobody again (None). BadField for one who may not."""
    must_be(viewer, ALARM_HANDLERS, "assign alarms")
    seen = scoped(whole, viewer.scope)
    # Before the alarm is held: a transaction that waits for a second connection may wait for itself.
    who = None if person_id is None else checked_assignee(seen, whole, alarm_id, person_id)
    with acting(whole, viewer, ALARM_HANDLERS, "assign alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        if alarm.closed_at is not None:
            raise NotNow("closed")
        name = who.name if who else None
        values = {"id": alarm_id, "name": name, "person": person_id, "at": now if who else None}
        connection.execute(_ASSIGN, values)
        details = {"to": name or "", "to_id": person_id}
        tell(connection, viewer, [alarm_id], Happening.ASSIGNED, name or "", details)
        audit(connection, viewer, Action.ALARM_ASSIGNED, [alarm], details)
        connection.commit()


def comment(whole: Engine, viewer: Viewer, alarm_id: int, said: str, now: datetime) -> None:
    """Add a line to the thread of an alarm, open or closed."""
    line = said_text("text", said)
    with acting(whole, viewer, ALARM_HANDLERS, "comment alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        tell(connection, viewer, [alarm_id], Happening.COMMENTED, line)
        audit(connection, viewer, Action.ALARM_COMMENTED, [alarm], {"text": line})
        connection.commit()


_RATE = text(
    """
    INSERT INTO alarm_rating (alarm_id, person_id, useless, text) VALUES (:alarm, :person, :useless, :text)
    ON CONFLICT (alarm_id, person_id) DO UPDATE
    SET useless = excluded.useless, text = excluded.text, at = now()
    """
)


def rate(whole: Engine, viewer: Viewer, alarm_id: int, useless: bool, said: str, now: datetime) -> None:
    """Say whether an alarm was of use, open or closed; who says it again changes her mind."""
    line = said_text("text", said, SHORT_MOST, needed=False)
    with acting(whole, viewer, ALARM_HANDLERS, "rate alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        values = {"alarm": alarm_id, "person": viewer.person_id, "useless": useless, "text": line}
        connection.execute(_RATE, values)
        tell(connection, viewer, [alarm_id], Happening.RATED, line, {"useless": useless})
        audit(connection, viewer, Action.ALARM_RATED, [alarm], {"useless": useless, "text": line})
        connection.commit()
