"""Following the live state in Redis from a web process: whole, then frame by frame. Async, read only."""

import time
from collections.abc import Awaitable
from typing import Any, NamedTuple, TypeVar

import numpy as np
import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from model.errors import Unavailable
from model.states import CHANGE
from services.live.state import Records, Snap, client_options, keys, parse_snap

BLOCK_MS = 500
AT_ONCE = 500
SILENT_S = 3.5
"""The writer's pulse is older: nobody takes observations in, so what is shown is not live."""

T = TypeVar("T")


class Tick(NamedTuple):
    """One entry of the stream: its id, the layout it is of, and its changes (CHANGE). None at all means
    that the state was put in place anew."""

    id: str
    version: int
    changes: Records


class Pulse(NamedTuple):
    """What the writer says of itself: layout version, rebuilds so far, and its last heartbeat (ms)."""

    version: int
    epoch: int
    heartbeat: int


class Heartbeat:
    """Whether the writer lives, by its pulse as seen from here: clocks of two machines are not compared."""

    def __init__(self) -> None:
        self._known: Pulse | None = None
        self._heard_at = -SILENT_S

    def note(self, pulse: Pulse | None) -> None:
        """The pulse counts from when it was seen to move; the first only if it is of now."""
        known, self._known = self._known, pulse
        if pulse is None or (known and known.heartbeat == pulse.heartbeat):
            return
        if known or abs(time.time() - pulse.heartbeat / 1000) < SILENT_S:
            self._heard_at = time.monotonic()

    def alive(self, now: float) -> bool:
        """Whether it was heard lately; ``now`` is of the monotonic clock, s."""
        return now - self._heard_at < SILENT_S


class Follower:
    """Reads one shard. Every call ends within its deadline, with Unavailable when Redis is away."""

    def __init__(self, url: str, shard: str) -> None:
        self._keys = keys(shard)
        self._client = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **client_options())
        patience = client_options(BLOCK_MS / 1000 + 0.5)
        self._waiting = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patience)

    async def read(self) -> tuple[Snap | None, Pulse | None]:
        """The whole state and the writer's pulse, as of one instant."""
        pipe = self._client.pipeline(transaction=True)
        pipe.get(self._keys.snap)
        pipe.xrevrange(self._keys.frames, count=1)
        pipe.hgetall(self._keys.meta)
        blob, newest, meta = await asked(pipe.execute())
        return parse_snap(blob, newest), _pulse(meta)

    async def pulse(self) -> Pulse | None:
        """The writer's pulse; None when there is none."""
        return _pulse(await asked(self._client.hgetall(self._keys.meta)))

    async def after(self, last_id: str) -> list[Tick]:
        """What came after ``last_id``; waits up to half a second for it."""
        wanted: dict[Any, Any] = {self._keys.frames: last_id}
        answer = await asked(self._waiting.xread(wanted, count=AT_ONCE, block=BLOCK_MS))
        return [_tick(id_, fields) for _, entries in streams(answer) for id_, fields in entries]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()
        await self._waiting.aclose()


async def asked(answer: Awaitable[T]) -> T:
    """The answer of Redis, or Unavailable when it is away."""
    try:
        return await answer
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"Redis is away: {type(error).__name__}") from None


def streams(answer: Any) -> list[Any]:
    """The streams in an answer of XREAD, whichever form the protocol gave it: (name, entries) each."""
    return list(answer.items()) if isinstance(answer, dict) else list(answer or ())


def _tick(id_: bytes, fields: dict[bytes, bytes]) -> Tick:
    packed = fields.get(b"d", b"")
    usable = len(packed) - len(packed) % CHANGE.itemsize
    return Tick(id_.decode(), int(fields.get(b"v", 0)), np.frombuffer(packed[:usable], CHANGE))


def _pulse(meta: dict[Any, Any]) -> Pulse | None:
    if not meta:
        return None
    return Pulse(*(int(meta.get(name, 0)) for name in (b"version", b"epoch", b"heartbeat")))
