"""Dusk: every light of the city switches within a minute on top of the traffic, fifty consoles watching.

    python -m bench.burst          # QUICK=1 ends within 45 s

Real processes: broker, database, Redis, the ingest and the control room, one headless Chromium drawing the
map in software and 49 consoles reading the stream. A message carries the instant it was sent; the page notes
when the picture with its change was drawn. The limit, in the same run, is how long any picture takes the page
while this goes on. The last line is one JSON object.
"""

import asyncio
import json
import multiprocessing
import os
import socket
import struct
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import psycopg
from playwright.sync_api import Page
from pydantic import SecretStr

from bench.apply import lay_out
from bench.bare_publisher import packet
from bench.chromium import chromium, heap_mb, page
from bench.ingest import TOPIC
from geodata.database import migrate, open_engine
from services.launch.preparing import worker_env
from services.launch.servers import Server, free_port, start_mosquitto, start_postgres, start_redis
from services.launch.supervisor import Worker
from services.settings import ROOT, Settings

QUICK = os.environ.get("QUICK") == "1"
LIGHTS = 6_000 if QUICK else 34_000
SECONDS = 10 if QUICK else 60
BESIDE = 1_000
"""Messages a second of measured values, all the while."""
CONSOLES = 50
SAMPLE = 40
KEY = "a-key-for-this-bench-alone"
STEP_S = 0.02

WATCH = """
(wanted) => {
  const mine = new Set(wanted);
  const found = (window.burst = { drawn: {}, frames: [] });
  let before = performance.now();
  const loop = (now) => { found.frames.push(now - before); before = now; requestAnimationFrame(loop); };
  requestAnimationFrame(loop);
  window.vigie.live.subscribe((news) => {
    const now = news.changed.filter((index) => mine.delete(index));
    if (!now.length) return;
    // The map draws in the next picture; the one after begins when that is done.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const index of now) found.drawn[index] = Date.now() / 1000;
    }));
  });
}
"""


def light(number: int) -> int:
    """The asset number of light ``number``: cabinets are left out."""
    return number + 2 + (number // 59)


def say(asset: int, what: str, value: object, at: float) -> bytes:
    """One observation as a lamp's gateway sends it."""
    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return msgspec.json.encode(
        {"asset": f"L-{asset}", "property": what, "value": value, "phenomenon_time": when}
    )


def send(url: str, results: Any) -> None:
    """In the sender's process: switch the lights evenly over ``SECONDS``, values beside; (asset, sent at)."""
    host, port = url.removeprefix("mqtt://").split(":")
    switched: list[tuple[int, float]] = []
    values = messages = 0
    with socket.create_connection((host, int(port))) as link:
        head = b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", 4) + b"dusk"
        link.sendall(b"\x10" + bytes([len(head)]) + head)
        link.recv(4)
        threading.Thread(target=_swallow, args=(link,), daemon=True).start()
        began = time.time()
        while (elapsed := time.time() - began) < SECONDS or len(switched) < LIGHTS:
            burst = []
            while len(switched) < min(LIGHTS, int(LIGHTS * elapsed / SECONDS) + 1):
                asset, now = light(len(switched)), time.time()
                switched.append((asset, now))
                messages += 1
                burst.append(packet(TOPIC, say(asset, "state", "on", now), messages))
            while values < int(BESIDE * elapsed):
                values += 1
                messages += 1
                asset = light(values % LIGHTS)
                measured = say(asset, "power", 40 + values % 9, time.time())
                burst.append(packet(TOPIC, measured, messages))
            link.sendall(b"".join(burst))
            threading.Event().wait(STEP_S)
        results.put((switched, values))
        threading.Event().wait(1.0)


def _swallow(link: socket.socket) -> None:
    while link.recv(65_536):
        pass


class Readers:
    """Consoles that only read the stream, in a thread with a loop of its own."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._count = port, count
        self.lags: list[float] = []
        self.bytes = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        """Connect them all."""
        self._thread.start()

    async def _run(self) -> None:
        await asyncio.gather(*(self._read(place) for place in range(self._count)))

    async def _read(self, place: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"GET /live/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        kind = b""
        while line := await reader.readline():
            self.bytes += len(line)
            if line.startswith(b"event:"):
                kind = line[6:].strip()
            elif line.startswith(b"data:") and kind == b"frame" and place == 0:
                self.lags.append(time.time() - float(json.loads(line[5:])["t"]))


def workers(settings: Settings, folder: Path) -> dict[str, Worker]:
    """The two processes under load, started."""
    env = worker_env(settings) | {"PYTHONUNBUFFERED": "1", "PATH": os.environ["PATH"]}
    made = {
        name: Worker(name, (sys.executable, ROOT / "app.py", name), env, folder / f"{name}.log")
        for name in ("ingest", "web")
    }
    for worker in made.values():
        worker.start()
    for port in (settings.intake_port, settings.port):
        _wait(lambda port=port: httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200)  # type: ignore[misc]
    return made


def _wait(holds: Any, patience_s: float = 90.0) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        threading.Event().wait(0.1)
    raise SystemExit("not ready in time")


def darken(settings: Settings) -> None:
    """Tell every light's state of before, so that each one turns."""
    before = time.time() - 600
    with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=60) as client:
        for at in range(0, LIGHTS, 2_000):
            items = [
                say(light(number), "state", "off", before) for number in range(at, min(at + 2_000, LIGHTS))
            ]
            url = f"http://127.0.0.1:{settings.intake_port}/ingest/observations"
            client.post(url, content=b"[" + b",".join(items) + b"]").raise_for_status()


def stored(url: str, since: datetime) -> tuple[int, int]:
    """State changes to ``on`` and values in the history after ``since``."""
    with psycopg.connect(url) as connection:
        states = connection.execute(
            "SELECT count(*) FROM state_change WHERE state = 2 AND phenomenon_time >= %s", (since,)
        ).fetchone()
        values = connection.execute(
            "SELECT count(*) FROM observation WHERE phenomenon_time >= %s", (since,)
        ).fetchone()
    return (states or (0,))[0], (values or (0,))[0]


def cpu_s(worker: Worker) -> float:
    """Processor seconds of a worker so far."""
    assert worker.process is not None
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(opened: Page, settings: Settings, postgres: Server, running: dict[str, Worker]) -> dict[str, Any]:
    """The burst, watched by ``opened``."""
    opened.wait_for_selector("#room-map canvas")
    opened.wait_for_timeout(3_000)
    wanted = [light(number) - 1 for number in range(0, LIGHTS, SAMPLE)]
    opened.evaluate(WATCH, wanted)
    heap = heap_mb(opened)
    used = {name: cpu_s(worker) for name, worker in running.items()}
    results: Any = multiprocessing.get_context("spawn").Queue()
    since = datetime.now(UTC) - timedelta(seconds=1)
    readers = Readers(settings.port, CONSOLES - 1)
    readers.start()
    sender = multiprocessing.get_context("spawn").Process(target=send, args=(str(settings.mqtt_url), results))
    sender.start()
    # The page is not asked anything meanwhile: a question would wait in its queue and disturb it.
    opened.wait_for_timeout((SECONDS + 2) * 1_000)
    switched, values = results.get(timeout=120)
    sender.join()
    _wait(lambda: stored(postgres.url, since) == (len(switched), values), 20)
    opened.wait_for_timeout(1_500)
    seen = opened.evaluate("() => window.burst")
    at = dict(switched)
    drawn = {int(index): moment for index, moment in seen["drawn"].items()}
    delays = np.array([(moment - at[index + 1]) * 1_000 for index, moment in drawn.items()])
    frames = np.array([ms for ms in seen["frames"] if ms > 0])
    states, kept = stored(postgres.url, since)
    p50, p95, p99 = (round(float(q)) for q in np.percentile(delays, (50, 95, 99)))
    frame_p95 = float(np.percentile(frames, 95))
    return {
        "sent": len(switched) + values,
        "lost": len(switched) + values - states - kept,
        "never_drawn": len(wanted) - len(drawn),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "picture_p95_ms": round(frame_p95),
        "p95_vs_picture": round(p95 / frame_p95, 2),
        "sse_p95_ms": round(float(np.percentile(np.array(readers.lags) * 1_000, 95)), 1),
        "consoles": CONSOLES,
        "heap_growth_mb": round(heap_mb(opened) - heap, 1),
        **{f"{name}_cpu_s": round(cpu_s(worker) - used[name], 1) for name, worker in running.items()},
    }


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres, cache, broker = (
            start_postgres(folder, "bench"),
            start_redis(folder),
            start_mosquitto(folder),
        )
        running: dict[str, Worker] = {}
        try:
            migrate(postgres.url)
            engine = open_engine(postgres.url)
            lay_out(engine)
            engine.dispose()
            settings = Settings(
                var=folder, database_url=postgres.url, redis_url=cache.url, mqtt_url=broker.url,
                intake_key=SecretStr(KEY), port=free_port(), intake_port=free_port(),
                simulator_port=free_port(),
            )  # fmt: skip
            running = workers(settings, folder)
            darken(settings)
            with chromium() as browser, page(browser, f"http://localhost:{settings.port}/") as opened:
                print(json.dumps(measure(opened, settings, postgres, running)))
        finally:
            for worker in running.values():
                if worker.process is not None:
                    worker.process.kill()
                    worker.process.wait()
            for server in (broker, cache, postgres):
                server.stop()


if __name__ == "__main__":
    main()
