"""The figures of the panel "lighting-status": how many light points are out of order, a day at a time.

Pure: from the published rows of communes and days to what the panel says of them together. Nothing finer than
the city (or one commune) and the day comes out. The definition is in the catalogue, ``embed.definition``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import floor

from services.publishing.panels.saying import end_of
from services.publishing.panels.story import CityFacts, Target
from services.publishing.panels.tables import last_days, weighted

DAYS = 30
MIN_COVERAGE = 0.5
"""A day on which less than half of the points' hours are known is a gap, not a figure."""

Published = tuple[date, float | None, float | None, int]
"""One commune on one day: its failure rate (percent; None: a gap), its coverage (percent), its points."""


@dataclass(frozen=True, slots=True)
class LightingDay:
    """One local day: failure rate and coverage in percent, ``rate`` None where it was not measured."""

    day: date
    rate: float | None
    coverage: float


@dataclass(frozen=True)
class LightingStatus:
    """All the panel says, in no language: whose points, how many, 30 days, the target."""

    facts: CityFacts
    points: int
    days: tuple[LightingDay, ...]
    target: Target | None

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
        return end_of(self.latest.day, self.facts.zone)


def shown(rate: float) -> float:
    """``rate`` to the one decimal people read; comparisons are made on it, so that anybody can check them."""
    return round(rate, 1) + 0.0


def lighting_status(facts: CityFacts, rows: Sequence[Published]) -> LightingStatus:
    """What the panel says of the published ``rows`` of communes over the 30 days up to the newest.

    The city's target is the city's: a commune is not told that it missed what it never promised.
    """
    days = last_days(rows, DAYS)
    by_day: dict[date, list[Published]] = {day: [] for day in days}
    for row in rows:
        if row[0] in by_day:
            by_day[row[0]].append(row)
    points = sum(row[3] for row in by_day[days[-1]]) if days else 0
    target = None if facts.area else facts.failure_target
    return LightingStatus(facts, points, tuple(_day(day, by_day[day]) for day in days), target)


def _day(day: date, rows: Iterable[Published]) -> LightingDay:
    """The communes of one day together: each weighs as much as was received of it."""
    known = [(rate, coverage or 0.0, points) for _, rate, coverage, points in rows]
    coverage = weighted((covered, float(points)) for _, covered, points in known) or 0.0
    rate = weighted((rate, covered * points) for rate, covered, points in known)
    measured = rate is not None and coverage >= 100 * MIN_COVERAGE
    return LightingDay(day, round(rate, 2) if measured and rate is not None else None, float(floor(coverage)))
