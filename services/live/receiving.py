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

LOOK_S = 0.1
"""How often it is looked whether the ingest is open."""


class Takes(Protocol):
    """What sources are received into: the ingest, as far as they need it."""

    @property
    def open(self) -> bool:
        """Whether ours is the process that writes."""

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
        self._city, self._mqtt_url, self._instance = city, mqtt_url, instance
        self.sources = [one for one in sources if one.transport != "mqtt" or one.url or mqtt_url]
        self.pushed = {one.path: one for one in self.sources if one.transport == "push"}
        self.consumers: list[Consumer] = []
        self.pollers: list[Poller] = []
        self._hearing = False
        self._looking: asyncio.Task[None] | None = None

    def _make(self) -> None:
        """Those who hear brokers and ask suppliers; each can be started once."""
        self.consumers = [
            Consumer(
                one,
                one.url or str(self._mqtt_url),
                self._city,
                self._deliver(one),
                report=partial(self._ingest.report, one.name),
                instance=self._instance,
            )
            for one in self.sources
            if one.transport == "mqtt"
        ]
        self.pollers = [
            Poller(one, self._deliver(one), report=partial(self._ingest.report, one.name))
            for one in self.sources
            if one.transport == "poll"
        ]

    def _deliver(self, source: Source) -> Callable[[Parsed, int], Awaitable[object]]:
        async def deliver(parsed: Parsed, messages: int = 1) -> object:
            return await self._ingest.submit(source.name, parsed, messages=messages)

        return deliver

    @property
    def connected(self) -> bool:
        """Whether every broker is there and sends us its messages; nobody is missed while ingest is not open.

        Connected is not enough: what is said before a new subscription is confirmed reaches nobody.
        """
        if not self._hearing:
            return not self._ingest.open or all(one.transport != "mqtt" for one in self.sources)
        return all(consumer.subscribed for consumer in self.consumers)

    @property
    def _parts(self) -> list[Consumer | Poller]:
        return [*self.consumers, *self.pollers]

    async def start(self) -> None:
        """Name every source to the ingest, then listen and ask whenever it is open."""
        for source in self.sources:
            self._ingest.declare(
                source.name,
                adapter=source.feed.name,
                transport=source.transport,
                period_s=max(1, round(source.every_s)),
                parse=partial(_read_again, source),
            )
        self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """Hear and ask while the ingest is open.

        One that stands by would take over the broker's session, of the same name, from the one that writes,
        and that one would take it back, once a second for ever.
        """
        while True:
            if self._ingest.open and not self._hearing:
                await self._take_up()
            elif self._hearing and not self._ingest.open:
                log.warning("the ingest is not open any more: brokers and suppliers are let go")
                await self._let_go()
            await asyncio.sleep(LOOK_S)

    async def _take_up(self) -> None:
        self._make()
        self._hearing = True
        _tell(await asyncio.gather(*(part.start() for part in self._parts), return_exceptions=True))

    async def _let_go(self) -> None:
        _tell(await asyncio.gather(*(part.stop() for part in self._parts), return_exceptions=True))
        self._hearing = False

    async def stop(self) -> None:
        """Let every source go; what has arrived is delivered first."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._hearing:
            await self._let_go()


def _tell(outcomes: Sequence[object]) -> None:
    """A source that could not be started or stopped costs no other one anything."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            log.error("a source did not start or stop in order: %r", outcome)


def _read_again(source: Source, payload: bytes) -> Parsed:
    """A dead letter's item as its source's adapter reads it now."""
    return source.feed.parse(payload, source.read({}))
