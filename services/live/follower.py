"""Following the live state in Redis from a web process: whole, then frame by frame. Async, read only."""

from typing import NamedTuple

import numpy as np

from model.states import CHANGE
from services.live import scripts
from services.live.state import Records, Snap, keys, parse_snap
from services.redis_clients import AsyncScripts

BLOCK_MS = 500
AT_ONCE = 500


class Tick(NamedTuple):
    """One entry of the stream: its id, the layout it is of, and its changes (CHANGE). None at all means
    that the state was put in place anew. ``trace`` names the batch they came in, "" when it has no name."""

    id: str
    version: int
    changes: Records
    trace: str = ""


class Pulse(NamedTuple):
    """What the writer says of itself: layout version, rebuilds so far, and its last heartbeat (ms)."""

    version: int
    epoch: int
    heartbeat: int


class Follower:
    """Reads one shard. Every call ends within its deadline, with Unavailable when Redis is away."""

    def __init__(self, url: str, shard: str) -> None:
        self._keys = keys(shard)
        self._asking = AsyncScripts(url)
        self._waiting = AsyncScripts(url, BLOCK_MS / 1000 + 0.5)

    async def read(self) -> tuple[Snap | None, Pulse | None]:
        """The whole state and the writer's pulse, as of one instant."""
        blob, newest, meta = await self._asking.run(scripts.READ, self._keys)
        return parse_snap(blob, newest), _pulse(meta)

    async def pulse(self) -> Pulse | None:
        """The writer's pulse; None when there is none."""
        return _pulse(await self._asking.run(scripts.PULSE, self._keys))

    async def after(self, last_id: str) -> list[Tick]:
        """What came after ``last_id``; waits up to half a second for it."""
        entries = await self._waiting.newer(self._keys.frames, last_id, AT_ONCE, BLOCK_MS)
        return [_tick(id_, fields) for id_, fields in entries]

    async def close(self) -> None:
        """Let go of the connections."""
        await self._asking.close()
        await self._waiting.close()


def _tick(id_: bytes, fields: dict[bytes, bytes]) -> Tick:
    packed = fields.get(b"d", b"")
    usable = len(packed) - len(packed) % CHANGE.itemsize
    changes = np.frombuffer(packed[:usable], CHANGE)
    return Tick(id_.decode(), int(fields.get(b"v", 0)), changes, fields.get(b"r", b"").decode())


def _pulse(flat: list[bytes]) -> Pulse | None:
    if not flat:
        return None
    meta = dict(zip(flat[::2], flat[1::2], strict=True))
    return Pulse(*(int(meta.get(name, 0)) for name in (b"version", b"epoch", b"heartbeat")))
