"""Sessions for benches: people of a role and scope, as the real sign-in leaves them."""

import secrets
from collections.abc import Iterable

from sqlalchemy import Engine, text

from callbacks.cookies import CSRF, CSRF_HEADER, session_name
from model.roles import Role
from model.viewer import WHOLE_CITY, Scope
from services.access import Sessions

_PERSON = text("INSERT INTO person (login, name, made_by) VALUES (:login, :login, 'bench') RETURNING id")
_GRANT = text(
    "INSERT INTO access_grant (person_id, role, areas, domains, reason, made_by) "
    "VALUES (:person, :role, :areas, :domains, 'bench', 'bench') RETURNING id"
)
Headers = dict[str, str]


def signed_in(
    engine: Engine, scopes: Iterable[Scope] = (WHOLE_CITY,), role: Role = Role.OPERATOR
) -> list[Headers]:
    """What a client of each of ``scopes`` sends with every request: its own session and its proof."""
    sessions, found = Sessions(engine), []
    for scope in scopes:
        values = {
            "role": role.value,
            "areas": None if scope.areas is None else sorted(scope.areas),
            "domains": None if scope.domains is None else sorted(scope.domains),
        }
        with engine.begin() as connection:
            person = connection.scalar(_PERSON, {"login": f"bench-{secrets.token_hex(4)}"})
            grant = connection.scalar(_GRANT, values | {"person": person})
        token, viewer = sessions.open(int(person or 0), int(grant or 0), "local", "127.0.0.1", "bench")
        cookie = f"{session_name(secure=False)}={token}; {CSRF}={viewer.csrf}"
        found.append({"cookie": cookie, CSRF_HEADER: viewer.csrf})
    return found
