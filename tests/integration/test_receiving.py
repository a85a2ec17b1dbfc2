"""Every source of a city received at once: into a stand-in, and into the real ingest."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import paho.mqtt.client as paho
import pytest
from google.protobuf import text_format
from google.transit import gtfs_realtime_pb2
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine, text

from services.launch.servers import Server
from services.live import Ingest, Parsed, Receiving
from services.live.feeds import find_feed
from services.live.sources import Source
from tests.clock import began
from tests.declared import mqtt_source, poll_source
from tests.live_city import lay_out
from tests.supplier import Supplier, http, supplier
from tests.waiting import begin, until

PATIENCE_S = 15.0


class Heard:
    """Stands for the ingest."""

    def __init__(self) -> None:
        self.open = True
        self.declared: dict[str, tuple[str, str, int]] = {}
        self.parsers: dict[str, Callable[[bytes], Parsed] | None] = {}
        self.states: list[tuple[str, str]] = []
        self.kept: list[tuple[str, Parsed, int]] = []

    def declare(
        self,
        source: str,
        *,
        adapter: str,
        transport: str,
        period_s: int,
        parse: Callable[[bytes], Parsed] | None = None,
    ) -> None:
        self.declared[source] = (adapter, transport, period_s)
        self.parsers[source] = parse

    def report(self, source: str, state: str, detail: str = "") -> None:
        self.states.append((source, state))

    async def submit(self, source: str, parsed: Parsed, *, messages: int = 1) -> None:
        self.kept.append((source, parsed, messages))


def body(asset: str = "L-1") -> bytes:
    item = {"asset": asset, "property": "state", "value": "on", "phenomenon_time": began().isoformat()}
    return json.dumps(item).encode()


@pytest.fixture
async def there() -> AsyncIterator[Supplier]:
    async with supplier() as one:
        one.answers["/a"] = lambda _: http(body("L-2"))
        yield one


def publish(broker: Server, topic: str, *payloads: bytes) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    host, port = broker.url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    for payload in payloads:
        client.publish(topic, payload, qos=1).wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def sources(there: Supplier) -> list[Source]:
    push = Source("lamps", find_feed("ngsi"), "push", path="lamps", every_s=600)
    return [push, mqtt_source(), poll_source(there.url("/a"))]


async def test_every_source_is_declared_received_and_let_go(mosquitto: Server, there: Supplier) -> None:
    city = f"city-{uuid.uuid4().hex[:8]}"
    heard = Heard()
    receiving = Receiving(sources(there), heard, city=city, mqtt_url=mosquitto.url)
    await receiving.start()
    await until(lambda: ("mqtt", "ok") in heard.states)
    assert receiving.connected
    await asyncio.to_thread(publish, mosquitto, f"vigie/{city}/streetlight", body(), body("L-3"))
    await until(lambda: sum(len(parsed) for _, parsed, _ in heard.kept) == 3)
    await receiving.stop()
    assert heard.declared == {
        "lamps": ("ngsi", "push", 600), "mqtt": ("mqtt", "mqtt", 60), "polled": ("http_push", "poll", 1),
    }  # fmt: skip
    assert receiving.pushed.keys() == {"lamps"}
    assert sum(messages for source, _, messages in heard.kept if source == "mqtt") == 2
    assert ("polled", "ok") in heard.states
    again = heard.parsers["polled"]
    assert again is not None
    assert len(again(body())) == 1


async def test_one_that_stands_by_hears_and_asks_nobody(mosquitto: Server, there: Supplier) -> None:
    city = f"city-{uuid.uuid4().hex[:8]}"
    heard = Heard()
    receiving = Receiving(sources(there), heard, city=city, mqtt_url=mosquitto.url)
    await receiving.start()
    await until(lambda: receiving.consumers and receiving.consumers[0].subscribed)
    heard.open = False
    # While it stands by nobody is missed.
    await until(lambda: not receiving.consumers[0].subscribed and receiving.connected)
    await asyncio.to_thread(publish, mosquitto, f"vigie/{city}/streetlight", body())
    assert not [source for source, _, _ in heard.kept if source == "mqtt"]
    heard.open = True
    await until(lambda: [source for source, _, _ in heard.kept if source == "mqtt"])
    await receiving.stop()


async def test_without_a_broker_nobody_waits_for_one(there: Supplier) -> None:
    heard = Heard()
    receiving = Receiving(sources(there), heard, city="x", mqtt_url=None)
    await receiving.start()
    assert receiving.connected
    await receiving.stop()
    assert "mqtt" not in heard.declared


async def test_into_the_real_ingest_with_buses_and_dead_letters(
    mosquitto: Server, there: Supplier, engine: Engine, redis_url: str
) -> None:
    lay_out(engine)
    message = text_format.Parse(
        'header { gtfs_realtime_version: "2.0" } entity { id: "1" vehicle {'
        'trip { trip_id: "T-1" } vehicle { id: "L-1" }'
        f"position {{ latitude: 47.31 longitude: 5.01 }} timestamp: {int(began().timestamp())} }} }}",
        gtfs_realtime_pb2.FeedMessage(),
    )
    there.answers["/buses"] = lambda _: http(message.SerializeToString())
    buses = poll_source(there.url("/buses"), "gtfs_rt")
    city = f"city-{uuid.uuid4().hex[:8]}"
    ingest = Ingest(engine, redis_url, shard="test")
    receiving = Receiving([mqtt_source(), buses], ingest, city=city, mqtt_url=mosquitto.url)
    await begin(ingest)
    await receiving.start()
    await until(lambda: receiving.consumers and receiving.consumers[0].subscribed)
    await asyncio.to_thread(publish, mosquitto, f"vigie/{city}/streetlight", body(), b"{broken")

    def rows(question: str) -> list[tuple[Any, ...]]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question))]

    letters = "SELECT feed, reason FROM dead_letter ORDER BY 1, 2"
    await until(lambda: rows(letters) == [("mqtt", "malformed"), ("polled", "not_moving")])
    await until(lambda: rows("SELECT count(*) FROM state_change WHERE asset_id = 101") == [(1,)])
    states = "SELECT feed, transport, state FROM feed_status ORDER BY 1"
    await until(lambda: rows(states) == [("mqtt", "mqtt", "ok"), ("polled", "poll", "ok")])
    await receiving.stop()
    await ingest.stop()
