"""`feed test` and `feed list` as a person runs them, with a database that answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine

from tests.clock import began
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    return subprocess.run(
        [sys.executable, "app.py", "feed", *arguments],
        cwd=ROOT,
        env=known | {"VIGIE_LANGUAGE": "en"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_payload_is_judged_against_the_citys_assets(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    lay_out(engine)
    item = {"asset": "L-1", "property": "power", "value": 900, "phenomenon_time": began().isoformat()}
    file = tmp_path / "a.json"
    file.write_text(json.dumps([item, item | {"asset": "nobody"}]))
    done = run("test", "http_push", str(file), VIGIE_DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr
    assert "Judged against" in done.stdout
    assert "L-1  power = 900.0 W" in done.stdout
    assert "outside the plausible range" in done.stdout
    assert "unknown_asset" in done.stdout


def test_without_a_database_it_works_too_and_a_wrong_file_fails(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text("<html>")
    away = "postgresql://nobody@127.0.0.1:1/none"
    done = run("test", "datex2", str(file), VIGIE_DATABASE_URL=away)
    assert done.returncode == 1
    assert "Nothing of it can be read" in done.stdout
    assert "Traceback" not in done.stderr
    unknown = run("test", "carrier_pigeon", str(file), VIGIE_DATABASE_URL=away)
    assert unknown.returncode == 1
    assert "carrier_pigeon" in unknown.stderr


def test_the_list_of_a_city() -> None:
    done = run("list", VIGIE_SIMULATOR_PORT="8123")
    assert done.returncode == 0
    assert "http://127.0.0.1:8123/datex2/measured.xml" in done.stdout
