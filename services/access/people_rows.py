"""People, grants and video rights as the database keeps them, read into plain values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.asking import statement
from model.people import Grant, Kind, Person, Sheet, VideoGrant
from model.roles import Role

_PERSON = """
    SELECT id, login, name, kind, coalesce(email, ''), password_hash IS NOT NULL,
           totp_confirmed_at IS NOT NULL, oidc_subject IS NOT NULL, made_at, made_by, disabled_at, disabled_by
    FROM person {rest}
"""
_PEOPLE = statement(_PERSON, rest="ORDER BY lower(name), id LIMIT :most")
_BY_ID = statement(_PERSON, rest="WHERE id = :id")
_BY_LOGIN = statement(_PERSON, rest="WHERE login = :login")
_GRANTS = text(
    """
    SELECT id, person_id, role, areas, domains, reason, valid_from, valid_until, made_at, made_by, revoked_at,
           revoked_by
    FROM access_grant WHERE CAST(:who AS bigint) IS NULL OR person_id = :who ORDER BY made_at DESC, id DESC
    """
)
_VIDEO = text(
    """
    SELECT id, person_id, authority, decided_on, areas, valid_until, made_at, made_by, revoked_at, revoked_by
    FROM video_right WHERE CAST(:who AS bigint) IS NULL OR person_id = :who ORDER BY made_at DESC, id DESC
    """
)
_SEEN = text(
    """
    SELECT person_id, max(seen_at),
           count(*) FILTER (WHERE ended_at IS NULL AND expires_at > now()
                            AND seen_at > now() - make_interval(secs => idle_s))
    FROM session WHERE CAST(:who AS bigint) IS NULL OR person_id = :who GROUP BY person_id
    """
)
PEOPLE_MOST = 5_000


def person_of(row: Sequence[Any]) -> Person:
    """One row of ``person``, in the order of the statement above."""
    id_, login, name, kind, *rest = row
    return Person(int(id_), str(login), str(name), Kind(kind), *rest)


def grant_of(row: Sequence[Any]) -> Grant:
    """One row of ``access_grant``."""
    id_, who, role, areas, domains, *rest = row
    return Grant(id_, who, Role(role), _set(areas), _set(domains), *rest)


def video_of(row: Sequence[Any]) -> VideoGrant:
    """One row of ``video_right``."""
    id_, who, authority, decided, areas, *rest = row
    return VideoGrant(id_, who, authority, decided, _set(areas), *rest)


def _set(names: Sequence[Any] | None) -> frozenset[Any] | None:
    return None if names is None else frozenset(names)


def one(connection: Connection, person_id: int) -> Person | None:
    """The account ``person_id``."""
    row = connection.execute(_BY_ID, {"id": person_id}).first()
    return person_of(row) if row else None


def named(connection: Connection, login: str) -> Person | None:
    """The account that signs in as ``login`` (lower case)."""
    row = connection.execute(_BY_LOGIN, {"login": login}).first()
    return person_of(row) if row else None


def grants(connection: Connection, person_id: int | None = None) -> list[Grant]:
    """All grants ever made, of one person or of all, newest first."""
    return [grant_of(row) for row in connection.execute(_GRANTS, {"who": person_id})]


def video_rights(connection: Connection, person_id: int | None = None) -> list[VideoGrant]:
    """All video rights ever given, of one person or of all, newest first."""
    return [video_of(row) for row in connection.execute(_VIDEO, {"who": person_id})]


def sheets(connection: Connection) -> list[Sheet]:
    """Every account with all it holds, by name."""
    people = [person_of(row) for row in connection.execute(_PEOPLE, {"most": PEOPLE_MOST})]
    held, cleared, seen = grants(connection), video_rights(connection), _seen(connection, None)
    return [_sheet(person, held, cleared, seen) for person in people]


def sheet(connection: Connection, person_id: int) -> Sheet | None:
    """One account with all it holds."""
    person = one(connection, person_id)
    if person is None:
        return None
    held, cleared = grants(connection, person_id), video_rights(connection, person_id)
    return _sheet(person, held, cleared, _seen(connection, person_id))


def _seen(connection: Connection, person_id: int | None) -> dict[int, tuple[datetime, int]]:
    return {row[0]: (row[1], row[2]) for row in connection.execute(_SEEN, {"who": person_id})}


def _sheet(
    person: Person,
    held: Sequence[Grant],
    cleared: Sequence[VideoGrant],
    seen: dict[int, tuple[datetime, int]],
) -> Sheet:
    last, opened = seen.get(person.id, (None, 0))
    return Sheet(
        person,
        tuple(grant for grant in held if grant.person_id == person.id),
        tuple(right for right in cleared if right.person_id == person.id),
        opened,
        last,
    )
