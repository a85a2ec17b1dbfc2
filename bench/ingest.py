"""What the ingest takes in: MQTT messages drained from a broker, through judging, history and live state.

    python -m bench.ingest         # QUICK=1 ends within 45 s

Starts servers of its own, PostgreSQL as durable as in production. Messages wait in the broker's queue for a
persistent session, so that no publisher competes for the two cores while they are drained. Peers, in the same
run: the same client when it only counts and acknowledges; and a bare COPY to staging with an insert on
conflict into the same tables. The last line is one JSON object.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine, text

from bench import bare_publisher
from bench.apply import ASSETS, lay_out
from geodata.assets import read_columns
from geodata.database import migrate, open_engine, plain_url
from geodata.partitions import ensure_partitions
from geodata.profiles import read_profile
from model.observations import moment
from services.launch.servers import Server, start_mosquitto, start_postgres, start_redis
from services.live import Ingest, Parsed
from services.live.parsed import parse_json
from services.live.pgcopy import copy_bytes, microseconds
from services.live.sources import Source, read_sources
from services.live.transports.batch_client import Arrived, BatchClient
from services.live.transports.mqtt import Consumer

QUICK = os.environ.get("QUICK") == "1"
SINGLES = 60_000 if QUICK else 180_000
BATCHES = 3_000 if QUICK else 16_000
BATCH = 50
LIVE = 200_000 if QUICK else 1_000_000
STATE_SHARE = 10
"""One item in so many is a state that turns."""
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
TOPIC = b"vigie/demo/streetlight"


def item(number: int) -> dict[str, object]:
    """Every asset in turn, each full round a second later; one in ``STATE_SHARE`` is a turned state."""
    turn, asset = divmod(number, ASSETS)
    when = (BEGAN + timedelta(seconds=turn)).isoformat()
    lamp = asset + 1 if asset % 60 else asset + 2
    if asset % STATE_SHARE == 1:
        return {
            "asset": f"L-{lamp}",
            "property": "state",
            "value": ("on", "off")[turn % 2],
            "phenomenon_time": when,
        }
    return {"asset": f"L-{lamp}", "property": "power", "value": 40 + number % 50, "phenomenon_time": when}


def singles(first: int, count: int) -> Iterator[bytes]:
    """``count`` messages of one observation each."""
    return (msgspec.json.encode(item(number)) for number in range(first, first + count))


def batched(first: int, count: int) -> Iterator[bytes]:
    """``count`` messages of ``BATCH`` observations each."""
    for place in range(count):
        yield msgspec.json.encode([item(first + place * BATCH + n) for n in range(BATCH)])


def publish(url: str, payloads: Iterator[bytes]) -> int:
    """Publish ``payloads`` with QoS 1, as fast as the broker confirms; how many."""
    return bare_publisher.publish(url, ((TOPIC, payload) for payload in payloads))


async def receive_only(url: str, expected: int, publishing: Callable[[], int]) -> float:
    """Messages a second of the same client when it only counts and acknowledges."""
    done, begun, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    client = BatchClient(
        CallbackAPIVersion.VERSION2, client_id="bench-count", clean_session=False, protocol=paho.MQTTv311,
        manual_ack=True,
    )  # fmt: skip
    seen = [0]

    def count(arrived: Arrived) -> None:
        seen[0] += len(arrived)
        client.acknowledge([mid for mid in arrived.mids if mid])
        if seen[0] >= expected:
            loop.call_soon_threadsafe(done.set)

    client.on_connect = lambda c, *_: c.subscribe("vigie/demo/#", 1)
    client.on_subscribe = lambda *_: loop.call_soon_threadsafe(begun.set)
    client.on_arrived = count
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    await begun.wait()
    client.disconnect()
    client.loop_stop()
    await asyncio.to_thread(publishing)
    began = time.perf_counter()
    client.connect(host, int(port))
    client.loop_start()
    await done.wait()
    took = time.perf_counter() - began
    await asyncio.to_thread(publish, url, iter(()))
    client.unsubscribe("vigie/demo/#")
    client.disconnect()
    client.loop_stop()
    return expected / took


async def plain_client(url: str, expected: int, publishing: Callable[[], int]) -> float:
    """Messages a second of the library's own client, a callback each, when it only counts."""
    done, begun, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id="bench-plain", clean_session=False, protocol=paho.MQTTv311
    )
    seen = [0]

    def count(_client: object, _data: object, _message: object) -> None:
        seen[0] += 1
        if seen[0] == expected:
            loop.call_soon_threadsafe(done.set)

    client.on_connect = lambda c, *_: c.subscribe("vigie/demo/#", 1)
    client.on_subscribe = lambda *_: loop.call_soon_threadsafe(begun.set)
    client.on_message = count
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    await begun.wait()
    client.disconnect()
    client.loop_stop()
    await asyncio.to_thread(publishing)
    began = time.perf_counter()
    client.connect(host, int(port))
    client.loop_start()
    await done.wait()
    took = time.perf_counter() - began
    client.unsubscribe("vigie/demo/#")
    client.disconnect()
    client.loop_stop()
    return expected / took


async def drained(
    source: Source, url: str, ingest: Ingest, items: int, publishing: Callable[[], int]
) -> float:
    """Items a second, from the first message asked for to the last one durable and shown."""
    settled, done = [0], asyncio.Event()

    async def deliver(parsed: Parsed, messages: int) -> None:
        receipt = await ingest.submit("mqtt", parsed, messages=messages)
        settled[0] += receipt.received
        if receipt.rejected or receipt.spooled:
            raise SystemExit(f"not as measured: {receipt.rejects[:2]} spooled={receipt.spooled}")
        if settled[0] >= items:
            done.set()

    consumer = Consumer(source, url, "demo", deliver)
    await consumer.start()
    while not consumer.subscribed:
        await asyncio.sleep(0.02)
    await consumer.stop()
    await asyncio.to_thread(publishing)
    consumer = Consumer(source, url, "demo", deliver)
    began = time.perf_counter()
    await consumer.start()
    await done.wait()
    took = time.perf_counter() - began
    await consumer.stop()
    return items / took


def bare_copy(engine: Engine, observations: int) -> float:
    """Rows a second of a bare COPY to staging and insert on conflict into the same two tables."""
    columns = read_columns(engine)
    with engine.connect() as connection:
        streams = dict(connection.execute(text("SELECT asset_id, id FROM datastream")).all())
    rows = [item(number) for number in range(observations)]
    ids = np.array([int(str(row["asset"])[2:]) for row in rows], "i8")
    state = np.array([row["property"] == "state" for row in rows])
    times = np.array([datetime.fromisoformat(str(row["phenomenon_time"])).timestamp() for row in rows])
    times -= 86_400.0
    with engine.begin() as connection:
        ensure_partitions(connection, moment(times.min()), moment(times.max()))
    url = plain_url(engine.url.render_as_string(hide_password=False))
    assert len(columns) == ASSETS
    blobs = []
    for at in range(0, observations, 10_000):
        part = slice(at, at + 10_000)
        mine, turned = ~state[part], state[part]
        stream = np.array([streams[n] for n in ids[part][mine].tolist()], "i4")
        count, turns = int(mine.sum()), int(turned.sum())
        blobs.append((
            copy_bytes([(">i4", np.arange(count)), (">i4", stream), (">i8", microseconds(times[part][mine])),
                        (">f8", np.ones(count)), (">i2", np.zeros(count))]),
            copy_bytes([(">i4", np.arange(turns)), (">i8", ids[part][turned]),
                        (">i8", microseconds(times[part][turned])),
                        (">i2", np.ones(turns)), (">i2", np.ones(turns))]),
        ))  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TEMP TABLE a (row integer, s integer, t timestamptz, r float8, q smallint) "
            "ON COMMIT DELETE ROWS"
        )
        connection.execute(
            "CREATE TEMP TABLE b (row integer, s bigint, t timestamptz, u smallint, v smallint) "
            "ON COMMIT DELETE ROWS"
        )
        began = time.perf_counter()
        for values, states in blobs:
            with connection.transaction(), connection.cursor() as cursor:
                for table, blob in (("a", values), ("b", states)):
                    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:  # type: ignore[arg-type]
                        copy.write(blob)
                cursor.execute(
                    "INSERT INTO observation (datastream_id, phenomenon_time, result, quality) "
                    "SELECT s, t, r, q FROM a ON CONFLICT DO NOTHING"
                )
                cursor.execute(
                    "INSERT INTO state_change (asset_id, phenomenon_time, status, state) "
                    "SELECT s, t, u, v FROM b ON CONFLICT DO NOTHING"
                )
        return observations / (time.perf_counter() - began)


async def live_only(ingest: Ingest, observations: int) -> float:
    """Observations a second through parsing, judging and Redis, without the history."""
    from services.live.batch import Part

    writer = ingest._writer
    number = writer.book.number("live")
    payloads = [
        msgspec.json.encode([item(at + n + ASSETS * 7_000) for n in range(5_000)])
        for at in range(0, observations, 5_000)
    ]

    def run() -> float:
        began = time.perf_counter()
        for payload in payloads:
            batch = writer.judge([Part("live", number, False, parse_json(payload))], time.time())
            writer.show(batch)
        return observations / (time.perf_counter() - began)

    return await asyncio.to_thread(run)


async def measure(postgres: Server, cache: Server, broker: Server, folder: Path) -> dict[str, float]:
    """Everything, one after the other."""
    engine = open_engine(postgres.url)
    lay_out(engine)
    ingest = Ingest(engine, cache.url, shard="demo", spool=folder / "spool.sqlite")
    await ingest.start()
    while not ingest.ready:
        await asyncio.sleep(0.05)
    source = next(one for one in read_sources(read_profile("demo")) if one.transport == "mqtt")
    warm = [item(number) for number in range(ASSETS)]
    for at in range(0, ASSETS, 5_000):
        await ingest.submit("warm", parse_json(msgspec.json.encode(warm[at : at + 5_000])))

    def one_by_one() -> int:
        return publish(broker.url, singles(ASSETS, SINGLES))

    counting = await receive_only(broker.url, SINGLES, one_by_one)
    plain = await plain_client(broker.url, SINGLES, one_by_one)
    single = await drained(source, broker.url, ingest, SINGLES, one_by_one)
    first = ASSETS + SINGLES
    many = await drained(
        source, broker.url, ingest, BATCHES * BATCH, lambda: publish(broker.url, batched(first, BATCHES))
    )
    bare = await asyncio.to_thread(bare_copy, engine, min(BATCHES * BATCH, 400_000))
    live = await live_only(ingest, LIVE)
    timings = ingest.timings
    await ingest.stop()
    engine.dispose()
    return {
        "single_per_s": round(single), "receive_only_per_s": round(counting),
        "single_vs_receive_only": round(single / counting, 3),
        "plain_client_per_s": round(plain),
        "single_vs_plain_client": round(single / plain, 3),
        "batched_per_s": round(many), "copy_per_s": round(bare), "batched_vs_copy": round(many / bare, 3),
        "live_per_s": round(live),
        "judge_s": round(timings.judge, 2), "store_s": round(timings.store, 2),
        "redis_s": round(timings.redis, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres, cache = start_postgres(folder, "bench"), start_redis(folder)
        broker = start_mosquitto(folder)
        try:
            migrate(postgres.url)
            print(json.dumps(asyncio.run(measure(postgres, cache, broker, folder))))
        finally:
            for server in (broker, cache, postgres):
                server.stop()


if __name__ == "__main__":
    main()
