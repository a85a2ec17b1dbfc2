"""What is lost or doubled when everything that runs is killed at random, with kill -9.

    python -m bench.chaos 20 7          # kills, seed

Servers, the ingest, the recorder and the control room run as real processes, each started again by the
supervisor of ``serve``, while two senders keep a ledger of what was acknowledged. In the end the ledger is
compared with the history and the accounts of the feeds. The last line is one JSON object; the exit is 1
unless nothing was lost, doubled or miscounted.
"""

import json
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, text

from bench.apply import lay_out
from bench.ledger import LAMPS, Key, Publishing, Pushing, Sender, long_ago, stories
from geodata.database import open_engine
from services.launch.preparing import free_ports, lay_ground, worker_env
from services.launch.servers import Server
from services.launch.supervisor import Group, Worker
from services.settings import ROOT, Settings

WORKERS = ("ingest", "record", "web")
PORTS = range(20_000, 32_000)
"""Below those the system gives to connections: nobody takes one while its process is being started again."""
PAUSE_S = (0.3, 2.0)
TICK_S = 0.05
PATIENCE_S = 90.0
ROWS_PATIENCE_S = 60.0

_ROWS = text("""
SELECT a.external_id, d.observed_property, round(extract(epoch FROM o.phenomenon_time) * 1000)::bigint,
    o.result
FROM observation o JOIN datastream d ON d.id = o.datastream_id JOIN asset a ON a.id = d.asset_id
UNION ALL
SELECT a.external_id, 'state', round(extract(epoch FROM s.phenomenon_time) * 1000)::bigint, s.state::float8
FROM state_change s JOIN asset a ON a.id = s.asset_id
""")
_BOOK = text(
    "SELECT feed, sum(received), sum(stored), sum(duplicate), sum(dead) FROM feed_minute GROUP BY feed"
)
_CODES: dict[object, Any] = {"on": 2, "off": 1, "lamp_failure": 4}


class City:
    """Everything of one small city as processes, kept alive by the supervisor."""

    def __init__(self, folder: Path) -> None:
        # A key of its own: another city that took over a port of ours would refuse our senders.
        self.key = secrets.token_urlsafe(24)
        wanted = Settings(
            city="demo", var=folder, database_url=None, redis_url=None, mqtt_url=None, simulate=False,
            intake_key=SecretStr(self.key), log_level="WARNING", **_ports(),
        )  # fmt: skip
        ground = lay_ground(wanted, _say)
        self.settings = free_ports(ground.settings, _say)
        self.engine = open_engine(str(self.settings.database_url))
        lay_out(self.engine, LAMPS)
        env = worker_env(self.settings)
        workers = [
            Worker(name, (sys.executable, ROOT / "app.py", name), env, folder / f"{name}.log")
            for name in WORKERS
        ]
        self.group = Group(ground.servers, workers, _say)
        for worker in workers:
            worker.start()

    @property
    def parts(self) -> Sequence[Server | Worker]:
        """All that may be killed."""
        return [*self.group.workers, *self.group.servers]

    def until(self, true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        """Let the supervisor tend until ``true``; SystemExit says ``what`` did not come about."""
        deadline = time.monotonic() + patience_s
        while not true():
            if time.monotonic() > deadline:
                raise SystemExit(f"within {patience_s:.0f} s not: {what}")
            self.rest(TICK_S)

    def rest(self, seconds: float) -> None:
        """Let time pass under the supervisor's eyes."""
        until = time.monotonic() + seconds
        while True:
            self.group.tend()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(TICK_S, left))

    def settled(self) -> bool:
        """Whether all is up, and nothing waits in the spool."""
        told = self._told(self.settings.intake_port)
        return told is not None and told["spooled"] == 0 and self._told(self.settings.port) is not None

    def _told(self, port: int) -> dict[str, object] | None:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
        except httpx.TransportError:
            return None
        return dict(answer.json()) if answer.status_code == 200 else None

    def close(self) -> None:
        """End all of it."""
        self.engine.dispose()
        self.group.stop()


def _ports() -> dict[str, int]:
    """Ports of this run's own, so that two runs at a time do not meet."""
    names = ("port", "public_port", "intake_port", "simulator_port")
    return dict(zip(names, random.SystemRandom().sample(PORTS, len(names)), strict=True))


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def kill(part: Server | Worker) -> None:
    """kill -9 of the whole tree; frozen first, so that it gains no child while it is read."""
    assert part.process is not None
    pid = part.process.pid
    os.kill(pid, signal.SIGSTOP)
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    for one in (pid, *children):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    part.process.wait()


def havoc(city: City, kills: int, dice: random.Random) -> None:
    """``kills`` kills: every part in each round, in random order, after random pauses."""
    due: list[str] = []
    for number in range(1, kills + 1):
        due = due or dice.sample([part.name for part in city.parts], len(city.parts))
        victim = next(part for part in city.parts if part.name == due[-1])
        due.pop()
        city.rest(dice.uniform(*PAUSE_S))
        city.until(lambda part=victim: part.alive, f"{victim.name} is up")  # type: ignore[misc]
        _say(f"kill {number}/{kills}: {victim.name}")
        kill(victim)


def ledger(senders: Sequence[Sender]) -> dict[Key, float]:
    """Every acknowledged observation as the history tells it."""
    entries = (sender.story.entry(number) for sender in senders for number in sender.accepted)
    return {key: float(_CODES.get(value, value)) for key, value in entries}


def history(engine: Engine) -> list[tuple[Key, float]]:
    """Every row of the history, as the ledger names them."""
    with engine.connect() as connection:
        return [((asset, what, at), float(value)) for asset, what, at, value in connection.execute(_ROWS)]


def missing(engine: Engine, expected: dict[Key, float]) -> list[Key]:
    """What of the ledger the history does not have, or has otherwise; oldest first."""
    found = dict(history(engine))
    return sorted((key for key in expected if found.get(key) != expected[key]), key=lambda key: key[2])


def compared(engine: Engine, expected: dict[Key, float]) -> dict[str, int]:
    """How the history and the accounts differ from the ledger."""
    rows = history(engine)
    with engine.connect() as connection:
        book = connection.execute(_BOOK).all()
    wrong = sum(abs(received - stored - again - dead) + dead for _, received, stored, again, dead in book)
    counted = sum(stored for _, _, stored, _, _ in book)
    return {
        "accepted": len(expected),
        "lost": len(missing(engine, expected)),
        "duplicated": len(rows) - len(expected.keys() & dict(rows).keys()),
        "unbalanced": int(wrong + abs(counted - len(rows))),
    }


def chaos(folder: Path, kills: int, seed: int) -> dict[str, float]:
    """Run a city in ``folder``, kill, let everything come to rest, and compare."""
    began, dice = time.monotonic(), random.Random(seed)
    city = City(folder)
    try:
        pushed, published = stories(long_ago())
        city.until(city.settled, "the city has started")
        url = f"http://127.0.0.1:{city.settings.intake_port}/ingest/observations"
        senders = [Pushing(pushed, url, city.key), Publishing(published, str(city.settings.mqtt_url))]
        for sender in senders:
            sender.start()
        havoc(city, kills, dice)
        city.until(city.settled, "everything is up again")
        for sender in senders:
            sender.finish(PATIENCE_S)
        city.until(city.settled, "the spool is empty")
        expected = ledger(senders)
        with suppress(SystemExit):
            city.until(lambda: not missing(city.engine, expected), "all rows", ROWS_PATIENCE_S)
        found = compared(city.engine, expected)
        for key in missing(city.engine, expected)[:20]:
            _say(f"lost: {key} {expected[key]}")
    finally:
        city.close()
    return {"kills": kills, **found, "seed": seed, "seconds": round(time.monotonic() - began, 1)}


def main(kills: int, seed: int) -> int:
    """Run it, print what came out, and say how it went by the exit."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-chaos-", dir="/var/tmp"))
    folder.chmod(0o711)
    found = chaos(folder, kills, seed)
    bad = any(found[name] for name in ("lost", "duplicated", "unbalanced"))
    if bad:
        _say(f"what the processes said is in {folder}")
    else:
        shutil.rmtree(folder)
    print(json.dumps(found))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:] or ("20", "7"))))
