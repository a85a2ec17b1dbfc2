"""Polling suppliers on loopback: marks, sizes, deadlines, redirects, and what happens when they fail."""

import asyncio
import gzip
import json
import random
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from model.errors import Refused, Unavailable
from services.launch.servers import free_port
from services.live import Parsed
from services.live.sources import Source
from services.live.transports import asking, polling
from services.live.transports.asking import Answer, Busy, Seen, allowed, ask
from services.live.transports.polling import Poller
from tests.clock import began
from tests.declared import poll_source
from tests.supplier import Supplier, http, supplier
from tests.waiting import until

PATIENCE_S = 10.0


@pytest.fixture
async def there() -> AsyncIterator[Supplier]:
    async with supplier() as one:
        yield one


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as one:
        yield one


async def get(client: httpx.AsyncClient, source: Source, seen: Seen | None = None) -> Answer:
    with ThreadPoolExecutor(1) as resolver:
        return await ask(client, source, seen or Seen(), resolver)


def body(value: float = 1) -> bytes:
    item = {"asset": "L-1", "property": "power", "value": value, "phenomenon_time": began().isoformat()}
    return json.dumps([item]).encode()


async def test_marks_are_sent_back_and_the_same_is_not_sent_twice(
    there: Supplier, client: httpx.AsyncClient
) -> None:
    def answer(request: str) -> bytes:
        if 'if-none-match: "v1"' in request and "if-modified-since: Fri" in request:
            return http(b"", "304 Not Modified")
        return http(b"one", etag='"v1"', last_modified="Fri, 06 Nov 2026 17:42:00 GMT")

    there.answers["/a"] = answer
    first = await get(client, poll_source(there.url("/a")))
    assert first.payload == b"one"
    assert (await get(client, poll_source(there.url("/a")), first.seen)) == Answer(None, first.seen)


async def test_gzip_is_unpacked(there: Supplier, client: httpx.AsyncClient) -> None:
    there.answers["/a"] = lambda _: http(gzip.compress(b"one"), content_encoding="gzip")
    assert (await get(client, poll_source(there.url("/a")))).payload == b"one"
    assert "accept-encoding: gzip" in there.asked[0]


BOMB = gzip.compress(b" " * 5_000_000)
REFUSED: dict[str, bytes] = {
    "too large": http(b" " * 1_000_001),
    "too large unpacked": http(BOMB, content_encoding="gzip"),
    "not gzip": http(b"hello", content_encoding="gzip"),
    "brotli": http(b"hello", content_encoding="br"),
    "gone": http(b"", "410 Gone"),
    "forbidden": http(b"", "403 Forbidden"),
    "another host": http(b"", "302 Found", location="http://192.0.2.1/a"),
    "another port": http(b"", "302 Found", location="http://127.0.0.1:1/a"),
    "a file": http(b"", "302 Found", location="file:///etc/passwd"),
    "no address": http(b"", "302 Found", location="http://127.0.0.1:999999/"),
    "round and round": http(b"", "302 Found", location="/a"),
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED.keys())
async def test_what_will_not_do_is_refused(there: Supplier, client: httpx.AsyncClient, answer: bytes) -> None:
    there.answers["/a"] = lambda _: answer
    with pytest.raises(Refused):
        await get(client, poll_source(there.url("/a")))


AWAY: dict[str, bytes] = {
    "broken": http(b"", "500 Oops"),
    "cut": http(b"half", content_length="100"),
    "cut gzip": http(gzip.compress(body())[:-12], content_encoding="gzip"),
    "no http": b"hello\r\n\r\n",
    "busy": http(b"", "429 Too Many", retry_after="77"),
}


@pytest.mark.parametrize("answer", AWAY.values(), ids=AWAY.keys())
async def test_what_may_be_mended_is_away(there: Supplier, client: httpx.AsyncClient, answer: bytes) -> None:
    there.answers["/a"] = lambda _: answer
    with pytest.raises(Unavailable) as raised:
        await get(client, poll_source(there.url("/a")))
    assert not isinstance(raised.value, Busy) or raised.value.after_s == 77


async def test_redirects_on_the_same_host_are_followed(there: Supplier, client: httpx.AsyncClient) -> None:
    there.answers["/a"] = lambda _: http(b"", "302 Found", location="b?x=1")
    there.answers["/b?x=1"] = lambda _: http(b"one")
    assert (await get(client, poll_source(there.url("/a")))).payload == b"one"


async def test_t9_of_a_directory_the_newest_file_is_taken_once(
    there: Supplier, client: httpx.AsyncClient
) -> None:
    page = b'<a href="?C=N">Name</a><a href="../">up</a><a href="q_0824.xml">1</a><a href="q_0830.xml">2</a>'
    there.answers["/qtv/"] = lambda _: http(page + b'<a href="notes.txt">')
    there.answers["/qtv/q_0830.xml"] = lambda _: http(b"<xml/>")
    source = poll_source(there.url("/qtv/"), index="q_*.xml")
    first = await get(client, source)
    assert (first.payload, first.seen.file) == (b"<xml/>", "q_0830.xml")
    assert (await get(client, source, first.seen)).payload is None
    there.answers["/qtv/"] = lambda _: http(b"<a href='http://192.0.2.1/q_9.xml'>")
    with pytest.raises(Refused, match="declared host"):
        await get(client, source)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1",
     "fc00::1",
     "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "::ffff:127.0.0.1",
     "224.0.0.1", "2001:0:7f00:1::"],
)  # fmt: skip
def test_addresses_inside_are_never_allowed(address: str) -> None:
    assert not allowed(ip_address(address), loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are(address: str) -> None:
    assert allowed(ip_address(address), loopback=False)
    assert not allowed(ip_address(address), loopback=True)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    there: Supplier, client: httpx.AsyncClient, host: str
) -> None:
    source = poll_source(f"http://{host}:{there.port}/a", loopback=False, plain_http=True)
    with pytest.raises(Refused, match="no public address"):
        await get(client, source)
    assert there.asked == []


async def test_one_bad_address_among_good_ones_is_enough(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: mixed)
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        await get(client, poll_source("https://supplier.example/a", loopback=False))


async def test_the_whole_answer_has_one_deadline(
    there: Supplier, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "DEADLINE_S", 0.2)
    there.answers["/a"] = lambda _: None
    with pytest.raises(Unavailable, match="no whole answer"):
        await get(client, poll_source(there.url("/a")))


class Sink:
    """Stands for the ingest, and hears the states."""

    def __init__(self) -> None:
        self.away = False
        self.tries = 0
        self.kept: list[Parsed] = []
        self.states: list[tuple[str, str]] = []

    async def __call__(self, parsed: Parsed, messages: int) -> None:
        self.tries += 1
        if self.away:
            raise Unavailable("not now")
        self.kept.append(parsed)

    def report(self, state: str, detail: str = "") -> None:
        self.states.append((state, detail))

    @property
    def values(self) -> list[Any]:
        return [o.value for parsed in self.kept for o in parsed.observations]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are milliseconds."""
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2 / 50)
    monkeypatch.setattr(polling, "RETRY_S", (0.01, 0.05))


@pytest.mark.usefixtures("quick")
async def test_what_is_new_is_delivered_and_the_same_is_not(there: Supplier) -> None:
    said = [1.0]
    there.answers["/a"] = lambda _: http(body(said[0]))
    sink = Sink()
    poller = Poller(poll_source(there.url("/a")), sink, report=sink.report)
    await poller.start()
    await until(lambda: len(there.asked) >= 3)
    said[0] = 2.0
    await until(lambda: sink.values == [1.0, 2.0])
    await poller.stop()
    assert {state for state, _ in sink.states} == {"starting", "ok"}


async def test_a_neighbour_that_starts_beside_us_is_not_away_yet(there: Supplier) -> None:
    closed = poll_source(f"http://127.0.0.1:{free_port()}/a", every_s=600.0)
    sink = Sink()
    poller = Poller(closed, sink, report=sink.report)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert await poller._once(client) == polling.NEIGHBOUR_RETRY_S
        assert sink.states == []
        poller._source = replace(closed, url=there.url("/a"))
        there.answers["/a"] = lambda _: http(body())
        assert await poller._once(client) > 500
        poller._source = closed
        assert await poller._once(client) < polling.BACK_OFF_FIRST_S * 1.2
    await poller.stop()
    assert [state for state, _ in sink.states] == ["ok", "away"]


@pytest.mark.usefixtures("quick")
async def test_while_the_database_is_away_the_payload_waits(there: Supplier) -> None:
    there.answers["/a"] = lambda _: http(body())
    sink = Sink()
    sink.away = True
    poller = Poller(poll_source(there.url("/a")), sink, report=sink.report)
    await poller.start()
    await until(lambda: sink.tries >= 3)
    assert len(there.asked) == 1
    sink.away = False
    await until(lambda: sink.values == [1.0])
    await poller.stop()


@pytest.mark.usefixtures("quick")
async def test_a_page_instead_of_data_is_one_reject_however_often_it_comes(there: Supplier) -> None:
    there.answers["/a"] = lambda _: http(b"<html>Maintenance</html>")
    sink = Sink()
    poller = Poller(poll_source(there.url("/a")), sink, report=sink.report)
    await poller.start()
    await until(lambda: len(there.asked) >= 3)
    there.answers["/a"] = lambda _: http(body())
    await until(lambda: sink.values == [1.0])
    await poller.stop()
    rejects = [reject for parsed in sink.kept for reject in parsed.rejects]
    assert [(r.reason, r.item) for r in rejects] == [("malformed", b"<html>Maintenance</html>")]
    states = [state for state, _ in sink.states]
    assert states[:3] == ["starting", "refused", "refused"]
    assert states[-1] == "ok"


@pytest.mark.usefixtures("quick")
async def test_a_hung_supplier_and_a_broken_adapter_cost_nobody_else_anything(there: Supplier) -> None:
    def broken(_payload: bytes, _reading: object) -> Parsed:
        raise RuntimeError("oops")

    there.answers["/hangs"] = lambda _: None
    there.answers["/a"] = lambda _: http(body())
    sinks = [Sink(), Sink(), Sink()]
    good = poll_source(there.url("/a"))
    sources = [poll_source(there.url("/hangs")), replace(good, feed=replace(good.feed, parse=broken)), good]
    pollers = [Poller(one, sink, report=sink.report) for one, sink in zip(sources, sinks, strict=True)]
    await asyncio.gather(*(poller.start() for poller in pollers))
    await until(lambda: sinks[2].values == [1.0] and len(sinks[1].states) > 1)
    await asyncio.gather(*(poller.stop() for poller in pollers))
    assert sinks[1].states[1] == ("refused", "RuntimeError: oops")
    assert sinks[0].values == []


@pytest.mark.parametrize(
    ("every_s", "wanted"),
    [(60.0, [5, 10, 20, 40, 80, 160, 320, 600, 600]), (5.0, [5, 10, 20, 40, 60, 60]), (3600.0, [5, 10])],
)
async def test_it_asks_again_soon_and_then_ever_more_seldom(
    there: Supplier, every_s: float, wanted: list[float]
) -> None:
    there.answers["/a"] = lambda _: http(b"", "500 Oops")
    sink = Sink()
    poller = Poller(poll_source(there.url("/a"), every_s=every_s), sink, report=sink.report)
    async with httpx.AsyncClient(trust_env=False) as client:
        pauses = [await poller._once(client) for _ in wanted]
        there.answers["/a"] = lambda _: http(b"", "503 Busy", retry_after="700")
        busy = await poller._once(client)
        there.answers["/a"] = lambda _: http(body())
        recovered = await poller._once(client)
    await poller.stop()
    assert all(0.9 * w <= p <= 1.1 * w for p, w in zip(pauses, wanted, strict=True)), pauses
    assert busy >= 700
    assert 0.9 * every_s <= recovered <= 1.1 * every_s
    assert [state for state, _ in sink.states] == ["away"] * (len(wanted) + 1) + ["ok"]
