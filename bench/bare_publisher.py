"""A publisher without a library in its way: MQTT 3.1.1, QoS 1, as fast as the broker confirms."""

import socket
import struct
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

AT_ONCE = 500
UNCONFIRMED_MOST = 5_000
_CHUNK = 65_536
_PUBACK_BYTES = 4


def publish(url: str, messages: Iterable[tuple[bytes, bytes]]) -> int:
    """Publish ``messages`` (topic, payload); how many, once the broker has confirmed them all.

    ConnectionError where the broker hangs up: it does so on a topic that is none.
    """
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "127.0.0.1", address.port or 1883)) as link:
        name = b"bench"
        head = b"\x00\x04MQTT\x04\x02\x00\x00" + struct.pack(">H", len(name)) + name
        link.sendall(b"\x10" + bytes([len(head)]) + head)
        link.recv(4)
        sent = confirmed = 0
        waiting: list[bytes] = []
        for packet in _packets(messages):
            sent += 1
            waiting.append(packet)
            if len(waiting) == AT_ONCE:
                link.sendall(b"".join(waiting))
                waiting.clear()
                confirmed = _confirmed(link, confirmed, sent - UNCONFIRMED_MOST)
        link.sendall(b"".join(waiting))
        _confirmed(link, confirmed, sent)
    return sent


def _packets(messages: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    for number, (topic, payload) in enumerate(messages):
        yield packet(topic, payload, number)


def packet(topic: bytes, payload: bytes, number: int) -> bytes:
    """The PUBLISH packet (QoS 1) of message ``number`` of a connection."""
    body = struct.pack(">H", len(topic)) + topic + struct.pack(">H", number % 65_000 + 1) + payload
    return b"\x32" + _length(len(body)) + body


def _confirmed(link: socket.socket, confirmed: int, wanted: int) -> int:
    """Read confirmations until there are ``wanted``; how many there are."""
    over = 0
    while confirmed < wanted:
        got = link.recv(_CHUNK)
        if not got:
            raise ConnectionError("the broker hung up")
        whole, over = divmod(over + len(got), _PUBACK_BYTES)
        confirmed += whole
    # A confirmation cut in two is waited for, so that none is counted short next time.
    while over % _PUBACK_BYTES:
        over += len(link.recv(_PUBACK_BYTES - over))
        confirmed += over // _PUBACK_BYTES
    return confirmed


def _length(count: int) -> bytes:
    parts = []
    while True:
        count, low = divmod(count, 128)
        parts.append(low | (128 if count else 0))
        if not count:
            return bytes(parts)
