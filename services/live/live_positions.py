"""The newest position of every moving asset in Redis, and a capped stream of how they moved.

    live:{d}:positions  hash; ``v`` layout version, then live index -> packed MOVE
    live:{d}:moves      stream; fields ``v`` layout version, ``d`` packed MOVE records, ``t`` epoch in ms

The braces are the cluster's hash tag, as in ``services/live/state.py``, so one script may touch both. Redis
is a cache here too: flushed, it is filled again from the ingest's memory or the database.
"""

from typing import Any, NamedTuple

import numpy as np

from services.breaker import Breaker
from services.live.breaker import BreakingScripts
from services.live.moving import MOVE, Moves
from services.live.state import LayoutMissing
from services.redis_clients import Script

MOVES_KEPT = 2_000
"""Entries of the stream: some minutes of moves, enough for a screen to draw trails from."""


class PositionKeys(NamedTuple):
    """The two keys of one shard."""

    positions: str
    moves: str


def position_keys(shard: str) -> PositionKeys:
    """The keys of ``shard``."""
    return PositionKeys(f"live:{{{shard}}}:positions", f"live:{{{shard}}}:moves")


class KnownPositions(NamedTuple):
    """All that Redis holds: the layout ``version`` it is of, the newest MOVE of each asset, and the stream
    id from which moves go on."""

    version: int
    moves: Moves
    last_id: str


_APPLY = Script(f"""
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return -1 end
local moves, shown = ARGV[2], {{}}
for at = 1, #moves, {MOVE.itemsize} do
  local new = string.sub(moves, at, at + {MOVE.itemsize - 1})
  local index, time, lon = struct.unpack('<I4dd', new)
  local old = redis.call('HGET', KEYS[1], index)
  local known = old and struct.unpack('<d', old, 5) or -1
  if time > known or (time == known and lon ~= lon) then
    redis.call('HSET', KEYS[1], index, new)
    shown[#shown + 1] = new
  end
end
if #shown > 0 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*',
             'v', ARGV[1], 'd', table.concat(shown), 't', ARGV[4])
end
return #shown
""")
"""Newest phenomenon_time wins; at equal times only being gone (a longitude that is no number) does."""

_REBUILD = Script(f"""
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', ARGV[1])
for at = 1, #ARGV[2], {MOVE.itemsize} do
  local index = struct.unpack('<I4', ARGV[2], at)
  redis.call('HSET', KEYS[1], index, string.sub(ARGV[2], at, at + {MOVE.itemsize - 1}))
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'v', ARGV[1], 'd', '', 't', ARGV[4])
return 1
""")
"""Everything anew; the empty entry tells every follower to read the positions again."""


class LivePositions:
    """One city's live positions, for the process that writes them. Not for several threads at once.

    Every call has a deadline of 0.25 s and raises Unavailable when Redis is away (at once while the
    breaker is open), LayoutMissing when Redis answers but holds no positions of the asked layout.
    """

    def __init__(self, url: str, shard: str, *, breaker: Breaker | None = None) -> None:
        self._redis = BreakingScripts(url, position_keys(shard), breaker or Breaker())

    def apply(self, version: int, moves: Moves, now_ms: int) -> int:
        """Apply ``moves`` (MOVE, any length) to layout ``version``; returns how many were newer."""
        shown = int(self._redis.run(_APPLY, version, moves.astype(MOVE).tobytes(), MOVES_KEPT, now_ms))
        if shown < 0:
            raise LayoutMissing(f"no live positions of layout {version} in Redis")
        return shown

    def rebuild(self, version: int, moves: Moves, now_ms: int) -> None:
        """Put ``moves`` (the newest MOVE of each asset) of layout ``version`` in place of what there was."""
        self._redis.run(_REBUILD, version, moves.astype(MOVE).tobytes(), MOVES_KEPT, now_ms)

    def read(self) -> KnownPositions | None:
        """Everything Redis holds; None when it holds nothing."""
        table, newest, _ = self._redis.run(READ_POSITIONS, 0)
        return parse_positions(table, newest)

    def close(self) -> None:
        """Let go of the connection."""
        self._redis.close()


READ_POSITIONS = Script("""
return {redis.call('HGETALL', KEYS[1]), redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1),
        redis.call('XRANGE', KEYS[2], ARGV[1], '+')}
""")
"""What there is now, the newest entry of the stream, and its entries since an id (epoch in ms)."""


def parse_positions(flat: list[bytes], newest: list[Any]) -> KnownPositions | None:
    """The KnownPositions in the answers of HGETALL and XREVRANGE; None when there is none."""
    table = dict(zip(flat[::2], flat[1::2], strict=True))
    if b"v" not in table:
        return None
    packed = b"".join(value for key, value in table.items() if key != b"v" and len(value) == MOVE.itemsize)
    last = newest[0][0].decode() if newest else "0-0"
    return KnownPositions(int(table[b"v"]), np.frombuffer(packed, MOVE).copy(), last)
