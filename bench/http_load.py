"""A client that costs little: keep-alive connections on bare sockets, asked anew as soon as they answered."""

import re
import selectors
import socket
import time
from collections import deque
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
        self.due = 0.0
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


def paced(port: int, question: bytes, rate: int, seconds: float) -> list[float]:
    """The ms each of ``rate`` questions a second took, counted from when it was due and not from when it
    could be sent: a server that stalls makes all of them wait."""
    selector, took = selectors.DefaultSelector(), list[float]()
    free = deque(_Connection(port) for _ in range(4 * CONNECTIONS))
    opened, began, waiting = tuple(free), time.perf_counter(), deque[float]()
    to_ask = deque(began + turn / rate for turn in range(int(rate * seconds)))
    whole = len(to_ask)
    try:
        for one in opened:
            selector.register(one.socket, selectors.EVENT_READ, one)
        while len(took) < whole:
            now = time.perf_counter()
            if now > began + seconds + DEADLINE_S:
                raise TimeoutError("no answer in time")
            _ask_due(now, to_ask, waiting, free, question)
            for key, _ in selector.select(max(0.0, to_ask[0] - now) if to_ask else 1.0):
                if _answered(key.data, selector):
                    took.append(1000 * (time.perf_counter() - key.data.due))
                    free.append(key.data)
        return took
    finally:
        for one in opened:
            one.socket.close()
        selector.close()


def _ask_due(
    now: float, to_ask: deque[float], waiting: deque[float], free: deque[_Connection], question: bytes
) -> None:
    """Ask what is due, as far as connections are free; the rest waits in its order."""
    while to_ask and to_ask[0] <= now:
        waiting.append(to_ask.popleft())
    while waiting and free:
        one = free.popleft()
        one.due = waiting.popleft()
        one.ask(question)


def _answered(one: _Connection, selector: selectors.BaseSelector) -> bool:
    data = one.received()
    if not data:
        one.again(selector)
        return False
    return one.whole(data)
