"""What a recipe is: SQL that gives a figure's quantities by area and day, and how far a change reaches.

Its rows are (area_id, day, top, bottom, weight, coverage, n, one): several rows of one area and day add up,
``coverage`` weighs as ``weight`` says, ``one`` is a single case of a median. Area -1 is what lies outside
every area; a row of area 0 counts for the city alone. Every question binds ``:first`` and ``:last``
(local days), ``:zone`` and ``:kind`` (of areas), and whatever ``bound`` adds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from geodata.profiles import CityProfile
from model.kpis import Kpi


def that_day(first: date, last: date) -> tuple[date, date]:
    """A changed day changes nothing but itself."""
    return first, last


def whole_months(first: date, last: date) -> tuple[date, date]:
    """A changed day changes its whole month."""
    later = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first.replace(day=1), later - timedelta(days=1)


def days_after(days: int) -> Callable[[date, date], tuple[date, date]]:
    """A changed day changes the ``days`` after it too."""
    return lambda first, last: (first, last + timedelta(days=days))


@dataclass(frozen=True)
class Recipe:
    """A kind of question. ``sql`` and ``bound`` make it for one figure; ``since`` its first day on record.

    ``reach`` widens the days that changed to those it must be asked for again.
    """

    sql: Callable[[Kpi], str]
    since: Callable[[Kpi], str]
    bound: Callable[[Kpi, CityProfile], Mapping[str, Any]] = lambda _kpi, _profile: {}
    reach: Callable[[date, date], tuple[date, date]] = that_day


@dataclass(frozen=True)
class Question:
    """One figure's question: ``sql`` with everything it binds but the days, and ``since``, its first day."""

    sql: str
    since: str
    bound: Mapping[str, Any]
    reach: Callable[[date, date], tuple[date, date]]
