"""Ending what keeps alarms from the list, and the second person disabling takes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from model.alarms import Happening, Hiding
from model.audit import Action
from model.errors import NotFound, NotNow, Refused
from model.roles import ALARM_HANDLERS, ALARM_SUPERVISORS
from model.viewer import Viewer
from services.access import record
from services.alarms.desk.acting import acting, tell

_HIT = text("SELECT alarm_id FROM alarm_hidden(:at) WHERE hiding_id = :id")
_VISIBLE = text("SELECT id FROM alarm WHERE id = ANY(:ids) ORDER BY id")
_HOLD = text(
    """
    SELECT id, reason, until, made_by, made_by_id, seconded_at, seconded_by, ended_at, ended_by
    FROM alarm_hiding WHERE id = :id FOR UPDATE
    """
)
_SEEN = text("SELECT kind FROM alarm_hiding WHERE id = :id")
_END = text("UPDATE alarm_hiding SET ended_at = :now, ended_by = :by, ended_why = :why WHERE id = :id")
_BACK = {
    Hiding.SHELVED: (ALARM_HANDLERS, Happening.UNSHELVED, Action.ALARM_UNSHELVED),
    Hiding.OUT_OF_SERVICE: (ALARM_SUPERVISORS, Happening.IN_SERVICE, Action.ALARM_IN_SERVICE),
    Hiding.DISABLED: (ALARM_HANDLERS, Happening.ENABLED, Action.ALARM_ENABLED),
}


def bring_back(whole: Engine, viewer: Viewer, hiding_id: int, kind: Hiding, now: datetime) -> None:
    """End a hiding of ``kind`` before its time: unshelve, put into service, enable, withdraw a disabling.

    Raises NotNow when it is over already, Refused for who sees only part of what it hides, NotFound.
    """
    roles, happening, action = _BACK[kind]
    with acting(whole, viewer, roles, f"end what is {kind.value}", now) as connection:
        hiding = _held(connection, viewer, hiding_id, kind, now)
        waiting = kind is Hiding.DISABLED and hiding.seconded_at is None
        hit = hit_by(connection, hiding_id, now)
        why = "withdrawn" if waiting else "lifted"
        connection.execute(_END, {"id": hiding_id, "now": now, "by": viewer.name, "why": why})
        tell(connection, viewer, hit, happening, details={"hiding": hiding_id})
        audit_hiding(connection, viewer, action, hiding_id, {"made_by": hiding.made_by, "why": why})
        connection.commit()


def _held(connection: Connection, viewer: Viewer, hiding_id: int, kind: Hiding, now: datetime) -> Row[Any]:
    if connection.scalar(_SEEN, {"id": hiding_id}) != kind.value:
        raise NotFound(f"nothing {kind.value} has the number {hiding_id}")
    hiding = connection.execute(_HOLD, {"id": hiding_id}).one_or_none()
    if hiding is None:
        # Seen and not held: the database lets change only who sees all of what it hides.
        raise Refused("it hides more than you see: somebody of the whole place has to end it", "hides_more")
    if hiding.ended_at is not None:
        raise NotNow("already_ended", by=hiding.ended_by or "")
    if hiding.until <= now:
        raise NotNow("ran_out")
    return hiding


def hit_by(connection: Connection, hiding_id: int, now: datetime) -> Sequence[int]:
    """The open alarms the connection sees that a hiding keeps from the list; of two the stronger counts."""
    seen = list(connection.scalars(_HIT, {"at": now, "id": hiding_id}))
    return list(connection.scalars(_VISIBLE, {"ids": seen})) if seen else []


def audit_hiding(
    connection: Connection, viewer: Viewer, action: Action, hiding_id: int, details: Mapping[str, Any],
    outcome: str = "done",
) -> None:  # fmt: skip
    """The entry in the audit of what was done with a hiding."""
    told = {name: value for name, value in details.items() if value not in (None, "", False)}
    record(
        connection, viewer, action, kind="alarm_hiding", object=str(hiding_id),
        asset_id=details.get("asset"), outcome=outcome, details=told,
    )  # fmt: skip


_SECOND = text(
    "UPDATE alarm_hiding SET seconded_at = :now, seconded_by = :by, seconded_by_id = :by_id, began_at = :now "
    "WHERE id = :id"
)


def second_disabling(whole: Engine, viewer: Viewer, hiding_id: int, now: datetime) -> None:
    """Agree that alarms be disabled: from now on they are. Refused (and on record) for who asked for it.

    Raises NotNow when it was agreed to or withdrawn before, or has run out; NotFound.
    """
    with acting(whole, viewer, ALARM_SUPERVISORS, "agree that alarms be disabled", now) as connection:
        hiding = _held(connection, viewer, hiding_id, Hiding.DISABLED, now)
        if hiding.seconded_at is not None:
            raise NotNow("already_seconded", by=hiding.seconded_by)
        if not viewer.person_id or hiding.made_by_id == viewer.person_id:
            audit_hiding(connection, viewer, Action.ALARM_DISABLED, hiding_id, {}, outcome="refused")
            connection.commit()
            raise Refused("disabling takes two persons: somebody else has to agree", "same_person")
        values = {"id": hiding_id, "now": now, "by": viewer.name, "by_id": viewer.person_id}
        connection.execute(_SECOND, values)
        details = {"until": hiding.until, "asked_by": hiding.made_by, "hiding": hiding_id}
        hit = hit_by(connection, hiding_id, now)
        tell(connection, viewer, hit, Happening.DISABLED, hiding.reason, details)
        audit_hiding(connection, viewer, Action.ALARM_DISABLED, hiding_id, {"asked_by": hiding.made_by})
        connection.commit()
