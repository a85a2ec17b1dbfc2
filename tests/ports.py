"""Waiting for something a test started to listen."""

import select
import socket
import time

import pytest


def wait_for_port(port: int, patience_s: float = 10.0) -> None:
    """Return as soon as ``port`` of this machine takes a connection; fail the test when it never does."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            select.select([], [], [], 0.02)
        else:
            return
    pytest.fail(f"nothing listens on port {port}")
