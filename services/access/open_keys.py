"""Keys for higher rates of open data: handed out, listed and ended, in the manner of partners' keys."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.audit import Action
from model.errors import BadField, NotFound, Refused
from model.open_keys import (
    CONTACT_MOST,
    HOLDER_MOST,
    LONGEST_KEY,
    RATE_LEAST,
    RATE_MOST,
    OpenKey,
    OpenKeyDraft,
)
from model.roles import OPEN_KEY_KEEPERS
from model.typed import typed_text
from model.viewer import Viewer
from services.access.audit import record
from services.access.partners_checking import PREFIX, hash_of, new_key

DEADLINE_MS = 3_000
START = "vgo_"
"""What tells these keys from partners' (``vgp_``): as many random bits, found by leak scanners alike."""

_KEY = """
    SELECT id, holder, contact, prefix, rate_per_minute, valid_until, made_at, made_by, revoked_at, revoked_by
    FROM open_key {rest}
"""
_ALL = statement(_KEY, rest="ORDER BY revoked_at IS NOT NULL, valid_until < now(), lower(holder), id")
_ONE = statement(_KEY, rest="WHERE id = :id AND revoked_at IS NULL")
_MAKE = text(
    """
    INSERT INTO open_key (holder, contact, prefix, key_hash, rate_per_minute, valid_until, made_by)
    VALUES (:holder, :contact, :prefix, :hash, :rate_per_minute, :valid_until, :by) RETURNING id
    """
)
_REVOKE = text("UPDATE open_key SET revoked_at = :now, revoked_by = :by WHERE id = :id")


class OpenKeys:
    """The keys of one city. Every method blocks (call it in a thread), three seconds at most.

    All raise Unavailable when the database is away. What changes something takes the ``viewer``, raises
    Refused unless she keeps keys, and writes the audit in its own transaction.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self) -> Sequence[OpenKey]:
        """Every key, those in force first."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return [OpenKey(*row) for row in connection.execute(_ALL)]

    def one(self, key_id: int) -> OpenKey:
        """The key of that id. Raises NotFound when none is in force."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return _there(connection, key_id)

    def make(self, viewer: Viewer, draft: OpenKeyDraft) -> str:
        """A new key: returned this once, only its hash is kept. Raises BadField."""
        _keeper(viewer)
        new = checked(draft, datetime.now(UTC))
        key = new_key(START)
        values = {name: getattr(new, name) for name in new.__slots__}
        values |= {"prefix": key[:PREFIX], "by": viewer.name}
        with asking(self._engine, DEADLINE_MS) as connection:
            made = connection.execute(_MAKE, {**values, "hash": hash_of(key)}).scalar_one()
            told = {"id": made, "prefix": values["prefix"], "rate_per_minute": new.rate_per_minute}
            _record(connection, viewer, Action.KEY_MADE, new.holder, **told, valid_until=new.valid_until)
            connection.commit()
        return key

    def revoke(self, viewer: Viewer, key_id: int) -> None:
        """End a key; the public door hears of it within 90 s. Raises NotFound when none is in force."""
        _keeper(viewer)
        with asking(self._engine, DEADLINE_MS) as connection:
            key = _there(connection, key_id)
            connection.execute(_REVOKE, {"id": key_id, "now": datetime.now(UTC), "by": viewer.name})
            _record(connection, viewer, Action.KEY_REVOKED, key.holder, id=key_id, prefix=key.prefix)
            connection.commit()


def checked(draft: OpenKeyDraft, now: datetime) -> OpenKeyDraft:
    """``draft`` cleaned. Raises BadField naming what cannot be taken."""
    holder = typed_text("holder", draft.holder, HOLDER_MOST)
    contact = typed_text("contact", draft.contact, CONTACT_MOST)
    if not RATE_LEAST <= draft.rate_per_minute <= RATE_MOST:
        raise BadField("rate", "bad_rate", least=RATE_LEAST, most=RATE_MOST)
    if draft.valid_until <= now:
        raise BadField("until", "ends_before")
    if draft.valid_until - now > LONGEST_KEY:
        raise BadField("until", "too_long_period", days=LONGEST_KEY.days)
    return replace(draft, holder=holder, contact=contact)


def _keeper(viewer: Viewer) -> None:
    if viewer.role not in OPEN_KEY_KEEPERS:
        raise Refused("only a data steward or an administrator hands out keys", "open_key_keeper")


def _there(connection: Connection, key_id: int) -> OpenKey:
    row = connection.execute(_ONE, {"id": key_id}).first()
    if row is None:
        raise NotFound(f"no key {key_id} is in force")
    return OpenKey(*row)


def _record(connection: Connection, viewer: Viewer, action: Action, holder: str, **details: Any) -> None:
    record(connection, viewer, action, kind="open_key", object=holder, details=details)
