"""Which of the time an engine watched, and which alarms belong to it.

A rate is alarms over time, and both must be of the same time: what began while nobody watched was found all
at once afterwards, and would be divided by hours it did not come from.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Span = tuple[float, float]
Instants = npt.NDArray[np.float64]


def joined(spans: Iterable[Span]) -> list[Span]:
    """``spans`` (begin, end) by their beginning, those that touch as one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def within(spans: list[Span], t0: float, t1: float) -> list[Span]:
    """What of joined ``spans`` lies in [t0, t1)."""
    return [(max(begin, t0), min(end, t1)) for begin, end in spans if begin < t1 and end > t0]


def lasted(spans: list[Span]) -> float:
    """Seconds in joined ``spans``."""
    return sum(end - begin for begin, end in spans)


def inside(spans: list[Span], at: Instants) -> npt.NDArray[np.bool_]:
    """Which of the instants ``at`` lie in joined ``spans``, their ends included."""
    begins = np.array([begin for begin, _ in spans], "f8")
    ends = np.array([-np.inf, *(end for _, end in spans)], "f8")
    return np.asarray(at <= ends[np.searchsorted(begins, at, "right")])
