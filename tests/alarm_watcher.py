"""The alarm process as a real process, to be killed in the middle of what it writes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from geodata.database_roles import address_for

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60.0
LOOK_S = 0.05


class WatcherProcess:
    """``app.py alarm`` on given servers, from when it is made until it is killed."""

    def __init__(self, database_url: str, redis_url: str, var: Path) -> None:
        given = {"city": "demo", "database_url": address_for(database_url, "alarm"), "redis_url": redis_url}
        environment = os.environ | {f"VIGIE_{k.upper()}": str(v) for k, v in (given | {"var": var}).items()}
        self.log = var / "alarm.log"
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py"), "alarm"],
                env=environment,
                cwd=ROOT,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        """Now, and not gently; it must have been alive until then."""
        assert self._process.poll() is None, self.log.read_text()[-3_000:]
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_S)

    def end(self) -> None:
        """See that it is gone, however the test went."""
        self._process.kill()
        self._process.wait(PATIENCE_S)


def wait_until(true: Callable[[], object], why: str) -> None:
    """Wait until ``true()``; fails with ``why`` when it never is."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, why
        time.sleep(LOOK_S)


class Held:
    """While it lasts nobody writes ``table``: who comes to do so stands before it until it is let go."""

    def __init__(self, engine: Engine, table: str) -> None:
        self._engine, self._table = engine, table
        self._holding = engine.connect()
        self._holding.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))

    def until_stood_before(self) -> None:
        """Wait until somebody came to write it."""
        wait_until(self._stands, f"nobody came to write {self._table}")

    def _stands(self) -> bool:
        question = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:it AS regclass)"
        with self._engine.connect() as connection:
            return bool(connection.scalar(text(question), {"it": self._table}))

    def let_go(self) -> None:
        """Whoever stands before it goes on."""
        self._holding.close()
