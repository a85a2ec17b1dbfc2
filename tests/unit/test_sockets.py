"""Connections inherit what bounds a peer that does not read."""

import socket

import pytest

from services.launch.sockets import UNREAD_MS, WAITING_MOST, bound_what_waits


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_a_connection_inherits_the_bounds_of_its_door() -> None:
    with socket.socket() as door, socket.socket() as peer:
        door.bind(("127.0.0.1", 0))
        bound_what_waits(door).listen()
        peer.connect(door.getsockname())
        connection, _ = door.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNREAD_MS
            # Linux reports twice what was asked for.
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * WAITING_MOST
