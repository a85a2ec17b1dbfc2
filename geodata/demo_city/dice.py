"""Chance that can be asked again: numbers that depend on what they are for, not on the order of asking.

The past and the live senders draw the same value for the same asset and instant, so the city goes on
after its build without a jump.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_STEP = np.uint64(0x9E3779B97F4A7C15)


def dice(salt: int, *keys: Any) -> Floats:
    """Uniform numbers in [0, 1) for the broadcast integer ``keys`` (splitmix64 of all of them)."""
    with np.errstate(over="ignore"):
        mixed = np.uint64(salt) * _STEP
        for key in keys:
            mixed = _mix(mixed + np.asarray(key, "i8").astype("u8") * _STEP + _STEP)
    return np.asarray((mixed >> np.uint64(11)).astype("f8") / float(1 << 53))


def _mix(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def bell(salt: int, *keys: Any) -> Floats:
    """About normal numbers, mean 0 and deviation 1, for the broadcast ``keys``; never beyond 3.5."""
    return np.asarray((dice(salt, *keys) + dice(salt + 1, *keys) + dice(salt + 2, *keys) - 1.5) * 2.0)
