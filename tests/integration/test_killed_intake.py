"""The devices' door killed with -9 under load: nothing it acknowledged is lost, nothing comes twice."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.door import LAMPS, Door, count, deliver
from tests.live_city import lay_out

KILLS = 2
SEED = 7


@pytest.fixture
async def door(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    lay_out(engine, LAMPS)
    one = Door(database_url, redis_url, tmp_path)
    await one.start()
    yield one
    assert await one.end(signal.SIGTERM) in (0, -signal.SIGTERM)


async def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(door: Door, engine: Engine) -> None:
    dice = random.Random(SEED)
    acknowledged: list[int] = []
    numbers = iter(range(10_000))
    enough = asyncio.Event()

    async def sender() -> None:
        for number in numbers:
            await deliver(door, number)
            acknowledged.append(number)
            if enough.is_set():
                return

    senders = [asyncio.create_task(sender()) for _ in range(4)]
    for _ in range(KILLS):
        aim = len(acknowledged) + dice.randrange(4, 14)
        async with asyncio.timeout(30):
            while len(acknowledged) < aim:
                await asyncio.sleep(0.005)
        await door.end(signal.SIGKILL)
        await door.start()
    enough.set()
    await asyncio.gather(*senders)
    assert count(engine) == len(acknowledged) * LAMPS
