"""Reading PUBLISH packets from chunks, however they are cut; acknowledging in one write; topic templates."""

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from services.live.transports.batch_client import (
    Arrived,
    BatchClient,
    MalformedPacket,
    packed_acknowledgements,
    read_publishes,
)
from services.live.transports.topics import Topics


def packet(topic: bytes, payload: bytes, qos: int, mid: int, properties: bytes | None = None) -> bytes:
    """A PUBLISH packet as the standard has it."""
    body = len(topic).to_bytes(2, "big") + topic + (mid.to_bytes(2, "big") if qos else b"")
    if properties is not None:
        body += bytes([len(properties)]) + properties
    body += payload
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)[0], rest % 128
        length += bytes([digit | (128 if rest else 0)])
        if not rest:
            break
    return bytes([0x30 | qos << 1]) + length + body


MESSAGES = st.lists(
    st.tuples(
        st.binary(max_size=20), st.binary(max_size=200), st.sampled_from([0, 1]), st.integers(1, 65_535)
    ),
    max_size=12,
)


@given(messages=MESSAGES, cuts=st.lists(st.integers(1, 90), min_size=1, max_size=30), version_5=st.booleans())
def test_however_the_bytes_are_cut_the_messages_are_the_same(
    messages: list[tuple[bytes, bytes, int, int]], cuts: list[int], version_5: bool
) -> None:
    properties = b"\x02\x00\x00\x00\x3c" if version_5 else None
    stream = b"".join(packet(*one, properties) for one in messages)
    arrived, chunk, at, cut = Arrived(0.0), b"", 0, 0
    while at < len(stream):
        size = cuts[cut % len(cuts)]
        chunk, at, cut = chunk + stream[at : at + size], at + size, cut + 1
        done, waits = read_publishes(chunk, 0, version_5, arrived)
        assert waits
        chunk = chunk[done:]
    assert chunk == b""
    wanted = [(mid if qos else 0, topic, payload) for topic, payload, qos, mid in messages]
    assert list(zip(arrived.mids, arrived.topics, arrived.payloads, strict=True)) == wanted


@given(chunk=st.binary(max_size=60), version_5=st.booleans())
def test_any_bytes_stop_somewhere(chunk: bytes, version_5: bool) -> None:
    try:
        at, _ = read_publishes(b"\x32" + chunk, 0, version_5, Arrived(0.0))
    except MalformedPacket:
        return
    assert 0 <= at <= len(chunk) + 1


def test_other_packets_are_left_to_paho() -> None:
    arrived = Arrived(0.0)
    first = packet(b"a", b"1", 1, 7)
    stream = first + b"\xd0\x00" + packet(b"a", b"2", 1, 8)
    assert read_publishes(stream, 0, False, arrived) == (len(first), False)
    assert arrived.mids == [7]


def test_acknowledgements_are_what_the_standard_says() -> None:
    assert packed_acknowledgements([1, 258, 65_535]) == b"@\x02\x00\x01@\x02\x01\x02@\x02\xff\xff"


def test_paho_is_as_we_know_it() -> None:
    """What BatchClient uses of paho and is not public."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    for name in ("_sock_recv", "_packet_read", "_packet_queue", "_loop_rc_handle"):
        assert callable(getattr(client, name)), name
    assert client._in_packet["command"] == 0
    assert {"_sock", "_protocol", "_msgtime_mutex", "_last_bytes_received"} <= vars(client).keys()
    assert issubclass(BatchClient, paho.Client)


class TestTopics:
    def test_templates_become_filters_and_names(self) -> None:
        topics = Topics(("vigie/{city}/#", "vigie/{city}/{asset_type}/{asset}/{property}"), "demo")
        assert topics.filters == ["vigie/demo/#"]
        assert topics.names(b"vigie/demo/streetlight") == {}
        assert topics.names(b"vigie/demo/streetlight/L-1/power") == {
            "asset_type": "streetlight", "asset": "L-1", "property": "power",
        }  # fmt: skip
        assert topics.names(b"vigie/demo/streetlight/L-1/power/raw") == {}
        assert topics.names(b"\xff") == {}

    def test_a_filter_of_its_own_where_nothing_covers_it(self) -> None:
        topics = Topics(("lamps/{asset}/{property}", "vigie/+/x"), "demo")
        assert topics.filters == ["lamps/+/+", "vigie/+/x"]
        assert topics.names(b"lamps/L-1/power") == {"asset": "L-1", "property": "power"}

    @pytest.mark.parametrize("template", ["a/#/b", "a/{what}", "a/x{asset}", "a/{asset}/{asset}", "a/b#"])
    def test_what_is_no_template_is_refused(self, template: str) -> None:
        with pytest.raises(ValueError, match=r"[#a]"):
            Topics((template,), "demo")
