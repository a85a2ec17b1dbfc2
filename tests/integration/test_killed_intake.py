"""The devices' door killed with -9 under load: nothing it acknowledged is lost, nothing comes twice."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from services.launch.servers import free_port
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]
KEY = "a-key-for-tests-only"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
KILLS = 2
SEED = 7
LAMPS = 50


class Door:
    """The door as a process that may be killed and started again."""

    def __init__(self, database_url: str, redis_url: str, var: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "VIGIE_CITY": "demo",
            "VIGIE_DATABASE_URL": database_url,
            "VIGIE_REDIS_URL": redis_url,
            "VIGIE_INTAKE_KEY": KEY,
            "VIGIE_VAR": str(var),
            "VIGIE_INTAKE_PORT": str(self.port),
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "app.py"), "ingest", env=self._environment, cwd=ROOT
        )

    async def end(self, sign: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(sign)
        return await self.process.wait()


@pytest.fixture
async def door(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    lay_out(engine, LAMPS)
    one = Door(database_url, redis_url, tmp_path)
    await one.start()
    yield one
    assert await one.end(signal.SIGTERM) in (0, -signal.SIGTERM)


def sending(number: int) -> list[dict[str, object]]:
    when = (BEGAN + timedelta(seconds=number)).isoformat()
    return [
        {"asset": f"L-{n}", "property": "power", "value": number % 100, "phenomenon_time": when}
        for n in range(1, LAMPS + 1)
    ]


async def deliver(door: Door, number: int) -> None:
    """Send until it is acknowledged, as a gateway does."""
    async with asyncio.timeout(30), httpx.AsyncClient(timeout=5) as client:
        while True:
            try:
                answer = await client.post(
                    f"{door.url}/ingest/observations",
                    json=sending(number),
                    headers={"authorization": f"Bearer {KEY}"},
                )
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 200:
                assert answer.json()["rejected"] == 0
                return
            assert answer.status_code == 503
            await asyncio.sleep(0.05)


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
    with engine.connect() as connection:
        stored = connection.scalar(text("SELECT count(*) FROM observation"))
    assert stored == len(acknowledged) * LAMPS
