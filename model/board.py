"""What a board holds: figures that are declared, computed, judged against a target, and explained.

A figure that is not covered well enough is *withheld*: its value is None and ``withheld`` says why.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Good(StrEnum):
    """Which direction is good; ``NEITHER`` is a figure one watches without judging."""

    LOW = "low"
    HIGH = "high"
    NEITHER = "neither"


class Reduce(StrEnum):
    """How a day's n and sum of the sources become the figure."""

    RATE = "rate"
    AVAILABILITY = "availability"
    VEHICLES = "vehicles"
    TOTAL = "total"
    PER_POINT = "per_point"
    MEDIAN_REPAIR = "median_repair"


class Compare(StrEnum):
    """What a day is compared with."""

    WEEK_BEFORE = "week_before"
    SAME_WEEKDAYS = "same_weekdays"
    SEVEN_DAYS = "seven_days"
    WINDOW_BEFORE = "window_before"


class Verdict(StrEnum):
    """Where a figure stands against its target."""

    HELD = "held"
    MISSED = "missed"
    NONE = "none"
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Figure:
    """The declaration of one figure; its words are ``figure.<key>.*`` of the catalogues.

    ``sources`` are the (asset type, observed property) it is made of; ``per_area`` how a commune's value is
    reduced, where the city's reduction would only rank communes by size; ``threshold`` its name among the
    city profile's thresholds; under ``coverage_floor`` it is withheld.
    """

    key: str
    unit: str
    decimals: int
    good: Good
    domain: str
    sources: tuple[tuple[str, str], ...]
    reduce: Reduce
    compare: Compare
    owner: str
    change_in_points: bool = False
    per_area: Reduce | None = None
    area_unit: str | None = None
    coverage_floor: float = 0.9

    @property
    def unit_of_areas(self) -> str:
        """The unit of the communes' values."""
        return self.area_unit or self.unit

    @property
    def decimals_of_areas(self) -> int:
        """How many decimals a commune's value is shown with."""
        return 1 if self.area_unit else self.decimals


@dataclass(frozen=True)
class Target:
    """A target as the city profile states it, with where it comes from and since when."""

    value: float
    source: str
    since: date | None


@dataclass(frozen=True)
class AreaFigure:
    """One commune's value; None where its coverage is too low or it has no such asset."""

    area_id: int
    name: str
    value: float | None
    coverage: float
    n: int


@dataclass(frozen=True)
class DayValue:
    """One day of a trend; None is a gap."""

    day: date
    value: float | None


@dataclass(frozen=True)
class FigureResult:
    """One figure of one day: value, change, trend, verdict, coverage, and every commune's value.

    ``change`` is in percent, or in ``figure.unit`` where the figure says points; ``n`` how many values or
    cases it rests on. ``worst`` and ``best`` are by the good direction (for a figure without one: the
    highest and the lowest).
    """

    figure: Figure
    value: float | None
    change: float | None
    trend: tuple[DayValue, ...]
    target: Target | None
    verdict: Verdict
    coverage: float
    n: int
    withheld: str | None
    areas: tuple[AreaFigure, ...]
    worst: AreaFigure | None
    best: AreaFigure | None


@dataclass(frozen=True)
class Outline:
    """A commune's outline as an SVG path in the board's little map."""

    area_id: int
    name: str
    path: str


@dataclass(frozen=True)
class LittleMap:
    """Outlines of all communes in one box of ``width`` by ``height``."""

    width: float
    height: float
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Phrase:
    """A piece of the board's sentence; what matters most is ``strong``, context is quiet."""

    text: str
    weight: str = "plain"


@dataclass(frozen=True)
class Board:
    """The city's day in figures, as computed at ``computed_at`` (aware)."""

    day: date
    computed_at: datetime
    figures: tuple[FigureResult, ...]
    map: LittleMap

    def result(self, key: str) -> FigureResult | None:
        """The figure called ``key``."""
        return next((result for result in self.figures if result.figure.key == key), None)
