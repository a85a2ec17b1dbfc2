"""What the evaluator is fed with and what it tells, as numpy rows; how those of one asset follow."""

from typing import Any

import numpy as np
import numpy.typing as npt

CHANGES = np.dtype([("index", "<i8"), ("time", "<f8"), ("status", "u1"), ("state", "u1")])
"""State changes: live index, when (epoch s), status and the asset type's own state code."""

READINGS = np.dtype([("index", "<i8"), ("slot", "u1"), ("time", "<f8"), ("value", "<f8")])
"""Readings: ``slot`` is the place of the property in its type's ``properties``."""

TURNS = np.dtype(
    [("rule", "<i4"), ("index", "<i8"), ("area", "<i4"), ("time", "<f8"), ("active", "?"), ("state", "u1"),
     ("value", "<f8")]
)  # fmt: skip
"""What turned: ``rule`` is its place among the rules, ``index`` -1 and ``area`` an area id where a whole area
is in alarm. ``state`` 255 and ``value`` NaN: not known."""

RAW = np.dtype([("member", "<i8"), ("time", "<f8"), ("on", "?"), ("state", "u1"), ("value", "<f8")])
"""Whether a condition holds, before delays: ``member`` is a rule's own place for an asset."""

NO_STATE = 255

Rows = npt.NDArray[np.void]
Indices = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]


def raw(member: Any, time: Any, on: Any, state: Any = NO_STATE, value: Any = np.nan) -> Rows:
    """RAW rows of these columns."""
    rows = np.zeros(len(member), RAW)
    rows["member"], rows["time"], rows["on"] = member, time, on
    rows["state"], rows["value"] = state, value
    return rows


def in_order(rows: Rows, key: str) -> Rows:
    """``rows`` by ``key``, and of each in order of time; equal ones as they came."""
    by_time = np.argsort(rows["time"], kind="stable")
    keys = rows[key][by_time]
    if len(keys) and keys.min() >= 0 and keys.max() < 1 << 16:
        # Short keys are sorted by their digits: in three quarters of the time.
        keys = keys.astype("u2")
    return rows[by_time[np.argsort(keys, kind="stable")]]


def begins(keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where a new key begins in sorted ``keys``."""
    first = np.ones(len(keys), "?")
    first[1:] = keys[1:] != keys[:-1]
    return first


def ends(keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where a key ends in sorted ``keys``."""
    last = np.ones(len(keys), "?")
    last[:-1] = keys[1:] != keys[:-1]
    return last
