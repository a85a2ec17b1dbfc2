"""Before and after: each finished area against itself, less what changed elsewhere on the same days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from model.programmes import LEAST_DAYS, LONGEST_DAYS, AreaProgress, Effect, Window
from model.promises import COVERAGE_FLOOR

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Quantity:
    """One measure by area and day, f8 (areas, days): ``top`` over ``bottom``, times ``scale``, is its value;
    ``coverage`` 0 to 1. ``relative``: changes are told in percent of the value before, else in points."""

    measure: str
    areas: tuple[int, ...]
    days: tuple[date, ...]
    top: Floats
    bottom: Floats
    coverage: Floats
    scale: float
    relative: bool

    def value(self, rows: Sequence[int], days: Days) -> float:
        """The value of the areas at ``rows`` over ``days``; NaN where there is nothing."""
        below = float(self.bottom[rows][:, days].sum())
        return self.scale * float(self.top[rows][:, days].sum()) / below if below > 0 else float("nan")

    def change(self, before: float, after: float) -> float:
        """From ``before`` to ``after``: in percent, or in points."""
        return 100 * (after / before - 1) if self.relative else after - before


def effects(quantity: Quantity, progress: Sequence[AreaProgress], last: date) -> tuple[Effect, ...]:
    """What changed in every area of a programme up to ``last``; the areas it does not name are the others."""
    named = {area.area_id for area in progress}
    heard = quantity.coverage.max(axis=1, initial=0.0) > 0
    others = [row for row, area in enumerate(quantity.areas) if area not in named and heard[row]]
    return tuple(_effect(quantity, area, others, last) for area in progress)


def _effect(quantity: Quantity, area: AreaProgress, others: Sequence[int], last: date) -> Effect:
    nothing = Effect(area.area_id, area.name, quantity.measure, area.points)
    if area.first is None or area.last is None:
        return _withheld(nothing, "not_begun")
    if not area.finished:
        return _withheld(nothing, "under_way")
    if area.area_id not in quantity.areas:
        return _withheld(nothing, "nothing")
    before = _between(
        quantity.days, area.first - timedelta(days=LONGEST_DAYS), area.first - timedelta(days=1)
    )
    after = _between(
        quantity.days, area.last + timedelta(days=1), min(last, area.last + timedelta(days=LONGEST_DAYS))
    )
    return _compared(quantity, area, others, before, after)


def _compared(
    quantity: Quantity, area: AreaProgress, others: Sequence[int], before: Days, after: Days
) -> Effect:
    row = quantity.areas.index(area.area_id)
    told = quantity.coverage[row] > 0
    windows = [_window(quantity.days, days & told) for days in (before, after)]
    nothing = Effect(area.area_id, area.name, quantity.measure, area.points)
    if any(window is None or window.days < LEAST_DAYS for window in windows):
        return _withheld(nothing, "few_days")
    before, after = (_whole(days, told) for days in (before, after))
    coverage = min(float(quantity.coverage[row][days].mean()) for days in (before, after))
    if coverage < COVERAGE_FLOOR:
        return _withheld(nothing, "coverage", coverage)
    was, now = (quantity.value([row], days) for days in (before, after))
    change = quantity.change(was, now)
    elsewhere = _elsewhere(quantity, others, before, after)
    return Effect(
        area.area_id, area.name, quantity.measure, area.points, was, now, change, elsewhere,
        change - elsewhere if elsewhere is not None else None, coverage, windows[0], windows[1],
    )  # fmt: skip


def _elsewhere(quantity: Quantity, others: Sequence[int], before: Days, after: Days) -> float | None:
    """How the areas without works changed meanwhile, together; None without such areas or their figures."""
    was, now = (quantity.value(others, days) for days in (before, after)) if others else (np.nan, np.nan)
    covered = (
        [float(quantity.coverage[others][:, days].mean()) for days in (before, after)] if others else [0.0]
    )
    if not np.isfinite(was) or not np.isfinite(now) or min(covered) < COVERAGE_FLOOR:
        return None
    return quantity.change(was, now)


def _between(days: Sequence[date], first: date, last: date) -> Days:
    return np.array([first <= day <= last for day in days], bool)


def _whole(days: Days, told: Days) -> Days:
    """``days`` from the first one anything was measured on: what lies before the history is no gap."""
    kept = days.copy()
    kept[: int(np.argmax(told))] = False
    return kept


def _window(days: Sequence[date], kept: Days) -> Window | None:
    at = np.flatnonzero(kept)
    return Window(days[at[0]], days[at[-1]], len(at)) if len(at) else None


def _withheld(effect: Effect, why: str, coverage: float = 0.0) -> Effect:
    return Effect(effect.area_id, effect.name, effect.measure, effect.points, coverage=coverage, withheld=why)
