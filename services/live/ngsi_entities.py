"""NGSI entities out of JSON: NGSI-LD and NGSI-v2; normalised, concise and key-values, told by attribute.

A file that mixes the forms is read too (standards.md T18), and a DateTime plain or wrapped (T20). What is
personal, or leads to an image of somebody, is dropped here, before anything is kept (T16, T17).
"""

import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from model.errors import BadObservation, BadRequest
from services.live.items import When, instant, received
from services.live.naming import Names
from services.live.parsed import Reading, check_depth

WITHHELD = frozenset(
    (
        "streamURL",
        "mediaURL",
        "imageSnapshot",
        "image",
        "annotatedMap",
        "photo",
        "picture",
        "snapshot",
        "video",
        "licensePlate",
        "vehiclePlateIdentifier",
        "plate",
        "anprImage",
        "currentOperative",
        "owner",
        "driver",
        "responsible",
        "contactPoint",
        "email",
        "telephone",
        "author",
        "reporter",
    )
)
"""Attributes about persons, or that lead to an image of them: never kept, not even in a dead letter."""
ABOUT_PERSONS = frozenset(("AnprFlowObserved", "TrafficViolation", "Person", "PersonData"))
STRUCTURE = frozenset(("id", "type", "@context", "@id", "@type"))
TIMES = ("observedAt", "TimeInstant", "timestamp", "dateModified", "modifiedAt")
MARKS = frozenset(("value", "object", "languageMap", "vocab", "json", "valueList", "objectList"))


class Reader(Names, frozen=True, forbid_unknown_fields=True):
    """How a source's entities are read: ids (see ``Names``), times and misspelt attributes.

    ``time = "received"`` lets the instant of receipt stand for a time that is not given; ``aliases`` turn a
    misspelt attribute into the right one (T24). Without ``id``, ours is the last part of theirs.
    """

    id: str = ""
    time: str = "given"
    aliases: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a rule we do not know."""
        if self.time not in ("given", "received"):
            raise ValueError('`time` is "given" or "received"')
        if self.id:
            super().__post_init__()


TIMES_OF_ENTITIES = (
    "dateObserved", "dateObservedTo", "observationDateTime", "dateLastValueReported", "dateIssued",
    *TIMES,
)  # fmt: skip
ENTITY_TIMES = {
    # T19: the interval in dateObserved may lack the zone that its ends have.
    "TrafficFlowObserved": ("dateObservedTo", *TIMES_OF_ENTITIES),
    "ACMeasurement": ("dateObservedTo", *TIMES_OF_ENTITIES),
    "Alert": ("dateIssued", "validFrom", *TIMES_OF_ENTITIES),
}


class Attribute(NamedTuple):
    """One attribute, whatever form it came in: its value, its own time (text) and its unit."""

    value: Any
    observed_at: Any = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity, read: model, id and attributes by name, with how its source is to be read."""

    model: str
    id: str
    attributes: Mapping[str, Attribute]
    reader: Reader
    reading: Reading

    def __getitem__(self, name: str) -> Attribute:
        """The attribute called ``name``; one without a value where the entity has none."""
        return self.attributes.get(name, Attribute(None))

    def when(self, name: str = "") -> When:
        """The time of attribute ``name``: its own, else the entity's; ``no_time`` where nothing says it."""
        of_entity = (self[key].value for key in ENTITY_TIMES.get(self.model, TIMES_OF_ENTITIES))
        for given in (self[name].observed_at, *of_entity):
            if given is not None and str(given).strip():
                # An interval is known once it is over.
                return instant(str(given).rpartition("/")[2], self.reading)
        if self.reader.time == "received":
            return received(self.reading)
        raise BadObservation("no_time", f"{self.id}: no observedAt, dateObserved or TimeInstant")


class _Notification(msgspec.Struct):
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    entities: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def entities_of(payload: bytes, reading: Reading) -> list[bytes]:
    """The entities of ``payload``, each as its own bytes: one, an array, or a notification's ``data``.

    Lines where the field ``format`` is ``ndjson``. BadRequest names the line where it is no JSON (T12).
    """
    if reading.fields.get("format") == "ndjson":
        return [line for line in payload.splitlines() if line.strip()]
    check_depth(payload)
    try:
        if payload.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in msgspec.json.decode(payload, type=list[msgspec.Raw])]
        envelope = msgspec.json.decode(payload, type=_Notification)
        inner = envelope.data if envelope.data is not msgspec.UNSET else envelope.entities
        if isinstance(inner, msgspec.UnsetType):
            return [payload]
        return [bytes(raw) for raw in msgspec.json.decode(bytes(inner), type=list[msgspec.Raw])]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(f"not JSON of entities: {_where(payload) or error}") from None


def _where(payload: bytes) -> str:
    """Line and column of what is no JSON; empty where the standard library would take it."""
    try:
        json.loads(payload)
    except json.JSONDecodeError as error:
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError) as error:
        return str(error)[:80]
    return ""


def read_entity(
    raw: bytes, reader: Reader, reading: Reading, notes: MutableMapping[str, int], kept: list[bytes]
) -> Entity:
    """The entity in ``raw``; what may be kept of it, should it be refused, goes to ``kept`` first.

    Raises BadObservation: ``malformed``, ``duplicate_key``, ``personal_data`` or ``no_asset_named``.
    """
    table, doubled = _table(raw)
    model, entity_id = _short(_text(table, "type", "@type")), _text(table, "id", "@id")
    if model in ABOUT_PERSONS:
        raise BadObservation("personal_data", model)
    kept.append(json.dumps(_stripped(table)).encode())
    if doubled:
        raise BadObservation("duplicate_key", doubled)
    if not entity_id:
        raise BadObservation("no_asset_named", "the entity has no id")
    if "::" in entity_id:
        notes["ids with an empty type"] = notes.get("ids with an empty type", 0) + 1
    if _withheld(table):
        notes["personal or image fields dropped"] = notes.get("personal or image fields dropped", 0) + 1
    return Entity(model, entity_id, _attributes(table, reader), reader, reading)


def _table(raw: bytes) -> tuple[dict[str, Any], str]:
    """The object in ``raw``, and the keys of the first object in it that gives one twice."""
    doubled: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            doubled.append(", ".join(key for key, _ in pairs))
        return table

    check_depth(raw)
    table = json.loads(raw, object_pairs_hook=once)
    if not isinstance(table, dict):
        raise BadObservation("malformed", "an entity is an object")
    return table, "".join(doubled[:1])


def _withheld(table: Mapping[str, Any]) -> bool:
    return any(_short(key) in WITHHELD for key in table)


def _attributes(table: Mapping[str, Any], reader: Reader) -> dict[str, Attribute]:
    named = {reader.aliases.get(_short(key), _short(key)): value for key, value in table.items()}
    return {
        name: _attribute(value)
        for name, value in named.items()
        if name not in STRUCTURE and name not in WITHHELD
    }


def _stripped(value: Any) -> Any:
    """``value`` without personal and image fields, at any depth."""
    if isinstance(value, dict):
        return {key: _stripped(inner) for key, inner in value.items() if _short(key) not in WITHHELD}
    return [_stripped(inner) for inner in value] if isinstance(value, list) else value


def _short(name: str) -> str:
    """A name without the address of its vocabulary: ``https://…/powerState`` is ``powerState``."""
    return re.split(r"[/#]", name)[-1] if "://" in name else name


def _text(table: dict[str, Any], *names: str) -> str:
    found = next((table[name] for name in names if name in table), "")
    found = found[0] if isinstance(found, list) and found else found
    return found.strip() if isinstance(found, str) else ""


def _attribute(given: Any) -> Attribute:
    """An attribute in any of the three forms; of several instances the one without a datasetId."""
    if (
        isinstance(given, list)
        and given
        and all(isinstance(one, dict) and MARKS & one.keys() for one in given)
    ):
        given = next((one for one in given if "datasetId" not in one), given[0])
    if not isinstance(given, dict):
        return Attribute(given)
    if "@value" in given:
        return Attribute(given["@value"])
    mark = next((name for name in ("value", "object", "languageMap", "json", "vocab") if name in given), None)
    if mark is None or given.get("type") in ("Point", "LineString", "Polygon"):
        return Attribute(given)
    about = given.get("metadata")
    about = about if isinstance(about, dict) else {}
    time = next((_plain(t[key]) for t in (given, about) for key in TIMES if key in t), None)
    unit = _plain(given.get("unitCode", about.get("unitCode", "")))
    return Attribute(_plain(given[mark]), time, unit if isinstance(unit, str) else "")


def _plain(value: Any) -> Any:
    """A value out of its wrapping: ``{"@value": ...}`` (T20), or ``{"value": ...}`` of v2 metadata."""
    if isinstance(value, dict):
        return value.get("@value", value.get("value", value))
    return value
