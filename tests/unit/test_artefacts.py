"""The artefact store: immutable, whole or not at all, versioned, revocable at once."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from model.errors import BadRequest, Unavailable
from services.publishing import Artefact, Manifest, Store
from services.publishing.artefacts import durable_write

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
