"""Changes, targets, and who is served worst and best."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from model.kpis import AreaValue, Good, Kpi, Target, Verdict

SPREAD_FROM = 4
"""Communes with a value from which on the middle half of them says something."""


def difference(kpi: Kpi, value: float | None, reference: float | None) -> float | None:
    """``value`` against ``reference`` in points or percent; None without one or without meaning."""
    if value is None or reference is None:
        return None
    if kpi.change_in_points:
        return value - reference
    return 100 * (value - reference) / reference if reference else None


def target_of(thresholds: Mapping[str, Any], key: str) -> Target | None:
    """The target the city profile sets for a figure, if it does."""
    stated = thresholds.get(key)
    if not isinstance(stated, dict) or "target" not in stated:
        return None
    since = stated.get("date")
    return Target(
        float(stated["target"]), str(stated.get("source", "")), since if isinstance(since, date) else None
    )


def verdict_of(kpi: Kpi, value: float | None, target: Target | None) -> Verdict:
    """Held or missed, judged on the value as it is shown: 1.50 against at most 1.5 is held."""
    if target is None or kpi.good is Good.NEITHER:
        return Verdict.NONE
    if value is None:
        return Verdict.UNJUDGED
    shown = round(value, kpi.decimals)
    held = shown <= target.value if kpi.good is Good.LOW else shown >= target.value
    return Verdict.HELD if held else Verdict.MISSED


def worst_and_best(kpi: Kpi, areas: Sequence[AreaValue]) -> tuple[AreaValue | None, AreaValue | None]:
    """The communes served worst and best; with no good direction, the highest and the lowest.

    None unless at least three communes have a value: two say nothing about fairness.
    """
    told = sorted((a for a in areas if a.value is not None and a.area_id), key=_value, reverse=True)
    if len(told) < 3:
        return None, None
    highest, lowest = told[0], told[-1]
    return (lowest, highest) if kpi.good is Good.HIGH else (highest, lowest)


def spread_of(areas: Sequence[AreaValue]) -> tuple[float, float] | None:
    """The middle half of the communes: the 25th and the 75th percentile of those with a value."""
    told = [area.value for area in areas if area.value is not None]
    if len(told) < SPREAD_FROM:
        return None
    low, high = np.percentile(told, [25, 75])
    return float(low), float(high)


def _value(area: AreaValue) -> tuple[float, str]:
    return area.value or 0.0, area.name
