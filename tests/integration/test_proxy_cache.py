"""What the public proxy's cache does for visitors: what was taken back, and the open-data API through it."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest

from public.door import public
from services.launch.servers import free_port
from services.publishing import Store, mirror
from services.publishing.publisher import LOOK_EVERY_S
from services.settings import read_settings
from tests.open_data import LIGHTS, open_data, visitor
from tests.proxy import App, deployed, nginx, start_app
from tests.published import NOW, published
from tests.waiting import until

PANEL = "/embed/lighting-status"
LIGHTS_FILE = f"/data/{LIGHTS}.parquet"
LIGHTS_ITEMS = f"/api/collections/{LIGHTS}/items?limit=50"
TAKEN_BACK_WITHIN_S = 90

pytestmark = pytest.mark.servers


@dataclass
class Shop:
    """A store, the public door over it, and the proxy before that."""

    store: Store
    door: App
    url: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What a visitor is answered."""
        return httpx.get(self.url + path, headers=headers, timeout=20)


class Hasty:
    """ASGI: ``app``, its answers' lives in caches cut to a thirtieth, so that a test sees them end."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def cut(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, value.replace(b"=30", b"=1").replace(b"=50", b"=2"))
                    for name, value in message["headers"]
                ]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, cut)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    published(tmp_path / "var")
    store = open_data(tmp_path / "var")
    door = start_app(Hasty(public(read_settings(var=tmp_path / "var", public_url="http://public"))))
    port = free_port()
    config = deployed(tmp_path / "nginx", "public.conf", {"public:8060": door.port, "8080": port})
    with nginx(config, port) as url:
        yield Shop(store, door, url)
    door.stop()


def seconds(directive: str, cache_control: str) -> int:
    found = re.search(rf"\b{directive}=(\d+)", cache_control)
    assert found, cache_control
    return int(found[1])


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """All of an answer but the second it was given in."""
    return answer.status_code, {n: v for n, v in answer.headers.items() if n != "date"}, answer.content


PAIRS = (
    (PANEL, "/embed/no-such-panel"),
    (f"{PANEL}.json", "/embed/no-such-panel.json"),
    (f"/data/{LIGHTS}", "/data/no-such-dataset"),
    (LIGHTS_FILE, "/data/no-such-dataset.parquet"),
    (LIGHTS_ITEMS, "/api/collections/no-such/items?limit=50"),
    (f"/api/collections/{LIGHTS}", "/api/collections/no-such"),
)
"""An address of what is published, and the like of what never was."""


def end(store: Store, name: str, how: str) -> None:
    if how == "revoked":
        assert store.revoke(name, NOW)
        return
    manifest = store.current(name)
    assert manifest
    about = {**manifest.about, "valid_until": "2020-01-01T00:00:00+00:00"}
    store.publish(name, manifest.files, about=about, data_time=manifest.data_time, now=NOW)


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_what_was_taken_back_leaves_the_cache_and_is_what_never_was(shop: Shop, how: str) -> None:
    """By the deployed rules, thirty times as quick; the lives themselves are judged in the next test."""
    for path, _ in PAIRS:
        assert [shop.get(path).status_code for _ in range(2)] == [200, 200]
    for name in ("lighting-status", LIGHTS):
        end(shop.store, name, how)
    for path, unknown in PAIRS:
        await until(lambda path=path: shop.get(path).status_code == 404)  # type: ignore[misc]
        # From the door, and from the cache; in either packing.
        for accepted in ("identity", "br", "identity", "br"):
            gone, never = (shop.get(one, **{"accept-encoding": accepted}) for one in (path, unknown))
            assert told(gone) == told(never), path
            assert "x-cache" not in gone.headers, "nor whether somebody asked before"


async def test_caches_let_nothing_stay_longer_than_promised(tmp_path: Path) -> None:
    published(tmp_path)
    open_data(tmp_path)
    pages = ("/", "/api", "/api/collections")
    async with visitor(tmp_path) as client:
        for path in (PANEL, f"/data/{LIGHTS}", LIGHTS_FILE, LIGHTS_ITEMS, *pages):
            said = (await client.get(path)).headers["cache-control"]
            lives = seconds("s-maxage", said), seconds("stale-while-revalidate", said)
            assert seconds("max-age", said) <= 30
            assert LOOK_EVERY_S + mirror.LOOK_EVERY_S + sum(lives) <= TAKEN_BACK_WITHIN_S, path
        assert seconds("max-age", (await client.get("/embed/none")).headers["cache-control"]) <= 30


# The API through the cache ------------------------------------------------------------------------


def raw(shop: Shop, path: str, **headers: str) -> tuple[httpx.Headers, bytes]:
    """Headers and body as they came, not unpacked."""
    with httpx.stream("GET", shop.url + path, headers=headers, timeout=20) as answer:
        return answer.headers, b"".join(answer.iter_raw())


def test_the_api_is_kept_by_question_packing_and_form(shop: Shop) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
    bodies, tags = set(), set()
    for packing in ("br", "gzip", ""):
        asked = {"accept-encoding": packing or "identity", "accept": "application/geo+json"}
        first, body = raw(shop, LIGHTS_ITEMS, **asked)
        again, same = raw(shop, LIGHTS_ITEMS, **asked)
        assert (first["x-cache"], again["x-cache"]) == ("MISS", "HIT")
        assert first.get("content-encoding", "") == again.get("content-encoding", "") == packing
        assert body == same
        assert {one.strip() for one in again["vary"].split(",")} == {"Accept-Encoding", "Accept"}
        assert again["access-control-allow-origin"] == "*"
        bodies.add(unpack[packing](body))
        tags.add(again["etag"])
    assert len(bodies) == 1, "the same features, whatever they are packed in"
    assert len(tags) == 3, "a strong tag names bytes"
    assert len(json.loads(bodies.pop())["features"]) == 50
    page = shop.get(LIGHTS_ITEMS, accept="text/html")
    assert (page.headers["x-cache"], page.headers["content-type"]) == ("MISS", "text/html; charset=utf-8")
    assert shop.get(LIGHTS_ITEMS, accept="text/html").headers["x-cache"] == "HIT"
    assert shop.get(LIGHTS_ITEMS).headers["content-type"] == "application/geo+json"


@pytest.mark.parametrize("path", [LIGHTS_ITEMS, PANEL, f"/data/{LIGHTS}"])
def test_who_has_an_answer_is_told_so_by_the_cache(shop: Shop, path: str) -> None:
    first = shop.get(path)
    etag = first.headers["etag"]
    known = shop.get(path, **{"if-none-match": etag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)
    assert known.headers["cache-control"] == first.headers["cache-control"]
    other = shop.get(path, **{"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_question_the_api_refuses_is_never_kept(shop: Shop) -> None:
    for _ in range(2):
        wrong = shop.get(f"/api/collections/{LIGHTS}/items?colour=red")
        assert (wrong.status_code, wrong.headers["cache-control"]) == (400, "no-store")
        assert wrong.headers["x-cache"] == "MISS"
