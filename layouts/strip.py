"""The last 24 hours, from the history's density to the strip's properties. Pure."""

from collections.abc import Iterable
from typing import Any

from model.series import Density


def strip_properties(density: Density, days: Iterable[tuple[float, float]], now: float) -> tuple[Any, ...]:
    """``DayStrip``'s times, step, fault, degraded, comms_lost, other, days, now and state.

    ``days`` are sunrise and sunset in epoch seconds, ``now`` the end of what is known.
    """
    return (
        [int(t) for t in density.times],
        density.step_s,
        density.fault.tolist(),
        density.degraded.tolist(),
        density.comms_lost.tolist(),
        density.other.tolist(),
        [[int(rise), int(fall)] for rise, fall in days],
        now,
        "ready",
    )
