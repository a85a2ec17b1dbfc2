"""Visitors beside a control room: what 500 embeds a second wait, and what the room then waits.

    python -m bench.public_beside

The public door behind the deployed nginx with its cache, and the control room of a city of 35,000 assets
that changes all the while, on the same machine. The room is asked a callback (what needs somebody) without
and with the visitors, by turns. The last line is one JSON object.
"""

import json
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.apply import lay_out
from bench.guard import AREAS, EVERYWHERE, FAULTS, divide, question
from bench.http_load import paced, request
from bench.public import PANEL, proxy, server
from bench.signing_in import Headers, signed_in
from bench.stream import City, Process, room_settings
from geodata.database import migrate, open_engine
from services.launch.preparing import worker_env
from services.launch.servers import start_postgres, start_redis
from services.settings import ROOT
from tests.ports import wait_for_port
from tests.published import published

RATE, SECONDS, ROUNDS = 500, 10.0, 3
GOAL_MS = 50.0
CALLS_PER_S = 20


def room(stack: ExitStack, folder: Path) -> tuple[Process, City, Headers]:
    """A control room with a city that changes, and what somebody signed in sends."""
    postgres, redis = start_postgres(folder), start_redis(folder, durable=False)
    stack.callback(postgres.stop)
    stack.callback(redis.stop)
    migrate(postgres.url)
    engine = open_engine(postgres.url)
    lay_out(engine)
    divide(engine)
    (one,) = signed_in(engine, [EVERYWHERE])
    engine.dispose()
    settings = room_settings(folder, postgres.url, redis.url)
    city = City(redis.url, version=3)
    command = [sys.executable, str(ROOT / "app.py"), "web"]
    web = Process(command, worker_env(settings), settings.port, "/live/snapshot", one)
    stack.callback(web.stop)
    return web, city, one


def asked_room(client: httpx.Client, body: dict[str, Any], seconds: float) -> list[float]:
    """The ms each of CALLS_PER_S callbacks a second took."""
    took, began = [], time.perf_counter()
    for turn in range(int(CALLS_PER_S * seconds)):
        time.sleep(max(0.0, began + turn / CALLS_PER_S - time.perf_counter()))
        sent = time.perf_counter()
        client.post("/_dash-update-component", json=body).raise_for_status()
        took.append(1000 * (time.perf_counter() - sent))
    return took


def measure(web: Process, city: City, one: Headers, visitors: int) -> dict[str, float]:
    """The room without and with visitors, by turns; and what these waited."""
    quiet, beside, waited = list[float](), list[float](), list[float]()
    stop = threading.Event()
    changing = threading.Thread(target=lambda: _change(city, stop), daemon=True)
    changing.start()
    with (
        ProcessPoolExecutor(1) as pool,
        httpx.Client(base_url=f"http://127.0.0.1:{web.port}", headers=one, timeout=30) as client,
    ):
        body = question(client)
        asked_room(client, body, 2.0)
        for _ in range(ROUNDS):
            quiet += asked_room(client, body, SECONDS)
            load: Future[list[float]] = pool.submit(
                paced, visitors, request(PANEL, visitors, "text/html"), RATE, SECONDS
            )
            beside += asked_room(client, body, SECONDS)
            waited += load.result()
    stop.set()
    changing.join(5)
    p99, before, after = (float(np.percentile(v, q)) for v, q in ((waited, 99), (quiet, 95), (beside, 95)))
    return {
        "rate_per_s": RATE, "p50_ms": statistics.median(waited), "p99_ms": p99, "p99_vs_goal": p99 / GOAL_MS,
        "room_p95_ms": before, "room_p95_beside_ms": after, "room_p95_rise": after / before - 1,
    }  # fmt: skip


def _change(city: City, stop: threading.Event) -> None:
    while not stop.is_set():
        city.run(1.0)


def main() -> None:
    """Run it and say what came out."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        web, city, one = room(stack, folder)
        city.run(1.0)
        city.fail(FAULTS)
        published(folder / "public")
        door = stack.enter_context(server("door", str(folder / "public"), "kept"))
        wait_for_port(door, 60)
        file = folder / "page"
        file.write_bytes(b"")
        Path(f"{file}.headers").write_text("[]")
        visitors, _ = stack.enter_context(proxy(folder / "nginx", door, file))
        found = measure(web, city, one, visitors)
    print(json.dumps({"areas": AREAS, **{key: round(value, 3) for key, value in found.items()}}))


if __name__ == "__main__":
    main()
