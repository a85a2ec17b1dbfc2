"""What the public process holds in memory of the artefact store: manifests as long as they do not change.

Small files are read once a version from a local disk, so no thread is worth its hop; large ones are streamed
and never held. Nothing here writes, and nothing here knows a database.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from model.errors import BadRequest, Unavailable
from services.publishing import Artefact, Manifest, Store

Clock = Callable[[], datetime]
"""What time it is (aware)."""
Mark = tuple[int, int, int]
"""What tells one manifest file from another: when it was written, which it is, how long."""


def utc_now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


class Shelf:
    """The current artefacts of a store, read when they change, kept when reading fails."""

    def __init__(self, store: Store, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._manifests: dict[str, tuple[Mark, Manifest]] = {}
        self._until: dict[str, datetime | None] = {}
        self._paths: dict[str, str] = {}
        self._bytes: dict[tuple[str, str], bytes] = {}

    def published(self, name: str) -> Manifest | None:
        """What ``name`` consists of now; None alike for unknown, impossible, revoked and expired.

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
        return known[1] if known[1].files and not self._ended(name) else None

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

    def found(self, artefact: Artefact, encoding: str = "") -> tuple[Path, os.stat_result]:
        """Where ``artefact`` is stored in ``encoding``, for one too large to hold. Unavailable when lost."""
        path = self._store.path(artefact, encoding)
        try:
            return path, path.stat()
        except OSError as error:
            raise Unavailable(f"artefact {artefact.sha256[:12]} cannot be read: {error.strerror}") from None

    def once(self, artefact: Artefact) -> bytes:
        """The bytes of ``artefact``, not kept: for what is read once a version. Unavailable when lost."""
        return self._store.read(artefact)

    def mark(self, name: str) -> Mark | None:
        """The manifest file of ``name`` as it lies there now; None when there is none or it has ended."""
        try:
            return None if self._ended(name) else self._mark(name)
        except (BadRequest, OSError):
            return None

    def read_mark(self, name: str) -> Mark | None:
        """The manifest file that what ``published`` says of ``name`` was read from."""
        known = self._manifests.get(name)
        return known[0] if known else None

    def _mark(self, name: str) -> Mark:
        path = self._paths.get(name)
        if path is None:
            path = str(self._store.manifest_path(name))
        found = os.stat(path)  # noqa: PTH116 - asked at every answer, and a Path takes twice the time
        self._paths[name] = path
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _ended(self, name: str) -> bool:
        """Whether what allowed it ran out: said here too, lest it stay out while the publisher is away."""
        until = self._until.get(name)
        return until is not None and until <= self._clock()

    def _read(self, name: str, mark: Mark, known: tuple[Mark, Manifest] | None) -> tuple[Mark, Manifest]:
        try:
            fresh = self._store.current(name)
        except Unavailable:
            fresh = None
        if fresh is not None:
            known = (mark, fresh)
            self._bytes.clear()
            self._manifests[name] = known
            until = fresh.about.get("valid_until")
            self._until[name] = datetime.fromisoformat(until) if until else None
        if known is None:
            raise Unavailable(f"the manifest of {name} cannot be read")
        return known
