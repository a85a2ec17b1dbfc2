"""How often something may be asked: a sliding minute, shared through Redis, kept on without it.

The share of the minute before that still counts is taken as even (a sliding window of two counters). Each
process counts for itself as well: when Redis goes away the counts are there already, and whoever a process
refuses by its own count is refused without asking Redis. The ``limits`` library was measured and left: its
memory looks through all its keys at every hit (1.7 ms of the loop at 20,000 addresses) and never bounds them.
"""

from collections import Counter
from collections.abc import Callable

from services.access.counting import SharedCounts, unnamed, wall_clock
from services.redis_clients import Script

WINDOW_S = 60
KEYS_KEPT = 50_000
_SHELVES = 4_096

_HIT = Script(
    """
    local now = tonumber(redis.call('GET', KEYS[1]) or 0)
    local before = tonumber(redis.call('GET', KEYS[2]) or 0)
    if before * tonumber(ARGV[2]) + now + 1 > tonumber(ARGV[1]) then return 0 end
    redis.call('INCR', KEYS[1])
    redis.call('EXPIRE', KEYS[1], 120)
    return 1
    """
)


class OwnRates:
    """The counts of this process: of this minute and the one before, so that nothing has to be swept."""

    def __init__(self) -> None:
        self._window = 0
        self._now: Counter[str] = Counter()
        self._before: Counter[str] = Counter()

    def hit(self, key: str, per_minute: int, window: int, left: float) -> bool:
        """Count one of ``key`` in minute ``window``, of which the share ``left`` is still to come; whether it
        is within ``per_minute``. What is refused does not count."""
        if window != self._window:
            self._before = self._now if window == self._window + 1 else Counter()
            self._now, self._window = Counter(), window
        shelf = self._shelf(key)
        if self._before[shelf] * left + self._now[shelf] + 1 > per_minute:
            return False
        self._now[shelf] += 1
        return True

    def _shelf(self, key: str) -> str:
        """Where ``key`` is counted: past the bound it shares a count with others, and still is limited."""
        if key in self._now or len(self._now) < KEYS_KEPT:
            return key
        return f"shared-{int(key[:8], 16) % _SHELVES}"


class Rates:
    """Rate limits by a name of what is asked and a key of who asks."""

    def __init__(self, redis_url: str, clock: Callable[[], float] = wall_clock) -> None:
        self._shared = SharedCounts(redis_url)
        self._own = OwnRates()
        self._clock = clock

    async def allow(self, name: str, key: str, per_minute: int) -> bool:
        """Whether ``key`` may ask ``name`` once more, at most ``per_minute`` times within a minute.

        Raises nothing: without Redis each process limits by what it counted itself.
        """
        now = self._clock()
        window, gone = int(now // WINDOW_S), now % WINDOW_S / WINDOW_S
        who = unnamed(name, key)
        if not self._own.hit(who, per_minute, window, 1 - gone):
            return False
        keys = [f"vigie.rate:{{{who}}}:{window}", f"vigie.rate:{{{who}}}:{window - 1}"]
        answer = await self._shared.run(_HIT, keys, per_minute, 1 - gone)
        return answer is None or answer == 1

    def allow_here(self, name: str, key: str, per_minute: int) -> bool:
        """As ``allow``, counted by this process alone, for what is asked too often to ask Redis each time."""
        now = self._clock()
        window, gone = int(now // WINDOW_S), now % WINDOW_S / WINDOW_S
        return self._own.hit(unnamed("here", name, key), per_minute, window, 1 - gone)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._shared.close()
