"""200 consoles at 350 changes a second from one web process: how late, how dear, and whether memory stays.

    python -m bench.stream          # QUICK=1 ends within 45 s

Starts servers of its own and the real web process; changes go through the live state in Redis at 20 ticks a
second. One client process reads 200 raw sockets. The peer, in the same run, is a bare ASGI application on the
same uvicorn that hands prebuilt bytes of the same size to as many clients. Then some clients stop reading
while the whole city changes over and over. The last line is one JSON object.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from pydantic import SecretStr

from bench.apply import ASSETS, lay_out
from bench.signing_in import Headers, signed_in
from geodata.database import migrate, open_engine
from model.states import CHANGE, Status
from services.launch.preparing import worker_env
from services.launch.servers import free_port, start_postgres, start_redis
from services.live.memory import blank_records
from services.live.state import LiveState, Records
from services.settings import ROOT, Settings

QUICK = os.environ.get("QUICK") == "1"
CONSOLES = 200
CHANGES_PER_S = 350
TICKS_PER_S = 20
SECONDS = 5.0 if QUICK else 60.0
WARM_S = 1.5
STALLED = 20
FLOODS = 20 if QUICK else 400
VERSION = 2
# A busy machine takes its time.
UP_S = 60
TICKS_HZ = os.sysconf("SC_CLK_TCK")


# The clients, a process of their own ---------------------------------------------------------------


def read_all(port: int, path: str, cookies: list[str], told: Connection) -> None:
    """Open ``CONSOLES`` streams, the ``cookies`` by turns; answer ``take`` with the delays (s) of all frames
    since the last one."""
    asyncio.run(_read_all(port, path, cookies, told))


async def _read_all(port: int, path: str, cookies: list[str], told: Connection) -> None:
    delays: list[float] = []
    turns = (cookies[at % len(cookies)] for at in range(CONSOLES))
    readers = [asyncio.create_task(_read(port, path, cookie, delays)) for cookie in turns]
    loop = asyncio.get_running_loop()
    while (await loop.run_in_executor(None, told.recv)) == "take":
        taken, delays[:] = list(delays), []
        told.send(taken)
    for reader in readers:
        reader.cancel()


async def _read(port: int, path: str, cookie: str, delays: list[float]) -> None:
    # A whole city in one frame is a long line.
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(asking(port, path, cookie))
    frame = False
    while line := await reader.readline():
        if line == b"event: frame\n":
            frame = True
        elif frame and line.startswith(b"data: "):
            delays.append(time.time() - json.loads(line[6:])["t"])
            frame = False


def asking(port: int, path: str, cookie: str) -> bytes:
    """The request of one client."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()


class Clients:
    """The client process, and what it measured; its consoles take ``cookies`` by turns."""

    def __init__(self, port: int, path: str, cookies: list[str]) -> None:
        context = get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=read_all, args=(port, path, cookies, there))
        self._process.start()

    def take(self) -> list[float]:
        """The delays since the last time."""
        self._here.send("take")
        taken: list[float] = self._here.recv()
        return taken

    def stop(self) -> None:
        """Close every stream."""
        self._here.send("stop")
        self._process.join(10)
        self._process.kill()


# The servers ---------------------------------------------------------------------------------------


class Process:
    """A server process and what it costs."""

    def __init__(
        self, command: list[str], env: dict[str, str], port: int, ready: str, headers: Headers | None = None
    ) -> None:
        self.port = port
        self._process = subprocess.Popen(command, env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
        end = time.monotonic() + UP_S
        while not _answers(f"http://127.0.0.1:{port}{ready}", headers):
            if time.monotonic() > end:
                self.stop()
                raise SystemExit(f"{command} did not come up")
            time.sleep(0.1)

    def cpu_s(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_HZ

    def rss_mb(self) -> float:
        """Resident memory."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            # The bare application has nothing that ends its streams.
            self._process.kill()
            self._process.wait()


def _answers(url: str, headers: Headers | None) -> bool:
    try:
        return httpx.get(url, timeout=2, headers=headers).status_code == 200
    except httpx.HTTPError:
        return False


async def bare(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """The peer: at every tick the same bytes to everybody, and nothing else."""
    if scope["type"] == "lifespan":
        await receive()
        asyncio.get_running_loop().create_task(_ticking())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while scope["path"] == "/stream":
        await _TICK["come"].wait()
        await send({"type": "http.response.body", "body": _TICK["bytes"], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


_TICK: dict[str, Any] = {}


async def _ticking() -> None:
    filler = "A" * (4 * -(-4 * CHANGES_PER_S // TICKS_PER_S // 3))
    _TICK["come"] = asyncio.Event()
    while True:
        await asyncio.sleep(1 / TICKS_PER_S)
        content = json.dumps({"t": round(time.time(), 3), "c": filler})
        _TICK["bytes"] = f"id: 1700000000000-0\nevent: frame\ndata: {content}\n\n".encode()
        come, _TICK["come"] = _TICK["come"], asyncio.Event()
        come.set()


# What is measured ----------------------------------------------------------------------------------


class City:
    """The writer of the live state: ticks of changes at the pace of a city."""

    def __init__(self, url: str, version: int = VERSION) -> None:
        self._live = LiveState(url, "demo")
        self._version = version
        self._at = int(time.time())
        self._next = 0
        self._turn = 0
        self._live.rebuild(version, blank_records(ASSETS), self._at * 1000)

    def run(self, seconds: float) -> None:
        """Change ``CHANGES_PER_S`` assets a second for ``seconds``, and beat."""
        began, ticks = time.monotonic(), int(seconds * TICKS_PER_S)
        for tick in range(ticks):
            size = CHANGES_PER_S * (tick + 1) // TICKS_PER_S - CHANGES_PER_S * tick // TICKS_PER_S
            self.change(size)
            if tick % TICKS_PER_S == 0:
                self._live.beat(self._version, int(time.time() * 1000))
            time.sleep(max(0.0, began + (tick + 1) / TICKS_PER_S - time.monotonic()))

    def change(self, size: int) -> None:
        """Turn the next ``size`` assets, on or off by rounds."""
        indices = (self._next + np.arange(size)) % ASSETS
        self._turn += self._next + size >= ASSETS
        self._next = (self._next + size) % ASSETS
        changes: Records = np.zeros(size, CHANGE)
        status = Status.ACTIVE if self._turn % 2 else Status.NORMAL
        changes["index"], changes["status"], changes["state"] = indices, status, int(status)
        changes["time"] = int(time.time())
        self._live.apply(self._version, changes, int(time.time() * 1000), "0123456789abcdef")

    def fail(self, size: int) -> None:
        """Every hundredth asset falls out, ``size`` of them."""
        changes: Records = np.zeros(size, CHANGE)
        changes["index"], changes["status"] = 100 * np.arange(size) + 2, Status.FAULT
        changes["state"], changes["time"] = 4, int(time.time())
        self._live.apply(self._version, changes, int(time.time() * 1000), "0123456789abcdef")

    def flood(self, times: int) -> None:
        """The whole city turns so many times: frames of its full size."""
        for _ in range(times):
            self.change(ASSETS)
            self._live.beat(self._version, int(time.time() * 1000))
            time.sleep(0.05)


def measured(
    server: Process, path: str, run: Callable[[float], None], cookies: list[str] | None = None
) -> dict[str, float]:
    """Delays, processor time and memory with ``CONSOLES`` clients on ``path`` while ``run(seconds)``."""
    clients = Clients(server.port, path, cookies or [""])
    run(WARM_S)
    clients.take()
    cpu, rss, began = server.cpu_s(), server.rss_mb(), time.monotonic()
    run(SECONDS)
    spent, seconds = server.cpu_s() - cpu, time.monotonic() - began
    delays = clients.take()
    growth = server.rss_mb() - rss
    clients.stop()
    if len(delays) < 0.9 * CONSOLES * SECONDS * TICKS_PER_S:
        print(f"only {len(delays)} frames came of {CONSOLES * SECONDS * TICKS_PER_S:.0f}", file=sys.stderr)
    return {
        "p50_ms": 1000 * float(np.percentile(delays, 50)),
        "p95_ms": 1000 * float(np.percentile(delays, 95)),
        "cpu_ms_per_console_s": 1000 * spent / CONSOLES / seconds,
        "rss_growth_mb": growth,
        "frames": len(delays),
    }


def stalled_growth(server: Process, city: City, cookie: str) -> float:
    """How many MB the server grows by while ``STALLED`` clients do not read and the whole city changes."""
    import socket

    # What is kept for consoles that come back is at its bound before anything is measured.
    city.flood(60)
    before = server.rss_mb()
    sockets = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(STALLED)]
    for one in sockets:
        one.sendall(asking(server.port, "/live/stream", cookie))
    city.flood(FLOODS)
    growth = server.rss_mb() - before
    for one in sockets:
        one.close()
    return growth


def room_settings(folder: Path, database_url: str, redis_url: str) -> Settings:
    """The settings of a control room of its own in ``folder``."""
    return Settings(
        city="demo", var=folder, database_url=database_url, redis_url=redis_url, port=free_port(),
        secret=SecretStr(secrets.token_urlsafe(32)),
    )  # fmt: skip


def through_the_room(folder: Path) -> dict[str, float]:
    """What the real web process costs."""
    postgres, redis = start_postgres(folder), start_redis(folder, durable=False)
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url)
        lay_out(engine)
        mine = signed_in(engine)[0]
        engine.dispose()
        settings = room_settings(folder, postgres.url, redis.url)
        city = City(redis.url)
        command = [sys.executable, str(ROOT / "app.py"), "web"]
        web = Process(command, worker_env(settings), settings.port, "/live/snapshot", mine)
        try:
            found = measured(web, "/live/stream", city.run, [mine["cookie"]])
            return found | {"stalled_growth_mb": stalled_growth(web, city, mine["cookie"])}
        finally:
            web.stop()
    finally:
        redis.stop()
        postgres.stop()


def through_nothing() -> dict[str, float]:
    """What the bare application costs."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.stream:bare", "--port", str(port), "--no-access-log"]
    server = Process(command, dict(os.environ), port, "/")
    try:
        return measured(server, "/stream", time.sleep)
    finally:
        server.stop()


def main() -> None:
    """Run it and say what came out."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        ours = through_the_room(Path(folder))
    peer = through_nothing()
    cost = ours["cpu_ms_per_console_s"], peer["cpu_ms_per_console_s"]
    print(
        json.dumps(
            {
                "p95_ms": round(ours["p95_ms"], 1),
                "p50_ms": round(ours["p50_ms"], 1),
                "cpu_ms_per_console_s": round(cost[0], 3),
                "rss_growth_mb": round(ours["rss_growth_mb"], 1),
                "stalled_growth_mb": round(ours["stalled_growth_mb"], 1),
                "vs_bare": round(cost[0] / cost[1], 2),
                "bare_p95_ms": round(peer["p95_ms"], 1),
                "bare_cpu_ms_per_console_s": round(cost[1], 3),
                "consoles": CONSOLES,
                "changes_per_s": CHANGES_PER_S,
                "frames": ours["frames"],
                "seconds": SECONDS,
            }
        )
    )


if __name__ == "__main__":
    main()
