"""`python app.py history`: what a night's job calls, and what it is told by the exit code."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from services.history import roll_up_dirty
from tests.integration.small_city import PARIS, add_assets, add_streams, observe

pytestmark = pytest.mark.servers
ROOT = Path(__file__).resolve().parents[2]
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=9)


def _history(url: str, redis_url: str, var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")} | {
        "VIGIE_DATABASE_URL": url, "VIGIE_REDIS_URL": redis_url, "VIGIE_MQTT_URL": "mqtt://127.0.0.1:9",
        "VIGIE_VAR": str(var),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "app.py", "history", *words],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_archive_status_and_verify(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> None:
    with engine.begin() as connection:
        add_assets(connection, ("meter", None))
        add_streams(connection, (1, "energy", 900))
        for day in range(3):
            rows = [(START + timedelta(days=day, minutes=15 * q), float(q)) for q in range(96)]
            observe(connection, 1, rows)
    while roll_up_dirty(engine, PARIS, 1_000):
        pass

    def history(*words: str) -> subprocess.CompletedProcess[str]:
        return _history(database_url, redis_url, tmp_path, *words)

    archived = history("archive", "--after-days", "8")
    assert archived.returncode == 0, archived.stderr
    assert len(list((tmp_path / "archive").rglob("*.parquet"))) == 1
    status = history("status")
    assert "archive   1 days, 96 rows" in status.stdout
    proven = history("verify")
    assert (proven.returncode, proven.stdout) == (0, ""), proven.stderr
    with engine.begin() as connection:
        connection.execute(text("UPDATE rollup_hour SET sum = sum + 1 WHERE bucket = :at"), {"at": START})
    found = history("verify", "--from", f"{START - timedelta(days=1):%Y-%m-%d}")
    assert found.returncode == 1
    assert f"rollup_hour: datastream 1 {START:%Y-%m-%d} 00:00:00+00" in found.stdout
    assert history("verify", "--days", "2").returncode == 0
