"""Counts all web processes share through Redis; each keeps its own beside them, for when Redis is away."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from model.errors import Unavailable
from services.breaker import Breaker
from services.redis_clients import DEADLINE_S, Argument, AsyncScripts, Script


class SharedCounts:
    """Scripts on the counts in Redis, within ``DEADLINE_S``, behind a breaker: nobody waits for a dead or a
    hung Redis twice. For coroutines of one loop."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        self._redis = AsyncScripts(url)
        self._breaker = breaker or Breaker()

    async def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
        """The answer of ``script``; None when Redis did not give it in time (no script here answers nil)."""
        if not self._breaker.allows():
            return None
        try:
            # Of the whole: to connect, to load the script and to run it may each take the client's deadline.
            async with asyncio.timeout(DEADLINE_S):
                answer = await self._redis.run(script, keys, *arguments)
        except (Unavailable, TimeoutError):
            self._breaker.note(ok=False)
            return None
        self._breaker.note(ok=True)
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.close()


def unnamed(*parts: str) -> str:
    """A short name for ``parts`` that tells nothing of them: what is typed as a login may be a password."""
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=12).hexdigest()


def network_of(address: str) -> str:
    """What counts as one sender: an IPv4 address, the /64 of an IPv6 address (one subscriber has it whole).

    Empty where senders cannot be told apart: a unix socket, or the loopback of a proxy that does not say for
    whom it asks. Counting those together would let one sender lock out all the others.
    """
    try:
        known = ip_address(address.strip("[]"))
    except ValueError:
        return ""
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    if known.is_loopback:
        return ""
    return str(ip_network(f"{known}/64", strict=False)) if known.version == 6 else str(known)


wall_clock = time.time
"""Seconds since 1970: processes on several hosts write the same counts."""
