"""The database's roles: which process asks as whom, their passwords, and whether one may more than it needs.

The roles and their rights are made by migration 0010; docs/database-roles.md explains them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import Connection, make_url, text

from geodata.database import plain_url
from geodata.scoping import ROLE as SCOPED

ROOM, RECORDER, READER, PUBLIC = "vigie_room", "vigie_recorder", "vigie_reader", "vigie_public"

ROLE_OF: Mapping[str, str | None] = {
    "web": ROOM,
    "ingest": RECORDER,
    "record": RECORDER,
    "alarm": RECORDER,
    "publish": READER,
    "simulate": READER,
    "public": None,
}
"""The role each process asks as; None: it has nothing to ask. Everything else (migrate, demo, import, the
commands of the history) is the owner's."""


def address_for(url: str, process: str, password: str | None = None) -> str | None:
    """``url`` (of the owner) as ``process`` must ask it; None where it must not ask at all."""
    role = ROLE_OF[process]
    if role is None:
        return None
    return make_url(url).set(username=role, password=password).render_as_string(hide_password=False)


def set_passwords(url: str, passwords: Mapping[str, str]) -> None:
    """Give roles their passwords, as the owner at ``url``; psycopg.Error when that is refused.

    They are hashed here (SCRAM-SHA-256), so that no log of the server ever holds one.
    """
    if not passwords:
        return
    with psycopg.connect(plain_url(url), connect_timeout=5) as connection:
        for role, password in passwords.items():
            hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
            connection.execute(
                SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(role), Literal(hashed.decode()))
            )


@dataclass(frozen=True, slots=True)
class Standing:
    """As whom somebody asks: ``excess`` names what it may beyond its work (empty: nothing), ``loose`` the
    roles whose rows are not scoped although they must be."""

    role: str
    excess: str
    loose: tuple[str, ...]


_STANDING = text(
    """
    SELECT current_user, r.rolsuper, coalesce(pg_has_role(c.relowner, 'MEMBER'), false)
    FROM pg_roles r LEFT JOIN pg_class c ON c.oid = to_regclass('public.asset')
    WHERE r.rolname = current_user
    """
)
_LOOSE = text(
    "SELECT rolname FROM pg_roles WHERE rolname = ANY (:bound) AND (rolsuper OR rolbypassrls) ORDER BY 1"
)


def standing(connection: Connection) -> Standing:
    """As whom ``connection`` asks, and whether the roles are as they must be."""
    role, superuser, owner = connection.execute(_STANDING).one()
    excess = "a superuser" if superuser else "the owner of the tables" if owner else ""
    loose = connection.scalars(_LOOSE, {"bound": [SCOPED, ROOM, READER, PUBLIC]}).all()
    return Standing(role, excess, tuple(loose))
