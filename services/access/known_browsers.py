"""Browsers people signed in with before, told by a cookie: guesses from elsewhere do not lock them out.

The cookie says nothing but that a login signed in there once; it opens no door. One browser may be known to
several people: the consoles of a control room are shared.
"""

import hashlib
import re
import secrets
from datetime import timedelta

from sqlalchemy import Connection, text

COOKIE = "known"
VALID = timedelta(days=400)
"""Browsers keep no cookie for longer."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

_KNOWN = text(
    """
    SELECT EXISTS (
        SELECT FROM known_browser JOIN person ON person.id = person_id
        WHERE token_hash = :hash AND login = lower(:login) AND valid_until > now()
    )
    """
)
_BROWSER = text("SELECT EXISTS (SELECT FROM known_browser WHERE token_hash = :hash AND valid_until > now())")
_REMEMBER = text(
    """
    INSERT INTO known_browser (token_hash, person_id, valid_until) VALUES (:hash, :person, now() + :valid)
    ON CONFLICT (token_hash, person_id) DO UPDATE SET valid_until = excluded.valid_until
    """
)
_FORGET = text("DELETE FROM known_browser WHERE person_id = :person AND valid_until <= now()")


def is_known(connection: Connection, token: str, login: str) -> bool:
    """Whether ``login`` signed in before with the browser whose cookie is ``token``."""
    if not _TOKEN.fullmatch(token):
        return False
    return bool(connection.execute(_KNOWN, {"hash": _hash(token), "login": login}).scalar_one())


def remember(connection: Connection, person_id: int, token: str = "") -> str:
    """The browser has just signed ``person_id`` in: the cookie it is to keep for ``VALID``.

    ``token`` is the cookie it came with: kept when somebody signed in there before, else a new one is made.
    """
    ours = _TOKEN.fullmatch(token) and connection.execute(_BROWSER, {"hash": _hash(token)}).scalar_one()
    kept = token if ours else secrets.token_urlsafe(32)
    connection.execute(_FORGET, {"person": person_id})
    connection.execute(_REMEMBER, {"hash": _hash(kept), "person": person_id, "valid": VALID})
    return kept


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
