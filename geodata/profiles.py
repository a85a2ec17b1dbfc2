"""City profiles: everything that is a city's own, read from ``geodata/cities/<name>/city.toml``.

No city-specific value lives in code; two profiles boot from the same code (a test does it).
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geodata.retention_rules import RetentionRule, declared_rules
from model.errors import BadProfile

CITIES = Path(__file__).parent / "cities"


@dataclass(frozen=True)
class Bounds:
    """A box in WGS84 degrees: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the point lies inside or on the edge."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@dataclass(frozen=True)
class Tariff:
    """What a unit costs from a local day on, with the document that says so."""

    value: float
    unit: str
    source: str
    since: date


@dataclass(frozen=True)
class CityProfile:
    """One city: name, place, zone, coordinate system, thresholds, governance.

    ``metric_crs`` is the projected system metric work is done in. ``generated`` marks an invented city,
    which every screen then says. ``thresholds`` are dated settings with a source, by name; ``retention``
    the city's own rules where they differ from those the migrations seeded; ``alarms`` the settings of
    alarm load (docs/alarm-desk.md); ``tariffs`` what energy costs, by domain,
    oldest first; ``contact`` an e-mail address or page for questions about its open data.
    """

    name: str
    title: str
    bounds: Bounds
    time_zone: str
    metric_crs: str
    languages: tuple[str, ...]
    generated: bool
    attribution: str
    licence: str
    area_kind: str
    folder: Path
    imports: tuple[str, ...] = ()
    population: int | None = None
    governance: str = "authority_led"
    thresholds: dict[str, Any] = field(default_factory=dict)
    retention: tuple[RetentionRule, ...] = ()
    alarms: dict[str, Any] = field(default_factory=dict)
    tariffs: dict[str, tuple[Tariff, ...]] = field(default_factory=dict)
    contact: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> str:
        """The name of its database on a private server."""
        return f"vigie_{self.name}"


def known_cities() -> list[str]:
    """Names of the profiles that ship with Vigie."""
    return sorted(p.parent.name for p in CITIES.glob("*/city.toml"))


def read_profile(name_or_path: str) -> CityProfile:
    """The profile called ``name_or_path``, or in that folder. BadProfile names file, key and mend."""
    folder = CITIES / name_or_path if (CITIES / name_or_path).is_dir() else Path(name_or_path)
    file = folder / "city.toml"
    if not file.exists():
        raise BadProfile(f"no city profile {name_or_path!r}: known are {', '.join(known_cities())}")
    try:
        return _profile(folder, tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
        raise BadProfile(f"{file}: {type(error).__name__} {error}") from None


def _profile(folder: Path, table: dict[str, Any]) -> CityProfile:
    ZoneInfo(table["time_zone"])
    return CityProfile(
        name=folder.name,
        title=table["title"],
        bounds=Bounds(*(float(v) for v in table["bounds"])),
        time_zone=table["time_zone"],
        metric_crs=table["metric_crs"],
        languages=tuple(table.get("languages", ("fr", "en"))),
        generated=bool(table.get("generated", False)),
        attribution=table["attribution"],
        licence=table.get("licence", ""),
        area_kind=table.get("area_kind", "commune"),
        folder=folder,
        imports=tuple(table.get("imports", ())),
        population=table.get("population"),
        governance=table.get("governance", "authority_led"),
        thresholds=table.get("thresholds", {}),
        retention=tuple(declared_rules(table.get("retention", {}))),
        alarms=table.get("alarms", {}),
        tariffs={domain: _tariffs(domain, stated) for domain, stated in table.get("tariffs", {}).items()},
        contact=table.get("contact", ""),
    )


def _tariffs(domain: str, stated: list[dict[str, Any]]) -> tuple[Tariff, ...]:
    """The dated tariffs of a domain, oldest first. ValueError for one without source or date."""
    told = []
    for one in stated:
        since, source = one["date"], str(one["source"]).strip()
        if not isinstance(since, date) or not source:
            raise ValueError(f"tariffs.{domain}: every tariff needs a value, a unit, a source and a date")
        told.append(Tariff(float(one["value"]), str(one["unit"]), source, since))
    return tuple(sorted(told, key=lambda tariff: tariff.since))
