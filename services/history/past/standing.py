"""What is known of every asset as time goes on: keyframes laid down, changes written over them. Pure.

What is known, and what is not. A change says what an asset was from then on. A keyframe says of each asset
when it had last been heard: one that was stale by the live screens' own rule (three periods, or 30 s) had
fallen silent, and its last known state says nothing of the instant; only of what had lost contact or was out
of service is silence no news. A keyframe made while nobody could tell who was heard (Redis away) judges
nobody. Between two keyframes nobody notes who is still heard, so an asset heard at the first counts as known
until the next one judges anew, but never longer than ``SILENCE_S``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from model.states import RECORD, Freshness, Status, freshness_of
from services.history.past.change_rows import LATE_S, Changes
from services.history.past.keyframe_shelf import Keyframe

SILENCE_S = 7 * 3600.0
"""Keyframes are written at least every 6 h while states are recorded; after a longer silence nobody was
recording, and the last known state says nothing about the instant asked for."""

EXPECTED_SILENT = (Status.COMMS_LOST, Status.OUT_OF_SERVICE)

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


_MOST_ID = 4_000_000
"""Up to this id a table finds the place of an asset, which is ten times faster than a search."""


def places(ids: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Places:
    """Where each of ``wanted`` stands in the ascending ``ids``; -1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, np.intp)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, at, -1).astype(np.intp)


@dataclass(frozen=True, eq=False, slots=True)
class Turns:
    """When something began to be drawn otherwise: ``times`` f8 epoch s ascending, ``index`` intp places in
    the ids, ``status`` u1 the status known from then on (unknown where nothing is)."""

    times: Floats
    index: Places
    status: Bytes


class Standing:
    """The assets ``ids`` (i8 ascending) as they stand while keyframes and changes are taken in, in order.

    ``periods`` f8 s, same order. ``status``, ``state``, ``value`` are what was last said; ``time`` f8 epoch s
    the last evidence of each asset; ``until`` f8 the instant at which it stops being known without news.
    """

    def __init__(self, ids: npt.NDArray[np.int64], periods: Floats) -> None:
        self.ids = ids
        self.periods = periods
        self.status = np.zeros(len(ids), "u1")
        self.state = np.zeros(len(ids), "u1")
        self.value = np.full(len(ids), np.nan, "f2")
        self.time = np.zeros(len(ids), "f8")
        self.until = np.zeros(len(ids), "f8")
        self._changed = np.zeros(len(ids), "f8")
        self._table: Places | None = None
        if len(ids) and ids[-1] < _MOST_ID:
            self._table = np.full(int(ids[-1]) + 2, -1, np.intp)
            self._table[ids] = np.arange(len(ids))

    def places(self, wanted: npt.NDArray[np.int64]) -> Places:
        """Where each of ``wanted`` stands; -1 where it does not."""
        if self._table is None:
            return places(self.ids, wanted)
        if wanted is self.ids:
            return np.arange(len(self.ids))
        return self._table[np.minimum(wanted, len(self._table) - 1)]

    def known(self, at: float) -> Bytes:
        """The status of each asset known at ``at`` (epoch s, not before what was taken in), u1 (n)."""
        return np.where(self.until > at, self.status, Status.UNKNOWN).astype("u1")

    def records(self, at: float) -> npt.NDArray[np.void]:
        """RECORD (n) as known at ``at``: all zero but the value, NaN, where the asset is unknown."""
        records = np.zeros(len(self.ids), RECORD)
        known = self.until > at
        records["value"] = np.nan
        for name in ("status", "state", "value", "time"):
            records[name][known] = getattr(self, name)[known]
        return records

    def lay(self, frame: Keyframe, late: npt.NDArray[np.int64]) -> None:
        """Lay ``frame`` down. Of the assets ``late`` and of those that changed in the last minutes before it,
        the newest change stands and not the frame, which may not have known it yet."""
        stands = self._changed > frame.time - LATE_S
        at = self.places(late)
        stands[at[at >= 0]] = True
        stands &= self._changed > 0
        status, state, changed = self.status.copy(), self.state.copy(), self._changed
        self.status[:], self.state[:], self.value[:], self.time[:] = 0, 0, np.nan, 0
        at = self.places(frame.ids)
        there, records = at[at >= 0], frame.records[at >= 0]
        for name in ("status", "state", "value", "time"):
            getattr(self, name)[there] = records[name]
        self.status[stands], self.state[stands] = status[stands], state[stands]
        self.time[stands] = np.maximum(self.time[stands], changed[stands])
        self.value[stands] = np.nan
        self._judge(frame)

    def _judge(self, frame: Keyframe) -> None:
        if frame.heard:
            fresh = freshness_of(self.time.astype("u4"), self.periods, frame.time)
            heard = (fresh == Freshness.LIVE) | (fresh == Freshness.LATE)
            heard |= np.isin(self.status, EXPECTED_SILENT)
        else:
            heard = self.status != Status.UNKNOWN
        self.until = np.where(heard, frame.time + SILENCE_S, 0.0)

    def take(self, changes: Changes) -> None:
        """Write ``changes`` (in order of time) over what was known; those of other assets are left out."""
        at = self.places(changes.asset_ids)
        ours = at >= 0
        at, times = at[ours], changes.times[ours]
        self.status[at], self.state[at] = changes.status[ours], changes.state[ours]
        self.value[at] = np.nan
        self.time[at] = self._changed[at] = times
        self.until[at] = times + SILENCE_S

    def turns(self, changes: Changes, t0: float, t1: float) -> Turns:
        """Take ``changes`` of (t0, t1], between two keyframes, and tell what became known and unknown."""
        at = self.places(changes.asset_ids)
        ours = at >= 0
        turned = Turns(changes.times[ours], at[ours], changes.status[ours])
        fallen = self._falls(turned, t0, t1)
        self.take(changes)
        return joined([turned, fallen])

    def _falls(self, turned: Turns, t0: float, t1: float) -> Turns:
        """Assets that become unknown in (t0, t1] because nothing more was heard of them."""
        if not len(self.ids) or t1 < self.until[self.until > t0].min(initial=np.inf):
            return _turns([], [], [])
        index = np.concatenate([np.arange(len(self.ids)), turned.index])
        until = np.concatenate([self.until, turned.times + SILENCE_S])
        heard = np.concatenate([np.full(len(self.ids), -np.inf), turned.times])
        order = np.lexsort((heard, index))
        index, until, heard = index[order], until[order], heard[order]
        again = np.append(np.where(index[1:] == index[:-1], heard[1:], np.inf), np.inf)
        falls = (until > t0) & (until <= t1) & (until < again)
        order = np.argsort(until[falls], kind="stable")
        return _turns(until[falls][order], index[falls][order], np.full(int(falls.sum()), Status.UNKNOWN))

    def relay(self, frame: Keyframe, late: npt.NDArray[np.int64]) -> Turns:
        """Lay the next keyframe down, and tell what is known otherwise from its instant on."""
        before = self.known(frame.time)
        self.lay(frame, late)
        after = self.known(frame.time)
        index = np.flatnonzero(before != after)
        return _turns(np.full(len(index), frame.time), index, after[index])


def _turns(times: object, index: object, status: object) -> Turns:
    return Turns(np.asarray(times, "f8"), np.asarray(index, np.intp), np.asarray(status, "u1"))


def joined(parts: list[Turns]) -> Turns:
    """All turns in order of time; at equal times in the order given."""
    times = np.concatenate([part.times for part in parts])
    order = np.argsort(times, kind="stable")
    index = np.concatenate([part.index for part in parts])
    return Turns(times[order], index[order], np.concatenate([part.status for part in parts])[order])


def aware(seconds: float) -> datetime:
    """Epoch seconds as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
