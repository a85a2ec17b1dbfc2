"""Statuses, freshness and the packed records of the live state.

A status is one small integer from one table, the same in every domain; its colour, shape and letter
live in ``model/tokens.json``.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class Status(IntEnum):
    """What an asset is doing, in the order of the wire (three bits)."""

    UNKNOWN = 0
    NORMAL = 1
    ACTIVE = 2
    DEGRADED = 3
    FAULT = 4
    COMMS_LOST = 5
    MAINTENANCE = 6
    OUT_OF_SERVICE = 7

    @property
    def key(self) -> str:
        """The name used in catalogues, tokens and css: ``comms_lost``."""
        return self.name.lower()


ABNORMAL = (Status.FAULT, Status.DEGRADED, Status.COMMS_LOST)
"""Statuses that need somebody, worst first. Maintenance and out of service are known and planned."""


class Freshness(IntEnum):
    """How far a value may be trusted to be of now: age against the period of its datastream."""

    LIVE = 0
    LATE = 1
    STALE = 2
    NEVER = 3

    @property
    def key(self) -> str:
        """The name used in catalogues and css."""
        return self.name.lower()


RECORD = np.dtype([("status", "u1"), ("state", "u1"), ("value", "<f2"), ("time", "<u4")])
"""One asset in the live state, 8 bytes: status, the domain's own state code, the newest value of the
asset type's main property (NaN when none), phenomenon_time in seconds since 1970 (0: never seen)."""

CHANGE = np.dtype([("index", "<u4"), *[(name, RECORD[name]) for name in RECORD.names or ()]])
"""One change inside a frame, 12 bytes: the asset's live index, then its new record."""


CONSEQUENCE_BIT = 0x08
FRESHNESS_SHIFT = 4


def display_codes(
    status: Bytes, parent: npt.NDArray[np.int32], freshness: Bytes, cause: npt.NDArray[np.uint8] | None = None
) -> Bytes:
    """What the screens draw, one byte an asset: status (bits 0-2), consequence (3), freshness (4-5).

    ``status`` u1 (n), ``parent`` i4 (n) live index of the parent or -1, ``freshness`` u1 (n). An asset is
    a *consequence* when it is itself abnormal and its parent is in fault or has lost contact: the list
    then shows the cause once, and the map a quiet ring (field.md (d), flood and topology).
    ``cause`` may carry the status array parents are read from; by default ``status``.
    """
    upstream = status if cause is None else cause
    parent_status = np.where(parent >= 0, upstream[np.maximum(parent, 0)], Status.NORMAL)
    downed = np.isin(parent_status, (Status.FAULT, Status.COMMS_LOST))
    own = np.isin(status, ABNORMAL)
    return (
        status.astype("u1") | np.where(downed & own, CONSEQUENCE_BIT, 0) | (freshness << FRESHNESS_SHIFT)
    ).astype("u1")


def freshness_of(time: npt.NDArray[np.uint32], period: npt.NDArray[np.float64], now: float) -> Bytes:
    """Freshness of each asset from its newest phenomenon_time and its period, both in seconds, u1 (n).

    Late past 2 periods; stale past 3 periods or 30 s, whichever is later (faults.md, staleness contract);
    never when nothing was ever received. A time in the future never makes anything look fresher.
    """
    age = now - np.minimum(time.astype("f8"), now)
    late = age > 2 * period
    stale = age > np.maximum(3 * period, 30.0)
    fresh = np.where(stale, Freshness.STALE, np.where(late, Freshness.LATE, Freshness.LIVE))
    return np.where(time == 0, Freshness.NEVER, fresh).astype("u1")
