"""A series beside the same of an earlier period, bucket by bucket."""

import numpy as np

from model.answers import Comparison
from model.series import Floats, Series

WEEK = 7
YEAR = 364
"""52 weeks: a Monday is compared with a Monday."""


def compared(now: Series, moved: Series, days_back: int) -> Comparison:
    """``now`` beside ``moved``, which lies on its times already; both by hour or by day.

    Only buckets that both have count for the totals, so that a gap on one side is no difference. An hour
    that one of the days lacks, because the clock changed, has no pair; of one it has twice the first counts.
    """
    then = np.full(len(now), np.nan)
    times, first = np.unique(moved.times, return_index=True)
    at = np.searchsorted(times, now.times)
    known = at < len(times)
    known[known] = times[at[known]] == now.times[known]
    then[known] = moved.values[first[at[known]]]
    both = np.isfinite(now.values) & np.isfinite(then)
    total_now, total_then = (_total(now, column[both]) for column in (now.values, then))
    change = total_now - total_then
    percent = 100 * change / total_then if total_then else float("nan")
    return Comparison(
        now, then, days_back, int(both.sum()), total_now, total_then, change, percent,
        moved.coverage, now.used + moved.used,
    )  # fmt: skip


def _total(series: Series, values: Floats) -> float:
    if not len(values):
        return float("nan")
    return float(values.sum() if series.adds_up else values.mean())
