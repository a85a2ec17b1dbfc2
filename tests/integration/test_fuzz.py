"""A hundred thousand messages, two of five bad, through broker, intake and database: all accounted for."""

import asyncio
import itertools
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from bench.bare_publisher import publish
from intake.door import intake
from services.launch.servers import Server, start_mosquitto
from services.live import Ingest
from services.live.transports.mqtt import Consumer
from services.settings import Settings
from tests.declared import mqtt_source
from tests.fuzzed import TOPIC, Fuzzed, big
from tests.live_city import lay_out

MESSAGES = 100_000
BODIES = 1_000
SEED = 29
PATIENCE_S = 120
KEY = "a-key-for-tests-only"
AT_ONCE = 50
ANSWERS = (200, 400, 413, 422)


@pytest.fixture
def laid_out(engine: Engine) -> Engine:
    lay_out(engine)
    return engine


@pytest.fixture
def broker(server_folder: Path) -> Iterator[Server]:
    """One of its own: sessions that other tests left on the shared one would be given all of it."""
    server = start_mosquitto(server_folder)
    yield server
    server.stop()


def book(engine: Engine) -> tuple[int, int, int]:
    """Messages, items received, and how many of those are in no account."""
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT coalesce(sum(messages), 0), coalesce(sum(received), 0), "
                "coalesce(sum(received) - sum(stored) - sum(duplicate) - sum(dead), 0) FROM feed_minute"
            )
        ).one()
    return int(row[0]), int(row[1]), int(row[2])


def missing(engine: Engine, fuzzed: Fuzzed) -> int:
    """How many good ones the history does not have."""
    query = (
        "SELECT a.external_id, o.phenomenon_time FROM observation o "
        "JOIN datastream d ON d.id = o.datastream_id JOIN asset a ON a.id = d.asset_id"
    )
    with engine.connect() as connection:
        there = {(str(asset), at) for asset, at in connection.execute(text(query)).all()}
    return len(fuzzed.good - there)


@asynccontextmanager
async def heard(engine: Engine, redis_url: str, mqtt_url: str, spool: Path) -> AsyncIterator[Ingest]:
    """An ingest that hears the broker."""
    ingest = Ingest(engine, redis_url, shard="test", spool=spool)

    async def deliver(parsed: object, messages: int) -> object:
        return await ingest.submit("mqtt", parsed, messages=messages)  # type: ignore[arg-type]

    consumer = Consumer(mqtt_source(), mqtt_url, "demo", deliver, instance="fuzz")
    await ingest.start()
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (consumer.subscribed and ingest.ready):
                await asyncio.sleep(0.02)
        yield ingest
    finally:
        await consumer.stop()
        await ingest.stop()


async def counted(engine: Engine, messages: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await asyncio.to_thread(book, engine))[0] < messages:
            await asyncio.sleep(0.1)


def faults(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def test_of_a_hundred_thousand_messages_each_is_accounted_for(
    laid_out: Engine, redis_url: str, broker: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fuzzed = Fuzzed(SEED)
    messages = itertools.chain((fuzzed.message() for _ in range(MESSAGES)), [(TOPIC, big())])
    async with heard(laid_out, redis_url, broker.url, tmp_path / "spool.sqlite") as ingest:
        sent = await asyncio.to_thread(publish, broker.url, messages)
        await counted(laid_out, sent)
        good = [(TOPIC, json.dumps(fuzzed.fresh()).encode())]
        sent += await asyncio.to_thread(publish, broker.url, good)
        await counted(laid_out, sent)
        assert (ingest.ready, ingest.spooled) == (True, 0)
    found, received, unaccounted = book(laid_out)
    assert found == sent == MESSAGES + 2
    assert received > MESSAGES
    assert unaccounted == 0
    assert missing(laid_out, fuzzed) == 0
    assert faults(caplog) == []


@pytest.fixture
async def door(
    laid_out: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    given = {"database_url": database_url, "redis_url": redis_url, "intake_key": SecretStr(KEY)}
    app = intake(Settings(city="demo", simulator_port=1, var=tmp_path, **given))
    headers = {"authorization": f"Bearer {KEY}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://intake", headers=headers
        ) as client,
    ):
        yield client


async def test_no_body_is_answered_with_a_fault_of_ours(
    door: httpx.AsyncClient, laid_out: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await door.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.02)
    fuzzed, at_once = Fuzzed(SEED), asyncio.Semaphore(AT_ONCE)

    async def answered(body: bytes, path: str) -> int:
        async with at_once:
            answer = await door.post(f"/ingest/{path}", content=body)
        assert answer.status_code in ANSWERS, (path, answer.text, body[:300])
        return answer.status_code

    bodies = [*fuzzed.bodies(BODIES), big()]
    told = await asyncio.gather(
        *(answered(body, path) for body in bodies for path in ("observations", "ngsi"))
    )
    assert set(told) == {200, 400}
    good = await door.post("/ingest/observations", json=fuzzed.fresh())
    assert (good.status_code, good.json()["stored"]) == (200, 1)
    assert missing(laid_out, fuzzed) == 0
    assert book(laid_out)[2] == 0
    assert faults(caplog) == []
