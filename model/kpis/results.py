"""What a board of key figures holds. A value that is not told is None, and ``withheld`` says why."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from model.board import LittleMap
from model.kpis.declaration import Kpi, Period, Target

Floats = npt.NDArray[np.float64]


class Verdict(StrEnum):
    """Where a figure stands against its target."""

    HELD = "held"
    MISSED = "missed"
    NONE = "none"
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class AreaValue:
    """One commune's value; None under the coverage floor or where it has nothing of it."""

    area_id: int
    name: str
    value: float | None
    coverage: float
    n: int


@dataclass(frozen=True)
class PeriodValue:
    """One step of a trend, ``start`` its first local day; a None is a gap."""

    start: date
    value: float | None
    coverage: float


@dataclass(frozen=True)
class KpiResult:
    """One figure of one period and place.

    ``before`` and ``year_before`` are the changes against the period before and the same period a year
    earlier, in percent or in points as the figure says, None where either is missing. ``n`` is how many
    values or cases it rests on, ``withheld`` why there is no value: ``nothing``, ``coverage``, ``few``,
    ``no_tariff`` or ``partial`` (a part of the city this reader may not see). ``areas`` are all communes by
    name; ``worst`` and ``best`` among them by the good direction; ``spread`` the middle half of the communes
    (25th and 75th percentile), None under four. ``inputs`` identifies the state of the rows it was made
    from, ``computed_at`` (aware) when.
    """

    kpi: Kpi
    value: float | None
    coverage: float
    n: int
    withheld: str | None
    before: float | None
    year_before: float | None
    trend: tuple[PeriodValue, ...]
    target: Target | None
    verdict: Verdict
    areas: tuple[AreaValue, ...]
    worst: AreaValue | None
    best: AreaValue | None
    spread: tuple[float, float] | None
    inputs: str
    computed_at: datetime | None


@dataclass(frozen=True)
class KpiBoard:
    """The figures of one place (``area_id`` None: the whole city) over one period."""

    period: Period
    start: date
    area_id: int | None
    area_name: str
    results: tuple[KpiResult, ...]
    map: LittleMap

    def result(self, key: str) -> KpiResult | None:
        """The figure called ``key``."""
        return next((result for result in self.results if result.kpi.key == key), None)


@dataclass(frozen=True, eq=False)
class KpiTable:
    """One figure by area and period: ``values`` and ``coverage`` are f8 (areas, starts), NaN where untold.

    Area 0 is the whole city; the others are communes, by name.
    """

    kpi: Kpi
    areas: tuple[tuple[int, str], ...]
    starts: tuple[date, ...]
    values: Floats
    coverage: Floats


@dataclass(frozen=True)
class TruthDay:
    """One day under a figure: its top and bottom quantities, coverage, and how many values it rests on."""

    day: date
    top: float | None
    bottom: float | None
    coverage: float
    n: int
    corrected: int


@dataclass(frozen=True)
class Truth:
    """What a figure is made of: the question asked of the database and every day of its answer.

    ``query`` is the SQL that was run with ``parameters`` as text; ``observations`` is the address, inside
    Vigie, of the observations beneath, None where the reader may not see them.
    """

    result: KpiResult
    query: str
    parameters: tuple[tuple[str, str], ...]
    days: tuple[TruthDay, ...]
    observations: str | None
