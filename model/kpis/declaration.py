"""The declaration of a key figure: what it measures, of what, against which target, and for whom.

A figure is ``scale * top / bottom`` of two quantities that add up over days and areas (``Measure.RATIO``),
its complement, a plain total, or the median of its cases; so a month is made of its days and the city of its
communes and what lies outside all of them. Its words are ``kpi.<key>.*`` of the catalogues: name, sub, short,
formula, source, decision.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DAYS_OF_A_YEAR = 365.0
"""What a figure per day is told by the year with."""


class Good(StrEnum):
    """Which direction is good; ``NEITHER`` is a figure one watches without judging."""

    LOW = "low"
    HIGH = "high"
    NEITHER = "neither"


class Period(StrEnum):
    """How much time one value is of, in local days of the city.

    ``YEAR`` is the twelve months that end with one, and begins, as a ``start``, with that month.
    """

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Measure(StrEnum):
    """How a period's top and bottom become the value."""

    RATIO = "ratio"
    COMPLEMENT = "complement"
    TOTAL = "total"
    MEDIAN = "median"


@dataclass(frozen=True)
class Target:
    """A target as the city profile states it, with the document it comes from and its date."""

    value: float
    source: str
    since: date | None


@dataclass(frozen=True)
class Kpi:
    """One key figure.

    ``recipe`` names the SQL that gives its top, bottom and coverage by area and day
    (``services/boards/recipes``) and ``sources`` what it reads: (asset type, observed property) pairs, or
    (table, "") for what is no measurement. ``datasets`` are the names of the register's datasets it is made
    of. ``per`` is what a total is shared out over, where a recipe does: an asset type, ``population``, or
    an attribute (``building.floor_area_m2``). ``per_area`` is false where a commune has none of it. ``money``
    figures are withheld without a dated tariff. Under ``coverage_floor`` a value is withheld.
    ``change_in_points`` where a percentage of a percentage would mislead.
    """

    key: str
    domain: str
    unit: str
    decimals: int
    good: Good
    measure: Measure
    recipe: str
    sources: tuple[tuple[str, str], ...]
    datasets: tuple[str, ...]
    owner: str
    scale: float = 1.0
    change_in_points: bool = False
    per_area: bool = True
    money: bool = False
    coverage_floor: float = 0.9
    per: str = ""
