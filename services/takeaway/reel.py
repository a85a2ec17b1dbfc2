"""What happened between two instants as a few dozen states: one a frame, nothing that happened left out.

A fault that came and went between two frames is shown in the later one: a replay that skips what is short
would tell of a quieter night.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.states import Freshness, Status, display_codes
from services.history import Changes
from services.takeaway.state_table import Moment

MOST_FRAMES = 200
PER_SECOND = 10.0
QUICKEST_S = 0.04

Gaps = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Pace:
    """When each frame stands (aware, the first at A, the last at B), and how long it is shown, ms."""

    instants: tuple[datetime, ...]
    each_ms: int


def pace(a: datetime, b: datetime, speed: float) -> Pace:
    """The frames of [a, b] at ``speed`` city seconds a second: ten a second, at most ``MOST_FRAMES``."""
    length = (b - a).total_seconds()
    count = max(2, min(MOST_FRAMES, round(length / speed * PER_SECOND) + 1))
    step = length / (count - 1)
    shown = max(QUICKEST_S, step / speed)
    return Pace(tuple(a + timedelta(seconds=step * n) for n in range(count)), round(shown * 1000))


def codes_by_frame(
    before: Moment, later: Changes, gaps: Gaps, instants: Sequence[datetime]
) -> Iterator[npt.NDArray[np.uint8]]:
    """Display codes u1 (n) at each of ``instants`` (the first is the instant of ``before``).

    In a gap all is unknown. A fault entered since the frame before is shown even where it is over again.
    """
    columns = before.columns
    status = before.records["status"].copy()
    at, known = _placed(columns, later)
    done = 0
    for instant in instants:
        until = int(np.searchsorted(later.times, instant.timestamp(), side="right"))
        part = slice(done, until)
        index, values = at[part][known[part]], later.status[part][known[part]]
        status[index] = values
        shown = status.copy()
        shown[index[values == Status.FAULT]] = Status.FAULT
        if any(t0 < instant < t1 for t0, t1 in gaps):
            shown[:] = Status.UNKNOWN
        fresh = np.where(shown == Status.UNKNOWN, Freshness.NEVER, Freshness.LIVE).astype("u1")
        yield display_codes(shown, columns.parents, fresh)
        done = until


def _placed(columns: Columns, later: Changes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The live index of each change, and whether the layout has its asset."""
    if not len(columns):
        return np.zeros(len(later), np.intp), np.zeros(len(later), "?")
    at = np.minimum(np.searchsorted(columns.ids, later.asset_ids), len(columns) - 1)
    return at, columns.ids[at] == later.asset_ids
