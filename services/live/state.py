"""The live state in Redis: one packed record an asset, and a capped stream of what changed.

    live:{d}:snap    header ``<QII`` (sequence, layout version, count), then count x RECORD
    live:{d}:frames  stream; fields ``v`` layout version, ``d`` packed CHANGE records, ``t`` epoch in ms,
                     ``r`` trace id of the batch they came in, where there is one
    live:{d}:meta    hash; version, count, epoch (raised by every rebuild), heartbeat in ms

``d`` is the shard (the city's profile name) and the cluster hash tag, so one script may touch all three.
Redis is a cache: whatever is missing here is rebuilt from memory or from the database.
"""

import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model.errors import VigieError
from model.states import CHANGE, RECORD
from services.breaker import Breaker
from services.live import scripts
from services.live.breaker import BreakingScripts

HEADER = struct.Struct("<QII")
FRAMES_KEPT = 18_000
"""About 15 minutes at 20 ticks a second, the most the ingest makes."""
CHUNK = 5_000
"""Changes a script call, so that one call stays far under the deadline."""

Records = npt.NDArray[np.void]


class Keys(NamedTuple):
    """The three keys of one shard."""

    snap: str
    frames: str
    meta: str


def keys(shard: str) -> Keys:
    """The keys of ``shard``; the braces are the cluster's hash tag."""
    return Keys(*(f"live:{{{shard}}}:{part}" for part in ("snap", "frames", "meta")))


class LayoutMissing(VigieError):
    """Redis holds no state of this layout: flushed, restarted, or laid out anew. Rebuild it."""


@dataclass(frozen=True)
class Snap:
    """The whole state as Redis holds it: ``records`` RECORD (n), ``frame`` the newest stream id."""

    sequence: int
    version: int
    records: Records
    frame: str


class LiveState:
    """One city's live state in Redis, for the process that writes it. Not for several threads at once.

    Every wait has a deadline of 0.25 s; a call raises Unavailable when Redis is away (at once while the
    breaker is open), LayoutMissing when Redis answers but holds no state of the asked layout.
    """

    def __init__(self, url: str, shard: str, *, breaker: Breaker | None = None) -> None:
        self._redis = BreakingScripts(url, keys(shard), breaker or Breaker())

    def apply(self, version: int, changes: Records, now_ms: int, trace: str = "") -> int:
        """Apply ``changes`` (CHANGE, any length) to layout ``version``; returns how many showed.

        ``trace`` names the batch they came in, for whoever follows one message to the screen.
        """
        shown, changes = 0, in_order(changes)
        for start in range(0, len(changes), CHUNK):
            shown += self._apply_some(version, changes[start : start + CHUNK], now_ms, trace)
        return shown

    def _apply_some(self, version: int, changes: Records, now_ms: int, trace: str) -> int:
        answer = self._redis.run(scripts.APPLY, version, changes.tobytes(), FRAMES_KEPT, now_ms, trace)
        if answer[0] < 0:
            raise LayoutMissing(f"no live state of layout {version} in Redis")
        return int(answer[1])

    def rebuild(self, version: int, records: Records, now_ms: int) -> None:
        """Put the whole state (RECORD, n) of layout ``version`` in place."""
        self._redis.run(scripts.REBUILD, version, np.asarray(records, RECORD).tobytes(), FRAMES_KEPT, now_ms)

    def beat(self, version: int, now_ms: int) -> int:
        """Say that the ingest is alive; how often the state was put in place anew so far.

        LayoutMissing when the state is gone or of another layout.
        """
        epoch = int(self._redis.run(scripts.BEAT, version, now_ms))
        if not epoch:
            raise LayoutMissing(f"no live state of layout {version} in Redis")
        return epoch

    def read(self) -> Snap | None:
        """The whole state; None when Redis holds none."""
        blob, newest, _ = self._redis.run(scripts.READ)
        return parse_snap(blob, newest)

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()


def parse_snap(blob: bytes | None, newest: list[Any]) -> Snap | None:
    """The Snap in ``blob`` and the answer of XREVRANGE; None when it is missing or cut."""
    if blob is None or len(blob) < HEADER.size:
        return None
    sequence, version, count = HEADER.unpack_from(blob)
    if len(blob) < HEADER.size + count * RECORD.itemsize:
        return None
    records = np.frombuffer(blob, RECORD, count, HEADER.size).copy()
    return Snap(sequence, version, records, newest[0][0].decode() if newest else "0-0")


def packed_changes(indices: npt.NDArray[np.intp], records: Records) -> Records:
    """CHANGE records of ``indices`` out of ``records`` (RECORD, n)."""
    changes = np.zeros(len(indices), CHANGE)
    changes["index"] = indices
    for name in RECORD.names or ():
        changes[name] = records[name][indices]
    return changes


def in_order(changes: Records) -> Records:
    """``changes`` (CHANGE) with one of each index, the newest, ascending."""
    index = changes["index"].astype("i8")
    if len(index) < 2 or bool((np.diff(index) > 0).all()):
        return changes
    ordered = changes[np.lexsort((np.arange(len(changes)), changes["time"], index))]
    newest: Records = ordered[np.append(np.diff(ordered["index"].astype("i8")) != 0, True)]
    return newest
