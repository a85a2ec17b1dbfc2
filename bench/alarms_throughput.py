"""What the default rules cost the pipeline: stored observations a second with the alarm process and without.

    python -m bench.alarms_throughput      # QUICK=1: one round, fewer lamps

One city, PostgreSQL as durable as in production. The same kind of load is stored without the alarm process,
twice with the real one (``app.py alarm``, all rules of the domains on), which has first taken all that went
before, and once more without: what drifts on the machine falls on both. One item in ten is a state, and some
lamps fail: rules have something to raise. ``throughput_vs_no_rules``: the middle rate with rules over the
middle rate without (goal 0.7); ``caught_up_s``: the longest from the last observation stored to the engine
having taken it. Every wait has its deadline, and what was started is ended however the bench ends.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Engine, text

from bench.apply import ASSETS, lay_out
from bench.ingest import STATE_SHARE, item
from bench.stream import room_settings
from geodata.database import migrate, open_engine
from services.launch.preparing import worker_env
from services.launch.servers import start_postgres, start_redis
from services.live import Ingest
from services.live.parsed import parse_json
from services.settings import ROOT

QUICK = os.environ.get("QUICK") == "1"
LAMPS = 5_000 if QUICK else 30_000
EACH = 40_000 if QUICK else 200_000
ROUNDS = 1 if QUICK else 2
BATCH, AT_ONCE = 2_000, 2
SPARE = 10
FAILS_EACH = 50 * STATE_SHARE
FAILED = "lamp_failure"
READY_S, STORED_S, TAKEN_S, STOP_S = 40.0, 120.0, 90.0, 10.0
LOOK_S = 0.1

T = TypeVar("T")


def told(number: int) -> dict[str, object]:
    """One item of the load of ``bench/ingest.py``; in so many states one is a failure."""
    turn, lamp = divmod(number, LAMPS)
    made = item(turn * ASSETS + lamp)
    return made | {"value": FAILED} if lamp % FAILS_EACH == 1 else made


@contextmanager
def watched(env: dict[str, str]) -> Iterator[None]:
    """The alarm process runs inside, and nowhere after."""
    command = [sys.executable, str(ROOT / "app.py"), "alarm"]
    process = subprocess.Popen(
        command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
        if process.poll() is not None:
            raise SystemExit(f"the alarm process ended by itself: {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)


async def within(seconds: float, what: str, asked: Awaitable[T]) -> T:
    """The answer of ``asked``; the bench ends when it takes longer than ``seconds``."""
    try:
        return await asyncio.wait_for(asked, seconds)
    except TimeoutError:
        raise SystemExit(f"{what}: not within {seconds:.0f} s") from None


async def until(seconds: float, what: str, holds: Callable[[], bool]) -> float:
    """Wait until ``holds``; how long it took, s."""

    async def looked() -> float:
        began = time.perf_counter()
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(LOOK_S)
        return time.perf_counter() - began

    return await within(seconds, what, looked())


def has_taken(engine: Engine) -> bool:
    """Whether the alarm process has taken all that settled."""
    with engine.connect() as connection:
        newest = "(SELECT max(settled_at) FROM settled_batch)"
        found = connection.scalar(text(f"SELECT settled_at >= {newest} AND layout > 0 FROM alarm_engine"))
    return bool(found)


async def stored(ingest: Ingest, first: int) -> float:
    """Observations a second, from the first sent to the last durable; those from ``first`` on."""
    bodies = [
        msgspec.json.encode([told(n) for n in range(at, at + BATCH)])
        for at in range(first, first + EACH, BATCH)
    ]

    async def send(mine: list[bytes]) -> None:
        for body in mine:
            receipt = await ingest.submit("bench", parse_json(body))
            if receipt.rejected:
                raise SystemExit(f"not as measured: {receipt.rejects[:2]}")

    began = time.perf_counter()
    shares = (send(bodies[at::AT_ONCE]) for at in range(AT_ONCE))
    await within(STORED_S, "storing", asyncio.gather(*shares))
    # On a busy machine a batch may have to wait on the disk beside the database: stored is what is in it.
    await until(STORED_S, "draining the spool", lambda: not ingest.spooled)
    return EACH / (time.perf_counter() - began)


async def rounds(engine: Engine, ingest: Ingest, env: dict[str, str]) -> dict[str, float]:
    """Both by turns, after a warm round that gives every asset its datastream."""
    await until(READY_S, "the ingest", lambda: ingest.ready)
    first = 0
    while first < LAMPS:
        await stored(ingest, first)
        first += EACH
    without, ruled, behind = [], [], []
    for _ in range(ROUNDS):
        without.append(await stored(ingest, first))
        with watched(env):
            await until(TAKEN_S, "the alarm process takes what was before", lambda: has_taken(engine))
            for turn in (1, 2):
                ruled.append(await stored(ingest, first + turn * EACH))
                behind.append(await until(TAKEN_S, "the alarm process catches up", lambda: has_taken(engine)))
        without.append(await stored(ingest, first + 3 * EACH))
        first += 4 * EACH
    return {
        "throughput_vs_no_rules": round(statistics.median(ruled) / statistics.median(without), 3),
        "ruled_per_s": round(statistics.median(ruled)),
        "no_rules_per_s": round(statistics.median(without)),
        "caught_up_s": round(max(behind), 2),
    }


async def run(engine: Engine, redis_url: str, folder: Path, env: dict[str, str]) -> dict[str, float]:
    """The rounds, with an ingest that is stopped however they end."""
    ingest = Ingest(engine, redis_url, shard="demo", spool=folder / "spool.sqlite")
    await ingest.start()
    try:
        return await rounds(engine, ingest, env)
    finally:
        await within(STOP_S, "the ingest stops", ingest.stop())


def measure(folder: Path) -> dict[str, float]:
    """Start everything in ``folder``, measure, stop everything."""
    postgres = start_postgres(folder)
    try:
        redis = start_redis(folder, durable=False)
        try:
            migrate(postgres.url)
            engine = open_engine(postgres.url)
            lay_out(engine, LAMPS + SPARE)
            env = worker_env(room_settings(folder, postgres.url, redis.url))
            found = asyncio.run(run(engine, redis.url, folder, env))
            with engine.connect() as connection:
                raised = connection.scalar(text("SELECT count(*) FROM alarm")) or 0
            engine.dispose()
        finally:
            redis.stop()
    finally:
        postgres.stop()
    if not raised:
        raise SystemExit("no alarm was raised: the rules did not run")
    return found | {"raised": float(raised)}


def end_with_finally() -> None:
    """Asked to end, unwind: what was started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))


def main() -> None:
    """Measure and print."""
    end_with_finally()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        print(json.dumps(measure(folder)))


if __name__ == "__main__":
    main()
