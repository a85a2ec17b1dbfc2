"""From rows of the history to the columns of a series: grids, gaps, sums, means and shares."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from model.domains import ASSET_TYPES
from model.domains.declaration import Property
from model.errors import BadRequest
from model.series import Asked, Floats, Series, Source
from services.history.calendar import local_day

LONGEST = timedelta(days=800)
_MISSED_PERIODS = 2.0

SHARES = {name: Property(name, "%", 0, 100, decimals=2) for name in ("fault_share", "lit_share")}
"""Figures of asset types that no single asset sends; stored as shares 0 to 1, answered in percent."""


def property_of(asset_type: str, observed_property: str) -> Property:
    """How ``observed_property`` of ``asset_type`` is declared. BadRequest when it is not."""
    declared = ASSET_TYPES[asset_type].by_property if asset_type in ASSET_TYPES else {}
    found = declared.get(observed_property) or SHARES.get(observed_property)
    if found is None:
        raise BadRequest(f"{asset_type} has no {observed_property}")
    return found


def checked_period(t0: datetime, t1: datetime) -> None:
    """BadRequest unless t0 < t1 are aware and no longer apart than the history answers for."""
    if t0.tzinfo is None or t1.tzinfo is None:
        raise BadRequest("a period needs its time zone")
    if not timedelta(0) < t1 - t0 <= LONGEST:
        raise BadRequest(f"a period ends after it starts and lasts at most {LONGEST.days} days")


def local_days(asked: Asked, zone: ZoneInfo) -> tuple[date, date]:
    """The first local day the asked period touches, and the last that is over by its end (or the first)."""
    first = local_day(asked.t0, zone)
    return first, max(first, local_day(asked.t1, zone) - timedelta(days=1))


def with_gaps(times: Floats, values: Floats, period_s: float) -> tuple[Floats, Floats]:
    """``times`` and ``values`` with a NaN one period after each value that was followed by a silence.

    A silence is more than two periods without a value, the bound at which a value is called late.
    """
    silent = np.flatnonzero(np.diff(times) > _MISSED_PERIODS * period_s)
    return (
        np.insert(times, silent + 1, times[silent] + period_s),
        np.insert(values, silent + 1, np.nan),
    )


def bucketed(
    rows: Iterable[Any],
    grid: Floats,
    lengths: Floats,
    asked: Asked,
    source: Source,
    declared: Property,
    period_s: float,
) -> Series:
    """Rows (time, n, sum, min, max, coverage) laid on ``grid``; a bucket without a row stays NaN.

    Rows off the grid belong to buckets that were not over yet, and are left out.
    """
    columns = np.array([tuple(row) for row in rows], "f8").reshape(-1, 6)
    full = np.full((len(grid), 5), np.nan)
    columns = columns[np.isin(columns[:, 0], grid)]
    at = np.searchsorted(grid, columns[:, 0])
    full[at] = columns[:, 1:]
    n, total, low, high, coverage = full.T
    share = declared.name in SHARES
    values = (total if declared.adds_up else total / n) * (100 if share else 1)
    if declared.adds_up or share:
        low, high = np.full(len(grid), np.nan), np.full(len(grid), np.nan)
    coverages = np.nan_to_num(coverage)
    whole = float(np.average(coverages, weights=lengths)) if len(grid) else 0.0
    return Series(
        asked, grid, values, low, high, coverages, source, declared.unit, period_s, declared.decimals, whole,
        adds_up=declared.adds_up,
    )  # fmt: skip
