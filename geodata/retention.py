"""How long a class of data is kept, on what ground, and who decided it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from model.errors import BadProfile

VEHICLE_POSITIONS = "vehicle_positions"
_KEEP = re.compile(r"[1-9][0-9]{0,3} (day|week|month|year)s?")
_FIELDS = ("keep", "basis", "decided_by")


@dataclass(frozen=True)
class RetentionRule:
    """``keep`` is a PostgreSQL interval such as ``2 months``; ``basis`` the legal ground and its source."""

    kind: str
    keep: str
    basis: str
    decided_by: str


def declared_rules(tables: dict[str, Any]) -> list[RetentionRule]:
    """The rules of a city profile's ``[retention.<class>]`` tables; BadProfile names what is wrong."""
    return [_rule(kind, table) for kind, table in tables.items()]


def _rule(kind: str, table: Any) -> RetentionRule:
    given = table if isinstance(table, dict) else {}
    missing = [name for name in _FIELDS if not str(given.get(name, "")).strip()]
    if missing:
        raise BadProfile(f"retention.{kind}: {', '.join(missing)} must be given")
    if not _KEEP.fullmatch(str(given["keep"])):
        raise BadProfile(f'retention.{kind}.keep: {given["keep"]!r} is not like "2 months" or "30 days"')
    return RetentionRule(kind, *(str(given[name]) for name in _FIELDS))


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


def kept_since(connection: Connection, kind: str, now: datetime) -> datetime | None:
    """The instant (aware) before which data of class ``kind`` may no longer be kept; None without a rule."""
    since: datetime | None = connection.scalar(_SINCE, {"now": now, "kind": kind})
    return since
