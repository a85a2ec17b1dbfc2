"""Real servers for the tests, started once from the installed packages, and a fresh database each.

``servers`` starts PostgreSQL with PostGIS and Redis; ``database_url`` gives a new migrated database
cloned from a template (about 0.1 s); ``redis_url`` an empty Redis database of its own.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import Engine

from geodata.database import migrate, open_engine
from services.launch.servers import Server, ensure_database, start_mosquitto, start_postgres, start_redis
from tests.clock import restart

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@dataclass
class Servers:
    """The servers of one test session."""

    postgres: Server
    redis: Server
    counter: Iterator[int]

    def fresh_database(self) -> str:
        """The address of a new, migrated, empty database."""
        name = f"t{next(self.counter)}"
        with psycopg.connect(self.postgres.url, dbname="postgres", autocommit=True) as admin:
            admin.execute(
                psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE template_vigie").format(
                    psycopg.sql.Identifier(name)
                )
            )
        return self.postgres.url.replace("/template_vigie?", f"/{name}?")

    def drop_database(self, url: str) -> None:
        """Take a database away, whoever still holds it open."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        with psycopg.connect(self.postgres.url, dbname="postgres", autocommit=True) as admin:
            admin.execute(
                psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(str(name)))
            )


def quick_disk() -> str | None:
    """Memory, where there is enough of it: hundreds of small databases come and go in one session."""
    shared = Path("/dev/shm")
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 4 * 2**30
    return str(shared) if roomy else None


@pytest.fixture(autouse=True)
def clock() -> None:
    """Every test has an instant of its own, which ``tests.clock.began`` tells."""
    restart()


@contextmanager
def enterable() -> Iterator[Path]:
    """A folder the servers' unprivileged account can enter, unlike pytest's own; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-tests-", dir=quick_disk()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """Where one test starts servers of its own."""
    with enterable() as folder:
        yield folder


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """Where the session's shared servers keep their data."""
    with enterable() as folder:
        yield folder


@pytest.fixture(scope="session")
def servers(session_folder: Path) -> Iterator[Servers]:
    folder = session_folder
    postgres = start_postgres(folder, "template_vigie", durable=False)
    cache = start_redis(folder, durable=False)
    try:
        ensure_database(postgres.url)
        migrate(postgres.url)
        yield Servers(postgres, cache, itertools.count(1))
    finally:
        cache.stop()
        postgres.stop()


@pytest.fixture
def database_url(servers: Servers) -> Iterator[str]:
    url = servers.fresh_database()
    yield url
    servers.drop_database(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def redis_url(servers: Servers) -> Iterator[str]:
    client = redis.Redis.from_url(servers.redis.url)
    client.flushall()
    client.close()
    yield servers.redis.url


@pytest.fixture(scope="session")
def mosquitto(session_folder: Path) -> Iterator[Server]:
    server = start_mosquitto(session_folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data; its tests are skipped where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real open data is not beside this checkout")
    return SHARED_DATA
