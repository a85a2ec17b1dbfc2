"""The live state in Redis: one packed record an asset, and a capped stream of what changed.

    live:{d}:snap    header ``<QII`` (sequence, layout version, count), then count x RECORD
    live:{d}:frames  stream; fields ``v`` layout version, ``d`` packed CHANGE records, ``t`` epoch in ms
    live:{d}:meta    hash; version, count, epoch (raised by every rebuild), heartbeat in ms

``d`` is the shard (the city's profile name) and the cluster hash tag, so one script may touch all three.
Redis is a cache: whatever is missing here is rebuilt from memory or from the database.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from model.errors import Unavailable, VigieError
from model.states import CHANGE, RECORD
from services.live.breaker import Breaker

HEADER = struct.Struct("<QII")
DEADLINE_S = 0.25
FRAMES_KEPT = 18_000
"""About 15 minutes at 20 ticks a second, the most the ingest makes."""
CHUNK = 5_000
"""Changes a script call, so that one call stays far under the deadline."""

Records = npt.NDArray[np.void]
T = TypeVar("T")


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


_APPLY = """
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if #head < 16 then return {-1} end
local sequence, version, count = struct.unpack('<I8I4I4', head)
if version ~= tonumber(ARGV[1]) then return {-1} end
local changes, shown = ARGV[2], {}
for at = 1, #changes, 12 do
  local index = struct.unpack('<I4', changes, at)
  if index < count then
    local place = 16 + index * 8
    local old = redis.call('GETRANGE', KEYS[1], place, place + 7)
    local new = string.sub(changes, at + 4, at + 11)
    if new ~= old and struct.unpack('<I4', new, 5) >= struct.unpack('<I4', old, 5) then
      redis.call('SETRANGE', KEYS[1], place, new)
      if string.sub(new, 1, 4) ~= string.sub(old, 1, 4) then
        shown[#shown + 1] = string.sub(changes, at, at + 11)
      end
    end
  end
end
sequence = sequence + 1
redis.call('SETRANGE', KEYS[1], 0, struct.pack('<I8', sequence))
if #shown > 0 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*',
             'v', ARGV[1], 'd', table.concat(shown), 't', ARGV[4])
end
return {sequence, #shown}
"""
"""Newest phenomenon_time wins, at equal times the last to arrive; only what shows goes into a frame."""

_REBUILD = """
local head, sequence = redis.call('GETRANGE', KEYS[1], 0, 7), 0
if #head == 8 then sequence = struct.unpack('<I8', head) end
local count = #ARGV[2] / 8
redis.call('SET', KEYS[1], struct.pack('<I8I4I4', sequence + 1, tonumber(ARGV[1]), count) .. ARGV[2])
redis.call('HSET', KEYS[3], 'version', ARGV[1], 'count', count, 'heartbeat', ARGV[4])
redis.call('HINCRBY', KEYS[3], 'epoch', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'v', ARGV[1], 'd', '', 't', ARGV[4])
return sequence + 1
"""
"""Everything anew; the empty frame tells every follower to read the whole state again."""

_BEAT = """
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if #head < 16 then return 0 end
local _, version = struct.unpack('<I8I4', head)
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[3], 'heartbeat', ARGV[2])
return 1
"""


def client_options(deadline_s: float = DEADLINE_S) -> dict[str, Any]:
    """Deadlines for a Redis client: the default waits for ever on a hung server (faults.md 2.1)."""
    return {"socket_timeout": deadline_s, "socket_connect_timeout": deadline_s}


class LiveState:
    """One city's live state in Redis, for the process that writes it. Not for several threads at once.

    Every call has a deadline of 0.25 s and raises Unavailable when Redis is away (at once while the
    breaker is open), LayoutMissing when Redis answers but holds no state of the asked layout.
    """

    def __init__(self, url: str, shard: str, *, breaker: Breaker | None = None) -> None:
        self._client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **client_options())
        self._keys = keys(shard)
        self._breaker = breaker or Breaker()
        self._apply = self._client.register_script(_APPLY)
        self._rebuild = self._client.register_script(_REBUILD)
        self._beat = self._client.register_script(_BEAT)

    def _call(self, ask: Callable[[], T]) -> T:
        if not self._breaker.allows():
            raise Unavailable("Redis is away")
        try:
            answer = ask()
        except (redis.RedisError, OSError) as error:
            self._breaker.note(ok=False)
            raise Unavailable(f"Redis is away: {type(error).__name__}") from None
        self._breaker.note(ok=True)
        return answer

    def apply(self, version: int, changes: Records, now_ms: int) -> int:
        """Apply ``changes`` (CHANGE, any length) to layout ``version``; returns how many showed."""
        shown = 0
        for start in range(0, len(changes), CHUNK):
            shown += self._apply_some(version, changes[start : start + CHUNK], now_ms)
        return shown

    def _apply_some(self, version: int, changes: Records, now_ms: int) -> int:
        arguments: list[int | bytes] = [version, changes.tobytes(), FRAMES_KEPT, now_ms]
        answer = self._call(lambda: self._apply(keys=self._keys, args=arguments))
        if answer[0] < 0:
            raise LayoutMissing(f"no live state of layout {version} in Redis")
        return int(answer[1])

    def rebuild(self, version: int, records: Records, now_ms: int) -> None:
        """Put the whole state (RECORD, n) of layout ``version`` in place."""
        arguments: list[int | bytes] = [version, np.asarray(records, RECORD).tobytes(), FRAMES_KEPT, now_ms]
        self._call(lambda: self._rebuild(keys=self._keys, args=arguments))

    def beat(self, version: int, now_ms: int) -> None:
        """Say that the ingest is alive; LayoutMissing when the state is gone or of another layout."""
        if not self._call(lambda: self._beat(keys=self._keys, args=[version, now_ms])):
            raise LayoutMissing(f"no live state of layout {version} in Redis")

    def read(self) -> Snap | None:
        """The whole state; None when Redis holds none."""
        return parse_snap(*self._call(self._read))

    def _read(self) -> tuple[bytes | None, list[Any]]:
        with self._client.pipeline(transaction=True) as pipe:
            pipe.get(self._keys.snap)
            pipe.xrevrange(self._keys.frames, count=1)
            blob, newest = pipe.execute()
        return blob, newest

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


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
