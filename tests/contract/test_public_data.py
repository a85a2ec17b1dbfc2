"""Published datasets over HTTP: what they are, their rows in every format, whole, packed or in parts."""

import gzip
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import geopandas
import httpx
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI

from public.answers import IN_MEMORY
from public.door import public
from services.publishing import Store
from services.publishing.artefacts import ABOUT_FILE, BY_REGISTER
from services.publishing.making import written
from services.settings import Settings, read_settings
from tests.clock import began
from tests.published import published
from tests.unit.test_dataset_files import of_a_table, of_places

NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
POINTS, TABLE = "/data/traffic-counts", "/data/lighting-failures"
ROWS = 4_000


@pytest.fixture(scope="module")
def once_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a panel, a located publication of many rows, and a small table; each test gets a copy."""
    store = published(tmp_path_factory.mktemp("published"))
    for table, told in (of_places(["Verger / Delorme"] * ROWS)[:2], of_a_table()):
        # As an inventory, which comes in every format.
        files = written(store, table, replace(told, timed=False))
        files[ABOUT_FILE] = store.put(json.dumps({"name": told.name}).encode(), "application/json")
        store.publish(told.name, files, about={"titles": {}}, data_time=NOW, now=NOW)
    return store.folder


@pytest.fixture
def settings(tmp_path: Path, once_published: Path) -> Settings:
    shutil.copytree(once_published, tmp_path / "out")
    return read_settings(var=tmp_path, artefacts=tmp_path / "out")


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(settings.artefacts_folder)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return public(settings)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://public") as client:
        yield client


async def test_a_publication_says_what_it_is(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(TABLE)
    assert answer.json() == {"name": "lighting-failures"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        (f"{POINTS}.csv", "text/csv; charset=utf-8"),
        (f"{POINTS}.geojson", "application/geo+json"),
        (f"{POINTS}.parquet", "application/vnd.apache.parquet"),
        (f"{POINTS}.fgb", "application/flatgeobuf"),
        (f"{TABLE}.csv", "text/csv; charset=utf-8"),
        (f"{TABLE}.json", "application/json"),
        (f"{TABLE}.parquet", "application/vnd.apache.parquet"),
    ],
)
async def test_every_format_comes_whole_with_its_type_and_its_name(
    visitor: httpx.AsyncClient, store: Store, path: str, media_type: str
) -> None:
    name, _, form = path.removeprefix("/data/").partition(".")
    manifest = store.current(name)
    assert manifest is not None
    artefact = manifest.files[f"table.{form}"]
    answer = await visitor.get(path, headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, store.read(artefact))
    headers = answer.headers
    assert headers["content-type"] == media_type
    assert headers["content-length"] == str(artefact.size)
    assert headers["content-disposition"] == f'attachment; filename="{name}.{form}"'
    assert headers["cache-control"].startswith("public, max-age=30, s-maxage=30")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["etag"] == f'"{artefact.sha256[:32]}"'
    assert "set-cookie" not in headers
    again = await visitor.get(path, headers={"if-none-match": headers["etag"], "accept-encoding": "identity"})
    assert (again.status_code, again.content) == (304, b"")
    head = await visitor.head(path, headers={"accept-encoding": "identity"})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", headers["etag"])


@pytest.mark.parametrize("path", [f"{POINTS}.geojson", f"{TABLE}.json"], ids=["streamed", "small"])
async def test_a_packed_file_is_the_same_file(visitor: httpx.AsyncClient, path: str) -> None:
    plain = (await visitor.get(path, headers={"accept-encoding": "identity"})).content
    assert (len(plain) > IN_MEMORY) == path.endswith("geojson")
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        async with visitor.stream("GET", path, headers={"accept-encoding": encoding}) as answer:
            packed = b"".join([piece async for piece in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == encoding
        assert answer.headers["etag"].endswith(f'-{encoding}"')
        assert answer.headers["vary"] == "Accept-Encoding"
        assert unpack(packed) == plain
        assert int(answer.headers["content-length"]) == len(packed) < len(plain)


async def test_a_large_file_comes_in_parts_of_its_own_bytes(visitor: httpx.AsyncClient) -> None:
    path = f"{POINTS}.fgb"
    whole = await visitor.get(path)
    assert whole.headers["accept-ranges"] == "bytes"
    part = await visitor.get(path, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    ranged = {"range": "bytes=-7", "accept-encoding": "br", "if-range": whole.headers["etag"]}
    last = await visitor.get(f"{POINTS}.fgb", headers=ranged)
    assert (last.status_code, last.content) == (206, whole.content[-7:])
    changed = await visitor.get(path, headers={"range": "bytes=0-9", "if-range": '"another"'})
    assert (changed.status_code, len(changed.content)) == (200, len(whole.content))
    beyond = await visitor.get(path, headers={"range": "bytes=999999999-"})
    assert beyond.status_code == 416
    packed = await visitor.get(
        f"{POINTS}.geojson", headers={"range": "bytes=0-25", "accept-encoding": "gzip, br"}
    )
    assert (packed.status_code, packed.content) == (206, b'{"type":"FeatureCollection"'[:26])
    assert "content-encoding" not in packed.headers


async def test_what_was_downloaded_is_read_by_geopandas_and_arrow(
    visitor: httpx.AsyncClient, tmp_path: Path
) -> None:
    for form in ("geojson", "fgb", "parquet"):
        path = tmp_path / f"got.{form}"
        path.write_bytes((await visitor.get(f"{POINTS}.{form}")).content)
        frame = geopandas.read_parquet(path) if form == "parquet" else geopandas.read_file(path)
        assert len(frame) == ROWS
    assert pq.read_metadata(path).num_rows == ROWS


async def test_unknown_revoked_impossible_and_panels_answer_alike(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    paths = [
        "/data/nothing", "/data/nothing.csv", f"{TABLE}.geojson", f"{POINTS}.json", f"{POINTS}.xlsx",
        "/data/UP", f"{POINTS}.", f"{POINTS}.table.csv", "/data/..%2fcurrent", "/data/lighting-status",
        "/data/lighting-status.csv", "/embed/traffic-counts", "/embed/traffic-counts.csv",
    ]  # fmt: skip
    assert (await visitor.get(f"{POINTS}.csv")).status_code == 200
    store.revoke("traffic-counts", NOW)
    store.revoke("lighting-failures", NOW, BY_REGISTER)
    paths += [POINTS, f"{POINTS}.csv", TABLE, f"{TABLE}.json"]
    answers = [await visitor.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, *sorted(answer.headers.items())) for answer in answers}) == 1


async def test_what_ran_out_is_gone_though_nobody_took_it_back(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    manifest = store.current("lighting-failures")
    assert manifest is not None
    unknown = await visitor.get("/data/nothing")
    for until, status in ((began() + timedelta(days=1), 200), (began() - timedelta(seconds=1), 404)):
        about = {"titles": {}, "valid_until": until.isoformat()}
        store.publish("lighting-failures", manifest.files, about=about, data_time=NOW, now=NOW)
        answer = await visitor.get(TABLE)
        assert answer.status_code == status
    assert answer.content == unknown.content


async def test_a_lost_file_is_unavailable_and_the_others_stay(
    visitor: httpx.AsyncClient, store: Store
) -> None:
    manifest = store.current("traffic-counts")
    assert manifest is not None
    store.path(manifest.files["table.fgb"]).unlink()
    lost = await visitor.get(f"{POINTS}.fgb")
    assert (lost.status_code, lost.headers["retry-after"]) == (503, "30")
    assert (await visitor.get(f"{POINTS}.parquet")).status_code == 200


async def test_the_gallery_shows_panels_and_no_dataset(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    assert "lighting-status" in page
    assert "traffic-counts" not in page
