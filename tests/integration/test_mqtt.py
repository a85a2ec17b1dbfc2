"""MQTT through a real Mosquitto: acknowledged only once durable, so that nothing is lost or doubled."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from model.errors import Unavailable
from model.observations import Doubt
from services.launch.servers import Server, start_mosquitto
from services.live import Parsed
from services.live.transports.mqtt import Consumer
from tests.clock import began
from tests.declared import mqtt_source
from tests.waiting import until

PATIENCE_S = 10.0


class Sink:
    """Stands for the ingest: away for a while, then keeps what it is given."""

    def __init__(self) -> None:
        self.away = False
        self.tries = 0
        self.kept: list[Parsed] = []

    async def __call__(self, parsed: Parsed, messages: int) -> None:
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
    when = began().isoformat()
    return json.dumps(
        [{"asset": a, "property": "state", "value": "on", "phenomenon_time": when} for a in assets]
    ).encode()


async def consuming(mosquitto: Server, city: str, sink: Sink) -> Consumer:
    consumer = Consumer(mqtt_source(), mosquitto.url, city, sink)
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
    consumer = Consumer(mqtt_source(), "mqtt://127.0.0.1:1", city, Sink())
    await consumer.start()
    assert not consumer.subscribed
    await consumer.stop()


@pytest.mark.parametrize("scheme", ["mqtt", "mqtt5"])
async def test_both_versions_read_topics_that_name_asset_and_property(
    mosquitto: Server, gateway: paho.Client, city: str, scheme: str
) -> None:
    sink = Sink()
    states: list[str] = []
    source = mqtt_source(reading={"time": "received"})
    url = mosquitto.url.replace("mqtt:", f"{scheme}:")
    consumer = Consumer(source, url, city, sink, report=lambda state, _detail="": states.append(state))
    await consumer.start()
    await until(lambda: consumer.subscribed)
    before = datetime.now(UTC)
    gateway.publish(f"vigie/{city}/streetlight/L-1/power", b"12.5", qos=1)
    gateway.publish(f"vigie/{city}/streetlight/L-2/state", b"on", qos=1)
    gateway.publish(f"vigie/{city}/streetlight", sent("L-3"), qos=1)
    await until(lambda: len(sink.assets) == 3)
    await consumer.stop()
    seen = {o.asset: o for parsed in sink.kept for o in parsed.observations}
    assert [(seen[a].property, seen[a].value) for a in ("L-1", "L-2", "L-3")] == [
        ("power", 12.5), ("state", "on"), ("state", "on")]  # fmt: skip
    assert seen["L-1"].doubts == Doubt.RECEIPT_TIME
    assert abs((seen["L-1"].phenomenon_time - before).total_seconds()) < PATIENCE_S
    assert states == ["starting", "ok"]


async def test_a_retained_message_has_no_time_of_receipt(
    mosquitto: Server, gateway: paho.Client, city: str
) -> None:
    topic = f"vigie/{city}/streetlight/L-1/power"
    gateway.publish(topic, b"12.5", qos=1, retain=True).wait_for_publish(PATIENCE_S)
    sink = Sink()
    consumer = Consumer(mqtt_source(reading={"time": "received"}), mosquitto.url, city, sink)
    await consumer.start()
    await until(lambda: sink.reasons)
    gateway.publish(topic, b"13.5", qos=1)
    await until(lambda: sink.assets)
    gateway.publish(topic, b"", qos=1, retain=True)
    await consumer.stop()
    assert sink.reasons[0] == "no_time"
    assert [o.value for parsed in sink.kept for o in parsed.observations] == [13.5]


async def test_many_messages_are_few_sendings_and_one_bad_one_costs_nobody(
    mosquitto: Server, gateway: paho.Client, city: str
) -> None:
    sink = Sink()
    consumer = await consuming(mosquitto, city, sink)
    await consumer.stop()
    for number in range(1_000):
        single = sent(f"L-{number}")[1:-1]
        gateway.publish(f"vigie/{city}/streetlight", b"{broken}" if number == 500 else single, qos=1)
    envelope = b'{"observations": ' + sent("L-a", "L-b") + b"}"
    gateway.publish(f"vigie/{city}/streetlight", envelope, qos=1).wait_for_publish(PATIENCE_S)
    consumer = await consuming(mosquitto, city, sink)
    await until(lambda: len(sink.assets) + len(sink.reasons) >= 1_002)
    await consumer.stop()
    assert (len(set(sink.assets)), sink.reasons) == (1_001, ["malformed"])
    assert len(sink.kept) < 100


async def test_another_adapter_may_come_over_mqtt(mosquitto: Server, gateway: paho.Client, city: str) -> None:
    sink = Sink()
    source = mqtt_source("ngsi", topics=("ngsi/{city}/#",))
    consumer = Consumer(source, mosquitto.url, city, sink)
    await consumer.start()
    await until(lambda: consumer.subscribed)
    lamp = {"id": "L-1", "type": "Streetlight", "powerState": "on", "dateObserved": began().isoformat()}
    gateway.publish(f"ngsi/{city}/x", json.dumps(lamp).encode(), qos=1)
    gateway.publish(f"ngsi/{city}/x", b"no json", qos=1)
    await until(lambda: sink.assets and sink.reasons)
    await consumer.stop()
    assert (sink.assets, sink.reasons) == (["L-1"], ["malformed"])


async def test_what_has_arrived_is_delivered_when_it_stops(
    mosquitto: Server, gateway: paho.Client, city: str
) -> None:
    sink = Sink()
    consumer = await consuming(mosquitto, city, sink)
    sink.away = True
    gateway.publish(f"vigie/{city}/camera", sent("C-1"), qos=1)
    await until(lambda: sink.tries >= 1)
    sink.away = False
    await consumer.stop()
    assert sink.assets == ["C-1"]


async def test_past_the_limit_the_socket_is_not_read_and_nothing_is_lost(
    mosquitto: Server, gateway: paho.Client, city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.live.transports.mqtt.WAITING_MOST", 50)
    monkeypatch.setattr("services.live.transports.mqtt.BATCH_MOST", 20)
    sink = Sink()
    sink.away = True
    consumer = await consuming(mosquitto, city, sink)
    padding = " " * 2_000
    for number in range(300):
        gateway.publish(f"vigie/{city}/camera", sent(f"C-{number}") + padding.encode(), qos=1)
    await until(lambda: consumer._waiting >= 50)
    sink.away = False
    await until(lambda: len(set(sink.assets)) == 300)
    await consumer.stop()
    # Batches that had to wait may overtake one another; the history knows each value by its own time.
    assert sorted(sink.assets) == sorted(f"C-{number}" for number in range(300))


async def test_after_a_broken_connection_nothing_is_acknowledged_that_is_not_durable(
    server_folder: Path, city: str
) -> None:
    broker = start_mosquitto(server_folder)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    try:
        host, port = broker.url.removeprefix("mqtt://").split(":")
        sink = Sink()
        states: list[str] = []
        consumer = Consumer(
            mqtt_source(), broker.url, city, sink, report=lambda state, _detail="": states.append(state)
        )
        await consumer.start()
        await until(lambda: consumer.subscribed)
        sink.away = True
        client.connect(host, int(port))
        client.loop_start()
        client.publish(f"vigie/{city}/camera", sent("C-1"), qos=1).wait_for_publish(PATIENCE_S)
        await until(lambda: sink.tries >= 1)
        await asyncio.to_thread(broker.stop)
        await until(lambda: "away" in states)
        await asyncio.to_thread(broker.start)
        await until(lambda: consumer.subscribed)
        sink.away = False
        await until(lambda: len(sink.assets) == 2)
        client.publish(f"vigie/{city}/camera", sent("C-2"), qos=1)
        await until(lambda: "C-2" in sink.assets)
        await consumer.stop()
        assert sink.assets == ["C-1", "C-1", "C-2"], "the second time acknowledges, the first could not"
    finally:
        client.disconnect()
        client.loop_stop()
        broker.stop()
