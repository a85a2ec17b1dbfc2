"""Programmes of renovation: works by asset or area, how far they are, and what they changed, area by area."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from model.board import LittleMap

LEAST_DAYS = 28
"""Days before and after without which no comparison is told."""
LONGEST_DAYS = 365
"""Days before and after that are compared at most."""


class ProgrammeKind(StrEnum):
    """What is renovated, and thereby what is compared."""

    LED = "led"
    JUNCTION = "junction"


@dataclass(frozen=True)
class Programme:
    """One programme; ``titles`` by language."""

    id: int
    key: str
    kind: ProgrammeKind
    domain: str
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """Works on one asset or in one area. ``points`` is how many light points (or junctions) they concern;
    ``done_on`` the local day they were finished, None while planned; ``area_id`` 0: outside all areas."""

    asset_key: str
    name: str
    area_id: int
    area_name: str
    done_on: date | None
    kind: str
    points: int


@dataclass(frozen=True)
class StepLine:
    """One line of a list to import: its number in the file, and what it says, or what is wrong with it.

    ``problem`` is (column, reason, what stands there).
    """

    row: int
    asset_id: int | None = None
    area_id: int | None = None
    done_on: date | None = None
    kind: str = ""
    label: str = ""
    problem: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class AreaProgress:
    """How far the works of one area are: points concerned and done, first and last day of works done."""

    area_id: int
    name: str
    points: int
    done: int
    first: date | None
    last: date | None

    @property
    def share(self) -> float:
        """Share of the points done."""
        return self.done / self.points if self.points else 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.points > 0 and self.done == self.points


@dataclass(frozen=True)
class Window:
    """The days compared, both included, and how many of them are told."""

    first: date
    last: date
    days: int


@dataclass(frozen=True)
class Effect:
    """One measure of one area before and after its works, beside the areas without works on the same days.

    ``measure`` is ``kwh_per_point`` (kWh a year at the city's burning hours) or ``failure_rate`` (%).
    ``change`` and ``others`` are in percent of the value before (kWh) or in points (%), ``difference`` the
    one less the other: what the works may have changed. ``withheld``: ``not_begun``, ``under_way``,
    ``few_days``, ``coverage`` or ``nothing``.
    """

    area_id: int
    name: str
    measure: str
    points: int
    before: float | None = None
    after: float | None = None
    change: float | None = None
    others: float | None = None
    difference: float | None = None
    coverage: float = 0.0
    window_before: Window | None = None
    window_after: Window | None = None
    withheld: str | None = None


@dataclass(frozen=True)
class Price:
    """A dated tariff: EUR a kWh since ``since``, and the document it stands in."""

    value: float
    since: date
    source: str


@dataclass(frozen=True)
class ProgrammeState:
    """A programme, how far it is and what it changed.

    ``course`` is the share of all points done, day by day of works. ``hours`` burning hours of a year that
    kWh are told at. ``prices`` the dated tariffs, oldest first: empty, and no EUR is told.
    """

    programme: Programme
    steps: tuple[Step, ...]
    areas: tuple[AreaProgress, ...]
    course: tuple[tuple[date, float], ...]
    effects: tuple[Effect, ...]
    hours: float
    prices: tuple[Price, ...]
    map: LittleMap

    @property
    def share(self) -> float:
        """Share of the points of the programme that are done."""
        whole = sum(area.points for area in self.areas)
        return sum(area.done for area in self.areas) / whole if whole else 0.0

    def effect(self, area_id: int, measure: str) -> Effect | None:
        """What the works changed of one measure in one area."""
        return next((e for e in self.effects if (e.area_id, e.measure) == (area_id, measure)), None)


def price_on(prices: tuple[Price, ...], day: date) -> Price | None:
    """The tariff in force on ``day``; None before the first."""
    return next((price for price in reversed(prices) if price.since <= day), None)


def cost(kwh: float | None, prices: tuple[Price, ...], day: date) -> float | None:
    """EUR of ``kwh`` at the tariff in force on ``day``; None without one: never 0 EUR for not knowing."""
    price = price_on(prices, day)
    return None if kwh is None or price is None else kwh * price.value
