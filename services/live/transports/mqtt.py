"""MQTT: observations of field gateways on ``vigie/<city>/<asset type>``, one or many a message.

The session is persistent and a message is acknowledged only once its batch is durable, so the broker keeps
what we could not store. Delivery is at least once; the history knows what it already has.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from model.errors import BadRequest, Unavailable
from services.live.parsed import EXCERPT, PLAIN, Parsed, Reading, parse_json
from services.live.quality import Reject

log = logging.getLogger(__name__)

QOS = 1
RETRY_S = (0.2, 5.0)
"""First and longest pause while the database is away."""
WAITING_MOST = 10_000

Deliver = Callable[[Parsed], Awaitable[object]]


def parse(payload: bytes, reading: Reading = PLAIN) -> Parsed:
    """Vigie's own JSON of observations; an empty message or one that is no JSON is one reject."""
    try:
        return parse_json(payload)
    except BadRequest as error:
        excerpt = payload[:EXCERPT].decode("utf-8", "replace")
        return Parsed([], [Reject(0, "malformed", f"{error}: {excerpt}", payload)])


class _Message(NamedTuple):
    mid: int
    qos: int
    payload: bytes


class Consumer:
    """Takes the messages of ``vigie/<city>/#`` and hands them to ``deliver``, which returns once durable.

    ``deliver`` raises Unavailable while the database is away: the message is then tried again, and the
    broker keeps the rest. Reconnects by itself.
    """

    def __init__(self, url: str, city: str, deliver: Deliver) -> None:
        self._address = urlsplit(url)
        self._topic = f"vigie/{city}/#"
        self._deliver = deliver
        self._messages: asyncio.Queue[_Message] = asyncio.Queue(WAITING_MOST)
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"vigie-intake-{city}",
            clean_session=False,
            protocol=paho.MQTTv311,
            manual_ack=True,
        )
        if self._address.username:
            self._client.username_pw_set(self._address.username, self._address.password)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = self._note_subscribed
        self._client.on_message = self._receive
        self._client.reconnect_delay_set(1, 10)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.subscribed = False
        self._taking: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return bool(self._client.is_connected())

    async def start(self) -> None:
        """Begin; also while the broker is away."""
        self._loop = asyncio.get_running_loop()
        self._taking = asyncio.create_task(self._take())
        host, port = self._address.hostname or "127.0.0.1", self._address.port or 1883
        self._client.connect_async(host, port, keepalive=20)
        self._client.loop_start()

    async def stop(self) -> None:
        """End; the broker keeps what was not acknowledged."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        if self._taking:
            self._taking.cancel()
            await asyncio.gather(self._taking, return_exceptions=True)

    def _subscribe(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(self._topic, QOS)

    def _note_subscribed(self, *_arguments: Any) -> None:
        self.subscribed = True

    def _receive(self, _client: Any, _data: Any, message: Any) -> None:
        """In paho's thread: hand the message over to the event loop."""
        if self._loop and not self._loop.is_closed():
            one = _Message(message.mid, message.qos, message.payload)
            self._loop.call_soon_threadsafe(self._enqueue, one)

    def _enqueue(self, one: _Message) -> None:
        # The broker sends no more than its in-flight limit before we acknowledge; should it send more,
        # what does not fit is not acknowledged, and comes again with the next session.
        if self._messages.full():
            log.warning("too many MQTT messages wait; the broker will send this one again")
            return
        self._messages.put_nowait(one)

    async def _take(self) -> None:
        while True:
            messages = [await self._messages.get()]
            while not self._messages.empty():
                messages.append(self._messages.get_nowait())
            await self._store(messages)

    async def _store(self, messages: list[_Message]) -> None:
        """Deliver what waits as one sending, then acknowledge in the order of arrival."""
        parsed = [parse(message.payload) for message in messages]
        whole = Parsed(
            [observation for part in parsed for observation in part.observations],
            [reject for part in parsed for reject in part.rejects],
        )
        await self._durably(whole)
        for message in messages:
            self._client.ack(message.mid, message.qos)

    async def _durably(self, parsed: Parsed) -> None:
        pause, longest = RETRY_S
        while True:
            try:
                await self._deliver(parsed)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, longest)
            else:
                return
