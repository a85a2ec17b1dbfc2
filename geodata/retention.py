"""How long a class of data is kept, on what ground, and who decided it."""

from datetime import datetime

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.retention_rules import RetentionRule

VEHICLE_POSITIONS = "vehicle_positions"


_APPLY = text(
    """
    INSERT INTO retention_rule (class, keep, basis, decided_by)
    VALUES (:kind, CAST(:keep AS interval), :basis, :decided_by)
    ON CONFLICT (class) DO UPDATE
    SET keep = excluded.keep, basis = excluded.basis, decided_by = excluded.decided_by, decided_at = now()
    WHERE (retention_rule.keep, retention_rule.basis, retention_rule.decided_by)
          IS DISTINCT FROM (excluded.keep, excluded.basis, excluded.decided_by)
    """
)
_SINCE = text("SELECT CAST(:now AS timestamptz) - keep FROM retention_rule WHERE class = :kind")


def apply_rules(engine: Engine, rules: list[RetentionRule]) -> int:
    """Put the city's own ``rules`` in force; how many differed from what was in force."""
    with engine.begin() as connection:
        return sum(connection.execute(_APPLY, vars(rule)).rowcount for rule in rules)


_FORGET_CONTACTS = text("SELECT citizen_contact_forget()")


def forget_contacts(engine: Engine) -> int:
    """Erase who wrote letters that were closed long enough ago (class ``citizen_contact``); how many.

    The words of hidden ones, often hidden for the names in them, go too. Raises Unavailable.
    """
    with asking(engine) as connection:
        gone = int(connection.scalar(_FORGET_CONTACTS) or 0)
        connection.commit()
    return gone


_FORGET_SUBSCRIBERS = text("SELECT report_subscriber_forget()")


def forget_subscribers(engine: Engine) -> int:
    """Empty names and addresses of who was taken off the list of reports long enough ago (class
    ``report_subscriber``); how many. Raises Unavailable.
    """
    with asking(engine) as connection:
        gone = int(connection.scalar(_FORGET_SUBSCRIBERS) or 0)
        connection.commit()
    return gone


def kept_since(connection: Connection, kind: str, now: datetime) -> datetime | None:
    """The instant (aware) before which data of class ``kind`` may no longer be kept; None without a rule."""
    since: datetime | None = connection.scalar(_SINCE, {"now": now, "kind": kind})
    return since
