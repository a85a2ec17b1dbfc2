"""A folder kept as a bucket is, for the public door: it serves from the folder, whatever the bucket does.

What was taken back goes as soon as the index says so, before anything is fetched; a new version shows once
all its files are here. While the bucket is away the folder stays as it is, over a restart too.
"""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from model.errors import Unavailable
from services.publishing.artefacts import Artefact, Manifest, Store
from services.publishing.bucket import Bucket
from services.publishing.bucket_store import keys_of, read_index, read_manifest
from services.publishing.durable import durable_write

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""How often the index is asked: what was taken back is gone that much later, beside what caches keep."""
SPARE = timedelta(hours=1)
"""How long copies that nothing names any more stay, for those who are reading them."""


class Mirror:
    """Keeps the store in ``folder`` as ``bucket`` is; nothing else writes its manifests."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self.store = Store(folder)
        self._bucket = bucket
        self._held = {name: _content(self.store.manifest_path(name)) for name in self.store.names()}
        self._wanted: dict[str, tuple[str, bytes, Manifest]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._new = threading.Event()
        self._away_since: datetime | None = None

    def look(self) -> None:
        """Take back at once what the index says is; note what is to be fetched. Raises Unavailable."""
        try:
            index = read_index(self._bucket).publications
        except FileNotFoundError:
            if self._held:
                raise Unavailable("the artefact store has no index any more") from None
            return
        for name in self._held.keys() - index.keys():
            self._forget(name)
        for name, sha256 in index.items():
            known = self._wanted.get(name)
            if sha256 not in (self._held.get(name), known[0] if known else None):
                self._note(name, sha256)

    def bring(self) -> None:
        """Fetch what is wanted, the smallest first, and show each version once it is whole.

        Raises Unavailable.
        """
        with self._lock:
            wanted = sorted(self._wanted.items(), key=lambda one: _size(one[1][2]))
        for name, (sha256, body, manifest) in wanted:
            for artefact in manifest.files.values():
                self._fetch(artefact)
            with self._lock:
                if self._wanted.get(name, ("",))[0] == sha256:
                    self._show(name, sha256, body)
        self.store.prune(datetime.now(UTC), SPARE)

    def begin(self) -> None:
        """Once at once, then from threads of its own until ``stop``; what fails is tried again."""
        self._tried(self.look)
        self._tried(self.bring)
        for work, wake in ((self.look, self._stop), (self.bring, self._new)):
            threading.Thread(target=self._repeated, args=(work, wake), daemon=True).start()

    def stop(self) -> None:
        """Follow the bucket no more."""
        self._stop.set()
        self._new.set()

    def _repeated(self, work: Callable[[], None], wake: threading.Event) -> None:
        while not self._stop.is_set():
            wake.wait(LOOK_EVERY_S)
            if wake is self._new:
                wake.clear()
            if not self._stop.is_set() and (work == self.look or self._wanted):
                self._tried(work)

    def _tried(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (Unavailable, OSError) as error:
            if self._away_since is None:
                self._away_since = datetime.now(UTC)
                log.warning("the last artefacts stay: %s", error)
        else:
            if self._away_since and work == self.look:
                log.warning("the artefact store is back; it was away since %s", self._away_since.isoformat())
                self._away_since = None

    def _note(self, name: str, sha256: str) -> None:
        body, manifest = read_manifest(self._bucket, name, sha256)
        with self._lock:
            if manifest.files:
                self._wanted[name] = sha256, body, manifest
                self._new.set()
            else:
                self._show(name, sha256, body)

    def _show(self, name: str, sha256: str, body: bytes) -> None:
        durable_write(self.store.manifest_path(name), body)
        self._held[name] = sha256
        self._wanted.pop(name, None)

    def _forget(self, name: str) -> None:
        with self._lock:
            self.store.manifest_path(name).unlink(missing_ok=True)
            self._held.pop(name, None)
            self._wanted.pop(name, None)

    def _fetch(self, artefact: Artefact) -> None:
        for key, encoding in keys_of(artefact):
            path = self.store.path(artefact, encoding)
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_size == (artefact.encoded[encoding] if encoding else artefact.size):
                    continue
            try:
                self._bucket.fetch(key, path)
            except FileNotFoundError:
                raise Unavailable(f"artefact {artefact.sha256[:12]} is lost") from None


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _size(manifest: Manifest) -> int:
    return sum(artefact.size for artefact in manifest.files.values())
