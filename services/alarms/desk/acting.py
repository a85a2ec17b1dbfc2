"""One act of a person: her right asked again, one transaction, the thread and the audit written with it.

Nothing says that it was done before it is committed: who calls gets a result after the commit, or an error.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, text

from geodata.asking import asking
from geodata.scoping import scoped
from model.alarms import Happening
from model.audit import Action
from model.errors import BadField, BadRequest, NotFound, Unavailable
from model.roles import Role
from model.typed import typed_text
from model.viewer import Viewer
from services.access import must_be, record

DEADLINE_MS = 3_000
DEADLOCK = "40P01"
BULK_MOST = 200
TEXT_MOST = 2_000
SHORT_MOST = 300
OF_NOW = timedelta(minutes=1)
"""An act is of now: nobody answers an alarm of the past, and no clock far off is believed."""

Locked = dict[int, Row[Any]]

_LOCK = text(
    """
    SELECT a.id, a.asset_id, a.area_id, a.rule_id, a.alarm_class, a.priority, a.domain, a.activations,
           a.returned_at, a.acknowledged_at, a.acknowledged_by, a.acknowledged_by_id, a.confirmed_at,
           a.confirmed_by, a.latching, a.reset_at, a.closed_at, a.cause_id, a.grouped_by, a.commune_id,
           a.district_id, v.declaration, coalesce(s.external_id, '') AS external_id
    FROM alarm a JOIN alarm_rule_version v ON v.rule_id = a.rule_id AND v.version = a.rule_version
    LEFT JOIN asset s ON s.id = a.asset_id
    WHERE a.id = ANY(:ids) ORDER BY a.id FOR UPDATE OF a
    """
)
_EVENT = text(
    """
    INSERT INTO alarm_event (alarm_id, kind, actor_id, actor, role, text, details)
    SELECT unnest(CAST(:ids AS bigint[])), :kind, :actor_id, :actor, :role, :text, CAST(:details AS jsonb)
    """
)


@contextmanager
def acting(
    whole: Engine, viewer: Viewer, roles: Collection[Role], what: str, now: datetime
) -> Iterator[Connection]:
    """A transaction in the scope of ``viewer``, for one act at ``now`` (aware); who uses it commits.

    Refused when her role is none of ``roles``; BadRequest when ``now`` is not now; Unavailable.
    """
    must_be(viewer, roles, what)
    if abs(datetime.now(UTC) - now) > OF_NOW:
        raise BadRequest("an act is of now: no alarm is answered in the past")
    with asking(scoped(whole, viewer.scope), DEADLINE_MS) as connection:
        yield connection


def locked(connection: Connection, ids: Collection[int]) -> Locked:
    """The alarms ``ids``, held until the transaction ends, by id. NotFound names those she does not see.

    Held in the order of their ids, so that two people with the same selection never wait for each other.
    """
    wanted = sorted(set(ids))
    if not wanted:
        raise BadField("alarms", "empty")
    if len(wanted) > BULK_MOST:
        raise BadField("alarms", "too_many", most=BULK_MOST)
    found: Locked = {row.id: row for row in connection.execute(_LOCK, {"ids": wanted})}
    missing = [number for number in wanted if number not in found]
    if missing:
        raise NotFound(f"no alarm {', '.join(map(str, missing[:5]))}")
    return found


def tell(
    connection: Connection, viewer: Viewer, ids: Sequence[int], kind: Happening, said: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """One line in the thread of each of ``ids``, in the name of ``viewer``."""
    values = {
        "ids": list(ids), "kind": kind.value, "actor_id": viewer.person_id or None, "actor": viewer.name,
        "role": viewer.role.value, "text": said,
        "details": msgspec.json.encode(dict(details or {}), enc_hook=str).decode(),
    }  # fmt: skip
    connection.execute(_EVENT, values)


_CLOSED = text(
    """
    INSERT INTO alarm_event (alarm_id, kind)
    SELECT id, 'closed' FROM alarm WHERE id = ANY(:ids) AND closed_at IS NOT NULL
    """
)


def tell_closed(connection: Connection, alarms: Collection[Row[Any]]) -> None:
    """A line of the system in the thread of those of ``alarms`` (as they were held) that left the list."""
    open_before = [alarm.id for alarm in alarms if alarm.closed_at is None]
    connection.execute(_CLOSED, {"ids": open_before})


def audit(
    connection: Connection, viewer: Viewer, action: Action, alarms: Collection[Row[Any]],
    details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """An entry in the audit for each of ``alarms``. Last in the transaction: others wait for its end."""
    for alarm in alarms:
        record(
            connection, viewer, action, kind="alarm", object=str(alarm.id), asset_id=alarm.asset_id,
            details={"class": alarm.alarm_class, "asset": alarm.external_id, **(details or {})},
        )  # fmt: skip


def is_deadlock(error: Unavailable) -> bool:
    """Whether the database undid a transaction since two waited for each other: it may be done again."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) == DEADLOCK


def said_text(field: str, told: str, most: int = TEXT_MOST, *, needed: bool = True) -> str:
    """What somebody typed, with its line ends. BadField when it is empty though ``needed``, or too long."""
    return typed_text(field, told, most, needed=needed, lines=True)
