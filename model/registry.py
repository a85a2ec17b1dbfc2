"""What the registry knows of assets, as plain values that screens can be built from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.states import Status


@dataclass(frozen=True, slots=True)
class Found:
    """One asset a search came upon. ``area`` is the name of its commune or district, empty outside all."""

    asset_id: int
    external_id: str
    name: str
    street: str
    asset_type: str
    area: str


@dataclass(frozen=True, slots=True)
class AreaName:
    """One commune or district, without its geometry."""

    id: int
    kind: str
    code: str
    name: str
    population: int | None


@dataclass(frozen=True, slots=True)
class Relative:
    """A parent or a child: enough to name it and to go there."""

    asset_id: int
    external_id: str
    name: str
    asset_type: str


@dataclass(frozen=True, slots=True)
class AssetCard:
    """Everything the registry knows of an asset. Position in WGS84, times aware UTC.

    ``children`` holds the first 50 by id; ``children_by_type`` counts them all.
    """

    asset_id: int
    external_id: str
    name: str
    domain: str
    asset_type: str
    street: str
    lon: float
    lat: float
    commune: str
    district: str
    source: str
    attributes: dict[str, Any]
    installed_at: datetime | None
    removed_at: datetime | None
    updated_at: datetime
    parent: Relative | None
    children: tuple[Relative, ...]
    children_by_type: dict[str, int]

    @property
    def children_count(self) -> int:
        """How many assets hang on it."""
        return sum(self.children_by_type.values())


@dataclass(frozen=True, slots=True)
class LatestValue:
    """The newest observation of one datastream; ``value`` and ``at`` None when none was ever received.

    ``previous`` is the value before it, for the trend. Unit as declared, ``at`` aware UTC. ``quality`` holds
    the doubts too (``model.observations``); ``raw`` and ``raw_unit`` are what was sent, where the door
    converted it.
    """

    observed_property: str
    unit: str
    period_s: int
    value: float | None
    at: datetime | None
    quality: int
    previous: float | None
    raw: float | None = None
    raw_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One change of state: since ``at`` (aware UTC) the asset is in ``state``, a code of its type."""

    at: datetime
    status: Status
    state: int
