"""What guard, sessions and scopes cost: the room as it is beside the same room without them, in one run.

    python -m bench.guard          # QUICK=1 ends within 45 s

Starts servers of its own and two web processes: the real one, and one whose guard lets everybody in as one
who sees the whole city. A callback (the list of what needs somebody) is asked of both by turns; then 200
consoles follow each. The consoles of the real one are first of one scope, then of 24, each of which holds all
areas but one: nobody's frames get small by being scoped. The last line is one JSON object.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Engine, text
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from bench import stream
from bench.apply import lay_out
from bench.signing_in import Headers, signed_in
from bench.stream import City, Process, measured, room_settings
from callbacks import build
from callbacks.asking import asked_by
from callbacks.guard import Guard
from geodata.database import migrate, open_engine
from model.roles import Role
from model.viewer import Scope, Viewer
from services.city import open_city
from services.launch.preparing import worker_env
from services.launch.servers import free_port, start_postgres, start_redis
from services.launch.sockets import bound_what_waits
from services.settings import ROOT, Settings

QUICK = os.environ.get("QUICK") == "1"
AREAS = 24
OPEN = "open"
CALLS = 150 if QUICK else 1_000
FAULTS = 300
"""So much is wrong meanwhile, as after a storm."""
HANDLER = "room-strip.times"
EVERYWHERE = Scope(areas=frozenset(range(1, AREAS + 1)))
OVERLAPPING = [Scope(areas=frozenset(range(1, AREAS + 1)) - {left_out}) for left_out in range(1, AREAS + 1)]
ROUNDS = 2
"""The streams are measured by turns: whatever else the machine does meets all of them."""
if QUICK:
    stream.SECONDS, stream.WARM_S = 2.0, 1.0


class Nobody:
    """In place of the guard: everybody is let in as one who sees the whole city."""

    def __init__(self, app: ASGIApp, **_: Any) -> None:
        self.app = app
        self._viewer = Viewer(0, "bench", "Bench", Role.OPERATOR)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Hand on."""
        with asked_by(self._viewer):
            await self.app(scope, receive, send)


def serve_open() -> None:
    """Serve the control room of the environment's settings without guard, sessions and scopes."""
    settings = Settings()
    server = build(open_city(settings), assets=ROOT / "assets")
    for layer in server.user_middleware:
        if layer.cls is Guard:
            layer.cls = Nobody  # type: ignore[assignment]
    # As app.py serves the real one.
    config = uvicorn.Config(
        server, host="127.0.0.1", port=settings.port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[bound_what_waits(config.bind_socket())])


def divide(engine: Engine) -> None:
    """Spread the assets over ``AREAS`` communes, children with their parents and without."""
    with engine.begin() as connection:
        for number in range(1, AREAS + 1):
            connection.execute(
                text(
                    "INSERT INTO area (id, kind, code, name, source) "
                    "VALUES (:id, 'commune', :code, :code, 'bench')"
                ),
                {"id": number, "code": f"C{number:02}"},
            )
        connection.execute(text(f"UPDATE asset SET commune_id = 1 + id * 7 % {AREAS}"))
        connection.execute(text("UPDATE layout SET version = version + 1"))


# The callback ----------------------------------------------------------------------------------------


def question(client: httpx.Client) -> dict[str, Any]:
    """The body a browser sends for the last 24 hours, as the room declares it."""
    declared = next(one for one in client.get("/_dash-dependencies").json() if HANDLER in one["output"])
    outputs = [part.rpartition(".") for part in declared["output"].strip(".").split("...")]
    return {
        "output": declared["output"],
        "outputs": [{"id": whose, "property": name} for whose, _, name in outputs],
        "inputs": [{**place, "value": None} for place in declared["inputs"]],
        "state": [{**place, "value": "fr"} for place in declared["state"]],
        "changedPropIds": [],
    }


def call_times(ours: httpx.Client, theirs: httpx.Client) -> tuple[float, float]:
    """Median ms of the callback asked of both by turns, so that whatever else runs hits both."""
    bodies = [(client, question(client), []) for client in (ours, theirs)]
    for turn in range(CALLS + 20):
        for client, body, times in bodies:
            began = time.perf_counter()
            answer = client.post("/_dash-update-component", json=body)
            assert answer.status_code == 200, answer.text
            if turn >= 20:
                times.append(1000 * (time.perf_counter() - began))
    return statistics.median(bodies[0][2]), statistics.median(bodies[1][2])


# All of it -------------------------------------------------------------------------------------------


def run(folder: Path) -> dict[str, float]:
    """Start everything, measure, stop everything."""
    postgres, redis = start_postgres(folder), start_redis(folder, durable=False)
    webs: list[Process] = []
    try:
        migrate(postgres.url)
        engine = open_engine(postgres.url)
        lay_out(engine)
        divide(engine)
        one, *many = signed_in(engine, [EVERYWHERE, *OVERLAPPING])
        engine.dispose()
        settings = room_settings(folder, postgres.url, redis.url)
        city = City(redis.url, version=3)
        webs = started(settings, one)
        return measure(webs, city, one, [each["cookie"] for each in many])
    finally:
        for web in webs:
            web.stop()
        redis.stop()
        postgres.stop()


def started(settings: Settings, one: Headers) -> list[Process]:
    """The real web process, and the one without a guard."""
    other = settings.model_copy(update={"port": free_port()})
    real = [sys.executable, str(ROOT / "app.py"), "web"]
    bare = [sys.executable, "-m", "bench.guard", OPEN]
    with ThreadPoolExecutor(2) as both:
        made = (
            both.submit(Process, real, worker_env(settings), settings.port, "/live/snapshot", one),
            both.submit(Process, bare, worker_env(other), other.port, "/live/snapshot"),
        )
        return [each.result() for each in made]


def measure(webs: list[Process], city: City, one: Headers, many: list[str]) -> dict[str, float]:
    """The callback, then the streams: without a guard, of one scope, of 24."""
    ours, theirs = webs
    city.run(1.0)
    city.fail(FAULTS)
    addresses = [f"http://127.0.0.1:{web.port}" for web in webs]
    with (
        httpx.Client(base_url=addresses[0], headers=one, timeout=30) as guarded,
        httpx.Client(base_url=addresses[1], timeout=30) as unguarded,
    ):
        call, open_call = call_times(guarded, unguarded)
        for cookie in many:
            guarded.get("/live/snapshot", headers={"cookie": cookie})
    ways = ((theirs, [""]), (ours, [one["cookie"]]), (ours, many))
    rounds = [
        [measured(web, "/live/stream", city.run, cookies) for web, cookies in ways] for _ in range(ROUNDS)
    ]
    without, single, scoped = (mean_of([turn[at] for turn in rounds]) for at in range(len(ways)))
    return {
        "callback_vs_open": call / open_call,
        "stream_vs_open": single["p50_ms"] / without["p50_ms"],
        "scopes_cpu_ratio": scoped["cpu_ms_per_console_s"] / single["cpu_ms_per_console_s"],
        "callback_ms": call,
        "open_callback_ms": open_call,
        "stream_p50_ms": single["p50_ms"],
        "open_stream_p50_ms": without["p50_ms"],
        "scopes_p50_ms": scoped["p50_ms"],
        "cpu_ms_per_console_s": single["cpu_ms_per_console_s"],
        "scopes_cpu_ms_per_console_s": scoped["cpu_ms_per_console_s"],
        "frames": scoped["frames"],
    }


def mean_of(rounds: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each figure over the rounds."""
    return {name: statistics.mean(one[name] for one in rounds) for name in rounds[0]}


def main() -> None:
    """Run it and say what came out."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        found = run(Path(folder))
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    serve_open() if sys.argv[1:] == [OPEN] else main()
