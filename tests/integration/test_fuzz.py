"""A hundred thousand messages of every kind of wrong through the real broker, and bodies through the door:
every item accounted for, nobody crashes, and a good message is taken right after."""

import asyncio
import json
import random
import string
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from bench.ingest import publish
from intake.door import intake
from services.launch.servers import Server
from services.live import Ingest, Parsed
from services.live.transports.mqtt import Consumer
from services.settings import Settings
from tests.declared import mqtt_source
from tests.live_city import NOW, lay_out

MESSAGES = 100_000
BODIES = 1_000
SEED = 23
KEY = "a-key-for-tests-only"
VALUES = [
    0,
    1,
    -1,
    1e308,
    -1e308,
    599.5,
    "on",
    "off",
    "glorious",
    "",
    None,
    True,
    [],
    {},
    10**30,
    "12 W",
    3.5,
]
TIMES = [
    "",
    "yesterday",
    "2026-11-06T18:42:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    12,
    None,
]
ASSETS = [
    "nobody",
    "",
    "L-1\u0000",
    "#",
    "+/+",
    "$SYS",
    "\u202eL-1",
    "L-1" * 500,
    "\ud800",
    "L'; DROP TABLE asset; --",
]


def good(dice: random.Random) -> dict[str, object]:
    """An observation there is nothing against."""
    when = (NOW - timedelta(seconds=dice.uniform(0, 50_000))).isoformat()
    what, value = dice.choice(
        [("power", round(dice.uniform(0, 500), 2)), ("state", dice.choice(["on", "off"]))]
    )
    return {"asset": f"L-{dice.randint(1, 5)}", "property": what, "value": value, "phenomenon_time": when}


def damaged(dice: random.Random) -> dict[str, object]:
    """A good one with one field made wrong, missing, or more."""
    one = good(dice)
    how = dice.randrange(6)
    if how == 0:
        one["value"] = dice.choice(VALUES)
    elif how == 1:
        one["phenomenon_time"] = dice.choice(TIMES)
    elif how == 2:
        one["asset"] = dice.choice(ASSETS)
    elif how == 3:
        one["property"] = "".join(dice.choices(string.printable, k=dice.randint(0, 30)))
    elif how == 4:
        del one[dice.choice(list(one))]
    else:
        one["quality"] = dice.choice(["bad", "", 7, None, "estimated"])
    return one


def payload(dice: random.Random) -> bytes:
    """One message: three in five are good."""
    kind = dice.randrange(20)
    if kind < 12:
        return json.dumps(good(dice)).encode()
    if kind < 16:
        return json.dumps(damaged(dice)).encode()
    if kind == 16:
        return json.dumps([good(dice), damaged(dice), good(dice)]).encode()
    whole = json.dumps(good(dice)).encode()
    return dice.choice(
        [
            whole[: dice.randrange(len(whole))],
            dice.randbytes(dice.randint(0, 60)),
            b"",
            b"[" * 5_000,
            b'{"asset": "L-1", "asset": "L-2", ' + whole[1:],
            b'[{"asset": "L-1", "property": "power", "value": NaN}]',
            b'{"asset": "L-1", "property": "power", "value": ' + b"9" * 5_000 + b"}",
            whole.decode().encode("utf-16"),
            b"\xff\xfe" + whole,
            b"null",
            b"[]",
        ]
    )


def payloads(count: int) -> Iterator[bytes]:
    """``count`` messages, the same each time."""
    dice = random.Random(SEED)
    return (payload(dice) for _ in range(count))


def account(engine: Engine, feed: str) -> tuple[int, int, int]:
    """Messages, items received, and items the account cannot explain."""
    query = (
        "SELECT coalesce(sum(messages), 0), coalesce(sum(received), 0), "
        "coalesce(sum(abs(received - stored - duplicate - dead)), 0) FROM feed_minute WHERE feed = :feed"
    )
    with engine.connect() as connection:
        row = connection.execute(text(query), {"feed": feed}).one()
    return int(row[0]), int(row[1]), int(row[2])


@pytest.mark.servers
async def test_every_one_of_many_bad_messages_is_accounted_for(
    mosquitto: Server, engine: Engine, redis_url: str
) -> None:
    lay_out(engine)
    ingest = Ingest(engine, redis_url, shard="fuzz")
    await ingest.start()
    items = [0]

    async def deliver(parsed: Parsed, messages: int) -> object:
        receipt = await ingest.submit("mqtt", parsed, messages=messages)
        assert receipt.received == receipt.stored + receipt.duplicate + receipt.rejected
        items[0] += receipt.received
        return receipt

    consumer = Consumer(mqtt_source(), mosquitto.url, "demo", deliver)
    await consumer.start()
    async with asyncio.timeout(20):
        while not consumer.subscribed:
            await asyncio.sleep(0.02)
    sent = await asyncio.to_thread(publish, mosquitto.url, payloads(MESSAGES))
    async with asyncio.timeout(120):
        while (await asyncio.to_thread(account, engine, "mqtt"))[0] < sent:
            await asyncio.sleep(0.2)
    await asyncio.to_thread(publish, mosquitto.url, iter([json.dumps(good(random.Random(1))).encode()]))
    async with asyncio.timeout(20):
        while (await asyncio.to_thread(account, engine, "mqtt"))[0] < sent + 1:
            await asyncio.sleep(0.05)
    await consumer.stop()
    await ingest.stop()
    messages, received, difference = account(engine, "mqtt")
    assert (messages, received, difference) == (MESSAGES + 1, items[0], 0)
    with engine.connect() as connection:
        dead = connection.scalar(text("SELECT sum(count) FROM reject WHERE source = 'mqtt'"))
        counted = connection.scalar(text("SELECT sum(dead) FROM feed_minute WHERE feed = 'mqtt'"))
    assert dead == counted > MESSAGES / 10


@pytest.fixture
async def door(
    engine: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    lay_out(engine)
    given = {"database_url": database_url, "redis_url": redis_url, "intake_key": SecretStr(KEY)}
    app = intake(Settings(city="demo", simulator_port=1, var=tmp_path, **given))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://intake",
            headers={"authorization": f"Bearer {KEY}"},
        ) as client,
    ):
        yield client


@pytest.mark.servers
async def test_no_body_is_answered_by_a_server_error(door: httpx.AsyncClient, engine: Engine) -> None:
    dice = random.Random(SEED)
    kinds = ("application/json", "application/x-ndjson", "application/ld+json", "text/plain")
    answers: dict[int, int] = {}
    received = 0
    for start in range(0, BODIES, 50):
        bodies = [b"\n".join(payload(dice) for _ in range(dice.randint(1, 4))) for _ in range(50)]
        posts = [
            door.post(
                f"/ingest/{dice.choice(('observations', 'ngsi'))}",
                content=body,
                headers={"content-type": kinds[(start + place) % len(kinds)]},
            )
            for place, body in enumerate(bodies)
        ]
        for answer in await asyncio.gather(*posts):
            answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
            received += answer.json()["received"] if answer.status_code == 200 else 0
    assert {status for status in answers if status >= 500} == set(), answers
    assert answers[200] > 100
    after = await door.post("/ingest/observations", json=good(random.Random(2)))
    assert after.status_code == 200
    totals = [account(engine, feed) for feed in ("http_push", "ngsi")]
    assert sum(total[1] for total in totals) == received + 1
    assert [total[2] for total in totals] == [0, 0]
