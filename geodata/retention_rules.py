"""The retention rules a city declares in its profile; read without a database."""

import re
from dataclasses import dataclass
from typing import Any

from model.errors import BadProfile

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
