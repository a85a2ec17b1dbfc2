"""The saving: 1 - E / E0, with E0 adjusted to the same days, points, and hours lit or degree days.

Day by day it is told what the baseline would have drawn: with the points of now, as many hours lit or as
cold, and only for the share of values that was received. So neither a gap nor a longer night, neither a
removed lamp nor a mild winter is a saving.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from model.promises import (
    COVERAGE_FLOOR,
    WINDOW_MONTHS,
    Baseline,
    BaselineKind,
    Commitment,
    Course,
    MonthSaving,
    Projection,
    Promised,
    PromiseState,
)
from services.boards.promises.projecting import month_after, project

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Used:
    """What was used by local day: kWh received, its coverage, points in service, and what drives it: burning
    hours of a point, or degree days (NaN: not known)."""

    days: tuple[date, ...]
    kwh: Floats
    coverage: Floats
    points: Floats
    drivers: Floats

    def between(self, first: date, last: date) -> "Used":
        """Its days from ``first`` to ``last``."""
        kept = np.array([first <= day <= last for day in self.days], bool)
        days = tuple(day for day in self.days if first <= day <= last)
        return Used(days, *(part[kept] for part in (self.kwh, self.coverage, self.points, self.drivers)))


def refusal(baseline: Baseline, promised: Promised) -> str | None:
    """Why no saving may be counted from ``baseline``; None when it may."""
    if baseline.kind is BaselineKind.NONE:
        return "no_baseline"
    needed = [baseline.kwh, baseline.coverage, baseline.points]
    if promised is Promised.LIGHTING_ENERGY:
        needed.append(baseline.hours)
    elif baseline.weather_share is None or (baseline.weather_share and not baseline.degree_days):
        return "baseline_incomplete"
    if not baseline.days or any(not value for value in needed):
        return "baseline_incomplete"
    return "baseline_coverage" if (baseline.coverage or 0) < COVERAGE_FLOOR else None


def measured(baseline: Baseline, used: Used, promised: Promised) -> Baseline:
    """``baseline`` filled from what was ``used`` in its period. Missing kWh is taken as what was received."""
    if baseline.kind is not BaselineKind.MEASURED or not baseline.days:
        return baseline
    own = used.between(baseline.first, baseline.last)  # type: ignore[arg-type]
    told = own.coverage > 0
    if not told.any():
        return replace(baseline, coverage=0.0)
    drivers = own.drivers[np.isfinite(own.drivers)]
    whole = float(drivers.mean()) * baseline.days if len(drivers) else None
    lit = promised is Promised.LIGHTING_ENERGY
    coverage = float(own.coverage.sum()) / baseline.days
    return replace(
        baseline,
        kwh=float(own.kwh.sum()) / max(coverage, 1e-9),
        coverage=coverage,
        points=float(own.points.mean()),
        hours=whole if lit else None,
        degree_days=None if lit else whole,
    )


def expected(baseline: Baseline, promised: Promised, used: Used) -> Floats:
    """kWh the baseline would have drawn on each of the days of ``used``; NaN where that cannot be said.

    Lighting: E0 * n / n0 * h / H0. Buildings: E0 * n / n0 * ((1 - s) / days + s * dd / DD0). Both times the
    coverage of the day.
    """
    whole = (baseline.kwh or 0) / (baseline.points or 1)
    if promised is Promised.LIGHTING_ENERGY:
        share = used.drivers / (baseline.hours or 1)
    else:
        weather = baseline.weather_share or 0.0
        share = np.full(len(used.days), (1 - weather) / baseline.days)
        if weather and baseline.degree_days:
            share = share + weather * used.drivers / baseline.degree_days
    return np.asarray(whole * used.points * share * used.coverage)


def month_savings(
    baseline: Baseline, promised: Promised, used: Used, *, may: bool
) -> tuple[MonthSaving, ...]:
    """Every month of ``used``, told where ``may`` (the baseline allows) and the month is covered."""
    months = []
    for start in sorted({day.replace(day=1) for day in used.days}):
        own = used.between(start, date.fromordinal(month_after(start, 1).toordinal() - 1))
        own = replace(own, coverage=np.where(np.isfinite(own.drivers), own.coverage, 0.0))
        told = own.coverage > 0
        wanted = expected(baseline, promised, own)[told] if may else np.zeros(0)
        kwh, coverage = float(own.kwh[told].sum()), float(own.coverage.mean())
        total = float(wanted.sum())
        saving = 1 - kwh / total if total > 0 and coverage >= COVERAGE_FLOOR else None
        points = float(own.points.mean())
        months.append(
            MonthSaving(start, kwh, total, saving, coverage, points, float(own.drivers[told].sum()))
        )
    return tuple(months)


def state_of(commitment: Commitment, used: Used, since: date, today: date, query: str = "") -> PromiseState:
    """What ``used`` (whole days, its months from ``since`` on) says of ``commitment`` on local ``today``."""
    draft = commitment.draft
    baseline = measured(draft.baseline, used, draft.promised)
    refused = refusal(baseline, draft.promised)
    recent = used.between(since, used.days[-1]) if used.days else used
    months = _begun(month_savings(baseline, draft.promised, recent, may=refused is None))
    window = months[-WINDOW_MONTHS:]
    told = [month for month in window if month.saving is not None]
    kwh = sum(month.kwh for month in told or window) or None
    total = sum(month.expected for month in told) or None
    saving = 1 - (kwh or 0) / total if total else None
    over = today > draft.target_on
    projection = None if over or saving is None else project(months, draft.target_on)
    coverage = float(np.mean([month.coverage for month in window])) if window else 0.0
    return PromiseState(
        commitment=commitment, baseline=baseline, months=months, window=len(told), kwh=kwh, expected=total,
        saving=saving, coverage=coverage, withheld=refused or (_why_not(window) if saving is None else None),
        projection=projection, unprojected=None if projection else _why_unprojected(saving, over=over),
        course=course_of(draft.target_share, draft.target_on, today, saving, projection), query=query,
    )  # fmt: skip


def _begun(months: Sequence[MonthSaving]) -> tuple[MonthSaving, ...]:
    """``months`` from the first of which anything was measured on."""
    first = next((at for at, month in enumerate(months) if month.coverage > 0), len(months))
    return tuple(months[first:])


def _why_unprojected(saving: float | None, *, over: bool) -> str:
    return "over" if over else "no_saving" if saving is None else "few_months"


def _why_not(window: Sequence[MonthSaving]) -> str:
    return "coverage" if any(month.coverage > 0 for month in window) else "nothing"


def course_of(
    target: float, target_on: date, today: date, saving: float | None, projection: Projection | None
) -> Course:
    """Where the promise stands: by the interval before its term, by the saving observed after it."""
    if today > target_on:
        return Course.UNKNOWN if saving is None else Course.KEPT if saving >= target else Course.BROKEN
    if projection is None:
        return Course.UNKNOWN
    ahead = projection.at_target
    if ahead.low >= target:
        return Course.ON_COURSE
    return Course.OFF_COURSE if ahead.high < target else Course.NOT_ASSURED
