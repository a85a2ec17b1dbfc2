"""Import profiles: one TOML beside ``city.toml`` says what one file means. Unknown keys are refused.

A *source* of text is a column's name, a list of columns (joined by ``-``), or ``{ text = "Lamp {TYPE}" }``
in which columns stand in braces. See docs/import-a-city.md for every key with examples.
"""

import tomllib
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from geodata.profiles import CityProfile
from model.domains import ASSET_TYPES, DOMAIN_OF
from model.errors import BadProfile

TARGETS = ("area", "street", "asset")
KINDS = ("text", "number", "integer", "date")
AREA_KINDS = ("metropolis", "commune", "district")
POSITION = "position"
NULLS = ("", "nan", "null", "none", "n/a", "na")


@dataclass(frozen=True)
class Text:
    """Where a text comes from: literal pieces and column names, in turn (``pieces``)."""

    pieces: tuple[tuple[str, str | None], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(column for _, column in self.pieces if column is not None)


@dataclass(frozen=True)
class Value:
    """How one column becomes a typed value.

    ``decimal`` and ``thousands`` are the separators numbers are written with; ``format`` the strptime
    pattern of dates; ``null`` the words that mean nothing is known, beside the usual ones.
    """

    column: str
    kind: str = "text"
    decimal: str = "."
    thousands: str = ""
    format: str = ""
    null: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A row is kept when its ``column`` is one of ``values`` (or is not, when ``negated``), or holds them."""

    column: str
    values: frozenset[str]
    negated: bool = False
    contains: bool = False


@dataclass(frozen=True)
class Rank:
    """Streets for which all ``conditions`` hold have this ``rank``; the first rule that holds wins."""

    rank: int
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Position:
    """Where the position stands in a file without geometry: columns by name; ``axes`` for all files.

    ``lat_lon`` is one column of text "lat, lon"; ``check_lat_lon`` another that must name the same place.
    ``axes = "lat_lon"`` declares that a file writes latitude (or north) first.
    """

    lon: str = ""
    lat: str = ""
    lat_lon: str = ""
    lon_lat: str = ""
    wkt: str = ""
    geojson: str = ""
    check_lat_lon: str = ""
    decimal: str = "."
    axes: str = "lon_lat"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        named = (
            self.lon,
            self.lat,
            self.lat_lon,
            self.lon_lat,
            self.wkt,
            self.geojson,
            self.check_lat_lon,
        )
        return tuple(name for name in named if name)


@dataclass(frozen=True)
class ImportProfile:
    """What one file means for the city; ``name`` (the TOML's stem) is the source its rows belong to."""

    name: str
    title: str
    target: str
    file: str
    id: Text | None
    label: Text
    required: bool = True
    domain: str = ""
    asset_type: str = ""
    area_kind: str = ""
    id_prefix: str = ""
    repeated_ids: str = "reject"
    outside: str = "refuse"
    default_name: str = ""
    street: Text | None = None
    street_within_m: float = 0.0
    parent: Text | None = None
    parent_prefix: str = ""
    population: Value | None = None
    installed_at: Value | None = None
    attributes: dict[str, Value] = field(default_factory=dict)
    recode: dict[str, dict[str, str]] = field(default_factory=dict)
    filters: tuple[Condition, ...] = ()
    ranks: tuple[Rank, ...] = ()
    default_rank: int = 3
    position: Position = Position()
    crs: str | None = None
    layer: str | None = None
    encoding: str = ""
    delimiter: str = ""
    licence: str = ""
    attribution: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """Every column of the file this profile reads."""
        texts = [t.columns for t in (self.id, self.label, self.street, self.parent) if t]
        values = [v for v in (self.population, self.installed_at, *self.attributes.values()) if v]
        conditions = [*self.filters, *(c for rule in self.ranks for c in rule.conditions)]
        return frozenset(
            [name for names in texts for name in names]
            + [v.column for v in values]
            + [c.column for c in conditions]
            + list(self.position.columns)
        )


def read_import_profile(city: CityProfile, name: str) -> ImportProfile:
    """The import profile ``name`` of ``city``: ``lights``, ``lights.toml``, or the path of a TOML elsewhere.

    BadProfile names file, key and what is allowed.
    """
    beside = city.folder / name
    places = (beside, beside.with_name(f"{beside.name}.toml"), Path(name))
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        known = ", ".join(city.imports) or "none"
        raise BadProfile(f"no import profile {name!r}; {city.title} has {known}")
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadProfile(f"{file}: {error}") from None
    return profile_of(table, file.stem)


def profile_of(table: dict[str, Any], name: str) -> ImportProfile:
    """The profile a TOML ``table`` declares, for the source ``name``. BadProfile when it cannot be right."""
    try:
        return _checked(_parse(dict(table), name))
    except KeyError as error:
        raise BadProfile(f"import profile {name}: the key {error} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise BadProfile(f"import profile {name}: {error}") from None


PLAIN = (
    "title", "target", "file", "required", "domain", "asset_type", "area_kind", "id_prefix", "repeated_ids",
    "outside", "default_name", "parent_prefix", "recode", "default_rank", "crs", "layer", "encoding",
    "delimiter", "licence", "attribution",
)  # fmt: skip


def _parse(table: dict[str, Any], name: str) -> ImportProfile:
    known: dict[str, Any] = {key: table.pop(key) for key in PLAIN if key in table}
    identity = table.pop("id")
    street = table.pop("street", None)
    near = street.pop("nearest_m", 0) if isinstance(street, dict) else 0
    profile = ImportProfile(
        name=name,
        **{"title": name, "target": "asset", "file": "", **known},
        id=None if identity == POSITION else _text(identity),
        label=_text(table.pop("name", {"text": ""})),
        street=_text(street) if street else None,
        street_within_m=float(near),
        parent=_text(table.pop("parent")) if "parent" in table else None,
        population=_optional_value(table.pop("population", None), "integer"),
        installed_at=_optional_value(table.pop("installed_at", None), "date"),
        attributes={key: _value(entry) for key, entry in table.pop("attributes", {}).items()},
        filters=tuple(_condition(entry) for entry in table.pop("filter", ())),
        ranks=tuple(_rank(entry) for entry in table.pop("rank", ())),
        position=_position(table.pop("position", {})),
    )
    if table:
        raise ValueError(f"unknown keys: {', '.join(sorted(table))}")
    return profile


def _checked(profile: ImportProfile) -> ImportProfile:
    _one_of("target", profile.target, TARGETS)
    _one_of("repeated_ids", profile.repeated_ids, ("reject", "number"))
    _one_of("outside", profile.outside, ("refuse", "leave"))
    if not profile.file:
        raise ValueError("file: name the file, or a pattern such as lights*.zip")
    if profile.target == "area":
        _one_of("area_kind", profile.area_kind, AREA_KINDS)
    if profile.target == "asset":
        _one_of("asset_type", profile.asset_type, tuple(ASSET_TYPES))
        _one_of("domain", profile.domain, (DOMAIN_OF[profile.asset_type].name,))
    for value in (profile.population, profile.installed_at, *profile.attributes.values()):
        if value:
            _one_of(f"{value.column}: kind", value.kind, KINDS)
    return profile


def _one_of(key: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ValueError(f"{key} = {given!r}: allowed are {', '.join(allowed)}")


def _text(source: str | list[str] | dict[str, str]) -> Text:
    if isinstance(source, str):
        return Text((("", source),))
    if isinstance(source, list):
        return Text(tuple(("-" if at else "", column) for at, column in enumerate(source)))
    extra = set(source) - {"text"}
    if extra:
        raise ValueError(f"unknown keys: {', '.join(sorted(extra))}")
    return Text(tuple((literal, name) for literal, name, _, _ in Formatter().parse(source.get("text", ""))))


Declared = TypeVar("Declared", Value, Position)


def _filled(kind: type[Declared], entry: dict[str, Any]) -> Declared:
    unknown = set(entry) - {f.name for f in fields(kind)}
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    return kind(**entry)


def _value(entry: str | dict[str, Any]) -> Value:
    if isinstance(entry, str):
        return Value(entry)
    value = _filled(Value, {**entry, "null": tuple(str(word) for word in entry.get("null", ()))})
    if value.format:
        # Raises ValueError on a pattern strptime does not know.
        datetime.strptime(datetime(2001, 12, 31).strftime(value.format), value.format)  # noqa: DTZ001, DTZ007
    return value


def _optional_value(entry: str | dict[str, Any] | None, kind: str) -> Value | None:
    if entry is None:
        return None
    return _value({"column": entry, "kind": kind} if isinstance(entry, str) else {"kind": kind, **entry})


def _position(entry: dict[str, Any]) -> Position:
    position = _filled(Position, entry)
    _one_of("position.axes", position.axes, ("lon_lat", "lat_lon"))
    _one_of("position.decimal", position.decimal, (".", ","))
    if bool(position.lon) != bool(position.lat):
        raise ValueError("position: lon and lat go together")
    return position


def _condition(entry: dict[str, Any]) -> Condition:
    rules = {key: entry[key] for key in ("in", "not_in", "contains") if key in entry}
    unknown = set(entry) - {"column", "in", "not_in", "contains"}
    if len(rules) != 1 or unknown:
        raise ValueError("a condition has a column and one of in, not_in, contains")
    ((rule, values),) = rules.items()
    values = [values] if isinstance(values, str) else values
    return Condition(entry["column"], frozenset(str(v) for v in values), rule == "not_in", rule == "contains")


def _rank(entry: dict[str, Any]) -> Rank:
    conditions = entry.get("when") or [{key: entry[key] for key in entry if key != "rank"}]
    if entry["rank"] not in (1, 2, 3):
        raise ValueError(f"rank = {entry['rank']}: allowed are 1, 2, 3")
    return Rank(int(entry["rank"]), tuple(_condition(condition) for condition in conditions))
