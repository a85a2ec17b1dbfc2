"""A whole Vigie for the journeys: private servers, a small demo city and every worker, on free ports."""

import os
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe

import httpx
from pydantic import SecretStr

from geodata.database import migrate, open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from services.alarms import write_demo_alarms
from services.launch.preparing import settings_for, worker_env
from services.launch.servers import Server, free_port, start_postgres, start_redis
from services.launch.supervisor import Worker
from services.settings import ROOT, Settings
from tests.signing_in import SignedIn, sign_in

SCALE = 0.05


def wait_until(holds: Callable[[], bool], patience_s: float, what: str) -> float:
    """Ask ``holds`` until it does; returns the seconds it took, fails naming ``what`` when it never does."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience_s:
        if holds():
            return time.monotonic() - begun
        select.select([], [], [], 0.05)
    raise AssertionError(f"{what}: not within {patience_s} s")


@dataclass
class Stack:
    """The running system: its settings, servers and workers by name."""

    settings: Settings
    servers: dict[str, Server]
    workers: dict[str, Worker]
    operator: SignedIn

    @property
    def room(self) -> str:
        """Address of the control room."""
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def public(self) -> str:
        """Address of the public door."""
        return f"http://127.0.0.1:{self.settings.public_port}"

    def send(self, *observations: dict[str, object]) -> dict[str, object]:
        """Push ``observations`` as a device would; a phenomenon_time of now is filled in."""
        now = datetime.now(UTC).isoformat()
        key = self.settings.intake_key
        assert key is not None
        answer = httpx.post(
            f"http://127.0.0.1:{self.settings.intake_port}/ingest/observations",
            headers={"Authorization": f"Bearer {key.get_secret_value()}"},
            json=[{"phenomenon_time": now, **observation} for observation in observations],
            timeout=10,
        )
        answer.raise_for_status()
        receipt: dict[str, object] = answer.json()
        return receipt

    def ready(self, name: str) -> bool:
        """Whether the door of worker ``name`` says it is ready."""
        port = {
            "web": self.settings.port,
            "ingest": self.settings.intake_port,
            "public": self.settings.public_port,
        }[name]
        path = "/healthz" if name == "public" else "/readyz"
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def restart(self, name: str) -> None:
        """Start worker ``name`` again and wait until it is ready."""
        self.workers[name].start()
        wait_until(lambda: self.ready(name), 60, f"{name} ready")


def start_stack(folder: Path) -> Stack:
    """Bring everything up in ``folder``; the caller stops it."""
    postgres = start_postgres(folder, "journey", durable=False)
    redis = start_redis(folder, durable=False)
    settings = Settings(
        var=folder,
        database_url=postgres.url,
        redis_url=redis.url,
        intake_key=SecretStr("journey-key-of-more-than-32-bytes-long"),
        secret=SecretStr(token_urlsafe(32)),
        port=free_port(),
        public_port=free_port(),
        intake_port=free_port(),
        embed_origins="",
    )
    migrate(postgres.url)
    engine = open_engine(postgres.url, statement_ms=120_000)
    profile, now = read_profile("demo"), datetime.now(UTC)
    build_demo_city(engine, profile, now=now, scale=SCALE, alarms=write_demo_alarms)
    operator = sign_in(engine)
    engine.dispose()

    def worker(name: str, *options: str) -> Worker:
        # Each as its own role of the database, as in production: a missing grant must fail a journey.
        env = worker_env(settings_for(name, settings, private=True))
        env |= {"PYTHONUNBUFFERED": "1", "PATH": os.environ["PATH"]}
        return Worker(name, (sys.executable, ROOT / "app.py", name, *options), env, folder / f"{name}.log")

    workers = {name: worker(name) for name in ("web", "ingest", "record", "public")}
    stack = Stack(settings, {"postgres": postgres, "redis": redis}, workers, operator)
    once = worker("publish", "--once")
    for one in (*workers.values(), once):
        one.start()
    for name in ("web", "ingest", "public"):
        wait_until(lambda name=name: stack.ready(name), 90, f"{name} ready")  # type: ignore[misc]
    assert once.process is not None
    assert once.process.wait(60) == 0, once.log.read_text()
    return stack


def stop_stack(stack: Stack) -> None:
    """End the workers, then the servers."""
    for worker in stack.workers.values():
        if worker.process is not None:
            worker.process.kill()
            worker.process.wait()
    for server in stack.servers.values():
        server.stop()
