"""The stream as text, and bytes packed once: no server, no city."""

import asyncio
import gzip
import itertools
from collections.abc import AsyncGenerator

import brotli
from starlette.requests import Request

from callbacks.headers import content_policy
from callbacks.packed import immutable, pack
from callbacks.stream import EventStream, event_text, written
from services.live import Event
from services.metrics import Metrics


def test_an_event_is_written_line_by_line() -> None:
    assert event_text("frame", "17-0", '{"t":1}') == b'id: 17-0\nevent: frame\ndata: {"t":1}\n\n'
    assert event_text("beat", None, "a\nb") == b"event: beat\ndata: a\ndata: b\n\n"
    assert event_text("resync", "", "") == b"event: resync\ndata: \n\n"


async def test_the_stream_first_says_when_to_try_again() -> None:
    async def events() -> AsyncGenerator[Event]:
        yield Event("beat", "", "{}")

    metrics = Metrics()
    parts = [part async for part in written(events(), metrics)]
    assert parts == [b"retry: 1000\n\n", b"event: beat\ndata: {}\n\n"]
    body, _ = metrics.render()
    assert b'vigie_events_sent_total{kind="beat"} 1.0' in body
    assert b"vigie_sent_bytes_total 22.0" in body


async def test_a_reader_that_stops_is_let_go_and_its_events_closed() -> None:
    closed, dropped = asyncio.Event(), []

    async def parts() -> AsyncGenerator[bytes]:
        try:
            for n in itertools.count():
                yield f"data: {n}\n\n".encode()
        finally:
            closed.set()

    taken: list[object] = []

    async def send(message: object) -> None:
        taken.append(message)
        if len(taken) > 3:
            await asyncio.Event().wait()

    async with asyncio.timeout(5):
        await EventStream(parts(), lambda: dropped.append(1), stalled_s=0.05).stream_response(send)
    assert dropped == [1]
    assert closed.is_set()


def asked(encodings: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-encoding", encodings.encode())]})


def test_a_browser_gets_the_form_it_likes_best() -> None:
    raw = b"street " * 1000
    packed = pack(raw)
    best = immutable(asked("gzip, deflate, br"), packed, "text/plain")
    assert best.headers["content-encoding"] == "br"
    assert brotli.decompress(best.body) == raw
    older = immutable(asked("gzip"), packed, "text/plain")
    assert gzip.decompress(older.body) == raw
    plain = immutable(asked("identity"), packed, "text/plain")
    assert plain.body == raw
    assert "content-encoding" not in plain.headers


def test_the_policy_names_an_own_tile_host_and_no_path() -> None:
    policy = content_policy(["'sha256-x'"], "https://tiles.city.example/base/{z}/{x}/{y}.png")
    assert "img-src 'self' https://tiles.city.example data: blob:" in policy
    assert "connect-src 'self' https://tiles.city.example;" in policy
    assert "script-src 'self' 'sha256-x';" in policy
    assert "tiles" not in content_policy([], None)
    assert "pmtiles" not in content_policy([], "/assets/own.pmtiles")
