"""Logs: one JSON object a line for a machine, whoever speaks; a trace where there is one."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.launch.servers import free_port
from services.logs import new_trace
from tests.browser.journeys.stack import wait_until

ROOT = Path(__file__).resolve().parents[2]
SPEAKS = """
import logging, warnings
from services.logs import set_up, tracing
set_up("ingest", "debug", "{form}")
log = logging.getLogger("services.live.batch")
log.debug("été: %s kept", 3)
with tracing("00ff00ff00ff00ff"):
    log.info("settled")
    log.warning("other", extra={{"trace": "1111111111111111"}})
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed\\nbadly")
logging.getLogger("httpx").info("hidden")
warnings.warn("mind this")
"""


def said(form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SPEAKS.format(form=form)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


def test_json_is_one_object_a_line_with_its_fields() -> None:
    first, settled, other, failed, warned = map(json.loads, said("json"))
    assert first.keys() == {"time", "level", "logger", "message", "process"}
    assert (first["level"], first["logger"], first["message"], first["process"]) == (
        "DEBUG", "services.live.batch", "été: 3 kept", "ingest")  # fmt: skip
    assert first["time"].endswith("+00:00")
    assert settled["trace"] == "00ff00ff00ff00ff"
    assert other["trace"] == "1111111111111111"
    assert "ZeroDivisionError" in failed["exception"]
    assert failed["message"] == "failed\nbadly"
    assert "mind this" in warned["message"]


def test_text_is_for_people_and_ends_with_the_trace() -> None:
    lines = said("text")
    assert lines[0].endswith("DEBUG services.live.batch été: 3 kept")
    assert lines[1].endswith("settled [00ff00ff00ff00ff]")
    assert "hidden" not in "\n".join(lines)


def test_a_trace_is_sixteen_digits_and_new_each_time() -> None:
    made = {new_trace() for _ in range(100)}
    assert len(made) == 100
    assert all(len(trace) == 16 and int(trace, 16) >= 0 for trace in made)


@pytest.mark.parametrize("command", ["web", "public"])
def test_every_line_of_a_process_is_json_uvicorns_too(tmp_path: Path, command: str) -> None:
    port = free_port()
    env = os.environ | {
        "VIGIE_LOG_FORMAT": "json",
        "VIGIE_VAR": str(tmp_path),
        "VIGIE_SECRET": secrets.token_urlsafe(32),
        "VIGIE_DATABASE_URL": "postgresql://vigie@/nowhere?host=/nonexistent",
        "VIGIE_REDIS_URL": "unix:///nonexistent",
        "VIGIE_PORT": str(port),
        "VIGIE_PUBLIC_PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "app.py", command], cwd=ROOT, env=env, stderr=out)
    try:
        wait_until(lambda: alive(port), 60, f"{command} alive")
    finally:
        process.terminate()
        process.wait(20)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["process"] for line in lines} == {command}
    assert any(line["logger"].startswith("uvicorn") for line in lines)


def alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def test_what_is_wrong_at_the_start_is_json_too() -> None:
    env = os.environ | {"VIGIE_LOG_FORMAT": "json", "VIGIE_PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, "app.py", "web"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "VIGIE_PORT" in json.loads(line)["message"]
