"""The demo city's people as rows: accounts, grants, video rights, and when each was last there."""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from geodata.demo_city.past import Story
from model.demo_people import DEMO_PEOPLE, MADE_BY, DemoPerson
from model.roles import Role

AUTHORITY = "Préfecture, arrêté d’exemple"
AWAY_DAYS = 3
"""The last of them was there so many days ago at most."""

_AREAS = "SELECT id FROM area WHERE kind = 'commune' ORDER BY name LIMIT %s"
_PERSON = "INSERT INTO person (login, name, kind, made_at, made_by) VALUES (%s, %s, %s, %s, %s) RETURNING id"
_GRANT = (
    "INSERT INTO access_grant (person_id, role, areas, domains, reason, valid_from, made_at, made_by) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
)
_RIGHT = (
    "INSERT INTO video_right (person_id, authority, decided_on, areas, valid_until, made_at, made_by) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_SESSION = (
    "INSERT INTO session (token_hash, person_id, grant_id, csrf, method, address, began_at, seen_at, "
    "expires_at, idle_s, ended_at, ended_by, ended_why) "
    "VALUES (%s, %s, %s, '', 'demo', '127.0.0.1', %s, %s, %s, 3600, %s, %s, 'signed_out')"
)


def write_people(connection: psycopg.Connection[Any], story: Story) -> dict[str, int]:
    """Write everybody; person ids by key. The areas must be there."""
    first = datetime.fromtimestamp(story.span.first, UTC)
    now = datetime.fromtimestamp(story.span.now, UTC)
    found = {}
    for place, one in enumerate(DEMO_PEOPLE):
        kind = "device" if one.role is Role.WALL else "person"
        number = _returned(connection, _PERSON, (one.login, one.name, kind, first, MADE_BY))
        areas = areas_of(connection, one)
        domains = None if one.domains is None else sorted(one.domains)
        given = (areas, domains, MADE_BY, first, first, MADE_BY)
        grant = _returned(connection, _GRANT, (number, one.role.value, *given))
        for role in one.also:
            _returned(connection, _GRANT, (number, role.value, *given))
        if one.video:
            right = (number, AUTHORITY, date(first.year, first.month, 1), areas, now + timedelta(days=365))
            connection.execute(_RIGHT, (*right, first, MADE_BY))
        began = now - timedelta(days=1 + place % AWAY_DAYS, hours=8)
        ended = began + timedelta(hours=7, minutes=40)
        token = secrets.token_bytes(32)
        session = (token, number, grant, began, ended, began + timedelta(hours=9), ended, one.name)
        connection.execute(_SESSION, session)
        found[one.key] = number
    return found


def areas_of(connection: psycopg.Connection[Any], one: DemoPerson) -> list[int] | None:
    """The ids of her communes, the first by name; None: all."""
    if one.communes is None:
        return None
    return sorted(int(row[0]) for row in connection.execute(_AREAS, (one.communes,)))


def _returned(connection: psycopg.Connection[Any], statement: Any, values: tuple[Any, ...]) -> int:
    row = connection.execute(statement, values).fetchone()
    assert row is not None  # noqa: S101 - an INSERT ... RETURNING gives its row
    return int(row[0])
