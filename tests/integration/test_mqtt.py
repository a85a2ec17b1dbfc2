"""MQTT through a real Mosquitto: acknowledged only once durable, so that nothing is lost or doubled."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from model.errors import Unavailable
from services.launch.servers import Server
from services.live import Consumer, Parsed
from tests.live_city import NOW

PATIENCE_S = 10.0


class Sink:
    """Stands for the ingest: away for a while, then keeps what it is given."""

    def __init__(self) -> None:
        self.away = False
        self.tries = 0
        self.kept: list[Parsed] = []

    async def __call__(self, parsed: Parsed) -> None:
        self.tries += 1
        if self.away:
            raise Unavailable("not now")
        self.kept.append(parsed)

    @property
    def assets(self) -> list[str]:
        return [o.asset for parsed in self.kept for o in parsed.observations]

    @property
    def reasons(self) -> list[str]:
        return [r.reason for parsed in self.kept for r in parsed.rejects]


async def until(true: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def city() -> str:
    """A name of its own: the broker keeps sessions by it."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def gateway(mosquitto: Server) -> AsyncIterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    host, port = mosquitto.url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def sent(*assets: str) -> bytes:
    when = NOW.isoformat()
    return json.dumps(
        [{"asset": a, "property": "state", "value": "on", "phenomenon_time": when} for a in assets]
    ).encode()


async def consuming(mosquitto: Server, city: str, sink: Sink) -> Consumer:
    consumer = Consumer(mosquitto.url, city, sink)
    await consumer.start()
    await until(lambda: consumer.subscribed)
    return consumer


async def test_messages_arrive_and_bad_ones_stop_nothing(
    mosquitto: Server, gateway: paho.Client, city: str
) -> None:
    sink = Sink()
    consumer = await consuming(mosquitto, city, sink)
    for payload in (sent("L-1", "L-2"), b"", b"\xff\x00", b"[" * 100_000, sent("L-3")):
        gateway.publish(f"vigie/{city}/streetlight", payload, qos=1)
    await until(lambda: len(sink.assets) == 3 and len(sink.reasons) == 3)
    await consumer.stop()
    assert sink.assets == ["L-1", "L-2", "L-3"]
    assert sink.reasons == ["malformed"] * 3


async def test_what_was_not_durable_is_delivered_to_the_next(
    mosquitto: Server, gateway: paho.Client, city: str
) -> None:
    sink = Sink()
    sink.away = True
    first = await consuming(mosquitto, city, sink)
    gateway.publish(f"vigie/{city}/camera", sent("C-1"), qos=1)
    await until(lambda: sink.tries >= 2)
    await first.stop()
    gateway.publish(f"vigie/{city}/camera", sent("C-2"), qos=1).wait_for_publish(PATIENCE_S)
    sink.away = False
    second = await consuming(mosquitto, city, sink)
    await until(lambda: sorted(sink.assets) == ["C-1", "C-2"])
    await second.stop()
    third = await consuming(mosquitto, city, sink)
    gateway.publish(f"vigie/{city}/camera", sent("C-3"), qos=1)
    await until(lambda: "C-3" in sink.assets)
    await third.stop()
    assert sorted(sink.assets) == ["C-1", "C-2", "C-3"], "what was acknowledged does not come again"


async def test_it_waits_for_a_broker_that_is_away(city: str) -> None:
    consumer = Consumer("mqtt://127.0.0.1:1", city, Sink())
    await consumer.start()
    assert not consumer.connected
    await consumer.stop()
