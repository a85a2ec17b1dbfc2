"""The artefact store in a bucket: immutable objects, immutable manifests, and one index that is replaced.

``objects/<aa>/<sha256>`` are the artefacts, ``manifests/<sha256>.json`` what a publication was at one time,
``index.json`` which manifest each publication has now. The index alone ever changes, by one conditional
write: whoever was outrun by another machine reads it anew. The folder keeps copies of objects, for those who
make files and read them again.
"""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from model.errors import BadRequest, Unavailable
from services.publishing.artefacts import KEPT_VERSIONS, NAME, Artefact, Manifest, Store
from services.publishing.bucket import Bucket
from services.publishing.packing import ENCODINGS

INDEX = "index.json"
TRIES = 5
"""How often somebody who was outrun tries again."""
KEPT_S = 2.0
"""How long the index is not asked for again by those who only read."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
Done = TypeVar("Done")


class Index(msgspec.Struct, frozen=True):
    """The manifest of each publication, by the SHA-256 of its bytes."""

    publications: dict[str, str] = {}


class Outrun(Unavailable):
    """The publication was changed by another machine meanwhile."""


def read_index(bucket: Bucket) -> Index:
    """The index of ``bucket``. FileNotFoundError before the first publishing; Unavailable."""
    try:
        found = msgspec.json.decode(bucket.read(INDEX), type=Index)
    except msgspec.DecodeError as error:
        raise Unavailable(f"the index of the artefact store cannot be read: {error}") from None
    wrong = [
        n for n, sha in found.publications.items() if not NAME.fullmatch(n) or not _SHA256.fullmatch(sha)
    ]
    if wrong:
        raise Unavailable(f"the index of the artefact store names what cannot be: {wrong[0]!r}")
    return found


def read_manifest(bucket: Bucket, name: str, sha256: str) -> tuple[bytes, Manifest]:
    """The manifest of that content, which is the publication ``name``'s; its bytes first. Unavailable."""
    try:
        body = bucket.read(f"manifests/{sha256}.json")
        manifest = msgspec.json.decode(body, type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError):
        raise Unavailable(f"the manifest of {name} cannot be read") from None
    if hashlib.sha256(body).hexdigest() != sha256 or manifest.publication != name:
        raise Unavailable(f"the manifest of {name} is not what the index says")
    return body, manifest


def keys_of(artefact: Artefact) -> Iterator[tuple[str, str]]:
    """The key of each form of ``artefact``, and its packing (empty: as it is)."""
    for encoding in ("", *artefact.encoded):
        name = artefact.sha256 + ENCODINGS.get(encoding, "")
        yield f"objects/{artefact.sha256[:2]}/{name}", encoding


class BucketStore(Store):
    """The artefacts of one installation in ``bucket``; ``folder`` holds copies of what was made or read."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        super().__init__(folder)
        self._bucket = bucket
        self._known: tuple[float, Index] | None = None
        self._manifests_read: dict[str, tuple[str, Manifest]] = {}
        self._changing = threading.local()
        self._leant_on: set[str] = set()

    # Reading

    def names(self) -> list[str]:
        """Every publication there ever was, revoked ones too. Raises Unavailable."""
        return sorted(self._index().publications)

    def current(self, publication: str) -> Manifest | None:
        """As of a folder: None if there never was one of that name; Unavailable."""
        if not NAME.fullmatch(publication):
            raise BadRequest(f"not the name of a publication: {publication!r}")
        sha256 = self._index().publications.get(publication)
        if sha256 is None:
            return None
        known = self._manifests_read.get(publication)
        if known is None or known[0] != sha256:
            known = sha256, read_manifest(self._bucket, publication, sha256)[1]
            self._manifests_read[publication] = known
        return known[1]

    def path(self, artefact: Artefact, encoding: str = "") -> Path:
        """Where a copy of ``artefact`` is, fetched where there is none yet. Unavailable when it is lost."""
        path = super().path(artefact, encoding)
        if not path.exists():
            key = next(key for key, packing in keys_of(artefact) if packing == encoding)
            try:
                self._bucket.fetch(key, path)
            except FileNotFoundError:
                raise Unavailable(f"artefact {artefact.sha256[:12]} is lost") from None
        return path

    # Writing

    def put(
        self,
        body: bytes,
        media_type: str,
        *,
        scripts: tuple[str, ...] = (),
        styles: tuple[str, ...] = (),
        least_packed: int = 0,
    ) -> Artefact:
        """As in a folder, and in the bucket before it returns. Raises Unavailable."""
        kept = super().put(body, media_type, scripts=scripts, styles=styles, least_packed=least_packed)
        return self._sent(kept)

    def put_file(self, path: Path, media_type: str) -> Artefact:
        """As in a folder, and in the bucket before it returns. Raises Unavailable."""
        return self._sent(super().put_file(path, media_type))

    def publish(
        self,
        publication: str,
        files: Mapping[str, Artefact],
        *,
        about: Mapping[str, Any],
        data_time: datetime | None,
        now: datetime,
        whole: int = KEPT_VERSIONS,
    ) -> tuple[Manifest, bool]:
        """As in a folder; another machine that changed the same publication meanwhile is heard first."""
        again = super().publish
        done = self._again(
            lambda: again(publication, files, about=about, data_time=data_time, now=now, whole=whole)
        )
        if done[1]:
            for artefact in files.values():
                self._there_again(artefact)
        self._leant_on.clear()
        return done

    def revoke(self, publication: str, now: datetime, by: str = "") -> bool:
        """As in a folder."""
        again = super().revoke
        return self._again(lambda: again(publication, now, by))

    def reinstate(self, publication: str) -> bool:
        """As in a folder."""
        again = super().reinstate
        return self._again(lambda: again(publication))

    def prune(self, now: datetime, spare: timedelta = timedelta(days=1)) -> int:
        """As in a folder, in the bucket too; manifests that were replaced go with them."""
        count = super().prune(now, spare)
        with self._alone():
            named = self._named()
            manifests = set(self._index().publications.values())
            kept = {"objects": named, "manifests": manifests}
            gone = [
                key
                for folder, names in kept.items()
                for key, written in self._bucket.under(folder)
                if key.rsplit("/", 1)[1].split(".")[0] not in names and written < now - spare
            ]
            self._bucket.delete(gone)
        return count + len(gone)

    def _sent(self, artefact: Artefact) -> Artefact:
        for key, encoding in keys_of(artefact):
            if self._bucket.has(key):
                self._leant_on.add(key)
            else:
                self._bucket.send(super().path(artefact, encoding), key)
        return artefact

    def _there_again(self, artefact: Artefact) -> None:
        """What was found there, and another machine pruned before it was named."""
        for key, encoding in keys_of(artefact):
            if key in self._leant_on and not self._bucket.has(key):
                self._bucket.send(super().path(artefact, encoding), key)

    def _again(self, change: Callable[[], Done]) -> Done:
        """``change``, anew where another machine was quicker. Raises Outrun when it always is."""
        for _ in range(TRIES - 1):
            try:
                return change()
            except Outrun:
                continue
        return change()

    @property
    def _change(self) -> "_Change | None":
        """What this thread is changing."""
        return getattr(self._changing, "change", None)

    def _index(self) -> Index:
        if self._change:
            return self._change.index
        now = time.monotonic()
        if self._known is None or now - self._known[0] >= KEPT_S:
            self._known = now, self._read_index()
        return self._known[1]

    def _read_index(self) -> Index:
        try:
            return read_index(self._bucket)
        except FileNotFoundError:
            return Index()

    def _write(self, manifest: Manifest) -> None:
        """The manifest, then the index that names it, if the publication is yet what it was seen to be."""
        name = manifest.publication
        body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        sha256 = hashlib.sha256(body).hexdigest()
        self._bucket.write(f"manifests/{sha256}.json", body)
        based = self._index().publications.get(name)
        for _ in range(TRIES):
            tag = self._bucket.tag(INDEX)  # before the index: had it changed between, this would be the older
            known = self._read_index().publications
            if known.get(name) != based:
                raise Outrun(f"{name} was changed by another machine meanwhile")
            fresh = Index({**known, name: sha256})
            if self._bucket.replace(INDEX, msgspec.json.encode(fresh, order="sorted"), tag):
                self._known = None
                return
        raise Outrun("the index of the artefact store is changed by others without a pause")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with super()._alone():
            self._changing.change = _Change(self._read_index())
            try:
                yield
            finally:
                self._changing.change = None


class _Change(msgspec.Struct):
    """A change under way: the index it began from."""

    index: Index
