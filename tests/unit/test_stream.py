"""The stream as text, and bytes packed once: no server, no city."""

import gzip
from collections.abc import AsyncIterator

import brotli
from starlette.requests import Request

from callbacks.headers import content_policy
from callbacks.packed import immutable, pack
from callbacks.stream import event_text, written
from services.live import Event


def test_an_event_is_written_line_by_line() -> None:
    assert event_text("frame", "17-0", '{"t":1}') == 'id: 17-0\nevent: frame\ndata: {"t":1}\n\n'
    assert event_text("beat", None, "a\nb") == "event: beat\ndata: a\ndata: b\n\n"
    assert event_text("resync", "", "") == "event: resync\ndata: \n\n"


async def test_the_stream_first_says_when_to_try_again() -> None:
    async def events() -> AsyncIterator[Event]:
        yield Event("beat", None, "{}")

    assert [part async for part in written(events())] == ["retry: 1000\n\n", "event: beat\ndata: {}\n\n"]


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
