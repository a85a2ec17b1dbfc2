"""What an address below the service root names: a set, an entity, what it is related to, or one property."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from model.errors import NotFound
from public.sensorthings.parts import Ints
from public.sensorthings.world import FIELDS, OBJECTS, SETS, World

_SEGMENT = re.compile(r"(?:[^/']|'(?:[^']|'')*')+")
_NAMED = re.compile(r"([A-Za-z]+)\((?:'((?:[^']|'')*)'|(\d{1,18}))\)")
_AS_IT_IS = "~:.-_'"
REFERENCE, VALUE = "$ref", "$value"
Places = Sequence[int] | range | Ints


@dataclass(frozen=True)
class Found:
    """What an address names: entities of ``name`` at ``places`` (None: all of the set), one or a list.

    ``property`` is the path of a property of one entity; ``ending`` is ``$ref``, ``$value`` or nothing.
    """

    name: str
    places: Places | None
    single: bool
    property: tuple[str, ...] = ()
    ending: str = ""


def find(world: World, path: str) -> Found:
    """What ``path`` names in ``world``. NotFound where there is no such thing."""
    segments = _SEGMENT.findall(path)
    if "/".join(segments) != path:
        raise _nothing()
    ending = segments.pop() if segments and segments[-1] in (REFERENCE, VALUE) else ""
    if not segments:
        raise _nothing()
    found = _set(world, segments[0])
    for at, segment in enumerate(segments[1:], 1):
        if not found.single or found.places is None:
            raise _nothing()
        if segment in FIELDS[found.name] or segment == "id":
            found = _property(found, segments[at:])
            break
        found = _related(world, found, segment)
    return _ended(found, ending)


def _set(world: World, segment: str) -> Found:
    name, identity = _read(segment)
    if name not in SETS:
        raise _nothing()
    if identity is None:
        return Found(name, None, False)
    place = world.place(name, identity)
    if place is None:
        raise _nothing()
    return Found(name, (place,), True)


def _related(world: World, found: Found, segment: str) -> Found:
    name, identity = _read(segment)
    relation = world.relations(found.name).get(name)
    if relation is None or not found.places:
        raise _nothing()
    places = relation.of(found.places[0])
    if identity is None:
        return Found(relation.target, places, not relation.many)
    place = world.place(relation.target, identity) if relation.many else None
    if place is None or place not in places:
        raise _nothing()
    return Found(relation.target, (place,), True)


def _property(found: Found, path: Sequence[str]) -> Found:
    if len(path) > 1 and path[0] not in OBJECTS:
        raise _nothing()
    return Found(found.name, found.places, True, tuple(path))


def _ended(found: Found, ending: str) -> Found:
    fits = {"": True, VALUE: bool(found.property), REFERENCE: not found.property and not found.single}
    if not fits[ending]:
        raise _nothing()
    return Found(found.name, found.places, found.single, found.property, ending)


def _read(segment: str) -> tuple[str, str | None]:
    """The name of a segment, and the id in its brackets; None without any."""
    match = _NAMED.fullmatch(segment)
    if match is None:
        return segment, None
    return match[1], match[3] or match[2].replace("''", "'")


def dug(document: Any, path: Sequence[str]) -> Any:
    """What is at ``path`` in nested objects; None where there is nothing."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def entity_address(root: str, name: str, identity: str) -> str:
    """The address of an entity, under the service's ``root``."""
    doubled = identity.replace("'", "''")
    return f"{root}/{name}('{quote(doubled, safe=_AS_IT_IS)}')"


def _nothing() -> NotFound:
    return NotFound("there is nothing published at this address")
