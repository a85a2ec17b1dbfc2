"""The scripts of one shard, behind a circuit breaker."""

from collections.abc import Sequence
from typing import Any

from model.errors import Unavailable
from services.breaker import Breaker
from services.redis_clients import Argument, Script, Scripts


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
