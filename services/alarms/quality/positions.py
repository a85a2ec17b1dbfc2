"""The operating positions of a city: declared in its profile, or the room as a whole."""

from collections.abc import Mapping
from typing import Any

from model.alarm_quality import Position
from model.domains import DOMAINS
from model.errors import BadProfile

WHOLE_ROOM = Position("")
"""The room as one position; its name is the catalogues'."""


def positions_of(table: Mapping[str, Any]) -> tuple[Position, ...]:
    """The positions in a profile's ``[alarms]``: the whole room, and each ``[[alarms.positions]]``.

    A position has a ``name``, may have ``domains`` and ``areas`` (codes). BadProfile names what cannot be.
    """
    found = [WHOLE_ROOM]
    for place, one in enumerate(table.get("positions", ()), start=1):
        where = f"[[alarms.positions]] {place}"
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(name, str) or not name:
            raise BadProfile(f"{where}: name is needed")
        found.append(Position(name, _domains(one, where), _texts(one, "areas", where)))
    if len({one.name for one in found}) < len(found):
        raise BadProfile("[[alarms.positions]]: two have one name")
    return tuple(found)


def _domains(one: Mapping[str, Any], where: str) -> frozenset[str] | None:
    found = _texts(one, "domains", where)
    unknown = (found or frozenset()) - {domain.name for domain in DOMAINS}
    if unknown:
        raise BadProfile(f"{where}: no domain is called {', '.join(sorted(unknown))}")
    return found


def _texts(one: Mapping[str, Any], key: str, where: str) -> frozenset[str] | None:
    value = one.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise BadProfile(f"{where}: {key} is a list of names; leave it out for all")
    return frozenset(value)
