"""Series as charts and tables take them: one value an instant, NaN where something should be and is not."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Source = Literal["raw", "hour", "day", "none"]
Step = Literal["hour", "day"]


@dataclass(frozen=True, slots=True)
class Used:
    """What an answer was read from: tables (``archive`` for closed days in files), and how many rows."""

    tables: tuple[str, ...] = ()
    rows: int = 0

    def __add__(self, other: "Used") -> "Used":
        """Both together, each table once."""
        return Used(tuple(dict.fromkeys(self.tables + other.tables)), self.rows + other.rows)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a series answers: an asset's datastream, or an asset type in an area (None: the whole city)."""

    observed_property: str
    t0: datetime
    t1: datetime
    asset_id: int | None = None
    asset_type: str | None = None
    area_id: int | None = None
    step: Step = "hour"


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """One series over [t0, t1), all columns of length n.

    ``times`` f8 epoch seconds (UTC) of each value or bucket start, ascending; ``values`` in ``unit``, NaN
    for a gap; ``low`` and ``high`` the extremes within a bucket, NaN where there are none to tell;
    ``coverages`` the share of expected values received, 0 to 1. ``coverage`` is that of the whole period.
    ``source`` says what was read: raw observations, hourly or daily rollups; ``used`` from which tables;
    ``period_s`` how often a healthy sender reports. ``thinned``: of a long raw series only the readings that
    shape its line, extremes among them, were kept. ``adds_up``: buckets hold sums, which may be added up.
    """

    asked: Asked
    times: Floats
    values: Floats
    low: Floats
    high: Floats
    coverages: Floats
    source: Source
    unit: str
    period_s: float
    decimals: int = 1
    coverage: float = field(default=0.0)
    used: Used = Used()
    thinned: bool = False
    adds_up: bool = False

    def __len__(self) -> int:
        """How many points, gaps included."""
        return len(self.times)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was received in the period."""
        return not bool(np.isfinite(self.values).any())


def empty_series(asked: Asked, unit: str = "", decimals: int = 1) -> Series:
    """The series of a question nothing was ever received for."""
    none = np.empty(0, "f8")
    return Series(asked, none, none, none, none, none, "none", unit, 0.0, decimals)


def days_later(series: Series, zone: ZoneInfo, days: int = 7) -> Series:
    """``series`` moved some local days on, so that it lies under the period it is compared with.

    The wall clock is kept: 18:00 stays 18:00 in a week the clock changes. What lies in an hour that the
    later day does not have is left out.
    """
    wall = [datetime.fromtimestamp(at, zone) + timedelta(days=days) for at in series.times]
    times = np.array([at.timestamp() for at in wall], "f8")
    there = [
        datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0) == wanted.replace(tzinfo=None, fold=0)
        for at, wanted in zip(times, wall, strict=True)
    ]
    kept = np.array(there, "?")
    columns = {name: getattr(series, name)[kept] for name in ("values", "low", "high", "coverages")}
    return replace(series, times=times[kept], **columns)


@dataclass(frozen=True, eq=False, slots=True)
class Density:
    """How many state changes fell in each step: ``times`` f8 epoch seconds of the steps' starts (UTC).

    ``fault``, ``degraded``, ``comms_lost`` count changes into those statuses, ``other`` all the rest
    (recoveries, dusk and dawn switching); i8, same length.
    """

    step_s: int
    times: Floats
    fault: npt.NDArray[np.int64]
    degraded: npt.NDArray[np.int64]
    comms_lost: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
