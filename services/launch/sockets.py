"""What a door lets wait in the system for a peer that does not read."""

import socket

WAITING_MOST = 256 * 1024
"""Bytes in the system's buffer of one connection; left alone it grows to megabytes."""
UNREAD_MS = 20_000
"""A peer that takes nothing for so long is cut off; the system would keep asking it for ever."""


def bound_what_waits(listening: socket.socket) -> socket.socket:
    """``listening`` (TCP), whose connections inherit both bounds."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WAITING_MOST)
    # Not every system has it; there the application's own patience is all (callbacks/stream.py).
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    return listening
