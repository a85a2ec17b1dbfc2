"""Signing in, in tests: a person of a role and scope, with a session that a browser or a client carries."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext
from sqlalchemy import Engine, text

from callbacks.cookies import CSRF, CSRF_HEADER, session_name
from geodata.database import open_engine
from model.roles import Role
from model.viewer import Viewer
from services.access import Sessions

NAME = "Ada Test"
"""Who tests sign in as."""

_PERSON = text("INSERT INTO person (login, name, made_by) VALUES (:login, :name, 'tests') RETURNING id")
_GRANT = text(
    "INSERT INTO access_grant (person_id, role, areas, domains, reason, made_by) "
    "VALUES (:person, :role, :areas, :domains, 'tests', 'tests') RETURNING id"
)


@dataclass(frozen=True)
class SignedIn:
    """One open session: its token and whose it is."""

    token: str
    viewer: Viewer

    @property
    def headers(self) -> dict[str, str]:
        """What a client sends with every request."""
        return {
            "cookie": f"{session_name(secure=False)}={self.token}; {CSRF}={self.viewer.csrf}",
            CSRF_HEADER: self.viewer.csrf,
        }

    def enter(self, context: BrowserContext, url: str) -> None:
        """Give the browser of ``context`` the cookies for the control room at ``url``."""
        host = str(urlsplit(url).hostname)
        values = {session_name(secure=False): self.token, CSRF: self.viewer.csrf}
        context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": "/"} for name, value in values.items()]
        )


def person_of(
    engine: Engine,
    role: Role,
    areas: Collection[int] | None = None,
    domains: Collection[str] | None = None,
    name: str = NAME,
) -> tuple[int, int]:
    """A new person with one grant: (person id, grant id)."""
    login = f"{role}-{secrets.token_hex(4)}"
    with engine.begin() as connection:
        person = connection.execute(_PERSON, {"login": login, "name": name}).scalar_one()
        values = {
            "person": person, "role": role.value, "areas": None if areas is None else sorted(areas),
            "domains": None if domains is None else sorted(domains),
        }  # fmt: skip
        return person, connection.execute(_GRANT, values).scalar_one()


def made_up(role: Role = Role.ADMINISTRATOR) -> SignedIn:
    """A session no database knows, for a control room that has none: see ``tests.room.remember``."""
    viewer = Viewer(1, "ada", NAME, role, session_id=1, grant_id=1, csrf=secrets.token_urlsafe(24))
    return SignedIn(secrets.token_urlsafe(32), viewer)


def sign_in(
    database: Engine | str,
    role: Role = Role.ADMINISTRATOR,
    areas: Collection[int] | None = None,
    domains: Collection[str] | None = None,
) -> SignedIn:
    """A new session of a new person of ``role`` and scope on ``database``, an engine or its address."""
    engine = open_engine(database) if isinstance(database, str) else database
    try:
        person, grant = person_of(engine, role, areas, domains)
        return SignedIn(*Sessions(engine).open(person, grant, "local", "127.0.0.1", "tests"))
    finally:
        if isinstance(database, str):
            engine.dispose()


def signed_in(
    database: Engine | str,
    role: Role = Role.ADMINISTRATOR,
    areas: Collection[int] | None = None,
    domains: Collection[str] | None = None,
) -> dict[str, str]:
    """The headers of a new session of ``role`` and scope."""
    return sign_in(database, role, areas, domains).headers
