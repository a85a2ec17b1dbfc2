"""The disk of the spool full while the database is away: senders are told, nothing accepted is lost."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from geodata.database import migrate, open_engine
from services.launch.servers import Server, start_postgres
from tests.door import LAMPS, Door, count, opened, push, stored
from tests.faults import kill
from tests.live_city import lay_out

DISK_BYTES = 4 * 2**20
RESUMES_S = 10.0
LAMPS_SENT = LAMPS * 20
MOST = 400
"""Sendings that would fill the disk many times over."""


@pytest.fixture
def postgres(server_folder: Path) -> Iterator[Server]:
    server = start_postgres(server_folder, "vigie", durable=False)
    migrate(server.url)
    yield server
    server.stop()


@pytest.fixture
def engine(postgres: Server) -> Iterator[Engine]:
    found = open_engine(postgres.url)
    lay_out(found, LAMPS_SENT)
    yield found
    found.dispose()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A very small disk where the spool is."""
    folder = tmp_path / "spool"
    folder.mkdir()
    mounted = os.geteuid() == 0 and not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)],
        check=False, capture_output=True,
    ).returncode  # fmt: skip
    if not mounted:
        pytest.skip("a small disk of its own can be mounted by root alone")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
async def door(postgres: Server, engine: Engine, redis_url: str, disk: Path) -> AsyncIterator[Door]:
    async with opened(Door(postgres.url, redis_url, disk.parent)) as one:
        yield one


async def fill(client: httpx.AsyncClient, first: int) -> int:
    """Push until one is refused; its number."""
    for number in range(first, first + MOST):
        answer = await push(client, number, LAMPS_SENT)
        assert answer is not None, "the process answers"
        if answer.status_code != 200:
            assert answer.status_code == 503, answer.text
            assert "retry-after" in answer.headers
            return number
        assert answer.json()["rejected"] == 0
    pytest.fail("the disk never filled")


async def test_it_resumes_when_somebody_makes_room(
    door: Door, postgres: Server, engine: Engine, disk: Path
) -> None:
    kill(postgres)
    (disk / "somebody-else").write_bytes(bytes(DISK_BYTES * 3 // 4))
    async with door.client() as client:
        refused = await fill(client, 0)
        assert (await client.get("/healthz")).status_code == 200
        again = await push(client, refused, LAMPS_SENT)
        assert again is not None
        assert again.status_code == 503, "still, and it answers"
        (disk / "somebody-else").unlink()
        accepted = await push(client, refused, LAMPS_SENT)
        assert accepted is not None
        assert (accepted.status_code, accepted.json()["spooled"]) == (200, True)
        # In this thread: a server dies with the thread that started it.
        postgres.start()
        await door.until(ready=True, spooled=0, why="")
    assert stored(engine) == set(range(refused + 1))
    assert count(engine) == (refused + 1) * LAMPS_SENT


async def test_a_disk_the_spool_itself_filled_empties_by_itself(
    door: Door, postgres: Server, engine: Engine
) -> None:
    kill(postgres)
    async with door.client() as client:
        refused = await fill(client, 0)
        assert refused > 10
        postgres.start()
        await door.until(ready=True, spooled=0, why="")
        last = await push(client, refused, LAMPS_SENT)
    assert last is not None
    assert (last.status_code, last.json()["spooled"], last.json()["stored"]) == (200, False, LAMPS_SENT)
    assert stored(engine) == set(range(refused + 1))
    assert count(engine) == (refused + 1) * LAMPS_SENT
