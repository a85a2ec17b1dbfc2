"""Giving and taking grants and video rights: each in one transaction with its entry in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from model.audit import Action
from model.errors import NotFound, Refused
from model.people import Grant, GrantDraft, VideoDraft
from model.roles import Role
from model.viewer import Viewer
from services.access import people_rows
from services.access.administrators import one_must_stay
from services.access.audit import record
from services.access.people_checking import checked_grant, checked_video
from services.access.people_writing import end_sessions, person_there

_AREAS = text("SELECT id FROM area")
_GRANT = text(
    """
    INSERT INTO access_grant (person_id, role, areas, domains, reason, valid_from, valid_until, made_by)
    VALUES (:person_id, :role, :areas, :domains, :reason, :valid_from, :valid_until, :by) RETURNING id
    """
)
_REVOKE_GRANT = text("UPDATE access_grant SET revoked_at = :now, revoked_by = :by WHERE id = :id")
_VIDEO = text(
    """
    INSERT INTO video_right (person_id, authority, decided_on, areas, valid_until, made_by)
    VALUES (:person_id, :authority, :decided_on, :areas, :valid_until, :by) RETURNING id
    """
)
_REVOKE_VIDEO = text("UPDATE video_right SET revoked_at = :now, revoked_by = :by WHERE id = :id")


def known_areas(connection: Connection) -> frozenset[int]:
    """The ids of every area of the city."""
    return frozenset(connection.execute(_AREAS).scalars())


def _listed(names: frozenset[Any] | None) -> list[Any] | None:
    return None if names is None else sorted(names)


def told_grant(grant: Grant | GrantDraft) -> dict[str, Any]:
    """A grant as the audit keeps it."""
    return {
        "role": str(grant.role), "areas": _listed(grant.areas), "domains": _listed(grant.domains),
        "reason": grant.reason, "valid_from": grant.valid_from, "valid_until": grant.valid_until,
    }  # fmt: skip


def grant(connection: Connection, viewer: Viewer, person_id: int, draft: GrantDraft, now: datetime) -> int:
    """Give ``person_id`` the grant ``draft``; its id. Raises BadField, NotFound."""
    person = person_there(connection, person_id)
    new = checked_grant(draft, person.kind, known_areas(connection), now)
    told = told_grant(new)
    values = {**told, "person_id": person_id, "by": viewer.name}
    made = int(connection.execute(_GRANT, values).scalar_one())
    _record(connection, viewer, Action.GRANT_MADE, person.login, person_id, made, after=told)
    return made


def revoke(connection: Connection, viewer: Viewer, grant_id: int, now: datetime) -> int:
    """Take a grant back: the sessions held in it end at once; how many did.

    Raises NotFound when none of that id is in force or to come; Refused for one's own grant as
    administrator and for the last administrator's.
    """
    held = next((one for one in people_rows.grants(connection) if one.id == grant_id), None)
    if held is None or held.revoked_at is not None:
        raise NotFound(f"no grant {grant_id} is in force")
    if held.role is Role.ADMINISTRATOR and held.person_id == viewer.person_id:
        raise Refused("nobody takes her own right as administrator away", "own")
    connection.execute(_REVOKE_GRANT, {"id": grant_id, "now": now, "by": viewer.name})
    if held.role is Role.ADMINISTRATOR:
        one_must_stay(connection, now)
    ended = end_sessions(connection, viewer, held.person_id, grant_id, "revoked", now)
    login = person_there(connection, held.person_id).login
    more = {"before": told_grant(held), "sessions_ended": ended}
    _record(connection, viewer, Action.GRANT_REVOKED, login, held.person_id, grant_id, **more)
    return ended


def give_video(
    connection: Connection, viewer: Viewer, person_id: int, draft: VideoDraft, now: datetime
) -> int:
    """Write that ``person_id`` is named and cleared for road cameras; its id. Raises BadField, NotFound."""
    person = person_there(connection, person_id)
    held = people_rows.grants(connection, person_id)
    new = checked_video(draft, person, held, known_areas(connection), now)
    values: Mapping[str, Any] = {
        "authority": new.authority, "decided_on": new.decided_on, "areas": _listed(new.areas),
        "valid_until": new.valid_until,
    }  # fmt: skip
    made = int(connection.execute(_VIDEO, {**values, "person_id": person_id, "by": viewer.name}).scalar_one())
    _record(connection, viewer, Action.VIDEO_RIGHT_MADE, person.login, person_id, made, after=values)
    return made


def take_video(connection: Connection, viewer: Viewer, right_id: int, now: datetime) -> None:
    """Take a video right back. Raises NotFound when none of that id is in force."""
    rights = people_rows.video_rights(connection)
    held = next((one for one in rights if one.id == right_id and one.revoked_at is None), None)
    if held is None:
        raise NotFound(f"no video right {right_id} is in force")
    connection.execute(_REVOKE_VIDEO, {"id": right_id, "now": now, "by": viewer.name})
    login = person_there(connection, held.person_id).login
    before = {"authority": held.authority, "areas": _listed(held.areas), "valid_until": held.valid_until}
    _record(connection, viewer, Action.VIDEO_RIGHT_REVOKED, login, held.person_id, right_id, before=before)


def _record(
    connection: Connection,
    viewer: Viewer,
    action: Action,
    login: str,
    person_id: int,
    number: int,
    **details: Any,
) -> None:
    told = {"person_id": person_id, "id": number, **details}
    record(connection, viewer, action, kind="person", object=login, details=told)
