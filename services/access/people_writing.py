"""Making, changing, disabling accounts: each in one transaction with its entry in the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.people import Kind, Person, PersonDraft
from model.viewer import Viewer
from services.access import people_rows
from services.access.administrators import one_must_stay
from services.access.audit import record
from services.access.people_checking import checked_person

_INSERT = text(
    "INSERT INTO person (login, name, kind, email, made_by) "
    "VALUES (:login, :name, :kind, nullif(:email, ''), :by) RETURNING id"
)
_CHANGE = text("UPDATE person SET login = :login, name = :name, email = nullif(:email, '') WHERE id = :id")
_DISABLE = text("UPDATE person SET disabled_at = :now, disabled_by = :by WHERE id = :id")
_ENABLE = text("UPDATE person SET disabled_at = NULL, disabled_by = NULL WHERE id = :id")
_END_SESSIONS = text(
    """
    UPDATE session SET ended_at = :now, ended_by = :by, ended_why = :why
    WHERE ended_at IS NULL AND person_id = :person AND (CAST(:grant AS bigint) IS NULL OR grant_id = :grant)
    """
)


def person_there(connection: Connection, person_id: int) -> Person:
    """The account ``person_id``; raises NotFound."""
    found = people_rows.one(connection, person_id)
    if found is None:
        raise NotFound(f"no account {person_id}")
    return found


def end_sessions(
    connection: Connection, viewer: Viewer, person_id: int, grant_id: int | None, why: str, now: datetime
) -> int:
    """End every open session of somebody (of one grant of hers); how many there were."""
    values = {"person": person_id, "grant": grant_id, "by": viewer.name, "why": why, "now": now}
    return int(connection.execute(_END_SESSIONS, values).rowcount)


def make(connection: Connection, viewer: Viewer, draft: PersonDraft) -> int:
    """Add an account without any right; its id. Raises BadField, also for a login that is taken."""
    new = checked_person(draft)
    values = {"login": new.login, "name": new.name, "kind": new.kind, "email": new.email}
    if people_rows.named(connection, new.login):
        raise BadField("login", "login_taken", login=new.login)
    try:
        made = int(connection.execute(_INSERT, {**values, "by": viewer.name}).scalar_one())
    except IntegrityError as error:
        raise BadField("login", "login_taken", login=new.login) from error
    _told(connection, viewer, Action.PERSON_MADE, made, new.login, after=values)
    return made


def change(connection: Connection, viewer: Viewer, person_id: int, draft: PersonDraft) -> None:
    """Give an account another name, login or e-mail. Raises BadField, NotFound."""
    before = person_there(connection, person_id)
    new = checked_person(PersonDraft(draft.name, draft.login, draft.email, before.kind))
    values = {"login": new.login, "name": new.name, "email": new.email}
    old = {"login": before.login, "name": before.name, "email": before.email}
    if values == old:
        return
    try:
        connection.execute(_CHANGE, {**values, "id": person_id})
    except IntegrityError as error:
        raise BadField("login", "login_taken", login=new.login) from error
    _told(connection, viewer, Action.PERSON_CHANGED, person_id, new.login, before=old, after=values)


def disable(connection: Connection, viewer: Viewer, person_id: int, now: datetime) -> int:
    """Close an account: its sessions end at once, its rights stay on record; how many sessions ended.

    Raises Refused for one's own account and for that of the last administrator, NotFound.
    """
    person = person_there(connection, person_id)
    if person_id == viewer.person_id:
        raise Refused("nobody disables her own account", "own")
    if person.disabled_at is not None:
        return 0
    connection.execute(_DISABLE, {"id": person_id, "now": now, "by": viewer.name})
    one_must_stay(connection, now)
    ended = end_sessions(connection, viewer, person_id, None, "disabled", now)
    _told(connection, viewer, Action.PERSON_DISABLED, person_id, person.login, sessions_ended=ended)
    return ended


def enable(connection: Connection, viewer: Viewer, person_id: int) -> None:
    """Open a disabled account again, with the rights that still run. Raises NotFound."""
    person = person_there(connection, person_id)
    if person.disabled_at is None:
        return
    connection.execute(_ENABLE, {"id": person_id})
    _told(connection, viewer, Action.PERSON_ENABLED, person_id, person.login)


def _told(
    connection: Connection, viewer: Viewer, action: Action, person_id: int, login: str, **details: Any
) -> None:
    record(
        connection, viewer, action, kind="person", object=login, details={"person_id": person_id, **details}
    )


def kind_of(connection: Connection, person_id: int) -> Kind:
    """Whether the account is a person's or a device's; raises NotFound."""
    return person_there(connection, person_id).kind
