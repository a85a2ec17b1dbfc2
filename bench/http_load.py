"""A client that costs little: keep-alive connections on bare sockets, asked anew as soon as they answered."""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
CONNECTIONS = 8
DEADLINE_S = 20.0


def request(path: str, port: int, accept: str = "application/geo+json, application/json") -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {accept}\r\n\r\n".encode()


class _Connection:
    """One connection; a server may end it after any answer, and it is opened anew."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.missing, self.head, self.asked = 0, b"", b""
        self.socket = self._opened()

    def _opened(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), DEADLINE_S)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def ask(self, question: bytes) -> None:
        self.asked = question
        self.socket.sendall(question)

    def again(self, selector: selectors.BaseSelector) -> None:
        """Ask the same by a new connection."""
        selector.unregister(self.socket)
        self.socket.close()
        self.socket = self._opened()
        selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(self.asked)

    def received(self) -> bytes:
        """What came; empty when the server ended the connection between two answers."""
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data and (self.missing or self.head):
            raise ConnectionError("the server hung up in the middle")
        return data

    def whole(self, data: bytes) -> bool:
        """Whether an answer is whole with ``data``. ConnectionError when it is none."""
        if not self.missing:
            self.head += data
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return False
            length = _LENGTH.search(head)
            if length is None or not head.startswith(b"HTTP/1.1 200"):
                raise ConnectionError(f"no answer to count: {head[:200]!r} {rest[:200]!r}")
            self.missing, self.head, data = int(length[1]), b"", rest
        self.missing -= len(data)
        return self.missing == 0


def per_second(port: int, requests: Sequence[bytes], seconds: float) -> float:
    """Answers a second over ``seconds``, CONNECTIONS at once, the ``requests`` one after the other."""
    selector, turns = selectors.DefaultSelector(), cycle(requests)
    opened = [_Connection(port) for _ in range(CONNECTIONS)]
    done, began = 0, time.perf_counter()
    try:
        for one in opened:
            selector.register(one.socket, selectors.EVENT_READ, one)
            one.ask(next(turns))
        while (now := time.perf_counter()) < began + seconds or not done:
            if now > began + seconds + DEADLINE_S:
                raise TimeoutError("no answer in time")
            for key, _ in selector.select(1.0):
                done += _step(key.data, turns, selector)
        return done / (time.perf_counter() - began)
    finally:
        for one in opened:
            one.socket.close()
        selector.close()


def _step(one: _Connection, turns: Iterator[bytes], selector: selectors.BaseSelector) -> int:
    data = one.received()
    if not data:
        one.again(selector)
        return 0
    if not one.whole(data):
        return 0
    one.ask(next(turns))
    return 1
