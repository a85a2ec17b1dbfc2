"""The deployed proxies with the installed nginx: their syntax, what they keep and let through."""

import asyncio
import json
import random
import re
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from public.door import public
from services.launch.servers import free_port
from services.publishing import OPEN_KEYS, OPEN_KEYS_FILE, Store
from services.settings import read_settings
from tests.open_data import open_data
from tests.proxy import NGINX, App, deployed, nginx, program_nginx, start_app
from tests.published import NOW, published
from tests.published_datasets import publish_dataset
from tests.unit.test_counting import COUNTED, LEFT_OUT
from tests.waiting import until

PANEL = "/embed/lighting-status"

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("name", sorted(file.name for file in NGINX.glob("*.conf")))
def test_the_syntax_is_right(tmp_path: Path, name: str) -> None:
    if "tls" in name:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
             "-keyout", tmp_path / "tls_key", "-out", tmp_path / "tls_certificate"],
            check=True, capture_output=True,
        )  # fmt: skip
    config = deployed(tmp_path, name, {"8080": free_port(), "8443": free_port(), "8444": free_port()})
    done = subprocess.run(
        [program_nginx(), "-t", "-c", config, "-e", tmp_path / "error.log"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr.replace('the "user" directive', "")


# In front of the public door ----------------------------------------------------------------------


@dataclass
class Shop:
    """The public door, its store's folder, and the proxy before it."""

    var: Path
    door: App
    url: str
    log: Path


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    published(tmp_path / "var")
    door = start_app(public(read_settings(var=tmp_path / "var")))
    port = free_port()
    config = deployed(tmp_path / "nginx", "public.conf", {"public:8060": door.port, "8080": port})
    with nginx(config, port) as url:
        yield Shop(tmp_path / "var", door, url, tmp_path / "nginx" / "access.log")
    door.stop()


@pytest.fixture
async def visitor(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=shop.url) as client:
        yield client


async def test_a_panel_is_asked_for_once_whatever_visitors_add(
    shop: Shop, visitor: httpx.AsyncClient
) -> None:
    first = await visitor.get(PANEL, params={"lang": "en"})
    assert first.headers["x-cache"] == "MISS"
    for query in ({"lang": "en"}, {"lang": "en", "utm": "1"}, {"x": "y" * 500, "lang": "en"}):
        again = await visitor.get(PANEL, params=query)
        assert (again.headers["x-cache"], again.text) == ("HIT", first.text)
    assert (await visitor.get(PANEL, params={"lang": "fr"})).headers["x-cache"] == "MISS"


async def test_each_packing_is_kept_apart(visitor: httpx.AsyncClient) -> None:
    for accepted, packing in (("br, gzip", "br"), ("gzip, deflate", "gzip"), ("identity", None)):
        for cached in ("MISS", "HIT"):
            answer = await visitor.get(PANEL, headers={"accept-encoding": accepted})
            assert answer.headers.get("content-encoding") == packing
            assert answer.headers["x-cache"] == cached
            assert answer.text.startswith("<!doctype html>")


async def test_the_doors_headers_pass_and_no_cookie_does(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(PANEL, headers={"cookie": "a=b"})
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    again = await visitor.get(PANEL, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_only_the_publics_addresses_are_let_through(visitor: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/_dash-layout", "/_dash-ws-callback", "/_mcp", "/live/stream", "/.git/config"):
        assert (await visitor.get(path)).status_code == 404, path
    assert (await visitor.post(PANEL, content=b"x")).status_code == 405
    assert (await visitor.get("/")).status_code == 200
    for path in ("/vigie-panel.js", "/datasets?q=panne", "/datasets/lighting-points", "/transparency"):
        assert (await visitor.get(path)).status_code == 200, path


async def test_what_embeds_a_panel_is_let_through(visitor: httpx.AsyncClient) -> None:
    link = (await visitor.get(f"{PANEL}?lang=en")).headers["link"].split(">")[0].lstrip("<")
    told = await visitor.get(f"/oembed?{urlsplit(link).query}&maxwidth=320")
    assert (told.status_code, told.json()["width"]) == (200, 320)
    assert (await visitor.get(f"{PANEL}?area=21231")).status_code == 404, "the area reaches the door"


async def test_a_dataset_is_told_from_the_cache_and_its_files_go_through_whole_or_in_parts(
    shop: Shop, visitor: httpx.AsyncClient
) -> None:
    store = Store(shop.var / "artefacts")
    rows = random.Random(1).randbytes(3_000_000)
    with store.making() as folder:
        (folder / "rows").write_bytes(rows)
        files = {"table.fgb": store.put_file(folder / "rows", "application/flatgeobuf")}
    files["about.json"] = store.put(b'{"name": "points"}', "application/json")
    store.publish("points", files, about={}, data_time=NOW, now=NOW)
    for cached in ("MISS", "HIT"):
        told = await visitor.get("/data/points", params={"utm": cached})
        assert (told.json(), told.headers["x-cache"]) == ({"name": "points"}, cached)
    whole = await visitor.get("/data/points.fgb")
    assert whole.content == rows
    assert "x-cache" not in whole.headers
    part = await visitor.get("/data/points.fgb", headers={"range": "bytes=1000000-1000999"})
    assert (part.status_code, part.content) == (206, rows[1_000_000:1_001_000])
    store.revoke("points", NOW)
    assert (await visitor.get("/data/points.fgb")).status_code == 404


async def test_with_the_door_dead_the_last_answer_goes_on(shop: Shop, visitor: httpx.AsyncClient) -> None:
    before = await visitor.get(PANEL)
    shop.door.stop()
    after = await visitor.get(PANEL)
    assert (after.status_code, after.text) == (200, before.text)
    assert (await visitor.get(PANEL, params={"theme": "dark"})).status_code == 502


def test_too_many_requests_of_one_visitor_are_turned_away(shop: Shop) -> None:
    # In one breath: one after another, a busy machine may never be too quick for the limit.
    codes = [one.split()[1] for one in breath(shop, PANEL, 400)]
    assert (len(codes), set(codes)) == (400, {b"200", b"429"})


def breath(shop: Shop, path: str, count: int, header: str = "") -> list[bytes]:
    """The status lines and heads of ``count`` answers asked for in one breath."""
    address = urlsplit(shop.url)
    asked = f"HEAD {path} HTTP/1.1\r\nHost: {address.netloc}\r\n{header}"
    said = (f"{asked}\r\n" * (count - 1) + f"{asked}Connection: close\r\n\r\n").encode()
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as visitor:
        visitor.sendall(said)
        answers = b"".join(iter(lambda: visitor.recv(65_536), b""))
    return re.split(rb"(?=^HTTP/1.1 \d+ )", answers, flags=re.M)[1:]


def test_without_a_key_programs_wait_and_with_one_the_door_counts(shop: Shop) -> None:
    key, store = f"vgo_{'a' * 43}", Store(shop.var / "artefacts")
    told = {"sha256": sha256(key.encode()).hexdigest(), "rate_per_minute": 3_000}
    listed = json.dumps({"keys": [told | {"valid_until": "2999-01-01T00:00:00+00:00"}]}).encode()
    file = store.put(listed, "application/json")
    store.publish(OPEN_KEYS, {OPEN_KEYS_FILE: file}, about={}, data_time=None, now=NOW)
    path = "/api/conformance"
    plain = breath(shop, path, 400)
    turned = next(one for one in plain if one.startswith(b"HTTP/1.1 429"))
    assert b"Retry-After: 1" in turned
    assert b"application/problem+json" in turned
    assert all(b'RateLimit-Policy: "visitor";q=50;w=1' in one for one in plain)
    keyed = breath(shop, path, 400, f"Authorization: Bearer {key}\r\n")
    assert {one.split()[1] for one in keyed} == {b"200"}
    left = {re.search(rb"ratelimit: \"key\";r=(\d+)", one, re.I)[1] for one in keyed}  # type: ignore[index]
    assert left == {str(2_999 - n).encode() for n in range(400)}, "none came from the cache"
    wrong = breath(shop, path, 2, "Authorization: Bearer vgo_no\r\n")
    assert {one.split()[1] for one in wrong} == {b"401"}
    panel = breath(shop, PANEL, 400, f"Authorization: Bearer {key}\r\n")
    assert b"429" in {one.split()[1] for one in panel}, "a key counts for programs alone"


async def test_what_programs_ask_is_kept_by_its_whole_question(
    shop: Shop, visitor: httpx.AsyncClient
) -> None:
    open_data(shop.var)
    for cached in ("MISS", "HIT"):
        for query in ("$top=1", "$top=2"):
            answer = await visitor.get(f"/sensorthings/v1.1/Things?{query}")
            assert (answer.headers["x-cache"], len(answer.json()["value"])) == (cached, int(query[-1]))
        for _ in range(2):
            assert (await visitor.get("/sensorthings/v1.1/Things?$top=x")).headers["x-cache"] == "MISS"


async def test_the_log_knows_no_visitor(shop: Shop, visitor: httpx.AsyncClient) -> None:
    await visitor.get(PANEL, headers={"user-agent": "somebody"})
    written = shop.log.read_text()
    assert PANEL in written
    assert "127.0.0.1" not in written
    assert "somebody" not in written


async def test_what_is_revoked_is_gone_for_a_new_question_at_once(
    shop: Shop, visitor: httpx.AsyncClient
) -> None:
    """What is cached goes after its 30 s and one stale answer: max-age and stale-while-revalidate say so."""
    store = published(shop.var)
    store.revoke("lighting-status", NOW)
    answer = await visitor.get(PANEL)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "public, max-age=30"


# Citizens' letters through it ---------------------------------------------------------------------


async def say_letter(request: Request) -> Response:
    """What the devices' door would be told."""
    kept = ("x-real-ip", "cookie", "x-forwarded-for")
    return JSONResponse({name: request.headers.get(name, "") for name in kept} | {"path": request.url.path})


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody before the public proxy whose devices' door says what it is told."""
    routes = [Route("/{path:path}", say_letter, methods=["GET", "POST"])]
    door = start_app(FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None))
    port = free_port()
    config = deployed(tmp_path / "nginx", "public.conf", {"ingest:8070": door.port, "8080": port})
    with nginx(config, port) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            yield client
    door.stop()


async def test_a_letter_goes_to_the_devices_door_and_says_whose_network_it_is_from(
    writer: httpx.AsyncClient,
) -> None:
    forged = {"x-real-ip": "203.0.113.9", "cookie": "a=b"}
    answer = await writer.post("/say", data={"words": "x" * 20_000}, headers=forged)
    assert answer.status_code == 200
    assert answer.json() == {"x-real-ip": "127.0.0.1", "cookie": "", "x-forwarded-for": "", "path": "/say"}
    assert "x-cache" not in answer.headers


async def test_nothing_else_of_the_devices_door_is_there_for_visitors(writer: httpx.AsyncClient) -> None:
    assert (await writer.get("/say")).status_code == 405
    assert (await writer.post("/ingest/observations", content=b"[]")).status_code == 405
    assert (await writer.post("/requests", content=b"x")).status_code == 405
    assert (await writer.post("/say", content=b"x" * 70_000)).status_code == 413
    assert (await writer.get("/metrics")).status_code == 404


async def test_letters_of_one_visitor_come_a_few_at_a_time(writer: httpx.AsyncClient) -> None:
    told = await asyncio.gather(*(writer.post("/say", data={"words": str(n)}) for n in range(12)))
    assert {one.status_code for one in told} == {200, 429}


# In front of the control room ---------------------------------------------------------------------


async def say_scope(request: Request) -> Response:
    """What the control room would judge."""
    client = request.client.host if request.client else ""
    return JSONResponse({"host": request.headers["host"], "client": client, "path": request.url.path})


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[str, threading.Event]]:
    """A room that says what it saw, and streams one event, then another when it is told to."""
    go_on = threading.Event()

    async def stream(_request: Request) -> Response:

        async def events() -> AsyncIterator[bytes]:
            yield b"event: beat\ndata: 1\n\n"
            await asyncio.to_thread(go_on.wait, 10)
            yield b"event: beat\ndata: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    routes = [
        Route("/live/stream", stream),
        Route("/{path:path}", say_scope, methods=["GET", "POST"]),
    ]
    app = start_app(FastAPI(routes=routes, openapi_url=None, docs_url=None, redoc_url=None))
    port = free_port()
    config = deployed(tmp_path / "nginx", "room.conf", {"127.0.0.1:8050": app.port, "8080": port})
    with nginx(config, port) as url:
        yield url, go_on
        go_on.set()
    app.stop()


def test_frames_go_out_as_they_come(room: tuple[str, threading.Event]) -> None:
    """The second event is only made once the first has arrived, so nothing was held back."""
    url, go_on = room
    with httpx.stream("GET", f"{url}/live/stream", timeout=10) as answer:
        parts = answer.iter_raw()
        assert b"data: 1" in next(parts)
        go_on.set()
        assert b"data: 2" in next(parts)


def test_the_room_sees_the_host_that_was_asked_and_no_forged_peer(
    room: tuple[str, threading.Event],
) -> None:
    url, _ = room
    forged = {"host": "evil.example", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    seen = httpx.get(url + "/history", headers=forged).json()
    assert seen == {"host": "evil.example", "client": "127.0.0.1", "path": "/history"}


def test_the_room_is_spared_what_it_must_not_answer(room: tuple[str, threading.Event]) -> None:
    url, _ = room
    assert httpx.get(f"{url}/_dash-ws-callback").status_code == 404
    assert httpx.get(f"{url}/_mcp").status_code == 404
    assert httpx.get(f"{url}/_mcp/tools").status_code == 404
    assert httpx.post(f"{url}/_dash-update-component", content=b"x" * 2_000_000).status_code == 413
    assert httpx.post(f"{url}/_dash-update-component", content=b"{}").status_code == 200


async def test_uses_are_noted_as_the_door_itself_notes_them_and_nothing_of_who_asked(
    visitor: httpx.AsyncClient, shop: Shop
) -> None:
    """What the cache answers too; the same lines for the same addresses as ``public/counting.py``."""
    publish_dataset(Store(shop.var / "artefacts"))
    me = {"user-agent": "Firefox", "cookie": "who=me", "referer": "https://example.org/me"}
    for path in (*COUNTED, *LEFT_OUT, *COUNTED):
        await visitor.get(path, headers=me)
        await visitor.head(path, headers=me)
        await visitor.get(path, headers={"user-agent": "Googlebot/2.1"})
    wanted = Counter(line for line in (*COUNTED.values(), *COUNTED.values()))
    await until(lambda: noted(shop) == wanted)
    text = "".join(file.read_text() for file in (shop.log.parent / "use").iterdir())
    assert not set("0123456789").intersection(text)


def noted(shop: Shop) -> Counter[str]:
    files = (shop.log.parent / "use").glob("use-*.log")
    return Counter(line for file in files for line in file.read_text().splitlines())
