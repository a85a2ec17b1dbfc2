"""A city never loses its last administrator: nobody could give the right back."""

from datetime import datetime

from sqlalchemy import Connection, text

from model.errors import Refused

# One change at a time, so that two administrators cannot take the right from each other at the same instant.
_TURN = text("SELECT pg_advisory_xact_lock(hashtext('vigie administrators'))")
_LEFT = text(
    """
    SELECT count(*) FROM access_grant g JOIN person p ON p.id = g.person_id
    WHERE g.role = 'administrator' AND p.disabled_at IS NULL AND g.revoked_at IS NULL
      AND g.valid_from <= :now AND (g.valid_until IS NULL OR g.valid_until > :now)
    """
)


def one_must_stay(connection: Connection, now: datetime) -> None:
    """Raise Refused, and thereby undo the transaction, when no administrator is left in it."""
    connection.execute(_TURN)
    if not connection.execute(_LEFT, {"now": now}).scalar_one():
        raise Refused("the last administrator stays: name another one first", "last_administrator")
