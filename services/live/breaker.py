"""A circuit breaker: after a few failures in a row nobody waits for a dead server any more."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from model.errors import Unavailable
from services.redis_clients import Argument, Script, Scripts


class Breaker:
    """Opens after ``failures`` in a row; then lets one try through every ``retry_s`` (half-open)."""

    def __init__(
        self, failures: int = 3, retry_s: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._retry_s = retry_s
        self._clock = clock
        self._failed = 0
        self._next_try = 0.0

    @property
    def closed(self) -> bool:
        """Whether calls go through as usual."""
        return self._failed < self._limit

    def allows(self) -> bool:
        """Whether a call may be tried now."""
        if self.closed:
            return True
        now = self._clock()
        if now < self._next_try:
            return False
        self._next_try = now + self._retry_s
        return True

    def note(self, *, ok: bool) -> None:
        """Tell how the call went."""
        self._failed = 0 if ok else self._failed + 1
        if not ok and not self.closed:
            self._next_try = self._clock() + self._retry_s


class BreakingScripts:
    """Scripts on the keys of one shard, behind a breaker. For one thread at a time."""

    def __init__(self, url: str, keys: Sequence[str], breaker: Breaker) -> None:
        self._redis = Scripts(url)
        self._keys = keys
        self._breaker = breaker

    def run(self, script: Script, *arguments: Argument) -> Any:
        """The answer of ``script``; Unavailable when Redis is away, at once while the breaker is open."""
        if not self._breaker.allows():
            raise Unavailable("Redis is away")
        try:
            answer = self._redis.run(script, self._keys, *arguments)
        except Unavailable:
            self._breaker.note(ok=False)
            raise
        self._breaker.note(ok=True)
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()
