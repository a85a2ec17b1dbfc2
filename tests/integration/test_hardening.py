"""The control room under requests nobody of ours sends, and what it gives away while everything fails."""

import gzip
import json
import re
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.routing import Route

from callbacks.limiting import CALLBACKS_A_MINUTE, EXPORTS_A_MINUTE
from callbacks.wiring import doors
from layouts.pages import PAGES
from services.settings import ROOT
from tests.live_city import lay_out
from tests.room import Room, open_room
from tests.signing_in import made_up

CALLBACK = "/_dash-update-component"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
FOLDERS = "|".join(re.escape(folder) for folder in (str(ROOT), sys.prefix, sys.base_prefix))
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|psycopg|sqlalchemy|postgresql|redis://|s3cr3t|/nonexistent|"
    rf"127\.0\.0\.1:9|OperationalError|/lib/python|{FOLDERS}",
    re.IGNORECASE,
)
"""What tells how it is inside."""


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    lay_out(engine)
    async with open_room(database_url, redis_url) as opened:
        yield opened


def headers_of(answer: Any) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.request.url
    assert "server" not in answer.headers


# --- every answer carries the headers -------------------------------------------------------------------


async def test_every_page_carries_the_policy_and_every_inline_script_its_hash(room: Room) -> None:
    signin = ("/signin", "/signin/code", "/signin/oidc", "/signin/password")
    for path in (*(page.path for page in PAGES), *signin):
        answer = await room.client.get(path, headers={"accept": "text/html"}, follow_redirects=False)
        assert answer.status_code in (200, 303, 403, 404), path
        headers_of(answer)


async def test_the_page_of_sign_in_runs_no_inline_script_and_asks_nobody_else(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    async with open_room(database_url, redis_url) as room:
        room.client.headers.pop("cookie")
        for path in ("/signin", "/signin/code"):
            text = (await room.client.get(path)).text
            assert not re.findall(r"<script(?![^>]*\bsrc=)", text), path
            assert not re.findall(r"\son[a-z]+=", text), path
            assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", text), path


async def test_every_refusal_carries_the_headers_too(room: Room) -> None:
    json_kind = {"content-type": "application/json"}
    answers = [
        await room.client.get("/nowhere"),
        await room.client.get("/healthz", headers={"host": "evil.example"}),
        await room.client.get("/live/snapshot", headers={"cookie": ""}),
        await room.client.delete("/live/snapshot"),
        await room.client.post(CALLBACK, content=b"x" * 300_000, headers=json_kind),
        await room.client.post(CALLBACK, content=b"{", headers=json_kind),
        await room.client.post(CALLBACK, content=b"x", headers={"content-type": "text/plain"}),
        await room.client.get("/signin?a=1&a=2"),
    ]
    assert [answer.status_code for answer in answers] == [404, 403, 401, 404, 413, 400, 415, 400]
    for answer in answers:
        headers_of(answer)
        assert not LEAKS.search(answer.text)


# --- the shape of requests ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/registry/search?q=a&q=b", 400),
        ("/history/export?role=operator&role=administrator", 400),
        ("/signin?next=/&next=//evil.example", 400),
        ("/registry/search?q=%00", 400),
        ("/registry/search?q=%ff%fe", 400),
        ("/registry/search?" + "&".join(f"f{n}=1" for n in range(500)), 400),
        ("/registry/search?q=" + "x" * 9_000, 414),
        ("/registry/search?a%0d%0aset-cookie:x=1", 400),
    ],
)
async def test_a_query_of_no_good_shape_is_refused(room: Room, path: str, status: int) -> None:
    assert (await room.client.get(path)).status_code == status


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "localhost@evil.example", "localhost evil", "local_host",
        "localhost:80:80", "localhost:port", "[::1", "127.0.0.1.", "0x7f.1", "2130706433", "localhost/evil",
        "localhost\t", "loc<alhost",
    ],
)  # fmt: skip
async def test_another_host_is_refused(room: Room, host: str) -> None:
    answer = await room.client.get("/signin", headers={"host": host})
    assert answer.status_code in (400, 403), host


@pytest.mark.parametrize(
    "name", ["host", "content-type", "x-csrf-token", "x-real-ip", "origin", "authorization"]
)
async def test_a_header_that_decides_is_given_once(room: Room, name: str) -> None:
    twice = [
        *room.client.headers.items(),
        ("host", "localhost:8050"),
        (name, "localhost:8050"),
        (name, "other"),
    ]
    assert (await room.client.get("/signin", headers=twice)).status_code == 400


@pytest.mark.parametrize(
    "name", ["x-forwarded-host", "x-forwarded-for", "forwarded", "x-original-url", "x-rewrite-url"]
)
async def test_headers_of_proxies_change_nothing_by_themselves(room: Room, name: str) -> None:
    answer = await room.client.get("/signin", headers={name: "evil.example"})
    assert answer.status_code in (200, 303)
    assert "evil.example" not in answer.text and "evil.example" not in str(answer.headers)
    assert (await room.client.get("/nowhere", headers={name: "/metrics"})).status_code == 404


def doubled(room: Room) -> bytes:
    body = json.dumps(room.request("show_chart", None, "day", 0, "", "dark", "fr"))
    return body.replace('"inputs":', '"inputs": [], "inputs":', 1).encode()


async def test_a_body_of_no_good_shape_is_refused(room: Room) -> None:
    good = json.dumps(room.request("show_chart", None, "day", 0, "", "dark", "fr")).encode()
    deep = good[:-1] + b', "x": ' + b"[" * 40 + b"]" * 40 + b"}"
    deeper = good[:-1] + b', "x": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"
    for body, status in (
        (good, 200), (doubled(room), 400), (deep, 400), (deeper, 400), (good[:-1], 400), (b"[]", 400),
        (b"1e999", 400), (good.replace(b'"fr"', b"9" * 5_000), 400), (b"\xef\xbb\xbf" + good, 400),
        (good.replace(b'"fr"', b"NaN"), 400), (good + b" " * 256_000, 413),
    ):  # fmt: skip
        answer = await room.client.post(CALLBACK, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status, (body[:60], answer.text[:200])


async def test_nothing_is_unpacked(room: Room) -> None:
    good = json.dumps(room.request("show_chart", None, "day", 0, "", "dark", "fr")).encode()
    bomb = gzip.compress(b" " * 100_000_000)
    for coding in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"):
        kind = {"content-type": "application/json", "content-encoding": coding}
        for body in (gzip.compress(good), bomb, good):
            assert (await room.client.post(CALLBACK, content=body, headers=kind)).status_code == 415


@pytest.mark.parametrize("path", ["/signin", "/signin/code", "/signin/password", "/signin/role", "/signout"])
async def test_a_form_of_no_good_shape_is_refused(room: Room, path: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for body, kind, statuses in (
        (b"login=a&login=b", form, (400,)),
        (b"grant=1&grant=2", form, (400,)),
        (b"login=%00", form, (400,)),
        (b"\xff\xfe", form, (400,)),
        (b"a=" + b"x" * 70_000, form, (413,)),
        (b"&".join(b"a%d=1" % n for n in range(500)), form, (400,)),
        (b"{}", {"content-type": "text/plain"}, (415,)),
        (b"--x\r\n\r\n--x--", {"content-type": "multipart/form-data; boundary=x"}, (415,)),
        (b'{"login": "a", "login": "b"}', {"content-type": "application/json"}, (400,)),
    ):
        answer = await room.client.post(path, content=body, headers=kind)
        assert answer.status_code in statuses, (path, body[:40], answer.status_code)


# --- pace ------------------------------------------------------------------------------------------------


async def test_a_session_takes_away_so_many_files_a_minute(room: Room) -> None:
    statuses = [
        (await room.client.get("/history/export?x=1")).status_code for _ in range(EXPORTS_A_MINUTE + 30)
    ]
    # A minute may begin among them, of which half the count may be left.
    assert 429 in statuses and statuses.count(429) <= 30
    assert (await room.client.get("/live/snapshot")).status_code == 200, "the rest goes on"


async def test_a_session_calls_at_a_pace_a_person_has(room: Room) -> None:
    body = b"{}"
    kind = {"content-type": "application/json"}
    for _ in range(2 * CALLBACKS_A_MINUTE + 10):
        answer = await room.client.post(CALLBACK, content=body, headers=kind)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"


# --- failures ----------------------------------------------------------------------------------------------


def addresses(room: Room) -> list[str]:
    """Every GET there is, its parameters filled with something."""
    paths = [door.name for door in doors(room.server) if door.kind in ("route", "page")]
    bare = [name.removeprefix("GET ") for name in paths if not name.startswith("POST ")]
    return [re.sub(r"\{[^}]*\}", "1", path) for path in bare if path != "/live/stream"]


async def test_with_everything_away_no_answer_tells_where_it_was(room: Room) -> None:
    away = "postgresql://vigie:s3cr3t@127.0.0.1:9/vigie?sslmode=disable"
    async with open_room(away, "redis://:s3cr3t@127.0.0.1:9/0", known=made_up()) as dark:
        for path in addresses(dark):
            answer = await dark.client.get(path, follow_redirects=False)
            assert answer.status_code != 500, (path, answer.text[:300])
            assert not LEAKS.search(answer.text), (path, LEAKS.search(answer.text))
            headers_of(answer)
        form = {
            "login": "ada",
            "password": "x" * 20,
            "once": "K7QM-9RT2-X4BW",
            "grant": "1",
            "as": "operator",
        }
        for path in ("/signin", "/signin/code", "/signin/password", "/signin/role", "/signin/demo"):
            for headers in ({}, {"cookie": "known=" + "k" * 43}):
                answer = await dark.client.post(path, data=form, headers=headers, follow_redirects=False)
                assert answer.status_code != 500, (path, answer.text[:300])
                assert not LEAKS.search(answer.text), path
        for output, entry in dark.dash.callback_map.items():
            if "callback" not in entry:
                continue
            values = [None] * (len(entry["inputs"]) + len(entry["state"]))
            request = dark.request(entry["callback"].__name__, *values)
            answer = await dark.client.post(CALLBACK, json=request)
            assert answer.status_code < 500 or answer.status_code == 503, (output, answer.text[:300])
            assert not LEAKS.search(answer.text), (output, LEAKS.search(answer.text))


async def test_what_nobody_foresaw_is_told_by_a_number_alone(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    route = next(r for r in room.server.routes if isinstance(r, Route) and r.path == "/registry/search")

    async def broken(_request: object) -> None:
        raise RuntimeError("postgresql://vigie:s3cr3t@127.0.0.1:9/vigie in /usr/lib/x.py")

    route.app = _endpoint(broken)
    answer = await room.client.get("/registry/search?q=a")
    assert answer.status_code == 500
    assert not LEAKS.search(answer.text)
    headers_of(answer)
    assert answer.json()["error"]["reference"] in caplog.text
    assert "s3cr3t" in caplog.text, "the log has what happened"


def _endpoint(handler: Any) -> Any:
    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        await handler(scope)

    return app
