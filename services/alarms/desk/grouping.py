"""Putting alarms under a cause by hand, where the network does not know it, and taking them out again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from model.alarms import Happening
from model.audit import Action
from model.errors import BadField, NotNow
from model.roles import ALARM_HANDLERS
from model.viewer import Viewer
from services.alarms.desk.acting import acting, audit, locked, tell, tell_closed

# One at a time: two people may close a ring of causes from both ends without holding one row in common.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.alarm'), hashtext('grouping'))")
_ABOVE = text(
    """
    WITH RECURSIVE above (id, cause_id) AS (
        SELECT id, cause_id FROM alarm WHERE id = :cause
        UNION SELECT a.id, a.cause_id FROM above b JOIN alarm a ON a.id = b.cause_id
    ) SELECT id FROM above
    """
)
_GROUP = text("UPDATE alarm SET cause_id = :cause, cause_since = :now, grouped_by = :by WHERE id = ANY(:ids)")
_FREE = text("UPDATE alarm SET cause_id = NULL, cause_since = NULL, grouped_by = NULL WHERE id = :id")


def group(whole: Engine, viewer: Viewer, ids: Sequence[int], cause_id: int, now: datetime) -> None:
    """Put the alarms ``ids``, at most 200, under the open alarm ``cause_id``.

    Raises NotNow for one that is closed, and where the cause is itself explained by one of them; BadField for
    an alarm under itself; NotFound, Refused, Unavailable.
    """
    if cause_id in ids:
        raise BadField("cause", "itself")
    with acting(whole, viewer, ALARM_HANDLERS, "group alarms", now) as connection:
        connection.execute(_ONE_AT_A_TIME)
        found = locked(connection, [*ids, cause_id])
        if any(alarm.closed_at is not None for alarm in found.values()):
            raise NotNow("closed")
        _not_in_a_ring(connection, ids, cause_id)
        below = [alarm for number, alarm in found.items() if number != cause_id]
        values = {"ids": list(ids), "cause": cause_id, "now": now, "by": viewer.name}
        connection.execute(_GROUP, values)
        tell(connection, viewer, list(ids), Happening.GROUPED, details={"cause": cause_id})
        tell_closed(connection, below)
        audit(connection, viewer, Action.ALARM_GROUPED, below, {"cause": cause_id})
        connection.commit()


def _not_in_a_ring(connection: Connection, ids: Sequence[int], cause_id: int) -> None:
    if set(connection.scalars(_ABOVE, {"cause": cause_id})) & set(ids):
        raise NotNow("explained_by_it")


def ungroup(whole: Engine, viewer: Viewer, alarm_id: int, now: datetime) -> None:
    """Take an alarm out from under its cause. NotNow when the network put it there, or nothing did."""
    with acting(whole, viewer, ALARM_HANDLERS, "group alarms", now) as connection:
        alarm = locked(connection, [alarm_id])[alarm_id]
        if alarm.cause_id is None or alarm.grouped_by is None:
            raise NotNow("not_by_hand")
        connection.execute(_FREE, {"id": alarm_id})
        tell(connection, viewer, [alarm_id], Happening.UNGROUPED, details={"cause": alarm.cause_id})
        details = {"cause": alarm.cause_id, "grouped_by": alarm.grouped_by, "freed": True}
        audit(connection, viewer, Action.ALARM_GROUPED, [alarm], details)
        connection.commit()
