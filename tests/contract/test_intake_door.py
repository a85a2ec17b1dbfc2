"""The devices' door against a real PostgreSQL and Redis: the wire contract, and every bad input."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text
from starlette.routing import Route

from intake.door import WAYS, intake
from model.errors import BadSettings
from services.settings import Settings
from tests.clock import began
from tests.live_city import lay_out

KEY = "a-key-for-tests-only"
PATH = "/ingest/observations"


def settings(**given: Any) -> Settings:
    return Settings(city="demo", simulator_port=1, **given)


@pytest.fixture
async def door(
    engine: Engine, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    lay_out(engine)
    given = {"database_url": database_url, "redis_url": redis_url, "intake_key": SecretStr(KEY)}
    app = intake(settings(**given, var=tmp_path))
    transport = httpx.ASGITransport(app)
    headers = {"authorization": f"Bearer {KEY}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers) as client,
    ):
        yield client


def item(asset: str = "L-1", value: object = "on", **more: object) -> dict[str, object]:
    return {
        "asset": asset,
        "property": "state",
        "value": value,
        "phenomenon_time": began().isoformat(),
    } | more


@pytest.mark.parametrize(
    "body", [item(), [item()], {"observations": [item()]}, [item(quality="no such quality")]]
)
async def test_one_or_many_are_stored(door: httpx.AsyncClient, body: object) -> None:
    answer = await door.post(PATH, json=body)
    assert answer.status_code == 200
    told = answer.json()
    assert len(told.pop("trace")) == 16
    expected = {"received": 1, "stored": 1, "duplicate": 0, "rejected": 0, "rejects": [], "spooled": False}
    assert told == expected


async def test_an_empty_array_is_nothing(door: httpx.AsyncClient) -> None:
    assert (await door.post(PATH, json=[])).json()["received"] == 0


LATER = (began() + timedelta(days=1)).isoformat()
BAD_ITEMS = [
    (item("nobody"), "unknown_asset"),
    (item(property="charm"), "unknown_property"),
    (item(value="glorious"), "unknown_state"),
    (item(value=3.5), "unknown_state"),
    (item(quality="bad"), "bad_quality"),
    (item(property="power", value="12 W"), "not_a_number"),
    (item(phenomenon_time="2026-11-06T18:42:00"), "time_without_zone"),
    (item(phenomenon_time="yesterday"), "malformed"),
    (item(phenomenon_time=LATER), "in_the_future"),
    (item(phenomenon_time="1970-01-01T00:00:00Z"), "too_old"),
    (item(phenomenon_time="0001-01-01T00:00:00+14:00"), "too_old"),
    (item(value=None), "malformed"),
    (item(value=True), "malformed"),
    (item(value=[1]), "malformed"),
    ({"asset": "L-1"}, "malformed"),
    ("text", "malformed"),
    (item("x" * 10_000), "unknown_asset"),
    (item("L-1\u0000"), "unknown_asset"),
    (item("L-\u202e1"), "unknown_asset"),
    (item("+/#"), "unknown_asset"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_ITEMS)
async def test_one_bad_item_is_rejected_with_its_row_and_stops_nothing(
    door: httpx.AsyncClient, engine: Engine, bad: object, reason: str
) -> None:
    answer = await door.post(PATH, json=[item("L-2"), bad, item("L-3")])
    assert answer.status_code == 200
    told = answer.json()
    assert (told["received"], told["stored"], told["rejected"]) == (3, 2, 1)
    assert (told["rejects"][0]["row"], told["rejects"][0]["reason"]) == (1, reason)
    assert len(answer.content) < 2_000
    with engine.connect() as connection:
        assert connection.execute(text("SELECT source, reason, count FROM reject")).all() == [
            ("http_push", reason, 1)
        ]


DOUBLED = json.dumps(item()).replace('"asset": "L-1"', '"asset": "L-1", "asset": "L-2"')
ESCAPED = json.dumps(item()).replace('"asset": "L-1"', '"asset": "L-1", "\\u0061sset": "L-2"')


@pytest.mark.parametrize("doubled", [DOUBLED, ESCAPED])
async def test_a_field_given_twice_is_rejected(door: httpx.AsyncClient, doubled: str) -> None:
    told = (await door.post(PATH, content=f"[{json.dumps(item('L-4'))},{doubled}]")).json()
    assert (told["stored"], told["rejects"][0]["reason"]) == (1, "duplicate_key")


WHOLE = json.dumps(item(property="power", value=0))
MALFORMED = {
    "nothing": b"",
    "not json": b"hello",
    "cut": b'[{"asset": "L-1"',
    "a number": b"7",
    "NaN": WHOLE.replace('"value": 0', '"value": NaN').encode(),
    "Infinity": WHOLE.replace('"value": 0', '"value": -Infinity').encode(),
    "5,000 digits": WHOLE.replace('"value": 0', '"value": ' + "9" * 5_000).encode(),
    "deep": b'[{"x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
    "33 levels": b"[" * 33 + b"]" * 33,
    "latin-1": '[{"asset": "é"}]'.encode("latin-1"),
    "utf-16": WHOLE.encode("utf-16"),
    "lone surrogate": b'[{"asset": "\\ud800"}]',
    "envelope of nothing": b'{"observations": 3}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_json_of_observations_is_refused_whole(
    door: httpx.AsyncClient, engine: Engine, body: bytes
) -> None:
    answer = await door.post(PATH, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"
    assert "Traceback" not in answer.text
    assert len(answer.content) < 1_000
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM observation")) == 0


async def test_a_number_beyond_every_float_is_rejected(door: httpx.AsyncClient) -> None:
    answer = await door.post(PATH, content=WHOLE.replace('"value": 0', '"value": 1e999'))
    assert answer.json()["rejects"][0]["reason"] == "malformed"


async def test_brackets_inside_a_text_are_not_depth(door: httpx.AsyncClient) -> None:
    assert (await door.post(PATH, json=item("[" * 100))).status_code == 200


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65_536 + 1):
        yield b" " * 65_536


async def test_too_large_is_refused_whether_announced_or_not(door: httpx.AsyncClient) -> None:
    assert (await door.post(PATH, content=b" " * 1_048_577)).status_code == 413
    assert (await door.post(PATH, content=chunks(1_048_577))).status_code == 413
    assert (await door.post(PATH, content=b"[" + b" " * 1_048_574 + b"]")).status_code == 200


async def test_gzip_is_unpacked_and_counted_unpacked(door: httpx.AsyncClient) -> None:
    gzipped = {"content-encoding": "gzip"}
    whole = gzip.compress(json.dumps([item()]).encode())
    assert (await door.post(PATH, content=whole, headers=gzipped)).json()["stored"] == 1
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 1_048_576
    assert (await door.post(PATH, content=bomb, headers=gzipped)).status_code == 413
    for broken in (whole[:-9], b"hello", whole + b"more"):
        assert (await door.post(PATH, content=broken, headers=gzipped)).status_code == 400


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_compressed_in_another_way_is_refused(door: httpx.AsyncClient, coding: str) -> None:
    answer = await door.post(PATH, content=b"[]", headers={"content-encoding": coding})
    assert answer.status_code == 415


async def test_lines_are_taken_one_by_one(door: httpx.AsyncClient) -> None:
    lines = "\n".join([json.dumps(item("L-1")), "{broken", json.dumps(item("L-2"))])
    answer = await door.post(
        PATH, content=lines, headers={"content-type": "application/x-ndjson; charset=utf-8"}
    )
    told = answer.json()
    assert (told["received"], told["stored"]) == (3, 2)
    assert [(r["row"], r["reason"]) for r in told["rejects"]] == [(1, "malformed")]


async def test_a_context_broker_pushes_to_a_path_of_its_own(door: httpx.AsyncClient, engine: Engine) -> None:
    lamp = {"id": "urn:ngsi-ld:Streetlight:L-1", "type": "Streetlight", "powerState": {"type": "Property"}}
    lamp["powerState"] = {"type": "Property", "value": "on", "observedAt": began().isoformat()}
    notification = {"type": "Notification", "data": [lamp, {"id": "x", "type": "Weather"}]}
    answer = await door.post(
        "/ingest/ngsi", json=notification, headers={"content-type": "application/ld+json"}
    )
    told = answer.json()
    assert (told["received"], told["stored"], told["rejects"][0]["reason"]) == (2, 1, "unknown_kind")
    with engine.connect() as connection:
        feeds = connection.execute(text("SELECT DISTINCT feed FROM dead_letter")).scalars().all()
    assert feeds == ["ngsi"]


@pytest.mark.parametrize("path", ["nobody", "mqtt", "rennes_traffic", "%2e%2e"])
async def test_a_path_nobody_pushes_to_is_not_there(door: httpx.AsyncClient, path: str) -> None:
    answer = await door.post(f"/ingest/{path}", json=[])
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")


async def test_every_source_is_named_to_the_ingest(door: httpx.AsyncClient, engine: Engine) -> None:
    wanted = {"http_push": "push", "ngsi": "push", "datex_measured": "poll", "bus_positions": "poll"}
    async with asyncio.timeout(20):
        while True:
            with engine.connect() as connection:
                rows = connection.execute(text("SELECT feed, transport FROM feed_status")).all()
            if wanted.items() <= {feed: transport for feed, transport in rows}.items():
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer é"])
async def test_without_the_key_nothing_is_taken(door: httpx.AsyncClient, sent: str) -> None:
    answer = await door.post(PATH, json=item(), headers={"authorization": sent.encode()})
    assert answer.status_code == 401
    assert KEY not in answer.text


async def test_every_route_is_declared_and_there_is_no_other(door: httpx.AsyncClient) -> None:
    app = door._transport.app  # type: ignore[attr-defined]
    declared = {(way.method, way.path) for way in WAYS}
    served = {(m, r.path) for r in app.routes if isinstance(r, Route) for m in r.methods or () if m != "HEAD"}
    assert served == declared
    for path in ("/", "/docs", "/openapi.json", "/ingest/observations/", "/ingest"):
        answer = await door.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")
    assert (await door.get(PATH)).status_code == 405


async def test_probes_need_no_key(door: httpx.AsyncClient) -> None:
    door.headers.pop("authorization")
    assert (await door.get("/healthz")).status_code == 200
    assert (await door.get("/readyz")).status_code in (200, 503)


@pytest.mark.parametrize("key", [None, SecretStr("short")])
def test_it_does_not_start_without_a_real_key(key: SecretStr | None) -> None:
    with pytest.raises(BadSettings, match="VIGIE_INTAKE_KEY"):
        intake(settings(database_url="postgresql:///x", redis_url="redis://x", intake_key=key))


def test_it_does_not_start_without_addresses() -> None:
    with pytest.raises(BadSettings, match="VIGIE_DATABASE_URL"):
        intake(settings(intake_key=SecretStr(KEY)))


async def test_every_answer_carries_the_headers(door: httpx.AsyncClient) -> None:
    answers = [
        await door.get("/healthz"),
        await door.get("/nowhere"),
        await door.post(PATH, json=[item()]),
        await door.post(PATH, content=b"{"),
        await door.post(PATH, json=[item()], headers={"authorization": "Bearer wrong"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 200, 400, 401]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_what_nobody_foresaw_is_told_by_a_number_alone(
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("postgresql://vigie:s3cr3t@db/vigie in /srv/vigie/x.py")

    monkeypatch.setattr("services.live.Ingest.submit", broken)
    answer = await door.post(PATH, json=[item()])
    assert answer.status_code == 500
    assert "s3cr3t" not in answer.text and "/srv" not in answer.text
    assert answer.json()["error"]["reference"] in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
