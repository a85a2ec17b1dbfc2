"""What the publisher holds back, told to those who decide: why a version in force is not made anew."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.publications import Finding, HeldBack, Release

_HOLD = text(
    """
    INSERT INTO publication_held_back (name, version, since, findings)
    SELECT name, :version, :now, CAST(:findings AS jsonb) FROM publication WHERE name = :name
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, findings = excluded.findings,
        since = CASE WHEN publication_held_back.version = excluded.version
                     THEN publication_held_back.since ELSE excluded.since END
    """
)
_LET_GO = text("DELETE FROM publication_held_back WHERE name = :name")
_HELD = text("SELECT name, version, since, findings FROM publication_held_back ORDER BY name")


def hold_back(engine: Engine, release: Release, findings: Sequence[Finding], now: datetime) -> None:
    """Say that ``release`` is not made because of ``findings``, since ``now`` (aware) or before.

    Raises Unavailable without a database.
    """
    told = msgspec.json.encode(list(findings)).decode()
    values = {"name": release.name, "version": release.version, "now": now, "findings": told}
    with asking(engine) as connection:
        connection.execute(_HOLD, values)
        connection.commit()


def let_go(engine: Engine, name: str) -> None:
    """Say that nothing holds ``name`` back any more. Raises Unavailable without a database."""
    with asking(engine) as connection:
        connection.execute(_LET_GO, {"name": name})
        connection.commit()


def held_back(connection: Connection) -> dict[str, HeldBack]:
    """What is held back now, by name."""
    return {
        name: HeldBack(version, since, msgspec.convert(findings, tuple[Finding, ...]))
        for name, version, since, findings in connection.execute(_HELD)
    }
