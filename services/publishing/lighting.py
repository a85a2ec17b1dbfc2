"""The publication "lighting-status": how many light points are out of order, a day at a time.

Pure: from daily figures of the whole city to what may be published. Nothing finer than the city and the
day goes in, so nothing finer can come out. The definition is in the catalogue, ``embed.definition``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor, isfinite
from typing import Any
from zoneinfo import ZoneInfo

from geodata.profiles import CityProfile
from services.history import DayFigure
from services.publishing.panels.saying import end_of

PUBLICATION = "lighting-status"
ASSET_TYPE = "streetlight"
OBSERVED_PROPERTY = "fault_share"
DAYS = 30
MIN_COVERAGE = 0.5
"""A day on which less than half of the points' hours are known is a gap, not a figure."""


@dataclass(frozen=True, slots=True)
class LightingDay:
    """One local day: failure rate and coverage in percent, ``rate`` None where it was not measured."""

    day: date
    rate: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class Target:
    """What the city promised: at most ``rate`` percent, since when, says who."""

    rate: float
    source: str
    since: str


@dataclass(frozen=True)
class LightingStatus:
    """All the panel says, in no language: the city, its points, 30 days, the target.

    ``area`` and ``area_code`` name the commune where it is of one alone.
    """

    city: str
    generated: bool
    attribution: str
    licence: str
    zone: ZoneInfo
    points: int
    days: tuple[LightingDay, ...]
    target: Target | None
    area: str = ""
    area_code: str = ""

    @property
    def where(self) -> str:
        """The place it is about, in words."""
        return f"{self.area}, {self.city}" if self.area else self.city

    @property
    def measured(self) -> list[LightingDay]:
        """The days that have a rate, oldest first."""
        return [day for day in self.days if day.rate is not None]

    @property
    def latest(self) -> LightingDay | None:
        """The newest measured day, the one the big figure is of."""
        return self.measured[-1] if self.measured else None

    @property
    def headline(self) -> float | None:
        """The latest rate as it is shown, in percent to one decimal."""
        return shown(self.latest.rate) if self.latest and self.latest.rate is not None else None

    @property
    def out_of_order(self) -> int | None:
        """How many points the latest rate is, on average over its day."""
        if self.latest is None or self.latest.rate is None:
            return None
        return round(self.latest.rate / 100 * self.points)

    @property
    def change(self) -> float | None:
        """The shown latest rate less the shown first one, in percentage points; None for a single day."""
        if len(self.measured) < 2 or self.headline is None:
            return None
        return shown(self.headline - shown(self.measured[0].rate or 0.0))

    @property
    def target_met(self) -> bool | None:
        """Whether the shown rate is within the target; None where there is no target or no rate."""
        if self.target is None or self.headline is None:
            return None
        return self.headline <= self.target.rate

    @property
    def data_time(self) -> datetime | None:
        """The end of the latest measured day, in UTC."""
        if self.latest is None:
            return None
        return end_of(self.latest.day, self.zone)


def shown(rate: float) -> float:
    """``rate`` to the one decimal people read; comparisons are made on it, so that anybody can check them."""
    return round(rate, 1) + 0.0


def period(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """First and last of the 30 whole local days before ``now``; today is not over, so not in it."""
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    return yesterday - timedelta(days=DAYS - 1), yesterday


def lighting_status(profile: CityProfile, points: int, figures: Sequence[DayFigure]) -> LightingStatus:
    """What may be published of ``figures`` (property ``fault_share``) about ``points`` light points."""
    return LightingStatus(
        city=profile.title,
        generated=profile.generated,
        attribution=profile.attribution,
        licence=profile.licence,
        zone=profile.zone,
        points=points,
        days=tuple(_day(figure) for figure in figures),
        target=_target(profile.thresholds.get("failure_rate")),
    )


def _day(figure: DayFigure) -> LightingDay:
    known = figure.n > 0 and isfinite(figure.sum) and figure.coverage >= MIN_COVERAGE
    rate = round(100 * figure.sum / figure.n, 2) if known else None
    return LightingDay(figure.day, rate, float(floor(100 * figure.coverage)))


def _target(threshold: Mapping[str, Any] | None) -> Target | None:
    if not threshold:
        return None
    return Target(float(threshold["target"]), str(threshold["source"]), str(threshold["date"]))
