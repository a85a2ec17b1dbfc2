"""Observations a second through the devices' door: real HTTP push, Redis and PostGIS, everything on.

    python -m bench.apply          # QUICK=1 ends within 45 s

Starts servers of its own. Half of the observations are measured values, half states; a tenth of the states
turned. The peer, in the same run, is COPY of the same measured rows into a staging table and nothing else.
The last line is one JSON object.
"""

import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx
import numpy as np
import psycopg
import uvicorn
from pydantic import SecretStr
from sqlalchemy import Engine, text

from geodata.database import migrate, open_engine, plain_url
from intake.door import intake
from services.launch.servers import free_port, start_postgres, start_redis
from services.live import Ingest
from services.live.pgcopy import copy_bytes, microseconds
from services.settings import Settings

QUICK = os.environ.get("QUICK") == "1"
ASSETS = 35_000
BATCH = 500
AT_ONCE = 8
SENDINGS = 400 if QUICK else 2_000
KEY = "a-key-for-this-bench-alone"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def lay_out(engine: Engine, assets: int = ASSETS) -> None:
    """``assets`` lamps and cabinets, L-1..., one cabinet to sixty."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, parent_id) "
                "SELECT n, 'L-' || n, 'bench', 'lighting', "
                "CASE WHEN n % 60 = 1 THEN 'control_cabinet' ELSE 'streetlight' END, 'L-' || n, "
                "ST_SetSRID(ST_MakePoint(5 + random() / 10, 47 + random() / 10), 4326), "
                "CASE WHEN n % 60 = 1 THEN NULL ELSE n - (n - 1) % 60 END FROM generate_series(1, :n) n"
            ),
            {"n": assets},
        )
        connection.execute(text("UPDATE layout SET version = version + 1"))


def bodies(first: int, count: int) -> Iterator[bytes]:
    """``count`` sendings from number ``first`` on, each of ``BATCH`` observations."""
    for sending in range(first, first + count):
        yield json.dumps([_item(sending * BATCH + place) for place in range(BATCH)]).encode()


def _item(number: int) -> dict[str, object]:
    """Every asset in turn; each full round is a second later, a value and a state by turns."""
    asset, turn = number % ASSETS + 1, number // ASSETS
    when = (BEGAN + timedelta(seconds=turn)).isoformat()
    if (asset + turn) % 2:
        return {"asset": f"L-{asset}", "property": "power", "value": number % 200, "phenomenon_time": when}
    turned = (asset // 10 + turn) % 10 == 0
    return {"asset": f"L-{asset}", "property": "state", "value": 2 - turned, "phenomenon_time": when}


class Sender:
    """A process of its own that posts what ``bodies`` gives over ``AT_ONCE`` connections."""

    def __init__(self, url: str, first: int, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._made, self._go = context.Event(), context.Event()
        self._process = context.Process(target=send, args=(url, first, count, self._made, self._go))
        self._process.start()

    async def ready(self) -> None:
        """Come back once everything it will send is made."""
        while not self._made.is_set():
            await asyncio.sleep(0.05)

    async def run(self) -> None:
        """Let it send all of it."""
        self._go.set()
        while self._process.is_alive():
            await asyncio.sleep(0.01)
        if self._process.exitcode:
            raise SystemExit("the sender failed")


def send(url: str, first: int, count: int, made: Event, go: Event) -> None:
    """In the sender's process: make the bodies, wait, post them."""
    waiting = list(bodies(first, count))[::-1]
    made.set()
    go.wait()
    asyncio.run(_send(url, waiting))


async def _send(url: str, waiting: list[bytes]) -> None:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {KEY}"}, timeout=30) as client:

        async def one() -> None:
            while waiting:
                answer = await client.post(url, content=waiting.pop())
                answer.raise_for_status()
                if answer.json()["rejected"] or answer.json()["duplicate"]:
                    raise SystemExit(f"not all of it was stored: {answer.text[:300]}")

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))


async def through_the_door(settings: Settings) -> dict[str, float]:
    """Observations a second and seconds a stage, door in this process, sender in another."""
    app = intake(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, port=settings.intake_port, log_level="warning", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{settings.intake_port}/ingest/observations"
    ingest: Ingest = app.state.door.ingest
    await _ready(server, ingest)
    warm = ASSETS * 2 // BATCH
    first, rest = Sender(url, 0, warm), Sender(url, warm, SENDINGS)
    await first.run()
    await rest.ready()
    before, began, thread = dict(vars(ingest.timings)), time.perf_counter(), time.thread_time()
    await rest.run()
    seconds, http = time.perf_counter() - began, time.thread_time() - thread
    stages = {name: spent - before[name] for name, spent in vars(ingest.timings).items()} | {"http": http}
    server.should_exit = True
    await serving
    return {"per_s": SENDINGS * BATCH / seconds, "seconds": seconds} | stages


async def _ready(server: uvicorn.Server, ingest: Ingest) -> None:
    async with asyncio.timeout(30):
        while not (server.started and ingest.ready):
            await asyncio.sleep(0.05)


def bare_copy(url: str) -> float:
    """Rows a second of COPY alone: the measured rows of the same sendings, in the same batches."""
    rows = (SENDINGS * BATCH) // 2
    per_batch = BATCH * AT_ONCE // 2
    stream = np.arange(rows, dtype="i4")
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute(
            "CREATE TEMP TABLE peer (datastream_id int, at timestamptz, result float8, q int2)"
        )
        began = time.perf_counter()
        for start in range(0, rows, per_batch):
            _copy_some(connection, stream[start : start + per_batch])
        return rows / (time.perf_counter() - began)


def _copy_some(
    connection: psycopg.Connection[tuple[object, ...]], streams: "np.typing.NDArray[np.int32]"
) -> None:
    times = np.full(len(streams), BEGAN.timestamp())
    rows = copy_bytes(
        [(">i4", streams), (">i8", microseconds(times)), (">f8", streams / 7), (">i2", streams * 0)]
    )
    with connection.cursor().copy("COPY peer FROM STDIN (FORMAT binary)") as copy:
        copy.write(rows)


def main() -> None:
    """Run it and say what came out."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        postgres, redis = start_postgres(Path(folder)), start_redis(Path(folder))
        try:
            migrate(postgres.url)
            engine = open_engine(postgres.url)
            lay_out(engine)
            engine.dispose()
            settings = Settings(
                city="demo",
                database_url=postgres.url,
                redis_url=redis.url,
                intake_key=SecretStr(KEY),
                intake_port=free_port(),
                simulator_port=free_port(),
                var=Path(folder),
            )
            found = asyncio.run(through_the_door(settings))
            copied = bare_copy(postgres.url)
        finally:
            redis.stop()
            postgres.stop()
    print(json.dumps(_told(found, copied)))


def _told(found: dict[str, float], copied: float) -> dict[str, float]:
    stages = {name: found[name] for name in ("http", "judge", "redis", "store")}
    busy = sum(stages.values())
    return {
        "observations_per_s": round(found["per_s"]),
        "vs_copy": round(found["per_s"] / copied, 3),
        **{f"share_{name}": round(spent / busy, 3) for name, spent in stages.items()},
        "copy_rows_per_s": round(copied),
        "observations": SENDINGS * BATCH,
        "seconds": round(found["seconds"], 2),
        "batch": BATCH,
    }


if __name__ == "__main__":
    main()
