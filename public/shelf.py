"""What the public process holds in memory of the artefact store: manifests as long as they do not change.

Files are a few kB on a local disk and are read once a version, so no thread is worth its hop. Nothing here
writes, and nothing here knows a database.
"""

from collections.abc import Iterator

from model.errors import BadRequest, Unavailable
from services.publishing import Artefact, Manifest, Store

_Mark = tuple[int, int, int]


class Shelf:
    """The current artefacts of a store, read when they change, kept when reading fails."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._manifests: dict[str, tuple[_Mark, Manifest]] = {}
        self._bytes: dict[tuple[str, str], bytes] = {}

    def published(self, name: str) -> Manifest | None:
        """What ``name`` consists of now; None alike for unknown, impossible and revoked.

        Raises Unavailable when it was never read and cannot be now.
        """
        try:
            mark = self._mark(name)
        except (BadRequest, FileNotFoundError):
            self._manifests.pop(name, None)
            return None
        known = self._manifests.get(name)
        if known is None or known[0] != mark:
            known = self._read(name, mark, known)
        return known[1] if known[1].files else None

    def all(self) -> Iterator[Manifest]:
        """Everything published now, by name."""
        for name in self._store.names():
            manifest = self.published(name)
            if manifest:
                yield manifest

    def read(self, artefact: Artefact, encoding: str = "") -> bytes:
        """The bytes of ``artefact`` as stored in ``encoding``. Raises Unavailable when they are lost."""
        key = (artefact.sha256, encoding)
        if key not in self._bytes:
            self._bytes[key] = self._store.read(artefact, encoding)
        return self._bytes[key]

    def beginning(self, artefact: Artefact, size: int) -> bytes:
        """The first ``size`` bytes of ``artefact``, of one too large to hold. Unavailable when it is lost."""
        return self._store.beginning(artefact, size)

    def _mark(self, name: str) -> _Mark:
        found = self._store.manifest_path(name).stat()
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _read(self, name: str, mark: _Mark, known: tuple[_Mark, Manifest] | None) -> tuple[_Mark, Manifest]:
        try:
            fresh = self._store.current(name)
        except Unavailable:
            fresh = None
        if fresh is not None:
            known = (mark, fresh)
            self._bytes.clear()
            self._manifests[name] = known
        if known is None:
            raise Unavailable(f"the manifest of {name} cannot be read")
        return known
