"""What the registry knows of assets, as plain values that screens can be built from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from model.states import Status

LATE = timedelta(minutes=5)
"""A change known this long after it happened was not known when it mattered."""


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
    converted it; ``received_at`` is when it came in, None where nobody asked.
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
    received_at: datetime | None = None

    @property
    def known_later(self) -> bool:
        """Whether it came in long after it was measured: later than two periods, and than ``LATE``."""
        if self.at is None or self.received_at is None:
            return False
        return self.received_at - self.at > max(LATE, timedelta(seconds=2 * self.period_s))


@dataclass(frozen=True, slots=True)
class Fact:
    """One change of state: since ``at`` (aware UTC) the asset is in ``state``, a code of its type.

    ``received_at`` is when the city came to know it; None where nobody asked.
    """

    at: datetime
    status: Status
    state: int
    received_at: datetime | None = None

    @property
    def known_later(self) -> bool:
        """Whether it became known only long after it happened."""
        return self.received_at is not None and self.received_at - self.at > LATE
