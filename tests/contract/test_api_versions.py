"""The API while things change: new versions, pages of old ones, revocation, a store that cannot be read."""

import gzip
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import brotli
import httpx
import pyarrow as pa
import pytest

from model.errors import NotFound
from public.features import library as libraries
from public.features.about import TABLE_FILE
from public.features.library import Library
from public.shelf import Shelf
from services.publishing import Store
from tests.open_data import COUNTS, DAYS, LIGHTS, NOW, counts, days, lights, open_data, publish, visitor

ITEMS = f"/api/collections/{LIGHTS}/items"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_data(tmp_path)


@pytest.fixture
async def api(tmp_path: Path, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    assert store.names()
    async with visitor(tmp_path) as client:
        yield client


def next_of(found: dict[str, Any]) -> str:
    return next((one["href"] for one in found["links"] if one["rel"] == "next"), "")


async def settled(api: httpx.AsyncClient, path: str, matched: int) -> dict[str, Any]:
    """What ``path`` answers once it is of the version with ``matched`` features; asked until it is."""
    for _ in range(5_000):
        found: dict[str, Any] = (await api.get(path)).json()
        if found["numberMatched"] == matched:
            return found
    raise AssertionError("the new version never came")


async def walked(api: httpx.AsyncClient, href: str) -> list[str]:
    """The ids of all features from the page at ``href`` on."""
    found: list[str] = []
    while href:
        page = (await api.get(href)).json()
        found += [one["id"] for one in page["features"]]
        href = next_of(page)
    return found


@pytest.mark.parametrize("query", ["limit=7", "limit=100", "limit=300", "limit=13&filter=power > 20",
                                   "limit=5&bbox=3.8,43.58,3.85,43.62&f=json"])  # fmt: skip
async def test_turning_all_pages_meets_every_feature_once(api: httpx.AsyncClient, query: str) -> None:
    whole = await walked(api, f"{ITEMS}?{query}")
    at_once = (await api.get(f"{ITEMS}?{query.partition('&')[2] or 'f=json'}&limit=1000")).json()
    assert whole == [one["id"] for one in at_once["features"]]
    assert len(set(whole)) == len(whole) == at_once["numberMatched"]


async def test_pages_go_on_over_their_version_while_a_new_one_serves(
    api: httpx.AsyncClient, store: Store
) -> None:
    first = (await api.get(f"{ITEMS}?limit=120")).json()
    publish(store, LIGHTS, lights(200, seed=2))
    fresh = await settled(api, f"{ITEMS}?limit=120", 200)
    rest = await walked(api, next_of(first))
    assert [one["id"] for one in first["features"]] + rest == lights()["id"].to_pylist()
    fresh_ids = [one["id"] for one in fresh["features"]] + await walked(api, next_of(fresh))
    assert fresh_ids == lights(200)["id"].to_pylist()


async def test_a_page_of_a_version_that_is_gone_says_where_to_begin(
    api: httpx.AsyncClient, store: Store, tmp_path: Path
) -> None:
    href = next_of((await api.get(f"{ITEMS}?limit=20&area_code=34172")).json())
    publish(store, LIGHTS, lights(200, seed=2))
    async with visitor(tmp_path) as restarted:
        answer = await restarted.get(href)
    assert answer.status_code == 410
    assert answer.json()["code"] == "VersionGone"
    assert f"{ITEMS}?limit=20&area_code=34172" in answer.json()["description"]
    assert answer.headers["cache-control"] == "no-store"


async def test_publishing_the_same_again_is_the_same_version(api: httpx.AsyncClient, store: Store) -> None:
    first = (await api.get(f"{ITEMS}?limit=120")).json()
    publish(store, LIGHTS, lights(), NOW)
    assert len(await walked(api, next_of(first))) == 180


async def test_revoked_is_gone_at_once_and_like_unknown(api: httpx.AsyncClient, store: Store) -> None:
    page = (await api.get(f"{ITEMS}?limit=20")).json()
    paths = ["", "/items", "/items/L00001", "/queryables", "/items?limit=20", "/items?limit=none"]
    store.revoke(LIGHTS, NOW)
    for path in paths:
        answer = await api.get(f"/api/collections/{LIGHTS}{path}")
        unknown = await api.get(f"/api/collections/no-such{path}")
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert dict(answer.headers) == dict(unknown.headers)
    assert (await api.get(next_of(page))).status_code == 404
    listed = (await api.get("/api/collections")).json()
    assert LIGHTS not in [one["id"] for one in listed["collections"]]
    assert LIGHTS not in (await api.get("/api/openapi.json")).text
    store.reinstate(LIGHTS)
    publish(store, LIGHTS, lights())
    assert (await api.get(ITEMS)).status_code == 200


@pytest.mark.parametrize("name", ["lighting-status", "..", "a%2fb", "%00", "A", "x" * 99])
async def test_what_is_no_collection_is_unknown(api: httpx.AsyncClient, name: str) -> None:
    answer = await api.get(f"/api/collections/{name}/items", headers={"accept": "application/json"})
    assert answer.status_code == 404


async def test_a_feature_that_is_not_there_is_unknown(api: httpx.AsyncClient) -> None:
    for identity in ("nobody", "%27", "L00001~", "a%2Fb"):
        assert (await api.get(f"{ITEMS}/{identity}")).status_code == 404


async def test_a_browser_is_told_in_words(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/collections/no-such", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "n’existe pas ou n’est plus publié" in answer.text


def lost(store: Store, name: str) -> None:
    """Take the table of ``name`` off the disk, as a broken store would."""
    manifest = store.current(name)
    assert manifest
    sha256 = manifest.files[TABLE_FILE].sha256
    (store.folder / "objects" / sha256[:2] / sha256).unlink()


async def test_a_table_that_cannot_be_read_is_503_and_never_a_failure(
    api: httpx.AsyncClient, store: Store
) -> None:
    lost(store, LIGHTS)
    answer = await api.get(ITEMS)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert (await api.get(f"/api/collections/{COUNTS}/items")).status_code == 200
    manifest = store.manifest_path(DAYS)
    manifest.write_bytes(b"{")
    assert (await api.get(f"/api/collections/{DAYS}/items")).status_code == 503


async def test_a_new_version_that_cannot_be_read_leaves_the_old_one_serving(
    api: httpx.AsyncClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await api.get(ITEMS)).status_code == 200
    publish(store, LIGHTS, lights(200, seed=3))
    lost(store, LIGHTS)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            answer = await api.get(ITEMS)
            assert (answer.status_code, answer.json()["numberMatched"]) == (200, 300)


@pytest.mark.parametrize("body", [b"", b"PAR1", b"no table at all" * 99])
async def test_a_table_that_is_none_is_503(api: httpx.AsyncClient, store: Store, body: bytes) -> None:
    manifest = store.current(LIGHTS)
    assert manifest
    files = {**manifest.files, TABLE_FILE: store.put(body, "application/vnd.apache.parquet")}
    store.publish(LIGHTS, files, about=manifest.about, data_time=NOW, now=NOW)
    assert (await api.get(ITEMS)).status_code == 503


async def test_an_empty_table_is_an_empty_collection(api: httpx.AsyncClient, store: Store) -> None:
    publish(store, DAYS, days(0))
    publish(store, COUNTS, counts(0))
    for name in (DAYS, COUNTS):
        found = (await api.get(f"/api/collections/{name}/items?f=json")).json()
        assert (found["numberMatched"], found["features"]) == (0, [])
        assert (await api.get(f"/api/collections/{name}/items?f=html")).status_code == 200
    series = await api.get(f"/api/collections/{COUNTS}/series?value=flow")
    assert series.json()["series"] == []


# Memory -------------------------------------------------------------------------------------------


async def test_old_versions_go_when_their_time_is_over(store: Store) -> None:
    now = [0.0]
    library = Library(Shelf(store), 1 << 30, lambda: now[0])
    first = await library.features(LIGHTS)
    publish(store, LIGHTS, lights(200, seed=2))
    second = await newest(library, LIGHTS)
    assert library.older(LIGHTS, first.version) is first
    assert library.older(LIGHTS, second.version) is second
    now[0] = libraries.KEPT_S + 1
    assert library.older(LIGHTS, first.version) is None


async def newest(library: Library, name: str) -> Any:
    """The newest version of ``name``: its one reader does one thing after the other."""
    await library.features(name)
    library._reader.submit(int).result(20)
    found = await library.features(name)
    assert library.is_current(found)
    return found


async def test_memory_is_bounded_old_versions_going_first(store: Store) -> None:
    library = Library(Shelf(store), 400_000)
    first = await library.features(LIGHTS)
    for seed in range(2, 8):
        publish(store, LIGHTS, lights(seed=seed))
        await newest(library, LIGHTS)
        assert library.nbytes <= 400_000
    assert library.older(LIGHTS, first.version) is None


async def test_collections_nobody_asks_for_give_way_and_come_back(store: Store) -> None:
    library = Library(Shelf(store), 130_000)
    for name in (LIGHTS, COUNTS, DAYS, LIGHTS):
        assert (await library.features(name)).name == name
        assert library.nbytes <= 200_000


async def test_what_does_not_fit_is_no_collection_and_the_log_says_so(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    library = Library(Shelf(store), 60_000)
    with pytest.raises(NotFound):
        await library.features(LIGHTS)
    assert "would take about" in caplog.text
    assert LIGHTS not in [one.name for one in library.entries()]
    assert (await library.features(DAYS)).rows == 90


async def test_the_memory_said_is_the_memory_held(store: Store) -> None:
    publish(store, LIGHTS, lights(20_000))
    library = Library(Shelf(store), 1 << 30)
    found = await library.features(LIGHTS)
    assert len(found.rendered.body) < found.nbytes < 20_000 * (170 + 35 * 6)


# Headers ------------------------------------------------------------------------------------------


async def raw(api: httpx.AsyncClient, path: str, accepted: str) -> httpx.Response:
    """The answer as it comes over the wire, not unpacked."""
    request = httpx.Request("GET", f"http://public{path}", headers={"accept-encoding": accepted})
    return await api._transport.handle_async_request(request)


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity", "gzip, br"])
@pytest.mark.parametrize("limit", [1, 100, 300])
async def test_larger_answers_are_packed(api: httpx.AsyncClient, accepted: str, limit: int) -> None:
    for _ in range(2):  # the second time from what was kept
        answer = await raw(api, f"{ITEMS}?limit={limit}", accepted)
        body = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        encoding = answer.headers.get("content-encoding", "")
        assert encoding == ("" if limit == 1 else {"identity": "", "gzip, br": "br"}.get(accepted, accepted))
        plain = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[encoding](body)
        assert plain.startswith(b'{"type":"FeatureCollection"')
        assert int(answer.headers["content-length"]) == len(body)


async def test_what_the_caller_has_is_not_sent_again(api: httpx.AsyncClient, store: Store) -> None:
    first = await api.get(ITEMS)
    again = await api.get(ITEMS, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    publish(store, LIGHTS, lights(200, seed=2))
    await settled(api, ITEMS, 200)
    assert (await api.get(ITEMS, headers={"if-none-match": first.headers["etag"]})).status_code == 200


async def test_everything_may_be_read_from_any_page_and_kept_by_caches(api: httpx.AsyncClient) -> None:
    paths = ("/api", "/api/conformance", "/api/collections", "/api/openapi.json", ITEMS, f"{ITEMS}/L00001")
    for path in paths:
        for _ in range(2):
            headers = (await api.get(path)).headers
            assert headers["access-control-allow-origin"] == "*"
            assert headers["cache-control"].startswith("public, max-age=30")
            assert headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in headers
    assert (await api.get(f"{ITEMS}?limit=x")).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_but_reading_is_possible(api: httpx.AsyncClient, method: str) -> None:
    answer = await api.request(method, ITEMS)
    assert answer.status_code == 405


async def test_a_kept_answer_is_not_given_for_another_question(api: httpx.AsyncClient) -> None:
    for _ in range(2):
        as_json = await api.get(f"{ITEMS}?limit=2", headers={"accept": "application/json"})
        as_page = await api.get(f"{ITEMS}?limit=2", headers={"accept": "text/html"})
        other = await api.get(f"{ITEMS}?limit=3")
        head = await api.head(f"{ITEMS}?limit=2")
        assert as_json.json()["numberReturned"] == 2 and other.json()["numberReturned"] == 3
        assert "<html" in as_page.text
        assert (head.status_code, head.content) == (200, b"")


async def test_a_new_version_shows_through_kept_answers(api: httpx.AsyncClient, store: Store) -> None:
    for seed in (2, 3):
        await api.get(ITEMS)
        await api.get(ITEMS)
        table = lights(200 + seed, seed=seed)
        publish(store, LIGHTS, table)
        found = await settled(api, ITEMS, 200 + seed)
        assert found["features"][0]["id"] == "L00000"


async def test_rows_keep_their_types_whatever_arrow_calls_them(api: httpx.AsyncClient, store: Store) -> None:
    table = lights()
    odd = table.set_column(3, "power", table["power"].cast(pa.float32()))
    odd = odd.set_column(2, "area_code", odd["area_code"].cast(pa.large_string()))
    publish(store, LIGHTS, odd)
    found = (await api.get(f"{ITEMS}?filter=power = 3.5 AND area_code = '34057'")).json()
    assert [one["properties"]["power"] for one in found["features"]] == [3.5]
