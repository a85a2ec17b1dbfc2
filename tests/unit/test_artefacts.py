"""The artefact store: immutable, whole or not at all, versioned, revocable at once."""

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from model.errors import BadRequest, Unavailable
from services.publishing import Artefact, Manifest, Store
from services.publishing.artefacts import BY_REGISTER
from services.publishing.durable import durable_write
from services.publishing.packing import SMALL

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
TEXT = b"the same words again and again, " * 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "artefacts")


def publish(store: Store, body: bytes, now: datetime = NOW) -> tuple[Manifest, bool]:
    return store.publish("a-panel", {"page": store.put(body, "text/html")}, about={}, data_time=now, now=now)


def test_an_artefact_is_named_by_its_content_and_packed_once(store: Store) -> None:
    kept = store.put(TEXT, "text/html")
    assert kept == store.put(TEXT, "text/html")
    assert store.read(kept) == TEXT
    assert brotli.decompress(store.read(kept, "br")) == TEXT
    assert gzip.decompress(store.read(kept, "gzip")) == TEXT
    assert kept.encoded["br"] < kept.size
    assert len([*store.folder.glob("objects/*/*")]) == 3


def test_what_does_not_shrink_is_not_packed(store: Store) -> None:
    assert store.put(b"x", "text/plain").encoded == {}
    assert store.put(TEXT, "font/woff2").encoded == {}


def test_publishing_the_same_again_is_no_new_version(store: Store) -> None:
    first, changed = publish(store, TEXT)
    again, once_more = publish(store, TEXT)
    assert (changed, once_more) == (True, False)
    assert first == again == store.current("a-panel")
    assert again.version == 1


def test_each_version_stays_in_the_history(store: Store) -> None:
    publish(store, TEXT)
    manifest, _ = publish(store, TEXT + b"!", NOW + timedelta(days=1))
    assert [entry.version for entry in manifest.history] == [1, 2]
    assert manifest.history[0].files != manifest.history[1].files


def test_revoking_takes_effect_at_once_and_lasts(store: Store) -> None:
    publish(store, TEXT)
    assert store.revoke("a-panel", NOW)
    assert not store.revoke("a-panel", NOW)
    manifest, changed = publish(store, TEXT + b"!")
    assert (manifest.files, changed) == ({}, False)
    assert manifest.history, "what was public stays known"
    assert store.reinstate("a-panel")
    manifest, changed = publish(store, TEXT)
    assert changed
    assert manifest.files
    assert not store.reinstate("a-panel")
    assert not store.revoke("unknown", NOW)


def test_only_what_no_version_names_is_pruned(store: Store) -> None:
    publish(store, TEXT)
    orphan = store.put(b"orphan " * 50, "text/plain")
    assert store.prune(NOW, timedelta(0)) == 0, "young files are spared, they may be about to be published"
    assert store.prune(datetime.now(UTC) + timedelta(days=2)) == 3
    with pytest.raises(Unavailable):
        store.read(orphan)
    current = store.current("a-panel")
    assert current is not None
    assert store.read(current.files["page"]) == TEXT


def put_file(store: Store, body: bytes, media_type: str = "text/csv") -> Artefact:
    with store.making() as folder:
        path = folder / "table"
        path.write_bytes(body)
        return store.put_file(path, media_type)


@pytest.mark.parametrize(
    "body", [TEXT, b"", TEXT * (SMALL // len(TEXT) + 2)], ids=["small", "empty", "large"]
)
def test_a_file_taken_in_is_as_if_it_had_been_put(store: Store, body: bytes) -> None:
    taken = put_file(store, body)
    assert taken == put_file(store, body)
    assert store.read(taken) == body
    assert (taken.size, taken.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert set(taken.encoded) == ({"br", "gzip"} if body else set())
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        if body:
            assert unpack(store.read(taken, encoding)) == body
            assert store.path(taken, encoding).stat().st_size == taken.encoded[encoding] < len(body)
    if len(body) <= SMALL:
        assert taken == store.put(body, "text/csv")
    assert [one for one in store.folder.iterdir() if one.name.startswith(".making")] == []


def test_what_is_read_in_parts_is_not_packed(store: Store) -> None:
    for media_type in ("application/flatgeobuf", "application/vnd.apache.parquet"):
        assert put_file(store, TEXT, media_type).encoded == {}


def test_a_file_that_cannot_be_synced_is_not_in_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        put_file(store, TEXT)
    assert [one for one in store.folder.rglob("*") if one.is_file()] == []


def test_only_the_newest_versions_keep_their_files(store: Store) -> None:
    for version in range(4):
        kept = {"page": store.put(TEXT + bytes([65 + version]), "text/html")}
        now = NOW + timedelta(minutes=version)
        manifest, _ = store.publish("live", kept, about={}, data_time=now, now=now, whole=2)
    assert [bool(one.files) for one in manifest.history] == [False, False, True, True]
    assert [one.version for one in manifest.history] == [1, 2, 3, 4]
    assert store.prune(datetime.now(UTC) + timedelta(days=2)) == 6


def test_what_the_register_took_back_comes_again_and_what_a_person_did_does_not(store: Store) -> None:
    publish(store, TEXT)
    assert store.revoke("a-panel", NOW, BY_REGISTER)
    assert not store.revoke("a-panel", NOW, BY_REGISTER)
    manifest, changed = publish(store, TEXT)
    assert (changed, manifest.version, manifest.revoked_at, manifest.revoked_by) == (True, 2, None, "")
    store.revoke("a-panel", NOW, BY_REGISTER)
    assert store.revoke("a-panel", NOW), "a person's word stands over the register's"
    assert publish(store, TEXT)[1] is False
    assert not store.revoke("a-panel", NOW, BY_REGISTER)


def test_what_a_killed_publisher_left_half_made_is_taken_away(store: Store) -> None:
    left = store.folder / ".making-x"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    store.prune(datetime.now(UTC))
    assert left.is_dir(), "somebody may be at it"
    store.prune(datetime.now(UTC) + timedelta(days=2))
    assert not left.exists()


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "manifest.json"
    durable_write(path, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", ["../secret", "a/b", "", ".", "A", "x" * 65, "a\x00", "-a", "a-"])
def test_no_file_is_reached_by_name(store: Store, name: str) -> None:
    with pytest.raises(BadRequest):
        store.current(name)


def test_a_lost_or_spoilt_store_is_unavailable(store: Store) -> None:
    publish(store, TEXT)
    store.manifest_path("a-panel").write_bytes(b"{ half")
    with pytest.raises(Unavailable):
        store.current("a-panel")
    with pytest.raises(Unavailable):
        store.read(Artefact(sha256="0" * 64, media_type="text/html", size=1))
    assert store.current("never") is None
