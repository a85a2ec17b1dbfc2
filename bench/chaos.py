"""Kills what runs, at random, and counts what was accepted and is not there afterwards.

    python -m bench.chaos 20 7     # KILLS SEED; make chaos KILLS=20 SEED=7

Real processes on a small city: database, Redis, broker, ingest, recorder, control room. Two senders keep a
ledger: HTTP push, where a sending counts once it was answered 200, and MQTT, where a message counts once the
broker confirmed it. A broker killed with -9 may lose what it confirmed within its last autosave second
(faults.md 2.1), so its sender says the last seconds again after every reconnect, as gateways must. The last
line is one JSON object.
"""

import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import SecretStr
from sqlalchemy import text

from geodata.database import migrate, open_engine
from services.launch.preparing import worker_env
from services.launch.servers import Server, free_port, start_mosquitto, start_postgres, start_redis
from services.launch.supervisor import Worker
from services.settings import ROOT, Settings

KEY = "a-key-for-this-chaos-alone"
LAMPS = 100
SAID_AGAIN_S = 3.0
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
PAUSES_S = (0.3, 2.0)
DRAIN_S = 90.0
SERVERS = ("postgres", "redis", "mosquitto")
WORKERS = ("ingest", "record", "web")

Key = tuple[str, str, int]
"""Asset, property and seconds after BEGAN: what makes an observation unique."""


@dataclass
class Ledger:
    """What senders were told is durable. ``accepted`` is read only once the senders have ended."""

    accepted: set[Key] = field(default_factory=set)
    sent: set[Key] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: iter(range(10**9)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, prefix: str) -> tuple[list[dict[str, object]], list[Key]]:
        """The next sending of ten observations, eight values and two states that turn."""
        with self.lock:
            number = next(self.numbers)
        items: list[dict[str, object]] = []
        keys: list[Key] = []
        for place in range(10):
            asset = f"{prefix}-{(number * 10 + place) % LAMPS}"
            second = number
            when = (BEGAN + timedelta(seconds=second)).isoformat()
            what = "state" if place < 2 else "power"
            value: object = ("on", "lamp_failure")[number // 10 % 2] if place < 2 else second % 100
            items.append({"asset": asset, "property": what, "value": value, "phenomenon_time": when})
            keys.append((asset, what, second))
        with self.lock:
            self.sent.update(keys)
        return items, keys

    def note(self, keys: list[Key]) -> None:
        """These are durable, somebody said."""
        with self.lock:
            self.accepted.update(keys)


def push(url: str, ledger: Ledger, stop: threading.Event) -> None:
    """Send over HTTP until asked to stop; what was not answered 200 is sent again, until it is."""
    with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=5) as client:
        while not stop.is_set():
            items, keys = ledger.next("H")
            while True:
                try:
                    answer = client.post(f"{url}/ingest/observations", json=items)
                except httpx.TransportError:
                    stop.wait(0.05)
                    continue
                if answer.status_code == 200:
                    if answer.json()["rejected"]:
                        raise SystemExit(f"refused: {answer.text[:300]}")
                    ledger.note(keys)
                    break
                stop.wait(0.05)


class Publisher:
    """Publishes with QoS 1; what a broker confirmed is accepted, and the last seconds are said again."""

    def __init__(self, url: str, ledger: Ledger, stop: threading.Event) -> None:
        self._ledger, self._stop = ledger, stop
        self._waiting: dict[int, tuple[bytes, list[Key]]] = {}
        self._recent: list[tuple[float, bytes]] = []
        self._lock = threading.Lock()
        self._connected = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id="chaos", clean_session=True)
        self.client.on_connect = self._again
        self.client.on_disconnect = lambda *_: self._connected.clear()
        self.client.on_publish = self._confirmed
        self.client.reconnect_delay_set(1, 1)
        host, port = url.removeprefix("mqtt://").split(":")
        self.client.connect_async(host, int(port), keepalive=10)
        self.client.loop_start()

    def _again(self, *_arguments: Any) -> None:
        """Everything unconfirmed, and everything of the last seconds."""
        with self._lock:
            unconfirmed = list(self._waiting.values())
            self._waiting.clear()
            recent = [payload for at, payload in self._recent if time.monotonic() - at < SAID_AGAIN_S + 3]
        self._connected.set()
        for payload in recent:
            self.client.publish("vigie/demo/streetlight", payload, 1)
        for payload, keys in unconfirmed:
            self._publish(payload, keys)

    def _publish(self, payload: bytes, keys: list[Key]) -> None:
        with self._lock:
            info = self.client.publish("vigie/demo/streetlight", payload, 1)
            self._waiting[info.mid] = (payload, keys)

    def _confirmed(self, _client: Any, _data: Any, mid: int, *_more: Any) -> None:
        with self._lock:
            payload, keys = self._waiting.pop(mid, (b"", []))
            self._recent.append((time.monotonic(), payload))
            self._recent = [(at, p) for at, p in self._recent if p and time.monotonic() - at < 10]
        self._ledger.note(keys)

    def run(self) -> None:
        """Publish until asked to stop, then wait until everything was confirmed."""
        while not self._stop.is_set():
            if self._connected.wait(0.2) and len(self._waiting) < 50:
                items, keys = self._ledger.next("M")
                self._publish(json.dumps(items).encode(), keys)
            self._stop.wait(0.01)

    def done(self) -> bool:
        """Whether everything was confirmed."""
        return not self._waiting

    def close(self) -> None:
        """Let go."""
        self.client.disconnect()
        self.client.loop_stop()


def lay_out(url: str) -> None:
    """Two hundred lamps."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for prefix, first in (("H", 1), ("M", 1001)):
            connection.execute(
                text(
                    "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry) "
                    "SELECT :first + n, :prefix || n, 'chaos', 'lighting', 'streetlight', :prefix || n, "
                    "ST_SetSRID(ST_MakePoint(5.0 + n / 1e4, 47.3), 4326) FROM generate_series(0, :last) n"
                ),
                {"prefix": f"{prefix}-", "first": first, "last": LAMPS - 1},
            )
        connection.execute(text("UPDATE layout SET version = version + 1"))
    engine.dispose()


def kill_tree(process: Any) -> None:
    """SIGKILL to a process and all it started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    family = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    for pid in (*family, process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


@dataclass
class Town:
    """What runs, by name."""

    settings: Settings
    servers: dict[str, Server]
    workers: dict[str, Worker]

    def strike(self, name: str) -> None:
        """Kill one part and start it again, as the supervisor does."""
        if name in self.servers:
            kill_tree(self.servers[name].process)
            self.servers[name].start()
        else:
            kill_tree(self.workers[name].process)
            self.workers[name].start()

    def tend(self) -> None:
        """Start again what ended by itself."""
        for worker in self.workers.values():
            if not worker.alive:
                worker.start()

    def intake(self) -> dict[str, Any]:
        """What the devices' door says of itself; empty when it does not answer."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.settings.intake_port}/readyz", timeout=2)
        except httpx.HTTPError:
            return {}
        found: dict[str, Any] = answer.json()
        return found

    def stop(self) -> None:
        """End everything."""
        for worker in self.workers.values():
            if worker.process is not None:
                worker.process.kill()
                worker.process.wait()
        for server in self.servers.values():
            server.stop()


def open_town(folder: Path) -> Town:
    """Everything started, on a laid out city."""
    servers = {
        "postgres": start_postgres(folder, "chaos"),
        "redis": start_redis(folder),
        "mosquitto": start_mosquitto(folder),
    }
    migrate(servers["postgres"].url)
    lay_out(servers["postgres"].url)
    settings = Settings(
        var=folder,
        database_url=servers["postgres"].url,
        redis_url=servers["redis"].url,
        mqtt_url=servers["mosquitto"].url,
        intake_key=SecretStr(KEY),
        port=free_port(),
        intake_port=free_port(),
        simulator_port=free_port(),
    )
    env = worker_env(settings) | {"PYTHONUNBUFFERED": "1", "PATH": os.environ["PATH"]}
    workers = {
        name: Worker(name, (sys.executable, ROOT / "app.py", name), env, folder / f"{name}.log")
        for name in WORKERS
    }
    for worker in workers.values():
        worker.start()
    return Town(settings, servers, workers)


def wait_for(holds: Callable[[], bool], patience_s: float) -> bool:
    """Whether ``holds`` became true within ``patience_s``."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if holds():
            return True
        threading.Event().wait(0.2)
    return False


def history(url: str) -> tuple[set[Key], int]:
    """The observations there are, and how many rows more than distinct ones; turned states among them."""
    query = (
        "SELECT a.external_id, 'power', round(extract(epoch FROM o.phenomenon_time) - %(t)s)::bigint "
        "FROM observation o JOIN datastream d ON d.id = o.datastream_id JOIN asset a ON a.id = d.asset_id "
        "UNION ALL "
        "SELECT a.external_id, 'state', round(extract(epoch FROM s.phenomenon_time) - %(t)s)::bigint "
        "FROM state_change s JOIN asset a ON a.id = s.asset_id"
    )
    with psycopg.connect(url) as connection:
        rows = connection.execute(query, {"t": BEGAN.timestamp()}).fetchall()
    found = {(row[0], row[1], int(row[2])) for row in rows}
    return found, len(rows) - len(found)


def unbalanced(url: str) -> int:
    """Items the feeds' accounts cannot explain."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT coalesce(sum(abs(received - stored - duplicate - dead)), 0), coalesce(sum(dead), 0) "
            "FROM feed_minute"
        ).fetchone()
    return int(row[0]) + int(row[1]) if row else -1


def lost_of(ledger: Ledger, found: set[Key]) -> set[Key]:
    """Accepted and not there. A state that repeats the one before makes no row; it is no loss."""
    with ledger.lock:
        accepted, sent = set(ledger.accepted), set(ledger.sent)
    turns = _turns(sent)
    return {key for key in accepted if key[1] == "power" or key in turns} - found


def _turns(sent: set[Key]) -> set[Key]:
    """The states that differ from the one their lamp was told before, by their own time."""
    turns: set[Key] = set()
    before: dict[str, int] = {}
    for key in sorted((key for key in sent if key[1] == "state"), key=lambda key: key[2]):
        code = key[2] // 10 % 2
        if before.get(key[0]) != code:
            turns.add(key)
        before[key[0]] = code
    return turns


def run(kills: int, seed: int, folder: Path) -> dict[str, Any]:
    """The whole of it; what was counted."""
    began = time.monotonic()
    town = open_town(folder)
    stop, ledger, dice = threading.Event(), Ledger(), random.Random(seed)
    try:
        if not wait_for(lambda: bool(town.intake().get("ready")), 60):
            raise SystemExit(f"the intake did not come up: {town.workers['ingest'].log.read_text()[-800:]}")
        url = f"http://127.0.0.1:{town.settings.intake_port}"
        publisher = Publisher(str(town.settings.mqtt_url), ledger, stop)
        senders = [threading.Thread(target=push, args=(url, ledger, stop), daemon=True) for _ in range(2)]
        senders.append(threading.Thread(target=publisher.run, daemon=True))
        for sender in senders:
            sender.start()
        killed: dict[str, int] = {}
        for _ in range(kills):
            stop.wait(dice.uniform(*PAUSES_S))
            name = dice.choice((*SERVERS, *WORKERS))
            town.strike(name)
            town.tend()
            killed[name] = killed.get(name, 0) + 1
        stop.wait(2.0)
        stop.set()
        for sender in senders:
            sender.join(60)

        def drained() -> bool:
            town.tend()
            said = town.intake()
            if not (publisher.done() and said.get("ready") and said.get("spooled") == 0):
                return False
            return not lost_of(ledger, history(town.servers["postgres"].url)[0])

        wait_for(drained, DRAIN_S)
        publisher.close()
        found, extra = history(town.servers["postgres"].url)
        return {
            "kills": kills,
            "killed": killed,
            "accepted": len(ledger.accepted),
            "lost": len(lost_of(ledger, found)),
            "duplicated": extra + len(found - ledger.sent),
            "unbalanced": unbalanced(town.servers["postgres"].url),
            "seed": seed,
            "seconds": round(time.monotonic() - began),
        }
    finally:
        stop.set()
        town.stop()


def main() -> None:
    """Kill, count and print."""
    kills, seed = (int(word) for word in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        found = run(kills, seed, folder)
        print(json.dumps(found))
        if found["lost"] or found["duplicated"] or found["unbalanced"]:
            sys.exit(1)


if __name__ == "__main__":
    main()
