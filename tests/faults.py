"""What is done to servers in tests: killed, hung and let go on."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from geodata.database import migrate, open_engine
from services.launch.servers import Server, start_postgres, start_redis
from tests.live_city import lay_out


@contextlib.contextmanager
def own_servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    """PostgreSQL with the small city, and Redis, to be killed and hung without harm to other tests."""
    postgres, redis = start_postgres(folder, durable=False), start_redis(folder, durable=False)
    migrate(postgres.url)
    engine = open_engine(postgres.url)
    lay_out(engine)
    engine.dispose()
    yield postgres, redis
    redis.stop()
    postgres.stop()


def kill(server: Server) -> None:
    """kill -9 of the server itself."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def family(server: Server) -> list[int]:
    """The server's process and its children (backends have sessions of their own)."""
    assert server.process is not None
    pid = server.process.pid
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def signal_all(server: Server, sign: signal.Signals) -> None:
    """``sign`` to the whole family: SIGSTOP hangs a server, SIGCONT lets it go on."""
    if sign is signal.SIGSTOP:
        _stand_still(server)
    for pid in family(server):
        # A backend whose client left may be gone since it was listed.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)


def _stand_still(server: Server) -> None:
    """Stop the server itself first: a child it is just bearing would be missed, and go on answering."""
    assert server.process is not None
    pid = server.process.pid
    os.kill(pid, signal.SIGSTOP)
    # At once, but for what it is doing in the kernel.
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        os.sched_yield()
