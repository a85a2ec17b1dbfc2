"""What happened between two instants as a few dozen pictures: one a frame, nothing that happened left out.

The same events the time machine plays. A fault that came and went between two frames is shown in the later
one: a replay that skips what is short would tell of a quieter night.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from model.states import Status
from services.history import Played

MOST_FRAMES = 200
PER_SECOND = 10.0
QUICKEST_S = 0.04


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


def codes_by_frame(played: Played, instants: Sequence[datetime]) -> Iterator[npt.NDArray[np.uint8]]:
    """Display codes u1 (n) at each of ``instants``, ascending, within the span of ``played``.

    A fault entered since the frame before is shown even where it is over again.
    """
    codes = played.before.copy()
    done = 0
    for instant in instants:
        until = int(np.searchsorted(played.offsets, instant.timestamp() - played.t0, side="right"))
        index, new = played.index[done:until], played.codes[done:until]
        codes[index] = new
        shown = codes.copy()
        broke = (new & 7) == Status.FAULT
        shown[index[broke]] = new[broke]
        yield shown
        done = until
