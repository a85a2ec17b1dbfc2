"""Artefacts in an object store: a real S3 server on loopback, written to, followed, gone and back."""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from model.errors import BadSettings, Unavailable
from public.door import public
from services.publishing import Manifest, Store, artefact_store
from services.publishing.bucket import Bucket, bucket_of
from services.publishing.bucket_store import BucketStore
from services.publishing.drawing_panels import make_current
from services.publishing.mirror import Mirror
from services.publishing.panels.lighting_status import EVERY_S, NAME, drawn
from services.settings import Settings, read_settings
from tests.bucket import S3, s3_server
from tests.open_data import LIGHTS, lights, publish
from tests.published import NOW, example
from tests.waiting import until

PANEL = "/embed/lighting-status"
TEXT = b"<!doctype html>" + b"lights " * 400

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with s3_server() as found:
        yield found


@pytest.fixture
def place(server: S3, request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a prefix of its own."""
    return {
        **server.settings,
        "artefacts": f"s3://city/{request.node.name[:40].replace('[', '-').strip(']')}",
    }


@pytest.fixture
def machine(place: dict[str, str], tmp_path: Path) -> Callable[[], Settings]:
    """The settings of another machine each time: a folder of its own, the same bucket."""
    numbers = itertools.count(1)
    return lambda: read_settings(var=tmp_path / f"machine-{next(numbers)}", **place)


@pytest.fixture
def store(machine: Callable[[], Settings]) -> BucketStore:
    found = artefact_store(machine())
    assert isinstance(found, BucketStore)
    return found


def put(store: Store, name: str, body: bytes = TEXT) -> Manifest:
    return store.publish(name, {"page": store.put(body, "text/html")}, about={}, data_time=NOW, now=NOW)[0]


def mirror_of(settings: Settings) -> Mirror:
    return Mirror(bucket_of(settings), settings.artefacts_folder)


def test_what_is_published_is_read_on_another_machine(
    store: BucketStore, machine: Callable[[], Settings]
) -> None:
    made = put(store, "a-panel")
    assert store.publish("a-panel", made.files, about={}, data_time=NOW, now=NOW) == (made, False)
    with store.making() as folder:
        (folder / "rows").write_bytes(TEXT * 500)
        rows = {"rows": store.put_file(folder / "rows", "text/csv")}
    store.publish("rows", rows, about={}, data_time=None, now=NOW)
    other = artefact_store(machine())
    assert other.names() == ["a-panel", "rows"]
    assert other.current("a-panel") == made
    for encoding in ("", "br", "gzip"):
        assert other.read(made.files["page"], encoding) == store.read(made.files["page"], encoding)
    assert other.read(rows["rows"]) == TEXT * 500
    assert other.current("never") is None


def test_machines_that_write_at_once_lose_nothing_of_each_other(
    store: BucketStore, machine: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time the one is about to replace the index, the other has just done so."""
    other, replace, count = artefact_store(machine()), Bucket.replace, itertools.count()

    def outrun(bucket: Bucket, key: str, body: bytes, tag: str | None) -> bool:
        if bucket is store._bucket and next(count) < 2:
            put(other, f"theirs-{next(count)}")
        return replace(bucket, key, body, tag)

    monkeypatch.setattr(Bucket, "replace", outrun)
    put(store, "ours")
    assert set(artefact_store(machine()).names()) == {"ours", "theirs-1"}


def test_a_person_who_takes_back_wins_over_a_publisher_who_is_publishing(
    store: BucketStore, machine: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "a-panel")
    replace, done = Bucket.replace, []

    def meanwhile(bucket: Bucket, key: str, body: bytes, tag: str | None) -> bool:
        if bucket is store._bucket and not done:
            done.append(artefact_store(machine()).revoke("a-panel", NOW))
        return replace(bucket, key, body, tag)

    monkeypatch.setattr(Bucket, "replace", meanwhile)
    manifest = put(store, "a-panel", TEXT + b"newer")
    assert done == [True]
    assert manifest.revoked_at and not manifest.files
    assert store.reinstate("a-panel")
    assert put(store, "a-panel", TEXT + b"newest").files


def test_objects_nothing_names_are_pruned_and_those_named_stay(store: BucketStore) -> None:
    for number in range(3):
        body = store.put(TEXT + bytes([65 + number]), "text/html")
        store.publish("live", {"page": body}, about={}, data_time=NOW, now=NOW, whole=2)
    keys = {key for key, _ in store._bucket.under("objects")}
    assert len(keys) == 9
    later = max(at for _, at in store._bucket.under("objects")) + timedelta(hours=2)
    assert store.prune(later, timedelta(hours=1)) == 3 + 3 + 2, "here, there, and two manifests"
    assert len({key for key, _ in store._bucket.under("objects")}) == 6
    manifest = store.current("live")
    assert manifest
    assert store.read(manifest.files["page"]) == TEXT + b"C"


def test_a_mirror_follows_whole_versions_and_takes_back_before_it_fetches(
    store: BucketStore, machine: Callable[[], Settings]
) -> None:
    put(store, "gone")
    put(store, "stays")
    settings = machine()
    mirror = mirror_of(settings)
    mirror.look()
    assert mirror.store.current("stays") is None, "nothing shows before its files are here"
    mirror.bring()
    assert mirror.store.names() == ["gone", "stays"]
    newer = put(store, "stays", TEXT + b"newer")
    assert store.revoke("gone", NOW)
    mirror.look()
    gone, stays = (mirror.store.current(name) for name in ("gone", "stays"))
    assert gone and not gone.files
    assert stays and stays.version == 1
    mirror.bring()
    assert mirror.store.current("stays") == newer
    assert mirror.store.read(newer.files["page"], "br") == store.read(newer.files["page"], "br")
    again = mirror_of(settings)
    again.look()
    assert again._wanted == {}, "a new start fetches nothing anew"


@pytest.mark.parametrize(
    "index", [b"{", b'{"publications": {"../a": "00"}}', b'{"publications": {"a-panel": "../../x"}}']
)
def test_a_spoilt_index_leaves_the_last_good_state(
    store: BucketStore, machine: Callable[[], Settings], index: bytes
) -> None:
    put(store, "a-panel")
    mirror = mirror_of(machine())
    mirror.look()
    mirror.bring()
    store._bucket.write("index.json", index)
    with pytest.raises(Unavailable, match="index"):
        mirror.look()
    assert mirror.store.names() == ["a-panel"]
    store._bucket.delete(["index.json"])
    with pytest.raises(Unavailable, match="no index any more"):
        mirror.look()
    assert mirror.store.names() == ["a-panel"]


@pytest.fixture
def followers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Mirror]]:
    """Every mirror that follows a bucket by itself; they stop with the test."""
    begun: list[Mirror] = []
    begin = Mirror.begin

    def noting(mirror: Mirror) -> None:
        begun.append(mirror)
        begin(mirror)

    monkeypatch.setattr(Mirror, "begin", noting)
    yield begun
    for mirror in begun:
        mirror.stop()


async def test_the_public_goes_on_while_the_store_is_away_and_catches_up_when_it_is_back(
    server: S3,
    store: BucketStore,
    machine: Callable[[], Settings],
    followers: list[Mirror],
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_current(store, NAME, EVERY_S, [drawn(example())], NOW)
    publish(store, LIGHTS, lights())
    settings = machine().model_copy(update={"public_url": "http://public"})
    app = public(settings)

    async def asked(path: str, of: Any = app) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=of), base_url="http://public") as one:
            return await one.get(path)

    paths = (PANEL, f"{PANEL}.json", f"/data/{LIGHTS}.parquet", f"/api/collections/{LIGHTS}/items", "/")
    before = {path: await asked(path) for path in paths}
    assert {one.status_code for one in before.values()} == {200}
    server.stop()
    try:
        with pytest.raises(Unavailable, match="artefact store"):
            put(store, "late")
        await until(lambda: "the last artefacts stay" in caplog.text)
        # From memory, and from the folder after a start without the store.
        restarted = public(settings)
        assert len(followers) == 2
        for of in (app, restarted):
            for path in paths:
                answer = await asked(path, of)
                assert (answer.status_code, answer.content) == (200, before[path].content), path
        assert (await asked(f"{PANEL}.json")).json()["data_time"] == before[f"{PANEL}.json"].json()[
            "data_time"
        ]
        assert (await asked(f"/data/{LIGHTS}.csv", restarted)).status_code == 404
    finally:
        server.begin()
    assert store.revoke(NAME, NOW)

    async def gone() -> bool:
        return {(await asked(PANEL, of)).status_code for of in (app, restarted)} == {404}

    await until(gone)
    assert "the artefact store is back" in caplog.text
    assert (await asked(PANEL)).content == (await asked("/embed/no-such-panel")).content


@pytest.mark.parametrize(
    "wrong", ["s3://", "s3://a b", "s3://City/x", "gs://city/x", "s3://city/../x y", "http://a"]
)
def test_a_place_that_is_none_stops_the_start_and_is_named(wrong: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_ARTEFACTS"):
        read_settings(artefacts=wrong)


def test_keys_come_from_files_of_secrets_and_never_show(tmp_path: Path) -> None:
    (tmp_path / "VIGIE_S3_SECRET").write_text("not-to-be-shown")
    settings = read_settings(secrets=tmp_path, artefacts="s3://city/panels/", s3_endpoint="")
    assert settings.s3_secret and settings.s3_secret.get_secret_value() == "not-to-be-shown"
    assert "not-to-be-shown" not in json.dumps(repr(settings))
    assert settings.artefacts_bucket == "city/panels"
    assert settings.artefacts_folder == settings.var / "artefacts-kept"
