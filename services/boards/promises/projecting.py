"""From months already told to the target: a seasonal linear trend, its 80 % interval, and how well it does.

Registered as ``promise_projection`` (model/algorithms.py). The logarithm of the month's kWh over its adjusted
baseline is a straight line plus one yearly wave, fitted by least squares; a year ahead is the mean of its
twelve months, each weighing what its calendar month does. The interval is the one of prediction for that mean
(Student's t, the mean by its first-order expansion), made wider by the correlation of neighbouring residuals.
On the logarithm a saving never passes 100 %.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from model.promises import FEWEST_MONTHS, MonthSaving, ProjectedMonth, Projection, Tried

Floats = npt.NDArray[np.float64]
ONE_SIDE = 0.9
"""Quantile of either end of an 80 % interval."""
_Z = 1.2815515655446004
TRIED_AHEAD, TRIED_FROM = 3, 6
"""Trials look three months ahead, from six months on: less could not tell trend and season apart."""
_PARTS = 4


def months_between(first: date, last: date) -> int:
    """How many months ``last`` lies after ``first``."""
    return (last.year - first.year) * 12 + last.month - first.month


def month_after(first: date, months: int) -> date:
    """The first day of the month ``months`` after that of ``first``."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def t_quantile(df: int) -> float:
    """Student's 0.9 quantile with ``df`` degrees of freedom, by its expansion (from 3 on right to 0.003)."""
    z = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return float(z + sum(term / df**power for power, term in enumerate(terms, 1)))


def _rows(at: Floats) -> Floats:
    """The parts of the model at months ``at`` (n): level, trend by year, yearly wave: (n, 4)."""
    turn = 2 * np.pi * at / 12
    return np.column_stack([np.ones_like(at), at / 12, np.cos(turn), np.sin(turn)])


class Fit:
    """The trend of ``ratios`` (kWh over adjusted baseline, above 0) at months ``at`` (n, n > 4)."""

    def __init__(self, at: Floats, ratios: Floats) -> None:
        rows, y = _rows(at), np.log(ratios)
        self._inverse = np.linalg.pinv(rows.T @ rows)
        self._parts: Floats = self._inverse @ rows.T @ y
        left = y - rows @ self._parts
        self.df = len(at) - _PARTS
        self._variance = float(left @ left) / self.df * _inflated(left)
        self._t = t_quantile(self.df)

    def year_ending(self, at: float, weights: Floats) -> tuple[float, float, float]:
        """The ratio of the twelve months that end with month ``at``: middle, low and high of 80 %.

        ``weights`` (12, summing to 1) by month modulo twelve, as ``at`` counts them.
        """
        months = at - np.arange(12.0)
        rows, weight = _rows(months), weights[months.astype("i8") % 12]
        parts = weight * np.exp(rows @ self._parts)
        middle = float(parts.sum())
        lean = parts / middle
        row = lean @ rows
        reach = self._t * float(
            np.sqrt(self._variance * (row @ self._inverse @ row + float((lean**2).sum())))
        )
        return middle, middle * float(np.exp(-reach)), middle * float(np.exp(reach))

    def months(self, at: Floats) -> Floats:
        """The ratio of single months ``at`` (n)."""
        return np.asarray(np.exp(_rows(at) @ self._parts))


def _inflated(left: Floats) -> float:
    """How much wider neighbours that err alike make the variance: (1 + r) / (1 - r), r from 0 to 0.8."""
    whole = float(left @ left)
    r = float(left[1:] @ left[:-1]) / whole if whole > 0 else 0.0
    r = min(max(r, 0.0), 0.8)
    return (1 + r) / (1 - r)


def project(months: Sequence[MonthSaving], target_on: date) -> Projection | None:
    """The savings of the years that end from now to ``target_on``; None with fewer than twelve months told.

    ``months`` are ascending. A month that saved all (a ratio of 0) is left out: it has no logarithm.
    """
    told = [month for month in months if month.saving is not None and month.saving < 1]
    if len(told) < FEWEST_MONTHS:
        return None
    first, last = told[0].start, months[-1].start
    at = np.array([months_between(first, month.start) for month in told], "f8")
    ratios = np.array([1 - (month.saving or 0.0) for month in told])
    fit, weights = Fit(at, ratios), _weights(at, np.array([month.expected for month in told]))
    path = []
    for ahead in range(months_between(last, target_on) + 1):
        middle, low, high = fit.year_ending(months_between(first, last) + ahead, weights)
        path.append(ProjectedMonth(month_after(last, ahead), 1 - middle, 1 - high, 1 - low))
    return Projection(len(told), tuple(path), tried(at, ratios)) if path else None


def _weights(at: Floats, wanted: Floats) -> Floats:
    """What each calendar month weighs in a year (12, summing to 1): its mean expected kWh; a month never seen
    weighs what the mean of the others does."""
    place = at.astype("i8") % 12
    count = np.bincount(place, minlength=12)
    mean = np.bincount(place, wanted, 12) / np.maximum(count, 1)
    mean[count == 0] = mean[count > 0].mean()
    return np.asarray(mean / mean.sum())


def tried(at: Floats, ratios: Floats) -> Tried:
    """How far the trend, and the naive reference, were from months already known, three months ahead."""
    errors, naive = [], []
    for known in range(TRIED_FROM, len(at) - TRIED_AHEAD + 1):
        ahead = slice(known, known + TRIED_AHEAD)
        found = Fit(at[:known], ratios[:known]).months(at[ahead]).mean()
        errors.append(abs(found - ratios[ahead].mean()))
        naive.append(abs(ratios[known - TRIED_AHEAD : known].mean() - ratios[ahead].mean()))
    if not errors:
        return Tried(0, TRIED_AHEAD, float("nan"), float("nan"))
    return Tried(len(errors), TRIED_AHEAD, 100 * float(np.mean(errors)), 100 * float(np.mean(naive)))
