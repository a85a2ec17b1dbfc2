"""Changes, targets, and who is served worst and best."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from model.board import AreaFigure, Compare, Figure, Good, Target, Verdict

Floats = npt.NDArray[np.float64]

REFERENCES: dict[Compare, tuple[int, ...]] = {
    Compare.WEEK_BEFORE: (7,),
    Compare.SAME_WEEKDAYS: (7, 14, 21, 28),
    Compare.SEVEN_DAYS: (1, 2, 3, 4, 5, 6, 7),
}
"""How many days back the days lie that a day is compared with; their mean is the reference."""


def change_of(figure: Figure, values: Floats) -> float | None:
    """How the last of ``values`` (by day, the day itself last) differs from its reference days.

    In percent, or in the figure's unit where it says points. None when either is missing, or fewer than
    half of the reference days are there.
    """
    back = REFERENCES[figure.compare]
    reference = np.array([values[-1 - days] for days in back if days < len(values)])
    told = reference[np.isfinite(reference)]
    if not np.isfinite(values[-1]) or 2 * len(told) < len(back):
        return None
    return difference(figure, float(values[-1]), float(told.mean()))


def difference(figure: Figure, value: float, reference: float) -> float | None:
    """``value`` against ``reference`` in points or percent; None where a percentage has no meaning."""
    if figure.change_in_points:
        return value - reference
    return 100 * (value - reference) / reference if reference else None


def target_of(thresholds: dict[str, Any], key: str) -> Target | None:
    """The target the city profile sets for a figure, if it does."""
    stated = thresholds.get(key)
    if not isinstance(stated, dict) or "target" not in stated:
        return None
    since = stated.get("date")
    return Target(
        float(stated["target"]), str(stated.get("source", "")), since if isinstance(since, date) else None
    )


def verdict_of(figure: Figure, value: float | None, target: Target | None) -> Verdict:
    """Held or missed, judged on the value as it is shown: 1.50 against at most 1.5 is held."""
    if target is None or figure.good is Good.NEITHER:
        return Verdict.NONE
    if value is None:
        return Verdict.UNJUDGED
    shown = round(value, figure.decimals)
    held = shown <= target.value if figure.good is Good.LOW else shown >= target.value
    return Verdict.HELD if held else Verdict.MISSED


def worst_and_best(
    figure: Figure, areas: Sequence[AreaFigure]
) -> tuple[AreaFigure | None, AreaFigure | None]:
    """The communes served worst and best; with no good direction, the highest and the lowest.

    None unless at least three communes have a value: two say nothing about fairness.
    """
    told = sorted((a for a in areas if a.value is not None and a.area_id), key=_value, reverse=True)
    if len(told) < 3:
        return None, None
    highest, lowest = told[0], told[-1]
    return (lowest, highest) if figure.good is Good.HIGH else (highest, lowest)


def _value(area: AreaFigure) -> tuple[float, str]:
    return area.value or 0.0, area.name
