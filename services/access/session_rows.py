"""A session's rows: what is asked of the database about sessions, and what comes back as.

A session counts while nobody ended it, it is used, its person is not disabled and its grant in force: each
is judged by the database's clock, at every reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from model.people import OpenSession
from model.roles import Role
from model.viewer import Scope, VideoRight, Viewer


@dataclass(frozen=True)
class Life:
    """How long a session lasts at most, and how long unused."""

    whole: timedelta
    idle: timedelta


SHIFT = Life(timedelta(hours=12), timedelta(hours=2))
"""One shift; an open screen counts as use."""
WALL = Life(timedelta(days=180), timedelta(hours=8))
"""A wall display's browser stays enrolled; switched off over night it is enrolled anew."""
LIVES = {"device": WALL}

READ = text("""
SELECT s.id, s.person_id, p.login, p.name, g.role, g.areas, g.domains, s.grant_id, s.csrf, s.method,
    s.address, least(s.expires_at, g.valid_until) AS expires_at
FROM session s JOIN person p ON p.id = s.person_id JOIN access_grant g ON g.id = s.grant_id
WHERE s.token_hash = :hash AND s.ended_at IS NULL AND s.expires_at > now()
    AND s.seen_at + s.idle_s * interval '1 second' > now() AND p.disabled_at IS NULL
    AND g.person_id = s.person_id AND g.revoked_at IS NULL AND g.valid_from <= now()
    AND (g.valid_until IS NULL OR g.valid_until > now())
""")
RIGHTS = text("""
SELECT id, authority, decided_on, areas, valid_until FROM video_right
WHERE person_id = :person AND revoked_at IS NULL AND valid_until > now() ORDER BY id
""")
SEEN = text(
    "UPDATE session SET seen_at = now() WHERE id = :id AND ended_at IS NULL "
    "AND seen_at < now() - interval '45 seconds'"
)
OPEN = text("""
INSERT INTO session (token_hash, person_id, grant_id, csrf, method, address, agent, expires_at, idle_s)
SELECT :hash, p.id, g.id, :csrf, :method, :address, :agent, now() + :whole, :idle
FROM person p JOIN access_grant g ON g.person_id = p.id
WHERE p.id = :person AND g.id = :grant AND p.disabled_at IS NULL AND g.revoked_at IS NULL
    AND g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())
RETURNING id
""")
LISTED = text("""
SELECT s.id, s.person_id, p.login, p.name, g.role, g.areas, g.domains, s.method, s.address, s.agent,
    s.began_at, s.seen_at, least(s.expires_at, g.valid_until) AS expires_at
FROM session s JOIN person p ON p.id = s.person_id JOIN access_grant g ON g.id = s.grant_id
WHERE s.ended_at IS NULL AND s.expires_at > now() AND s.seen_at + s.idle_s * interval '1 second' > now()
    AND p.disabled_at IS NULL AND g.revoked_at IS NULL AND (g.valid_until IS NULL OR g.valid_until > now())
    AND (CAST(:person AS bigint) IS NULL OR s.person_id = :person)
ORDER BY s.seen_at DESC, s.id
""")
END = text("""
UPDATE session s SET ended_at = now(), ended_by = :by, ended_why = :why
FROM person p WHERE s.id = :id AND s.ended_at IS NULL AND p.id = s.person_id
RETURNING s.person_id, p.login, p.name
""")


def viewer_of(row: Any, rights: Sequence[Any]) -> Viewer:
    """Who holds the session of a ``READ`` row, with the rows of her video ``rights``."""
    return Viewer(
        person_id=row["person_id"], login=row["login"], name=row["name"], role=Role(row["role"]),
        scope=scope_of_row(row), session_id=row["id"], grant_id=row["grant_id"], csrf=row["csrf"],
        method=row["method"], expires_at=row["expires_at"], address=row["address"],
        video=tuple(_right(right) for right in rights),
    )  # fmt: skip


def listed(row: Any) -> OpenSession:
    """A ``LISTED`` row as pages show it."""
    return OpenSession(
        row["id"], row["person_id"], row["login"], row["name"], Role(row["role"]), scope_of_row(row),
        row["method"], row["address"], row["agent"], row["began_at"], row["seen_at"], row["expires_at"],
    )  # fmt: skip


def scope_of_row(row: Any) -> Scope:
    """The scope of a grant's row."""
    return Scope(
        None if row["areas"] is None else frozenset(row["areas"]),
        None if row["domains"] is None else frozenset(row["domains"]),
    )


def _right(row: Any) -> VideoRight:
    areas = None if row["areas"] is None else frozenset(row["areas"])
    return VideoRight(row["id"], row["authority"], row["decided_on"], areas, row["valid_until"])
