"""The senders against a small door of our own that can be shut, and against a real broker."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import pytest
from google.transit import gtfs_realtime_pb2
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine

from geodata.database import open_engine
from geodata.demo_city import build_demo_city
from geodata.profiles import read_profile
from model.errors import BadRequest, Refused, Unavailable
from services.launch.servers import Server, free_port
from services.simulation import posting as posting_module
from services.simulation import replay, send, simulate
from services.simulation.context import MODELS
from services.simulation.context import PATH as NGSI_PATH
from services.simulation.documents import MEASURED, POSITIONS, SITUATIONS, TRAFFIC
from services.simulation.imperfections import Imperfections
from services.simulation.outbox import Outbox
from services.simulation.posting import PATH, Poster
from services.simulation.providers import serving
from services.simulation.replay import read_recording
from services.simulation.reports import Report
from services.simulation.running import read_world
from services.simulation.sharing import Doors, Sharing
from services.simulation.shelf import Shelf
from tests.conftest import Servers

pytestmark = pytest.mark.servers
KEY = "a-key-of-the-tests"
CABINET = MODELS["control_cabinet"]
PATHS = (TRAFFIC, MEASURED, SITUATIONS, POSITIONS)
PROFILE = read_profile("demo")
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@dataclass
class Door:
    """A door that notes what it takes; ``answers`` are given first, one a request, then 200.

    ``knows`` is where it has ways in; an older one knows nothing of context brokers.
    """

    port: int
    knows: tuple[str, ...] = (PATH, NGSI_PATH)
    taken: list[dict[str, object]] = field(default_factory=list)
    notified: list[dict[str, object]] = field(default_factory=list)
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
                status = self.judge(lines[0].split(" ")[1], headers, json.loads(body))
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

    def judge(self, path: str, headers: dict[str, str], body: Any) -> int:
        self.requests += 1
        status = 401 if headers["authorization"] != f"bearer {KEY}" else 200
        status = self.answers.pop(0) if self.answers else status if path in self.knows else 404
        if status == 200 and path == NGSI_PATH:
            assert headers["content-type"] == "application/ld+json"
            self.notified.append(body)
        elif status == 200:
            self.taken += body
        self.changed.set()
        return status

    def entities(self, model: str) -> list[dict[str, Any]]:
        return [e for one in self.notified for e in one["data"] if e["type"] == model]  # type: ignore[attr-defined]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def a_door(
    port: int | None = None, answers: list[int] | None = None, knows: tuple[str, ...] = (PATH, NGSI_PATH)
) -> AsyncIterator[Door]:
    door = Door(port or free_port(), knows, answers=answers or [])
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
            simulate(
                demo, door.url, KEY, profile=PROFILE, stop=stop, seed=1, flaws=0.0, tick_s=0.02, clock=clock
            )
        )  # fmt: skip
        await door.until(lambda: {t["property"] for t in door.taken} >= {"state", "power", "flow"})
        await door.until(lambda: {str(t["asset"])[:2] for t in door.taken} >= {"EP", "CF", "L-", "C-", "PA"})
        stop.set()
        assert await running >= len(door.taken)
    times = [datetime.fromisoformat(str(t["phenomenon_time"])) for t in door.taken]
    assert all(t.tzinfo is not None for t in times)


async def test_the_lighting_of_some_communes_is_told_by_a_context_broker(demo: Engine) -> None:
    stop, clock = asyncio.Event(), fast_clock(300)
    async with a_door() as door:
        running = asyncio.create_task(
            simulate(
                demo, door.url, KEY, profile=PROFILE, stop=stop, seed=1, flaws=0.0, tick_s=0.02, clock=clock
            )
        )  # fmt: skip
        await door.until(lambda: any("totalActivePower" in e for e in door.entities(CABINET)))
        await door.until(lambda: len(door.entities("Streetlight")) > 20)
        stop.set()
        await running
        lamps = {str(e["id"]).rpartition(":")[2] for e in door.entities("Streetlight")}
        assert lamps.isdisjoint(str(t["asset"]) for t in door.taken)
        assert {e["status"]["value"] for e in door.entities("Streetlight")} >= {"ok"}
        told = {str(e["id"]).rpartition(":")[2] for e in door.entities(CABINET)}
        pushed = {str(t["property"]) for t in door.taken if t["asset"] in told}
        assert pushed <= {"energy"}


async def test_an_older_intake_gets_plain_push_instead(
    demo: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    stop, clock = asyncio.Event(), fast_clock(300)
    context = set(by_context(demo))
    async with a_door(knows=(PATH,)) as door:
        running = asyncio.create_task(
            simulate(
                demo, door.url, KEY, profile=PROFILE, stop=stop, seed=1, flaws=0.0, tick_s=0.02, clock=clock
            )
        )  # fmt: skip
        await door.until(lambda: len({t["asset"] for t in door.taken} & context) > 10)
        stop.set()
        await running
    assert door.notified == []
    assert sum(NGSI_PATH in r.getMessage() for r in caplog.records) == 1


def by_context(demo: Engine) -> frozenset[str]:
    """The lighting a context broker reports."""
    world = read_world(demo, PROFILE, NOW.timestamp(), seed=1)
    return Sharing(world, Doors(Outbox(), Outbox()), Imperfections(1, 0.0))._by_context


async def test_the_providers_are_polled_while_the_senders_run(demo: Engine) -> None:
    stop, clock, port = asyncio.Event(), fast_clock(300), free_port()
    async with a_door() as door, httpx.AsyncClient(trust_env=False) as client:
        running = asyncio.create_task(
            simulate(
                demo, door.url, KEY, port=port, profile=PROFILE, stop=stop, seed=1, flaws=0.0, tick_s=0.02,
                clock=clock,
            )
        )  # fmt: skip
        await door.until(lambda: len(door.taken) > 20)
        found = {path: await client.get(f"http://127.0.0.1:{port}{path}") for path in PATHS}
        again = await client.get(
            f"http://127.0.0.1:{port}{TRAFFIC}", headers={"If-None-Match": found[TRAFFIC].headers["etag"]}
        )
        await door.until(lambda: {t["property"] for t in door.taken} >= {"state", "power", "latency"})
        stop.set()
        await running
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://127.0.0.1:{port}{TRAFFIC}")
    assert [answer.status_code for answer in found.values()] == [200] * 4
    assert again.status_code in (200, 304)
    assert not any(str(t["asset"]).startswith("BC-") for t in door.taken)
    positions = gtfs_realtime_pb2.FeedMessage.FromString(found[POSITIONS].content)
    world = read_world(demo, PROFILE, NOW.timestamp(), seed=1)
    assert {e.vehicle.vehicle.id for e in positions.entity} == {
        world.city.external_ids[row] for row in world.city.of("bus")
    }
    assert b"BC-" in found[MEASURED].content and b";TR-0" in found[TRAFFIC].content


async def test_a_taken_port_stops_the_senders_and_is_named(demo: Engine) -> None:
    port = free_port()
    with serving(port, Shelf()), pytest.raises(Unavailable, match=str(port)):
        await simulate(demo, "http://127.0.0.1:1", KEY, port=port, profile=PROFILE, stop=asyncio.Event())


async def test_cameras_and_doors_go_by_the_broker(demo: Engine, mosquitto: Server) -> None:
    topics: dict[str, list[dict[str, object]]] = {}
    loop, heard, subscribed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def note(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        told = json.loads(message.payload)
        topics.setdefault(message.topic, []).extend(told if isinstance(told, list) else [told])
        alone = any(topic.endswith("/latency") for topic in topics)
        if alone and {"vigie/demo/camera", "vigie/demo/access_point", "vigie/demo/gateway"} <= set(topics):
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
                demo, door.url, KEY, mqtt_url=mosquitto.url, profile=PROFILE, stop=stop, seed=1, flaws=0.0,
                tick_s=0.05, clock=fast_clock(200),
            )
        )  # fmt: skip
        await heard.wait()
        stop.set()
        await running
    listener.disconnect()
    await asyncio.to_thread(listener.loop_stop)
    assert all(str(t["asset"]).startswith("C-") for t in topics["vigie/demo/camera"])
    assert not any("streetlight" in topic or "junction" in topic for topic in topics)
    alone = [topic for topic in topics if topic.count("/") > 2]
    assert all(topic.split("/")[2:5:2] == ["gateway", "latency"] for topic in alone)
    assert all(told.keys() == {"value", "phenomenon_time"} for topic in alone for told in topics[topic])
    assert not any(told["property"] == "latency" for told in topics["vigie/demo/gateway"])


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
    assert world.known[world.city.of("streetlight")].mean() > 0.99
    assert not world.known[world.city.of("segment")].any()
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
