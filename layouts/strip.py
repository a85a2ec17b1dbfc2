"""Timelines: the load of alarms and the density of changes, as their properties. Pure."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from model.series import Density


class Load(Protocol):
    """Alarms by priority over time, and when so many are a flood."""

    @property
    def times(self) -> npt.NDArray[np.int64]:
        """Where each bar begins, epoch s."""

    @property
    def step_s(self) -> int:
        """How long a bar is."""

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """(n, 4) by priority from 1, in ten minutes."""

    @property
    def threshold(self) -> int:
        """The line of a flood: so many in ten minutes."""


def load_properties(load: Load) -> dict[str, Any]:
    """``load`` as ``vigie.alarmBars`` draws it."""
    return {
        "times": load.times.tolist(),
        "step": load.step_s,
        "counts": load.counts.tolist(),
        "threshold": load.threshold,
    }


def strip_properties(
    density: Density, load: Load, days: Iterable[tuple[float, float]], now: float
) -> tuple[Any, ...]:
    """``DayStrip``'s times, step, changes, alarms, days, now and state.

    ``days`` are sunrise and sunset in epoch seconds, ``now`` the end of what is known.
    """
    changes = density.fault + density.degraded + density.comms_lost + density.other
    return (
        [int(t) for t in density.times],
        density.step_s,
        changes.tolist(),
        load_properties(load),
        [[int(rise), int(fall)] for rise, fall in days],
        now,
        "ready",
    )
