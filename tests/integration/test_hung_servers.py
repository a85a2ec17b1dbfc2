"""A hung PostgreSQL or Redis under the real web process: nobody waits over a second, and all heals."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from geodata.database import open_engine, pulse_of
from services.launch.servers import Server, start_postgres
from tests.faults import kill, own_servers, signal_all
from tests.room import Room, open_room
from tests.waiting import until

WITHIN_S = 1.5
"""A second is promised; the rest is for two busy cores."""
HEALED_S = 20.0
"""Five are promised and a quarter is usual; the rest is for a machine that starves its servers."""

ROUTES = ("/readyz", "/registry/search?q=a-1", "/live/snapshot", "/")
CALLS: tuple[tuple[object, ...], ...] = (
    ("show_asset", "A-1", 0, 0, None, "en", ""),
    ("show_chart", "101:power", "day", 0, "", "dark", "fr"),
    ("show_day", 0, 1),
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    with own_servers(tmp_path_factory.mktemp("hung")) as both:
        yield both


@pytest.fixture
async def room(own: tuple[Server, Server]) -> AsyncIterator[Room]:
    postgres, redis = own
    with Redis.from_url(redis.url) as client:
        client.flushall()
    async with open_room(postgres.url, redis.url) as opened:
        yield opened


def everything(room: Room) -> list[Callable[[], Awaitable[object]]]:
    """One asking of each route and callback that a page makes."""
    routes = [lambda path=path: room.client.get(path) for path in ROUTES]
    calls = [lambda call=call: room.call(*call) for call in CALLS]  # type: ignore[misc]
    return [*routes, *calls]


async def bounded(asks: list[Callable[[], Awaitable[object]]]) -> list[object]:
    """All of them at once, each answered in time."""

    async def one(ask: Callable[[], Awaitable[object]]) -> object:
        async with asyncio.timeout(WITHIN_S):
            return await ask()

    return await asyncio.gather(*(one(ask) for ask in asks))


async def database_there(room: Room) -> bool:
    return "database" not in (await room.client.get("/readyz")).json()["away"]


async def test_a_hung_postgres_holds_no_request(room: Room, own: tuple[Server, Server]) -> None:
    postgres, _ = own
    warm = await asyncio.gather(*(ask() for ask in everything(room)))
    assert len(warm) == len(ROUTES) + len(CALLS)
    signal_all(postgres, signal.SIGSTOP)
    try:
        # Those that were on their way when it hung, three times over, so that all threads are taken ...
        await bounded(everything(room) * 3)
        # ... and those that come later, which are told at once.
        ready, found, snapshot, _page, *calls = await bounded(everything(room))
    finally:
        signal_all(postgres, signal.SIGCONT)
    assert isinstance(ready, httpx.Response)
    assert isinstance(found, httpx.Response)
    assert isinstance(snapshot, httpx.Response)
    assert "database" in ready.json()["away"]
    assert found.status_code == 503
    assert snapshot.status_code == 200, "the last state stays"
    assert calls[2]["response"]["room-strip"]["state"] == "away"  # type: ignore[index]
    await until(lambda: database_there(room), HEALED_S)
    found, strip = (
        await room.client.get("/registry/search?q=a-1"),
        await room.call("show_day", 0, 1),
    )
    assert found.status_code == 200
    assert strip["response"]["room-strip"]["state"] != "away"


async def test_a_hung_redis_holds_no_request(room: Room, own: tuple[Server, Server]) -> None:
    _, redis = own
    signal_all(redis, signal.SIGSTOP)
    try:
        await bounded(everything(room) * 3)
        _, found, *_ = await bounded(everything(room))
    finally:
        signal_all(redis, signal.SIGCONT)
    assert isinstance(found, httpx.Response)
    assert found.status_code == 200


async def test_a_question_that_takes_long_is_not_a_hang(room: Room) -> None:
    def slow() -> object:
        with room.city.engine.connect() as connection:
            return connection.scalar(text("SELECT 1 FROM pg_sleep(2)"))

    assert await asyncio.to_thread(slow) == 1


async def test_a_killed_postgres_is_well_again_without_help(room: Room, own: tuple[Server, Server]) -> None:
    postgres, _ = own
    kill(postgres)
    (found,) = await bounded([lambda: room.client.get("/registry/search?q=a-1")])
    assert isinstance(found, httpx.Response)
    assert found.status_code == 503
    postgres.start()

    async def well() -> bool:
        answer = await room.client.get("/registry/search?q=a-1")
        return await database_there(room) and answer.status_code == 200

    await until(well, HEALED_S)


def test_connecting_to_a_hung_server_is_bounded_and_no_thread_is_left(tmp_path: Path) -> None:
    before = threading.active_count()
    server = start_postgres(tmp_path, durable=False)
    pulse = pulse_of(server.url)
    engine = open_engine(server.url, pulse=pulse)
    pulse.start()
    pulse.start()
    try:
        signal_all(server, signal.SIGSTOP)
        with pytest.raises(OperationalError, match="does not answer"), engine.connect():
            pass
        assert not pulse.beats()
    finally:
        signal_all(server, signal.SIGCONT)
        pulse.stop()
        engine.dispose()
        server.stop()
    assert threading.active_count() == before
    assert pulse.beats(), "nothing is known any more"


async def test_the_city_takes_its_pulse_with_it(own: tuple[Server, Server]) -> None:
    def pulses() -> int:
        return [thread.name for thread in threading.enumerate()].count("database-pulse")

    before = pulses()
    async with open_room(own[0].url, own[1].url):
        assert pulses() == before + 1
    assert pulses() == before
