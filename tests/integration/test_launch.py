"""The launcher with real servers: recovery from kill -9, one Vigie a folder, ports that move."""

import os
import select
import shutil
import signal
import socket
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from services.launch.preparing import AlreadyRunning, free_ports, kept_secret, only_one, worker_env
from services.launch.privileges import can_enter, server_account, spawn
from services.launch.servers import data_folder, free_port, start_postgres, start_redis
from services.launch.supervisor import Group, Worker
from services.settings import Settings, read_settings


def test_a_killed_postgres_comes_back_under_its_address_with_its_rows(server_folder: Path) -> None:
    server = start_postgres(server_folder, "kept")
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE t (n int)")
            connection.execute("INSERT INTO t VALUES (7)")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        Group([server]).tend()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT n FROM t").fetchone() == (7,)
    finally:
        server.stop()


def test_a_killed_redis_comes_back_with_what_it_had(server_folder: Path) -> None:
    server = start_redis(server_folder)
    try:
        client = redis.Redis.from_url(server.url, socket_timeout=2)
        client.set("live:{x}:snap", b"kept")
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        told: list[str] = []
        Group([server], tell=told.append).tend()
        assert client.get("live:{x}:snap") == b"kept"
        assert told == ["redis ended; starting it again on the same data"]
        client.close()
    finally:
        server.stop()


def test_a_server_that_failed_to_start_again_is_tried_once_more(server_folder: Path) -> None:
    server = start_redis(server_folder)
    group = Group([server], tell=lambda _: None)
    try:
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        command, server.command = server.command, ["/bin/false"]
        group.tend()
        assert not server.alive
        server.command = command
        group.tend()
        assert server.alive
    finally:
        server.stop()


def test_a_dead_worker_is_started_again_and_stop_ends_it(tmp_path: Path) -> None:
    sleeper = (sys.executable, "-c", "import signal; signal.pause()")
    worker = Worker("sleeper", sleeper, dict(os.environ), tmp_path / "sleeper.log")
    group = Group(workers=[worker], tell=lambda _: None)
    worker.start()
    first = worker.process
    assert first is not None
    first.kill()
    first.wait()
    group.tend()
    assert worker.process is not None
    assert worker.process.pid != first.pid
    assert worker.alive
    group.stop()
    assert not worker.alive


def test_children_die_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from services.launch.privileges import spawn\n"
        "child = spawn([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(child.pid, flush=True); import signal; signal.pause()"
    )
    launcher = spawn([sys.executable, "-c", code], log=tmp_path / "out", cwd=Path(__file__).parents[2])
    with pytest.raises(ChildProcessError):
        child = _first_number(tmp_path / "out")
        handle = os.pidfd_open(child)
        launcher.kill()
        launcher.wait()
        _until_ended(handle)
        os.waitpid(child, 0)


def _first_number(file: Path) -> int:
    for _ in range(200):
        text = file.read_text() if file.exists() else ""
        if text.endswith("\n"):
            return int(text)
        select.select([], [], [], 0.05)
    raise AssertionError("the launcher never named its child")


def _until_ended(handle: int) -> None:
    assert select.select([handle], [], [], 10)[0], "the child outlived its launcher"
    os.close(handle)


def test_one_vigie_a_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(AlreadyRunning, match=str(os.getpid())), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_taken_port_moves_and_says_so() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        told: list[str] = []
        moved = free_ports(
            Settings(port=taken, public_port=free_port(), intake_port=free_port()), told.append
        )
    assert moved.port != taken
    assert any(str(taken) in line for line in told)


def test_data_moves_where_the_server_account_can_enter(tmp_path: Path) -> None:
    account = server_account()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wanted = closed / "var"
    found = data_folder(wanted, account)
    assert can_enter(found, account)
    assert (found == wanted) == (account is None)
    assert data_folder(wanted, account) == found
    shutil.rmtree(found)


def test_the_kept_secret_is_made_once_and_closed(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "intake_key")
    assert kept_secret(tmp_path, "intake_key") == first
    assert len(first) >= 32
    assert (tmp_path / "secrets" / "intake_key").stat().st_mode & 0o077 == 0


def test_a_worker_reads_the_settings_of_its_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(city="demo", intake_key="k" * 40, port=8123)  # type: ignore[arg-type]
    for name, value in worker_env(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings
