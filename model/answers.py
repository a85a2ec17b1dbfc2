"""Answers of the history beside series: profiles, comparisons, rankings, distributions. Plain data.

Every answer says its coverage (share of the expected values received, 0 to 1) and what it was read from.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from model.series import Asked, Floats, Series, Used

Counts = npt.NDArray[np.int64]
Of = Literal["asset", "area"]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, eq=False, slots=True)
class Profile:
    """How a quantity goes through the week: means of its hourly figures by weekday and local hour.

    ``cells`` f8 (7, 24), Monday first, NaN where no hour had a value; ``hours`` how many hours each cell
    stands for; ``by_hour`` f8 (24) and ``by_weekday`` f8 (7) are means over the same hours.
    """

    asked: Asked
    cells: Floats
    hours: Counts
    by_hour: Floats
    by_weekday: Floats
    unit: str
    decimals: int
    coverage: float
    used: Used


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A series beside the same some ``days_back``, moved onto its times by the wall clock.

    ``now`` and ``then`` are columns of the same length on the times of ``series``; ``total_now`` and
    ``total_then`` their sums (quantities that add up) or means (others) over the ``paired`` buckets that
    both have; ``change`` their difference, ``percent`` it in percent of then (NaN where then is 0).
    """

    series: Series
    then: Floats
    days_back: int
    paired: int
    total_now: float
    total_then: float
    change: float
    percent: float
    coverage_then: float
    used: Used


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place of a ranking: an asset or an area (id 0: outside all areas, without a name)."""

    id: int
    name: str
    value: float
    n: int
    coverage: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first places: of ``ranked`` that have a value, ``silent`` having none in the period."""

    places: tuple[Ranked, ...]
    ranked: int
    silent: int
    unit: str
    decimals: int
    coverage: float
    used: Used


@dataclass(frozen=True, eq=False, slots=True)
class Distribution:
    """How often which values occurred: ``counts`` i8 (k) between ``edges`` f8 (k + 1), ends included.

    ``quantiles`` are the values at QUANTILES (linear between neighbours); ``of`` says what was counted:
    raw readings, or hourly or daily figures of each asset.
    """

    edges: Floats
    counts: Counts
    quantiles: Floats
    mean: float
    n: int
    of: Literal["raw", "hour", "day"]
    unit: str
    decimals: int
    coverage: float
    used: Used
