"""A hung backend holds nobody: the client gives up, and is well again when the server is."""

import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from geodata.database import open_engine
from services.launch.servers import start_postgres


def test_a_hung_server_is_given_up_and_comes_back(tmp_path: Path) -> None:
    server = start_postgres(tmp_path, durable=False)
    engine = open_engine(server.url, statement_ms=200)
    try:
        with engine.connect() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))
            os.kill(int(backend), signal.SIGSTOP)
            began = time.monotonic()
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 1"))
            assert time.monotonic() - began < 4
        os.kill(int(backend), signal.SIGCONT)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    finally:
        engine.dispose()
        server.stop()
