"""paho's client, made to read and acknowledge many messages at a time.

paho asks the kernel three times and selects once for every message, makes objects of it that the collector
then walks through, and sends every acknowledgement by itself: 30 µs a message, 100 µs in version 5. Here the
network thread takes a chunk from the kernel, reads the PUBLISH packets in it into plain lists, and leaves
everything else to paho (connecting, subscribing, keeping alive). That needs a few methods of paho 2.x that
are not public; they are used here and nowhere else, and a test looks whether they are as we know them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode

CHUNK = 131_072
"""Bytes taken from the kernel at once."""
PUBACK_OF_TWO_BYTES = 0x4002
"""First byte and length of an acknowledgement: the message's id follows; the same in 3.1.1 and 5."""
PUBLISH, QOS_BITS, QOS_2, RETAIN = 0x30, 0x06, 0x04, 0x01
INCOMPLETE = -1


@dataclass(slots=True)
class Arrived:
    """Messages in the order they came; ``mids`` is 0 where none is acknowledged (QoS 0).

    ``retained`` holds the places of those the broker had kept; ``received_at`` is in seconds since 1970.
    """

    received_at: float
    mids: list[int] = field(default_factory=list)
    topics: list[bytes] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    retained: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        """How many messages."""
        return len(self.mids)

    def add(self, first: int, mid: int, topic: bytes, payload: bytes) -> None:
        """One more message; ``first`` is the first byte of its packet."""
        if first & RETAIN:
            self.retained.add(len(self.mids))
        self.mids.append(mid)
        self.topics.append(topic)
        self.payloads.append(payload)


class MalformedPacket(Exception):
    """Bytes that are no PUBLISH packet of the protocol."""


def packed_acknowledgements(mids: Sequence[int]) -> bytes:
    """The PUBACK packets of ``mids``, one after the other in their order."""
    packets = np.empty((len(mids), 2), ">u2")
    packets[:, 0], packets[:, 1] = PUBACK_OF_TWO_BYTES, mids
    return packets.tobytes()


def read_publishes(chunk: bytes, at: int, properties: bool, arrived: Arrived) -> tuple[int, bool]:
    """Read PUBLISH packets from ``at`` on; where it stopped, and whether for want of bytes.

    ``properties``: packets carry them (version 5). MalformedPacket where lengths contradict each other.
    """
    end = len(chunk)
    while at < end:
        first = chunk[at]
        if first & 0xF0 != PUBLISH or first & QOS_BITS == QOS_2:
            return at, False
        length, place = _number(chunk, at + 1)
        if length == INCOMPLETE or place + length > end:
            return at, True
        _read_publish(chunk, first, place, place + length, properties, arrived)
        at = place + length
    return at, True


def _read_publish(chunk: bytes, first: int, at: int, stop: int, properties: bool, arrived: Arrived) -> None:
    if at + 2 > stop:
        raise MalformedPacket
    begin = at + 2
    at = begin + (chunk[at] << 8 | chunk[at + 1])
    topic = chunk[begin:at]
    mid = 0
    if first & QOS_BITS:
        if at + 2 > stop:
            raise MalformedPacket
        mid = chunk[at] << 8 | chunk[at + 1]
        at += 2
    if properties:
        length, at = _number(chunk, at)
        at += length
        if length == INCOMPLETE:
            raise MalformedPacket
    if at > stop:
        raise MalformedPacket
    arrived.add(first, mid, topic, chunk[at:stop])


def _number(chunk: bytes, at: int) -> tuple[int, int]:
    """The number of variable length at ``at``, and where it ends; INCOMPLETE where bytes are missing."""
    value = shift = 0
    for place in range(at, min(at + 4, len(chunk))):
        byte = chunk[place]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place + 1
        shift += 7
    if at + 4 <= len(chunk):
        raise MalformedPacket
    return INCOMPLETE, at


class BatchClient(paho.Client):  # type: ignore[misc] # paho is not typed for us
    """A client that hands over what arrived a chunk at a time (``on_arrived``, in the network thread)."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._chunk, self._at = b"", 0
        self.on_arrived: Callable[[Arrived], None] = lambda _arrived: None
        self.on_message = self._slowly

    def reconnect(self) -> MQTTErrorCode:
        """As paho's; what was left of the former connection is forgotten."""
        self._chunk, self._at = b"", 0
        return super().reconnect()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """As paho's, but every packet of one chunk; ``max_packets`` means as little as it does there."""
        if self._sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        try:
            received = super()._sock_recv(CHUNK)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            received = b""
        if not received:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        self._chunk, self._at = self._chunk[self._at :] + received, 0
        result = self._read_chunk()
        return self._loop_rc_handle(result) if result > 0 else MQTTErrorCode.MQTT_ERR_SUCCESS

    def _read_chunk(self) -> MQTTErrorCode:
        """Every whole packet of the chunk: PUBLISH by ourselves, the others by paho."""
        result = MQTTErrorCode.MQTT_ERR_SUCCESS
        while result == MQTTErrorCode.MQTT_ERR_SUCCESS and self._at < len(self._chunk):
            if self._sock is None:
                return MQTTErrorCode.MQTT_ERR_NO_CONN
            if self._in_packet["command"] == 0 and self._read_publishes():
                break
            result = self._packet_read()
        return result

    def _read_publishes(self) -> bool:
        """Whether the rest of the chunk has to wait for more bytes."""
        arrived = Arrived(time.time())
        version_5 = self._protocol == paho.MQTTv5
        try:
            self._at, waits = read_publishes(self._chunk, self._at, version_5, arrived)
        except MalformedPacket:
            # paho says so in its own way, and drops the connection.
            return False
        if arrived.mids:
            self.on_arrived(arrived)
        return waits

    def _slowly(self, _client: Any, _data: Any, message: Any) -> None:
        """A message that paho has read: of QoS 2, or of a malformed kind it tolerates."""
        arrived = Arrived(time.time())
        arrived.add(RETAIN * message.retain, message.mid, message.topic.encode(), message.payload)
        self.on_arrived(arrived)

    def _sock_recv(self, bufsize: int) -> bytes:
        """Up to ``bufsize`` bytes of the chunk at hand: paho takes from it what we leave."""
        if self._at >= len(self._chunk):
            raise BlockingIOError
        taken = self._chunk[self._at : self._at + bufsize]
        self._at += len(taken)
        return taken

    def acknowledge(self, mids: Sequence[int]) -> Any:
        """Queue the acknowledgements of ``mids`` (QoS 1) as one write, from any thread."""
        if not mids:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return self._packet_queue(MessageType.PUBACK, packed_acknowledgements(mids), mids[-1], 1, None)
