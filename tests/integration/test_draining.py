"""SIGTERM under load, and one process taking over from another: nothing accepted is lost on the way."""

import asyncio
import itertools
import json
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bench.bare_publisher import publish
from geodata.database import migrate, open_engine
from model.domains import DOMAINS
from services.launch.servers import Server, start_mosquitto, start_postgres
from tests.door import LAMPS, Door, count, holds, opened, push, sending, stored
from tests.faults import kill
from tests.live_city import lay_out

ENDS_S = 10.0
TAKES_OVER_S = 8.0
WITHIN_S = 5.0
BUSY_S = 4.0
"""What two busy cores may add to a promise."""
SENDERS = 8
STANDS_BY = (
    f"another ingest process writes {', '.join(sorted(domain.name for domain in DOMAINS))}; "
    "this one stands by"
)


@pytest.fixture
def laid_out(engine: Engine) -> Engine:
    lay_out(engine, LAMPS)
    return engine


@pytest.fixture
def broker(server_folder: Path) -> Iterator[Server]:
    server = start_mosquitto(server_folder)
    yield server
    server.stop()


@asynccontextmanager
async def load(door: Door) -> AsyncIterator[set[int]]:
    """Senders that push without pause; the sendings that were acknowledged."""
    accepted: set[int] = set()
    numbers = itertools.count()
    enough = asyncio.Event()

    async def sender() -> None:
        async with door.client() as client:
            for number in numbers:
                answer = await push(client, number)
                if answer is not None and answer.status_code == 200:
                    accepted.add(number)
                if enough.is_set():
                    return

    senders = [asyncio.create_task(sender()) for _ in range(SENDERS)]
    try:
        yield accepted
    finally:
        enough.set()
        await asyncio.gather(*senders)


async def busy(accepted: set[int]) -> None:
    async with asyncio.timeout(30):
        while len(accepted) < 5 * SENDERS:
            await asyncio.sleep(0.01)


async def test_asked_to_end_under_load_it_finishes_what_it_accepted(
    laid_out: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with opened(Door(database_url, redis_url, tmp_path)) as door, load(door) as accepted:
        await busy(accepted)
        assert await door.end(signal.SIGTERM, ENDS_S) == 0
    assert accepted <= stored(laid_out)
    assert count(laid_out) == len(stored(laid_out)) * LAMPS, "no sending is there by half"
    assert "Traceback" not in door.log.read_text()


async def test_without_the_database_it_ends_alike_and_the_next_finds_the_spool(
    server_folder: Path, redis_url: str, tmp_path: Path
) -> None:
    postgres = start_postgres(server_folder, "vigie", durable=False)
    migrate(postgres.url)
    engine = open_engine(postgres.url)
    lay_out(engine, LAMPS)
    try:
        async with opened(Door(postgres.url, redis_url, tmp_path)) as door:
            kill(postgres)
            async with load(door) as accepted:
                await busy(accepted)
                assert await door.end(signal.SIGTERM, ENDS_S) == 0
            postgres.start()
            await door.start()
            await door.until(ready=True, spooled=0, why="")
        assert accepted <= stored(engine)
        assert count(engine) == len(stored(engine)) * LAMPS
    finally:
        engine.dispose()
        postgres.stop()


def said(*numbers: int) -> list[tuple[bytes, bytes]]:
    return [(b"vigie/demo/streetlight", json.dumps(sending(number)).encode()) for number in numbers]


async def test_a_second_process_stands_by_and_takes_over(
    laid_out: Engine, database_url: str, redis_url: str, broker: Server, tmp_path: Path
) -> None:
    """Both on all domains, each on its own folder, hearing one broker."""
    doors = [
        Door(database_url, redis_url, tmp_path / name, mqtt_url=broker.url) for name in ("first", "second")
    ]
    async with opened(doors[0]) as first:
        await asyncio.to_thread(publish, broker.url, said(0))
        await holds(lambda: 0 in stored(laid_out))
        second = doors[1]
        await second.start()
        try:
            await second.until(ready=False, why=STANDS_BY)
            async with second.client() as client, first.client() as other:
                refused = await push(client, 1)
                taken = await push(other, 1)
            assert refused is not None
            assert (refused.status_code, "stands by" in refused.text) == (503, True)
            assert taken is not None
            assert taken.status_code == 200
            for number in range(2, 12):
                await asyncio.to_thread(publish, broker.url, said(number))
                await holds(lambda at=number: at in stored(laid_out), WITHIN_S)  # type: ignore[misc]
            await first.end(signal.SIGKILL)
            began = time.monotonic()
            await asyncio.to_thread(publish, broker.url, said(12))
            await second.until(TAKES_OVER_S + BUSY_S, ready=True)
            await holds(lambda: 12 in stored(laid_out), TAKES_OVER_S + BUSY_S)
            assert time.monotonic() - began < TAKES_OVER_S + BUSY_S
            async with second.client() as client:
                answer = await push(client, 13)
            assert answer is not None
            assert answer.status_code == 200
        finally:
            await second.end(signal.SIGKILL)
        heard = [line for line in second.log.read_text().splitlines() if "the batch waits" in line]
    assert heard == [], "the one that stood by left the broker to the other"
    assert stored(laid_out) == set(range(14))
    assert count(laid_out) == 14 * LAMPS
