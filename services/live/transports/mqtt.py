"""MQTT: takes what gateways publish, over 3.1.1 or 5, and acknowledges what is durable.

The session is persistent, so the broker keeps what we could not store; delivery is at least once, and the
history knows what it already has. paho's thread only appends; the loop is woken once a batch, and a batch is
decoded at once, delivered as one sending and acknowledged in one write.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from model.errors import BadRequest, Unavailable
from services.live.items import ITEM_MOST
from services.live.parsed import EXCERPT, Parsed, parse_joined
from services.live.quality import Reject
from services.live.sources import Source
from services.live.transports.batch_client import Arrived, BatchClient
from services.live.transports.topics import Topics

log = logging.getLogger(__name__)

QOS = 1
RETRY_S = (0.2, 5.0)
"""First and longest pause while the database is away."""
WAITING_MOST = 60_000
"""Messages waiting; past it the broker's socket is not read until there is room."""
BATCH_MOST = 10_000
BATCH_BYTES = 1_200_000
"""About as many observations, however many a message carries."""
IN_FLIGHT = 3
"""Batches delivered and not yet durable: one is read while those before are judged and stored."""
JOINED_MOST = 500
"""Messages decoded together: a bad one among them costs so many single decodes."""
GATHER_S = 0.002
"""A batch is taken when nothing came for so long, or it is full."""
GATHER_MOST_S = 0.02
DRAIN_S = 5.0
SESSION_S = 14 * 86_400
"""How long a broker of MQTT 5 keeps what waits for us."""
RECEIVE_MOST = 30_000
"""Unacknowledged messages a broker of MQTT 5 may send."""

Deliver = Callable[[Parsed, int], Awaitable[object]]
"""Takes what so many messages said; returns once durable."""
Report = Callable[[str, str], None]


def _unheard(_state: str, _detail: str = "") -> None:
    """Nobody listens to the state of the connection."""


class Consumer:
    """Takes the messages of one source and hands them to ``deliver``, which returns once durable.

    ``deliver`` raises Unavailable while the database is away: the batch is then tried again, and the broker
    keeps the rest. ``report`` hears ``ok``, ``away`` or ``refused`` with a detail, from any thread.
    Reconnects by itself. ``instance`` keeps the sessions of several ingesters apart.
    """

    def __init__(
        self,
        source: Source,
        url: str,
        city: str,
        deliver: Deliver,
        *,
        report: Report = _unheard,
        instance: str = "",
    ) -> None:
        self._source = source
        self._address = urlsplit(source.url or url)
        self._topics = Topics(source.topics, city)
        self._joins = source.feed.name == "mqtt"
        self._deliver, self._report = deliver, report
        self._client = self._made("-".join(filter(None, ("vigie-intake", city, source.name, instance))))
        self._arrived: deque[tuple[int, Arrived]] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._room = threading.Condition()
        self._connection = threading.Lock()
        self._generation = 0
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix=f"mqtt-{source.name}")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._taking: asyncio.Task[None] | None = None
        self._flights = asyncio.Semaphore(IN_FLIGHT)
        self._settling: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None
        self._stopping = False
        self.subscribed = False
        """Whether the broker is there and has confirmed that it sends us what we asked for."""

    def _made(self, client_id: str) -> BatchClient:
        address, version = self._address, _version(self._address)
        client = BatchClient(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if version == paho.MQTTv5 else False,
            protocol=version,
            manual_ack=True,
        )
        if address.username:
            client.username_pw_set(address.username, address.password)
        if address.scheme.startswith("mqtts"):
            client.tls_set()
        client.on_pre_connect = self._begin
        client.on_connect = self._subscribe
        client.on_connect_fail = lambda *_: self._report("away", "the broker does not answer")
        client.on_subscribe = self._note_subscribed
        client.on_disconnect = self._end
        client.on_arrived = self._receive
        client.reconnect_delay_set(1, 10)
        return client

    async def start(self) -> None:
        """Begin; also while the broker is away."""
        self._loop = asyncio.get_running_loop()
        self._taking = asyncio.create_task(self._take())
        self._report("starting", "")
        host, port = self._address.hostname or "127.0.0.1", self._address.port or _port(self._address)
        if _version(self._address) == paho.MQTTv5:
            kept = Properties(PacketTypes.CONNECT)
            kept.SessionExpiryInterval = SESSION_S
            kept.ReceiveMaximum = RECEIVE_MOST
            self._client.connect_async(host, port, keepalive=20, clean_start=False, properties=kept)
        else:
            self._client.connect_async(host, port, keepalive=20)
        self._client.loop_start()

    async def stop(self) -> None:
        """End: what has arrived is delivered for up to 5 s; the broker keeps what was not acknowledged."""
        self._stopping = True
        self._wake.set()
        if self._taking:
            await asyncio.wait([self._taking], timeout=DRAIN_S)
            self._taking.cancel()
            for task in self._settling:
                task.cancel()
            await asyncio.gather(self._taking, *self._settling, return_exceptions=True)
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._decoder.shutdown(wait=False)

    # In paho's thread --------------------------------------------------------------------------

    def _begin(self, *_arguments: Any) -> None:
        """A new connection: the broker counts anew, and what came before is not acknowledged on it."""
        with self._connection:
            self._generation += 1

    def _end(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._begin()
        self.subscribed = False
        if not self._stopping:
            self._report("away", str(reason))

    def _subscribe(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._report("refused", str(reason))
            return
        group = f"$share/{self._source.share}/" if self._source.share else ""
        client.subscribe([(group + topic, QOS) for topic in self._topics.filters])

    def _note_subscribed(self, _client: Any, _data: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._report("refused", f"subscription: {refused[0]}")
            return
        self.subscribed = True
        self._report("ok", "")

    def _receive(self, arrived: Arrived) -> None:
        """Keep what arrived and wake the loop; past the limit, wait: nothing is dropped, the broker waits."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        with self._room:
            first = self._waiting == 0
            self._waiting += len(arrived)
            self._arrived.append((self._generation, arrived))
        if first:
            loop.call_soon_threadsafe(self._wake.set)
        with self._room:
            self._room.wait_for(lambda: self._waiting < WAITING_MOST or self._stopping)

    # In the event loop ------------------------------------------------------------------------

    async def _take(self) -> None:
        while self._waiting or not self._stopping:
            await self._wake.wait()
            await self._gather()
            self._wake.clear()
            batch = self._next_batch()
            if self._waiting or self._stopping:
                self._wake.set()
            if batch:
                await self._start_settling(batch)
        await asyncio.gather(*self._settling)

    async def _start_settling(self, batch: list[tuple[int, Arrived]]) -> None:
        """Read ``batch`` and send it on its way; it is acknowledged after the one before."""
        loop = asyncio.get_running_loop()
        await self._flights.acquire()
        parsed = await loop.run_in_executor(self._decoder, self._parsed, [part for _, part in batch])
        task = asyncio.create_task(self._settle(batch, parsed, self._last))
        self._last = task
        self._settling.add(task)
        task.add_done_callback(self._settled)

    def _settled(self, task: "asyncio.Task[None]") -> None:
        self._settling.discard(task)
        self._flights.release()

    async def _gather(self) -> None:
        """Wait a moment for company, as long as it comes and the batch is not full."""
        began, before = time.monotonic(), -1
        while before < self._waiting < BATCH_MOST and time.monotonic() - began < GATHER_MOST_S:
            before = self._waiting
            await asyncio.sleep(GATHER_S)

    def _next_batch(self) -> list[tuple[int, Arrived]]:
        """What waits, in whole chunks, up to about a batch; and room for as much."""
        batch: list[tuple[int, Arrived]] = []
        size = heavy = 0
        with self._room:
            while self._arrived and size < BATCH_MOST and heavy < BATCH_BYTES:
                batch.append(self._arrived.popleft())
                size += len(batch[-1][1])
                heavy += sum(map(len, batch[-1][1].payloads))
            self._waiting -= size
            self._room.notify_all()
        return batch

    async def _settle(
        self, batch: Sequence[tuple[int, Arrived]], parsed: Parsed, before: "asyncio.Task[None] | None"
    ) -> None:
        """Deliver ``batch`` as one sending, then acknowledge it: in the order of arrival, as MQTT asks."""
        await self._durably(parsed, sum(len(part) for _, part in batch))
        if before is not None:
            await asyncio.wait([before])
        with self._connection:
            # An id of an earlier connection may by now be another message's, which is not durable yet.
            current = [part for generation, part in batch if generation == self._generation]
            self._client.acknowledge([mid for part in current for mid in part.mids if mid])

    async def _durably(self, parsed: Parsed, messages: int) -> None:
        pause, longest = RETRY_S
        while True:
            try:
                await self._deliver(parsed, messages)
            except Unavailable:
                log.info("%s: the batch waits for the database", self._source.name)
            except Exception:  # what is not durable is not acknowledged, whatever went wrong
                log.exception("%s: a batch could not be delivered; it is tried again", self._source.name)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    # In the decoder's thread -------------------------------------------------------------------

    def _parsed(self, batch: Sequence[Arrived]) -> Parsed:
        """What the batch says; single observations in JSON are decoded many at once."""
        plain: list[bytes] = []
        parts: list[Parsed] = []
        for arrived in batch:
            for place, (topic, payload) in enumerate(zip(arrived.topics, arrived.payloads, strict=True)):
                names = self._topics.names(topic)
                if self._joins and not names and payload[:1] == b"{" and payload[-1:] == b"}":
                    plain.append(payload)
                else:
                    kept = place in arrived.retained
                    parts.append(self._one(payload, names, None if kept else arrived.received_at))
        for at in range(0, len(plain), JOINED_MOST):
            parts += self._joined(plain[at : at + JOINED_MOST])
        return parts[0] if len(parts) == 1 else _merged(parts)

    def _joined(self, payloads: Sequence[bytes]) -> list[Parsed]:
        """Together, or each alone where one of them is a bad one."""
        joined = parse_joined(payloads)
        return [self._one(payload, {}, None) for payload in payloads] if joined is None else [joined]

    def _one(self, payload: bytes, names: Mapping[str, str], received_at: float | None) -> Parsed:
        fields = names
        if received_at is not None and self._source.wants_receipt_time:
            # A retained message has none: nobody knows how long the broker has kept it.
            fields = {**names, "received_at": datetime.fromtimestamp(received_at, UTC).isoformat()}
        try:
            return self._source.feed.parse(payload, self._source.read(fields))
        except BadRequest as error:
            return Parsed([], [Reject(0, "malformed", str(error)[:EXCERPT], payload[:ITEM_MOST])])
        except Exception as error:  # an adapter's fault costs its message, not the feed
            log.exception("adapter %s failed on a message", self._source.feed.name)
            detail = f"the adapter failed: {type(error).__name__}"
            return Parsed([], [Reject(0, "malformed", detail, payload[:ITEM_MOST])])


def _merged(parts: Sequence[Parsed]) -> Parsed:
    return Parsed(
        [one for part in parts for one in part.observations],
        [one for part in parts for one in part.rejects],
        [one for part in parts for one in part.positions],
        {note: count for part in parts for note, count in part.notes.items()},
    )


def _version(address: SplitResult) -> Any:
    return paho.MQTTv5 if address.scheme.endswith("5") else paho.MQTTv311


def _port(address: SplitResult) -> int:
    return 8883 if address.scheme.startswith("mqtts") else 1883
