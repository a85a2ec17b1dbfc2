"""Somebody who is signed in, for tests of what people do: as a value alone, or with her rows."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, insert

from geodata.access_tables import access_grant, person, session, video_right
from model.roles import Role
from model.viewer import WHOLE_CITY, Scope, Viewer
from tests.signing_in import NAME

DAY = timedelta(days=1)
AUTHOR = NAME
"""Who signs what tests do through the screens of a room."""


def somebody(name: str = "Claire", role: Role = Role.SUPERVISOR, scope: Scope = WHOLE_CITY) -> Viewer:
    """A viewer whom no database knows."""
    return Viewer(0, name.lower(), name, role, scope)


def settled(
    engine: Engine, name: str = "Claire", role: Role = Role.SUPERVISOR, scope: Scope = WHOLE_CITY
) -> Viewer:
    """A viewer with a person, a grant and an open session of her own."""
    now = datetime.now(UTC)
    areas = None if scope.areas is None else sorted(scope.areas)
    domains = None if scope.domains is None else sorted(scope.domains)
    login = f"{name.lower()}.{role.value}.{now.timestamp():.6f}"
    with engine.begin() as connection:
        who = connection.scalar(
            insert(person).values(login=login, name=name, made_by="test").returning(person.c.id)
        )
        given = {"person_id": who, "role": role.value, "areas": areas, "domains": domains}
        grant = connection.scalar(
            insert(access_grant).values(**given, made_by="test").returning(access_grant.c.id)
        )
        opened = {
            "token_hash": login.encode(), "person_id": who, "grant_id": grant, "csrf": "c", "method": "local",
            "expires_at": now + DAY, "idle_s": 3600,
        }  # fmt: skip
        held = connection.scalar(insert(session).values(**opened).returning(session.c.id))
    ids = {"session_id": int(str(held)), "grant_id": int(str(grant)), "address": "127.0.0.1"}
    return Viewer(int(str(who)), login, name, role, scope, **ids)


def may_see_video(
    engine: Engine, viewer: Viewer, areas: list[int] | None = None, lasts: timedelta = DAY
) -> int:
    """A video right of ``viewer`` for ``lasts``; its id."""
    named = {"person_id": viewer.person_id, "authority": "Préfecture", "decided_on": date(2026, 1, 5)}
    until = datetime.now(UTC) + lasts
    with engine.begin() as connection:
        made = insert(video_right).values(**named, areas=areas, valid_until=until, made_by="test")
        return int(str(connection.scalar(made.returning(video_right.c.id))))
