"""Sign-out and revocation end HTTP at once and streams within seconds, in two web processes (G28)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import Engine, text

from model.roles import Role
from services.city import open_city
from services.settings import Settings
from tests.integration.test_live_stream import served
from tests.live_city import lay_out
from tests.signing_in import SignedIn, sign_in
from tests.waiting import until

STREAMS_END_S = 5.0


@pytest.fixture
async def two(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[tuple[str, str]]:
    """The addresses of two web processes of one city, both of which hear of changes."""
    lay_out(engine)
    settings = Settings(city="demo", database_url=database_url, redis_url=redis_url)
    cities = [open_city(settings), open_city(settings)]
    async with served(cities[0]) as first, served(cities[1]) as second:
        for city in cities:
            await until(lambda city=city: city.access.listener.heard() is not None)  # type: ignore[misc]
        yield first, second


class Console:
    """One client at one process: what its stream said last, and when that ended."""

    def __init__(self, address: str, who: SignedIn) -> None:
        self.client = httpx.AsyncClient(base_url=address, headers=who.headers, timeout=20)
        self.lines: list[str] = []
        self.ended_at: float | None = None

    async def listen(self) -> None:
        """Follow the stream until it ends."""
        async with self.client.stream("GET", "/live/stream") as answer:
            async for line in answer.aiter_lines():
                self.lines.append(line)
        self.ended_at = time.monotonic()

    async def status(self) -> int:
        """What the snapshot is answered with."""
        return (await self.client.get("/live/snapshot")).status_code


@contextlib.asynccontextmanager
async def listening(*consoles: Console) -> AsyncIterator[None]:
    """All of ``consoles`` follow their streams, and have heard something."""
    tasks = [asyncio.create_task(console.listen()) for console in consoles]
    try:
        await until(lambda: all(any(line.startswith("event: beat") for line in c.lines) for c in consoles))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for console in consoles:
            await console.client.aclose()


ENDS = {
    "signed out": "UPDATE session SET ended_at = now(), ended_why = 'signed_out' WHERE id = :session",
    "grant revoked": "UPDATE access_grant SET revoked_at = now() WHERE id = :grant",
    "grant expires": "UPDATE access_grant SET valid_from = now() - interval '1 h', "
    "valid_until = clock_timestamp() + interval '1 s' WHERE id = :grant",
    "person disabled": "UPDATE person SET disabled_at = now() WHERE id = :person",
}


@pytest.mark.parametrize("how", ENDS)
async def test_both_processes_let_her_go_and_keep_the_other(
    engine: Engine, two: tuple[str, str], how: str
) -> None:
    mine, other = sign_in(engine, Role.OPERATOR), sign_in(engine, Role.SUPERVISOR)
    hers = [Console(address, mine) for address in two]
    others = [Console(address, other) for address in two]
    async with listening(*hers, *others):
        assert [await console.status() for console in (*hers, *others)] == [200] * 4
        with engine.begin() as connection:
            viewer = mine.viewer
            values = {"session": viewer.session_id, "grant": viewer.grant_id, "person": viewer.person_id}
            connection.execute(text(ENDS[how]), values)
        ended = time.monotonic()
        await until(lambda: all(console.ended_at for console in hers))
        # Expiry comes a second after it was set.
        assert max(console.ended_at or 0 for console in hers) - ended < STREAMS_END_S + 1
        assert [await console.status() for console in hers] == [401, 401]
        assert [await console.status() for console in others] == [200, 200]
        for console in hers:
            assert "event: ended" in console.lines
        assert not any(console.ended_at for console in others)


async def test_http_ends_with_the_very_next_request(engine: Engine, two: tuple[str, str]) -> None:
    mine = sign_in(engine, Role.OPERATOR)
    consoles = [Console(address, mine) for address in two]
    assert [await console.status() for console in consoles] == [200, 200]
    with engine.begin() as connection:
        connection.execute(text("UPDATE session SET ended_at = now()"))

    async def gone() -> bool:
        return [await console.status() for console in consoles] == [401, 401]

    await until(gone, 2.0)
    for console in consoles:
        await console.client.aclose()
