"""The senders against a small door of our own that can be shut, and against a real broker."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine

from geodata.database import open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from model.errors import BadRequest, Refused, Unavailable
from services.launch.servers import Server, free_port
from services.simulation import posting as posting_module
from services.simulation import replay, send, simulate
from services.simulation.outbox import Outbox
from services.simulation.posting import Poster
from services.simulation.replay import read_recording
from services.simulation.reports import Report
from services.simulation.running import read_world
from tests.conftest import Servers

pytestmark = pytest.mark.servers
KEY = "a-key-of-the-tests"
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@dataclass
class Door:
    """A door that notes what it takes; ``answers`` are given first, one a request, then 200."""

    port: int
    taken: list[dict[str, object]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    requests: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                lines = request.decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.judge(headers, json.loads(body))
                text = json.dumps({"received": 1, "stored": 1, "duplicate": 0, "rejected": 0}).encode()
                wait = b"Retry-After: 0\r\n" if status == 503 else b""
                writer.write(
                    b"HTTP/1.1 %d x\r\n%sContent-Length: %d\r\n\r\n%s" % (status, wait, len(text), text)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def judge(self, headers: dict[str, str], body: list[dict[str, object]]) -> int:
        self.requests += 1
        status = 401 if headers["authorization"] != f"bearer {KEY}" else 200
        status = self.answers.pop(0) if self.answers else status
        if status == 200:
            self.taken += body
        self.changed.set()
        return status

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def a_door(port: int | None = None, answers: list[int] | None = None) -> AsyncIterator[Door]:
    door = Door(port or free_port(), answers=answers or [])
    server = await asyncio.start_server(door.answer, "127.0.0.1", door.port)
    try:
        yield door
    finally:
        server.close()


@pytest.fixture(scope="module")
def demo(servers: Servers) -> Iterator[Engine]:
    engine = open_engine(servers.fresh_database(), statement_ms=60_000)
    build_demo_city(engine, PROFILE, now=NOW, scale=0.01, past_days=15)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(posting_module, "LONGEST_PAUSE_S", 0.1)


def fast_clock(speed: float) -> Callable[[], float]:
    """A clock that starts at NOW and runs ``speed`` times as fast."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: NOW.timestamp() + (loop.time() - began) * speed


async def test_one_observation_is_sent_and_answered() -> None:
    item = {"asset": "L-1", "property": "state", "value": "lamp_failure", "phenomenon_time": NOW.isoformat()}
    async with a_door() as door:
        assert (await send(door.url, KEY, [item]))["stored"] == 1
        assert door.taken == [item]


@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (401, Refused), (413, BadRequest)])
async def test_a_refused_observation_says_why(status: int, error: type[Exception]) -> None:
    async with a_door(answers=[status]) as door:
        with pytest.raises(error):
            await send(door.url, KEY, [])


async def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await send(f"http://127.0.0.1:{free_port()}", KEY, [])


async def test_a_wrong_key_is_refused() -> None:
    async with a_door() as door:
        with pytest.raises(Refused):
            await send(door.url, "another key", [])


async def test_the_newest_state_arrives_after_the_door_was_shut() -> None:
    outbox, stop, port = Outbox(), asyncio.Event(), free_port()
    outbox.put([Report("L-1", "state", "on", 1.0), Report("M-1", "power", 1.0, 1.0)])
    running = asyncio.create_task(Poster(f"http://127.0.0.1:{port}", KEY, outbox, random.Random(1)).run(stop))
    outbox.put([Report("L-1", "state", "lamp_failure", 2.0), Report("M-1", "power", 2.0, 2.0)])
    async with a_door(port, answers=[503, 503]) as door:
        await door.until(lambda: len(door.taken) == 3)
        assert door.requests == 3
        assert [(t["asset"], t["value"]) for t in door.taken] == [
            ("L-1", "lamp_failure"), ("M-1", 1.0), ("M-1", 2.0),
        ]  # fmt: skip
        stop.set()
        await running


async def test_the_senders_report_the_city_over_http(demo: Engine) -> None:
    stop, clock = asyncio.Event(), fast_clock(300)
    async with a_door() as door:
        running = asyncio.create_task(
            simulate(demo, door.url, KEY, profile=PROFILE, stop=stop, seed=1, tick_s=0.02, clock=clock)
        )
        await door.until(lambda: {t["property"] for t in door.taken} >= {"state", "power", "flow"})
        await door.until(lambda: {str(t["asset"])[:2] for t in door.taken} >= {"EP", "CF", "L-", "C-", "PA"})
        stop.set()
        assert await running == len(door.taken)
    times = [datetime.fromisoformat(str(t["phenomenon_time"])) for t in door.taken]
    assert all(t.tzinfo is not None for t in times)


async def test_cameras_and_doors_go_by_the_broker(demo: Engine, mosquitto: Server) -> None:
    topics: dict[str, list[dict[str, object]]] = {}
    loop, heard, subscribed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def note(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        topics.setdefault(message.topic, []).extend(json.loads(message.payload))
        if {"vigie/demo/camera", "vigie/demo/access_point", "vigie/demo/gateway"} <= set(topics):
            loop.call_soon_threadsafe(heard.set)

    listener = paho.Client(CallbackAPIVersion.VERSION2)
    listener.on_message = note
    listener.on_subscribe = lambda *_: loop.call_soon_threadsafe(subscribed.set)
    listener.connect("127.0.0.1", int(mosquitto.url.rsplit(":", 1)[1]))
    listener.subscribe("vigie/demo/#", 1)
    listener.loop_start()
    stop = asyncio.Event()
    async with a_door() as door, asyncio.timeout(30):
        await subscribed.wait()
        running = asyncio.create_task(
            simulate(
                demo, door.url, KEY, mqtt_url=mosquitto.url, profile=PROFILE, stop=stop, seed=1, tick_s=0.05,
                clock=fast_clock(200),
            )
        )  # fmt: skip
        await heard.wait()
        stop.set()
        await running
    listener.disconnect()
    await asyncio.to_thread(listener.loop_stop)
    assert all(str(t["asset"]).startswith("C-") for t in topics["vigie/demo/camera"])
    assert not any("streetlight" in topic or "junction" in topic for topic in topics)


async def test_without_its_broker_everything_goes_over_http(demo: Engine) -> None:
    stop, nobody = asyncio.Event(), f"mqtt://127.0.0.1:{free_port()}"
    async with a_door() as door:
        running = asyncio.create_task(
            simulate(
                demo, door.url, KEY, mqtt_url=nobody, profile=PROFILE, stop=stop, seed=1, tick_s=0.02,
                clock=fast_clock(300),
            )
        )  # fmt: skip
        await door.until(lambda: any(str(t["asset"]).startswith("C-") for t in door.taken))
        stop.set()
        await running


async def test_the_senders_wait_for_a_database_and_can_be_stopped_meanwhile() -> None:
    nowhere = open_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    stop = asyncio.Event()
    running = asyncio.create_task(simulate(nowhere, "http://127.0.0.1:1", KEY, profile=PROFILE, stop=stop))
    stop.set()
    async with asyncio.timeout(10):
        assert await running == 0
    nowhere.dispose()


def test_the_world_begins_as_the_database_says(demo: Engine) -> None:
    world = read_world(demo, PROFILE, NOW.timestamp() + 1, seed=1)
    before = world.state.copy()
    world.advance(NOW.timestamp() + 2)
    lamps = world.city.of("streetlight")
    assert world.known.mean() > 0.99
    assert (before != world.state)[lamps].sum() == 0


LINES = [
    {"asset": "L-1", "property": "state", "value": "on", "phenomenon_time": "2025-01-01T10:00:00+01:00"},
    {"asset": "L-1", "property": "power", "value": 42, "phenomenon_time": "2025-01-01T10:01:00+01:00"},
    {"asset": "L-1", "property": "state", "value": "off", "phenomenon_time": "2025-01-01T10:02:00+01:00"},
]


@pytest.mark.parametrize("kind", ["ndjson", "json", "csv"])
async def test_a_recording_is_replayed_at_a_chosen_speed(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"night.{kind}"
    file.write_text(written(kind), encoding="utf-8")
    loop = asyncio.get_running_loop()
    async with a_door() as door:
        began = loop.time()
        done = await replay(file, door.url, KEY, speed=400)
        assert 0.25 < loop.time() - began < 3
    assert (done.unreadable, done.received) == (0, door.requests)
    assert [t["value"] for t in door.taken] == ["on", 42.0, "off"]
    times = [datetime.fromisoformat(str(t["phenomenon_time"])) for t in door.taken]
    assert (times[2] - times[0]).total_seconds() == pytest.approx(120 / 400, abs=0.01)
    assert abs((datetime.now(UTC) - times[0]).total_seconds()) < 30


def written(kind: str) -> str:
    if kind == "csv":
        rows = [";".join(str(v) for v in line.values()) for line in LINES]
        return "\ufeff" + "\n".join([";".join(LINES[0]), *rows])
    return json.dumps(LINES) if kind == "json" else "\n".join(json.dumps(line) for line in LINES)


def test_a_recording_with_bad_lines_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "asset,property,value,phenomenon_time\nL-1,power,forty,2025-01-01T10:00:00Z\n"
        "L-1,power,40,2025-01-01T10:00:00\nL-1,power,41,2025-01-01T10:00:00Z\n"
    )
    observations, unreadable = read_recording(file)
    assert ([o.value for o in observations], unreadable) == ([41.0], 2)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lamps.csv"
    file.write_text("id;lon;lat\n1;5;47\n")
    with pytest.raises(BadRequest, match="columns are missing"):
        read_recording(file)


async def test_the_capture_of_rennes_is_played_with_its_unknown_segments(shared_data: Path) -> None:
    file = next((shared_data / "feeds").glob("rennes_etat_du_trafic_*.csv"))
    async with a_door() as door:
        await replay(file, door.url, KEY)
    states = [t["value"] for t in door.taken if t["property"] == "state"]
    assert len(states) == 2_859
    assert states.count("no_data") == 298
    assert len({t["phenomenon_time"] for t in door.taken}) == 1
