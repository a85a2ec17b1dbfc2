"""Reading what a replay needs, and running it: from the newest keyframe before a span to the span's end."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.domains import ASSET_TYPES
from services.history.past.change_rows import LATE_S, Changes, late_between, newest_changes
from services.history.past.change_shelf import ChangeShelf, Hours
from services.history.past.keyframe_shelf import Frames, Keyframe, KeyframeShelf
from services.history.past.scoped_shelves import ScopedChanges, ScopedKeyframes, Visible
from services.history.past.standing import SILENCE_S, Standing, Turns, joined, places

_OVERLAP = timedelta(seconds=LATE_S)
_SILENCE = timedelta(seconds=SILENCE_S)
_LONGEST_PERIOD_S = 3_600.0


@dataclass(frozen=True, eq=False, slots=True)
class Reel:
    """What is on record of (t0, t1] and what it rests on, t1 included.

    ``frames`` the newest keyframe not after t0 (if any), then those up to t1; ``changes`` from a little
    before the first of them; ``late`` rows (asset id, phenomenon_time, received_at) that a keyframe
    may not have known; ``before`` the newest change of each asset that the first keyframe is mistaken about.
    """

    frames: list[Keyframe]
    changes: Changes
    late: npt.NDArray[np.float64]
    before: Changes

    @property
    def newest(self) -> float | None:
        """The newest thing received (epoch s); None when there is nothing."""
        times = [float(self.changes.times[-1])] if len(self.changes) else []
        return max([*times, *(frame.time for frame in self.frames)], default=None)

    def late_at(self, at: float) -> npt.NDArray[np.int64]:
        """The assets of which a change before ``at`` (epoch s) was received only after it."""
        happened = (self.late[:, 1] <= at) & (self.late[:, 2] > at)
        found: npt.NDArray[np.int64] = np.unique(self.late[happened, 0]).astype("i8")
        return found

    def ids(self) -> npt.NDArray[np.int64]:
        """Every asset it speaks of, i8 ascending."""
        parts = {id(frame.ids): frame.ids for frame in self.frames}
        if len(parts) == 1 and bool(np.isin(self.changes.asset_ids, self.frames[0].ids).all()):
            return self.frames[0].ids
        found: npt.NDArray[np.int64] = np.unique(np.concatenate([*parts.values(), self.changes.asset_ids]))
        return found


@dataclass(frozen=True, slots=True)
class Shelves:
    """What was read before and may be needed again, in bounded memory."""

    frames: Frames = field(default_factory=KeyframeShelf)
    changes: Hours = field(default_factory=ChangeShelf)

    @property
    def nbytes(self) -> int:
        """What they hold in memory."""
        return self.frames.bytes + self.changes.bytes

    def scoped(self) -> "Shelves":
        """The same for connections bound to a scope: read once for all, cut to what they may see."""
        visible = Visible()
        return Shelves(ScopedKeyframes(self.frames, visible), ScopedChanges(self.changes, visible))


def read_reel(connection: Connection, shelves: Shelves, t0: datetime, t1: datetime) -> Reel:
    """Read the reel of (t0, t1] (aware instants)."""
    frames = shelves.frames.spanning(connection, t0, t1)
    earlier = bool(frames) and frames[0].at <= t0
    first = frames[0].at - _OVERLAP if earlier else t0 - _SILENCE
    changes = shelves.changes.between(connection, first, t1)
    if not frames:
        return Reel(frames, changes, np.empty((0, 3)), changes.between(0, 0))
    late = late_between(connection, frames[0].at, t1)
    reel = Reel(frames, changes, late, changes.between(0, 0))
    mistaken = reel.late_at(frames[0].time)
    return Reel(frames, changes, late, newest_changes(connection, mistaken, min(t0, frames[0].at)))


def begin(reel: Reel, ids: npt.NDArray[np.int64], periods: npt.NDArray[np.float64], t0: float) -> Standing:
    """The assets ``ids`` (i8 ascending, ``periods`` f8 s) as they stood at ``t0`` (epoch s), the reel's."""
    standing = Standing(ids, periods)
    if not reel.frames or reel.frames[0].time > t0:
        standing.take(reel.before)
        standing.take(reel.changes.between(-np.inf, t0))
        return standing
    first = reel.frames[0]
    standing.take(reel.changes.between(-np.inf, first.time))
    standing.take(reel.before)
    standing.lay(first, reel.late_at(first.time))
    standing.take(reel.changes.between(first.time, t0))
    return standing


def play(reel: Reel, standing: Standing, t0: float, t1: float) -> Turns:
    """Everything that became known otherwise in (t0, t1]; ``standing``, at t0, stands at t1 afterwards."""
    return joined(list(_segments(reel, standing, t0, t1)))


def _segments(reel: Reel, standing: Standing, t0: float, t1: float) -> Iterator[Turns]:
    at = t0
    for frame in reel.frames:
        if frame.time <= t0:
            continue
        yield standing.turns(reel.changes.between(at, frame.time), at, frame.time)
        yield standing.relay(frame, reel.late_at(frame.time))
        at = frame.time
    yield standing.turns(reel.changes.between(at, t1), at, t1)


class Periods:
    """How often each asset should be heard, read anew when the layout changes. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._ids = np.empty(0, "i8")
        self._periods = np.empty(0, "f8")

    def of(self, connection: Connection, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The period of each of ``ids`` in seconds, f8; an hour for an asset no registry knows."""
        version = int(connection.scalar(_VERSION) or 0)
        with self._lock:
            if version != self._version:
                self._read(connection)
                self._version = version
            known, periods = self._ids, self._periods
        at = places(known, ids)
        return np.where(at >= 0, periods[at] if len(periods) else _LONGEST_PERIOD_S, _LONGEST_PERIOD_S)

    def _read(self, connection: Connection) -> None:
        rows = connection.execute(_TYPES).all()
        self._ids = np.array([row[0] for row in rows], "i8")
        self._periods = np.array([ASSET_TYPES[row[1]].period_s for row in rows], "f8")


_VERSION = text("SELECT version FROM layout WHERE id = 1")
_TYPES = text("SELECT id, asset_type FROM asset ORDER BY id")
