"""Every source of a city, received: who pushes is known by path, brokers are heard, suppliers asked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

from services.live.parsed import Parsed
from services.live.sources import Source
from services.live.transports.mqtt import Consumer
from services.live.transports.polling import Poller

log = logging.getLogger(__name__)


class Takes(Protocol):
    """What sources are received into: the ingest, as far as they need it."""

    def declare(
        self,
        source: str,
        *,
        adapter: str,
        transport: str,
        period_s: int,
        parse: Callable[[bytes], Parsed] | None = None,
    ) -> None:
        """Name a source at start, and how its payloads are read again."""

    def report(self, source: str, state: str, detail: str = "") -> None:
        """The state of its transport changed."""

    def submit(self, source: str, parsed: Parsed, *, messages: int = 1) -> Awaitable[object]:
        """Hand over what it sent; returns once durable, raises Unavailable."""


class Receiving:
    """Receives ``sources`` of ``city`` into ``ingest``; ``mqtt_url`` is the broker of those that name none.

    ``instance`` keeps the broker's sessions of several ingest processes apart.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        ingest: Takes,
        *,
        city: str,
        mqtt_url: str | None = None,
        instance: str = "",
    ) -> None:
        self._ingest = ingest
        self.sources = [one for one in sources if one.transport != "mqtt" or one.url or mqtt_url]
        self.pushed = {one.path: one for one in self.sources if one.transport == "push"}
        self.consumers = [
            Consumer(
                one,
                one.url or str(mqtt_url),
                city,
                self._deliver(one),
                report=partial(ingest.report, one.name),
                instance=instance,
            )
            for one in self.sources
            if one.transport == "mqtt"
        ]
        self.pollers = [
            Poller(one, self._deliver(one), report=partial(ingest.report, one.name))
            for one in self.sources
            if one.transport == "poll"
        ]

    def _deliver(self, source: Source) -> Callable[[Parsed, int], Awaitable[object]]:
        async def deliver(parsed: Parsed, messages: int = 1) -> object:
            return await self._ingest.submit(source.name, parsed, messages=messages)

        return deliver

    @property
    def connected(self) -> bool:
        """Whether every broker is there."""
        return all(consumer.connected for consumer in self.consumers)

    @property
    def _parts(self) -> list[Consumer | Poller]:
        return [*self.consumers, *self.pollers]

    async def start(self) -> None:
        """Name every source to the ingest, then listen and ask."""
        for source in self.sources:
            self._ingest.declare(
                source.name,
                adapter=source.feed.name,
                transport=source.transport,
                period_s=max(1, round(source.every_s)),
                parse=partial(_read_again, source),
            )
        for part in self._parts:
            await part.start()

    async def stop(self) -> None:
        """Let every source go; what has arrived is delivered first."""
        for done in await asyncio.gather(*(part.stop() for part in self._parts), return_exceptions=True):
            if isinstance(done, BaseException):
                log.error("a source did not stop in order: %r", done)


def _read_again(source: Source, payload: bytes) -> Parsed:
    """A dead letter's item as its source's adapter reads it now."""
    return source.feed.parse(payload, source.read({}))
