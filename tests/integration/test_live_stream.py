"""The stream over a real port: heartbeats, headers, resuming, and letting go of consoles that left."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine

from callbacks import build, stream
from services.city import City, open_city
from services.launch.servers import free_port
from services.live.frames import event
from services.settings import Settings
from tests.live_city import lay_out
from tests.room import ASSETS
from tests.signing_in import signed_in


@contextlib.asynccontextmanager
async def served(city: City) -> AsyncIterator[str]:
    """The control room of ``city`` on a free port of this machine."""
    port = free_port()
    config = uvicorn.Config(
        build(city, assets=ASSETS),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def events(answer: httpx.Response, wanted: int) -> list[dict[str, str]]:
    """The first ``wanted`` events of a stream, as field to value."""
    found: list[dict[str, str]] = []
    current: dict[str, str] = {}
    async with asyncio.timeout(10):
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                current[name] = value
            elif "event" in current:
                found.append(current)
                current = {}
            if len(found) == wanted:
                break
    return found


@pytest.fixture
def headers(engine: Engine) -> dict[str, str]:
    return signed_in(engine)


@pytest.fixture
def city(engine: Engine, database_url: str, redis_url: str) -> City:
    lay_out(engine)
    return open_city(Settings(city="demo", database_url=database_url, redis_url=redis_url))


async def test_a_console_that_stops_reading_is_let_go(
    city: City, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own buffers full, it holds nothing up, and nothing is kept for it for ever."""
    monkeypatch.setattr(stream, "STALLED_S", 0.5)
    async with served(city) as address:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            port = int(address.rpartition(":")[2])
            await asyncio.to_thread(reader.connect, ("127.0.0.1", port))
            cookie = headers["cookie"]
            reader.sendall(
                f"GET /live/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
            )
            async with asyncio.timeout(10):
                while not len(city.live._consoles):
                    await asyncio.sleep(0.02)
            large = event("notices", "1-0", [{"text": "x" * 500_000}])
            async with asyncio.timeout(20):
                while len(city.live._consoles):
                    city.live._consoles.send(large)
                    await asyncio.sleep(0.02)
        async with httpx.AsyncClient(base_url=address) as client:
            told = (await client.get("/metrics")).text
    assert "vigie_consoles_dropped_total 1.0" in told


async def test_a_console_hears_the_server_at_once_and_every_two_seconds(
    city: City, headers: dict[str, str]
) -> None:
    async with served(city) as address, httpx.AsyncClient(base_url=address, headers=headers) as client:
        async with client.stream("GET", "/live/stream") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-accel-buffering"] == "no"
            assert "content-encoding" not in answer.headers
            heard = await events(answer, 2)
        assert {event["event"] for event in heard} == {"beat"}
        async with asyncio.timeout(10):
            while len(city.live._consoles):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_place_in_the_stream_nobody_kept_means_a_new_snapshot(
    city: City, headers: dict[str, str], how: str
) -> None:
    place = {"last-event-id": "1-0"} if how == "header" else {}
    query = {} if how == "header" else {"since": "1-0"}
    async with (
        served(city) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as client,
        client.stream("GET", "/live/stream", headers=place, params=query) as answer,
    ):
        assert (await events(answer, 1))[0]["event"] == "resync"
