"""Where everything on the panel's chart is, in fractions of its plot: pure geometry, drawn by templates.

Fractions run from the left and from the top, 0 to 1, so that one computation serves the fluid chart in
the page and the fixed one of the SVG file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

RIGHT = 0.976
"""The last day ends short of the edge, to leave room for its dot."""

_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Run:
    """Days in a row that were all measured, or all not: positions in the series, both included."""

    first: int
    last: int
    measured: bool

    @property
    def length(self) -> int:
        """How many days."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Spot:
    """A place for a text: fractions, which end of the text is there (start, middle, end), and its side."""

    x: float
    y: float
    anchor: str
    below: bool = False


@dataclass(frozen=True)
class Gap:
    """A bracket over days without measure, from ``x0`` to ``x1`` at height ``y``."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True)
class Chart:
    """The drawn series: scale, lines between gaps, single days, brackets, target and their labels."""

    top: float
    ticks: tuple[tuple[float, float], ...]
    lines: tuple[tuple[tuple[float, float], ...], ...]
    dots: tuple[tuple[float, float], ...]
    end: tuple[float, float] | None
    gaps: tuple[Gap, ...]
    gap_label: Spot | None
    target: float | None
    target_label: Spot | None


def chart(rates: Sequence[float | None], target: float | None) -> Chart:
    """The chart of ``rates`` (percent by day, None for a gap) from zero, with an optional ``target``."""
    known = [rate for rate in (*rates, target) if rate is not None]
    high = max(known, default=0.8)
    step, top = scale(high)
    runs = list(_runs(rates))
    points = [(_x(i, len(rates)), 1 - (rate or 0) / top) for i, rate in enumerate(rates)]
    measured = [run for run in runs if run.measured]
    missing = [run for run in runs if not run.measured]
    gaps = tuple(_gap(run, points, rates, top) for run in missing)
    label = _gap_label(missing, gaps)
    return Chart(
        top=top,
        ticks=tuple((i * step, 1 - i * step / top) for i in range(round(top / step) + 1)),
        lines=tuple(tuple(points[run.first : run.last + 1]) for run in measured if run.length > 1),
        dots=tuple(points[run.first] for run in measured if run.length == 1),
        end=points[measured[-1].last] if measured else None,
        gaps=gaps,
        gap_label=label,
        target=None if target is None else 1 - target / top,
        target_label=None if target is None else _target_label(points, rates, 1 - target / top, label),
    )


def scale(high: float) -> tuple[float, float]:
    """Step and top of an axis from zero that holds ``high`` with some air, in three to five steps."""
    wanted = max(high * 1.12, 0.3)
    step = next((s for s in _STEPS if wanted / s <= 4), 25.0)
    return step, max(ceil(wanted / step), 2) * step


def _x(index: int, days: int) -> float:
    return RIGHT * index / max(1, days - 1)


def _runs(rates: Sequence[float | None]) -> Iterator[Run]:
    at = 0
    for measured, group in groupby(rates, key=lambda rate: rate is not None):
        length = len(list(group))
        yield Run(at, at + length - 1, measured)
        at += length


def _gap(run: Run, points: Sequence[tuple[float, float]], rates: Sequence[float | None], top: float) -> Gap:
    """A bracket just above what is drawn near the gap."""
    near = [rate for rate in rates[max(0, run.first - 4) : run.last + 5] if rate is not None]
    y = min(0.62, max(0.16, 1 - max(near, default=0.0) / top - 0.16))
    half = RIGHT / max(1, len(rates) - 1) / 2
    return Gap(max(0.0, points[run.first][0] - half), min(1.0, points[run.last][0] + half), y)


def _gap_label(missing: Sequence[Run], gaps: Sequence[Gap]) -> Spot | None:
    """One label, over the longest gap; its text stays inside the plot."""
    if not missing:
        return None
    gap = gaps[max(range(len(missing)), key=lambda i: missing[i].length)]
    middle = (gap.x0 + gap.x1) / 2
    if middle < 0.16:
        return Spot(gap.x0, gap.y, "start")
    return Spot(gap.x1, gap.y, "end") if middle > 0.84 else Spot(middle, gap.y, "middle")


_LABEL_WIDTH = 0.34
_LABEL_HEIGHT = 0.15


def _target_label(
    points: Sequence[tuple[float, float]], rates: Sequence[float | None], y: float, taken: Spot | None
) -> Spot:
    """The quietest of six places beside the target line: the one the fewest points run through."""
    drawn = [point for point, rate in zip(points, rates, strict=True) if rate is not None]
    if taken:
        drawn += [(taken.x, taken.y - 0.08)] * 3
    places = [(x, below) for below in (True, False) for x in (0.03, 0.34, 0.64)]
    places = [place for place in places if place[1] or y > 2 * _LABEL_HEIGHT] or places
    x, below = min(places, key=lambda place: _crowd(drawn, place[0], y, place[1]))
    return Spot(x, y, "start", below)


def _crowd(drawn: Sequence[tuple[float, float]], x: float, y: float, below: bool) -> int:
    low, high = (y, y + _LABEL_HEIGHT + 0.04) if below else (y - _LABEL_HEIGHT - 0.04, y)
    return sum(x - 0.02 <= px <= x + _LABEL_WIDTH and low <= py <= high for px, py in drawn)
