"""The devices' door as a real process, to be killed, stopped and started again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, text

from services.launch.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
KEY = "a-key-for-tests-only"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
"""Sendings are told from here on, one instant each."""
LAMPS = 50
PATIENCE_S = 60.0


class Door:
    """``app.py ingest`` on given servers; ``more`` are settings, by their names."""

    def __init__(self, database_url: str, redis_url: str, var: Path, **more: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = var / "ingest.log"
        given = {"city": "demo", "database_url": database_url, "redis_url": redis_url, "var": var} | more
        plain = {"intake_key": KEY, "intake_port": self.port, "simulator_port": free_port()}
        self._environment = os.environ | {f"VIGIE_{k.upper()}": str(v) for k, v in (given | plain).items()}
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; what it says is appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, str(ROOT / "app.py"), "ingest",
                env=self._environment, cwd=ROOT, stdout=out, stderr=out,
            )  # fmt: skip

    async def end(self, sign: signal.Signals, patience_s: float = PATIENCE_S) -> int:
        """Send it ``sign`` and wait for its end; the exit code, or minus the signal."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(sign)
        async with asyncio.timeout(patience_s):
            return await self.process.wait()

    async def told(self) -> dict[str, Any]:
        """What ``/readyz`` says; empty when it does not answer."""
        async with self.client() as client:
            try:
                found: dict[str, Any] = (await client.get("/readyz")).json()
            except httpx.TransportError:
                return {}
        return found

    async def until(self, patience_s: float = PATIENCE_S, **wanted: object) -> float:
        """Wait until ``/readyz`` says ``wanted``; seconds it took."""
        began = time.monotonic()
        async with asyncio.timeout(patience_s):
            while not wanted.items() <= (await self.told()).items():
                await asyncio.sleep(0.05)
        return time.monotonic() - began

    def client(self) -> httpx.AsyncClient:
        """A client that holds the key."""
        return httpx.AsyncClient(
            base_url=self.url, timeout=10, headers={"authorization": f"Bearer {KEY}"}, trust_env=False
        )


@asynccontextmanager
async def opened(door: Door) -> AsyncIterator[Door]:
    """``door`` started and ready; gone afterwards, however the test went."""
    await door.start()
    try:
        await door.until(ready=True)
        yield door
    finally:
        await door.end(signal.SIGKILL)


def sending(number: int, lamps: int = LAMPS) -> list[dict[str, object]]:
    """Sending ``number``: a value of each lamp at an instant of its own."""
    when = (BEGAN + timedelta(seconds=number)).isoformat()
    return [
        {"asset": f"L-{n}", "property": "power", "value": number % 100, "phenomenon_time": when}
        for n in range(1, lamps + 1)
    ]


async def push(client: httpx.AsyncClient, number: int, lamps: int = LAMPS) -> httpx.Response | None:
    """Push sending ``number`` once; None when nobody answered."""
    try:
        return await client.post("/ingest/observations", json=sending(number, lamps))
    except httpx.TransportError:
        return None


async def deliver(door: Door, number: int, patience_s: float = PATIENCE_S) -> None:
    """Push sending ``number`` until it is acknowledged, as a gateway does."""
    async with asyncio.timeout(patience_s), door.client() as client:
        while True:
            answer = await push(client, number)
            if answer is not None and answer.status_code == 200:
                assert answer.json()["rejected"] == 0
                return
            assert answer is None or answer.status_code == 503, answer.text
            await asyncio.sleep(0.05)


async def holds(true: Callable[[], object], patience_s: float = PATIENCE_S) -> float:
    """Wait until ``true``, asked in a thread; seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(patience_s):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)
    return time.monotonic() - began


def stored(engine: Engine) -> set[int]:
    """The sendings of which the history has something, by number."""
    query = "SELECT DISTINCT round(extract(epoch FROM phenomenon_time))::bigint FROM observation"
    with engine.connect() as connection:
        return {int(at - BEGAN.timestamp()) for (at,) in connection.execute(text(query))}


def count(engine: Engine) -> int:
    """Rows of the history."""
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM observation")) or 0)
