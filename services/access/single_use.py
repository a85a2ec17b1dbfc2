"""What may be used a single time: shared through Redis, kept by each process when Redis is away."""

from collections import OrderedDict
from collections.abc import Callable

from services.access.counting import SharedCounts, unnamed, wall_clock
from services.redis_clients import Script

_KEPT = 50_000
_TAKE = Script("return redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) and 1 or 0")


class SingleUse:
    """Notes what was used. Without Redis a process knows what it saw itself."""

    def __init__(self, redis_url: str, clock: Callable[[], float] = wall_clock) -> None:
        self._shared = SharedCounts(redis_url)
        self._own: OrderedDict[str, float] = OrderedDict()
        self._clock = clock

    async def take(self, name: str, key: str, lasting_s: int) -> bool:
        """Whether ``key`` of ``name`` is used for the first time within ``lasting_s`` seconds."""
        who, now = unnamed(name, key), self._clock()
        if self._own.get(who, 0.0) > now:
            return False
        self._own[who] = now + lasting_s
        while len(self._own) > _KEPT:
            self._own.popitem(last=False)
        taken: int | None = await self._shared.run(_TAKE, [f"vigie.once:{{{who}}}"], lasting_s)
        return taken != 0

    async def close(self) -> None:
        """Let go of the connections."""
        await self._shared.close()
