"""The artefact store: immutable files named by their content, and what is published of them now.

``objects/<aa>/<sha256>`` with ``.br`` and ``.gz`` beside it, made once; ``current/<publication>.json``
says which of them a publication consists of at the moment, with its past versions. An artefact is never
changed; publishing replaces the manifest, revoking empties it. The public process only reads here.
"""

import fcntl
import gzip
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import msgspec

from model.errors import BadRequest, Unavailable

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
KEPT_VERSIONS = 400
ENCODINGS = {"br": ".br", "gzip": ".gz"}
ABOUT_FILE = "about.json"
"""Among a dataset's files: what it is."""
REGISTERS = "registers"
"""The name the registers are published under."""
REGISTERS_FILE = "registers.json"
"""Their one file."""
VOICES = "voices"
"""The name citizens' letters are published under."""
VOICES_FILE = "voices.json"
"""Their one file."""
TABLE_FILE = "table.{}"
"""Among a dataset's files: its rows, by extension."""
_ALREADY_SMALL = ("font/", "image/png", "application/zip")


class Artefact(msgspec.Struct, frozen=True, kw_only=True):
    """One immutable file: its name (the SHA-256 of its bytes), type, size, and sizes precompressed.

    ``scripts`` and ``styles`` are the content-security hashes of what is inline in it.
    """

    sha256: str
    media_type: str
    size: int
    encoded: dict[str, int] = {}
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One past or present state of a publication: what it consisted of, and from when its data was."""

    version: int
    published_at: datetime
    data_time: datetime | None
    files: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication consists of now; ``files`` is empty while it is revoked."""

    publication: str
    about: dict[str, Any]
    files: dict[str, Artefact]
    version: int
    data_time: datetime | None
    published_at: datetime
    revoked_at: datetime | None = None
    history: tuple[Version, ...] = ()


def durable_write(path: Path, body: bytes) -> None:
    """Put ``body`` at ``path`` whole or not at all, and on the disk before returning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # the public process may be another account
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def compressed(body: bytes, encoding: str) -> bytes:
    """``body`` as ``br`` or ``gzip``, as small as it gets; the same bytes every time."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=11))
    return gzip.compress(body, 9, mtime=0)


class Store:
    """The artefacts of one installation, under ``folder``. Reading never writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # Reading

    def names(self) -> list[str]:
        """Every publication there ever was, revoked ones too."""
        return sorted(file.stem for file in self._manifests.glob("*.json"))

    def current(self, publication: str) -> Manifest | None:
        """What ``publication`` consists of now; None if there never was one of that name.

        Raises Unavailable when its manifest cannot be read.
        """
        try:
            return msgspec.json.decode(self.manifest_path(publication).read_bytes(), type=Manifest)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise Unavailable(f"the manifest of {publication} cannot be read: {error}") from None

    def manifest_path(self, publication: str) -> Path:
        """Where the manifest of ``publication`` is; BadRequest for a name that is none."""
        if not NAME.fullmatch(publication):
            raise BadRequest(f"not the name of a publication: {publication!r}")
        return self._manifests / f"{publication}.json"

    def read(self, artefact: Artefact, encoding: str = "") -> bytes:
        """The bytes of ``artefact``, in ``encoding`` (``br``, ``gzip`` or as is). Unavailable if lost."""
        try:
            return self._object(artefact.sha256, ENCODINGS.get(encoding, "")).read_bytes()
        except OSError as error:
            raise Unavailable(f"artefact {artefact.sha256[:12]} cannot be read: {error.strerror}") from None

    def beginning(self, artefact: Artefact, size: int) -> bytes:
        """The first ``size`` bytes of ``artefact`` as it is. Unavailable if lost."""
        try:
            with self._object(artefact.sha256, "").open("rb") as file:
                return file.read(size)
        except OSError as error:
            raise Unavailable(f"artefact {artefact.sha256[:12]} cannot be read: {error.strerror}") from None

    # Writing

    def put(
        self, body: bytes, media_type: str, *, scripts: tuple[str, ...] = (), styles: tuple[str, ...] = ()
    ) -> Artefact:
        """Keep ``body``, and its compressed twins where they are smaller; storing twice is harmless."""
        sha256 = hashlib.sha256(body).hexdigest()
        self._keep(sha256, "", body)
        encoded = {} if media_type.startswith(_ALREADY_SMALL) else self._precompress(sha256, body)
        return Artefact(
            sha256=sha256,
            media_type=media_type,
            size=len(body),
            encoded=encoded,
            scripts=scripts,
            styles=styles,
        )

    def publish(
        self,
        publication: str,
        files: Mapping[str, Artefact],
        *,
        about: Mapping[str, Any],
        data_time: datetime | None,
        now: datetime,
    ) -> tuple[Manifest, bool]:
        """Make ``files`` what ``publication`` consists of; False beside it when nothing had changed.

        ``about`` is what the gallery says of it (JSON). A revoked publication stays revoked.
        """
        with self._alone():
            known = self.current(publication)
            if known and (known.revoked_at or _same(known, files, about, data_time)):
                return known, False
            number = known.version + 1 if known else 1
            names = {name: artefact.sha256 for name, artefact in files.items()}
            entry = Version(version=number, published_at=now, data_time=data_time, files=names)
            history = (*(known.history if known else ()), entry)[-KEPT_VERSIONS:]
            manifest = Manifest(
                publication=publication, about=dict(about), files=dict(files), version=number,
                data_time=data_time, published_at=now, history=history,
            )  # fmt: skip
            self._write(manifest)
            return manifest, True

    def revoke(self, publication: str, now: datetime) -> bool:
        """Take ``publication`` back at once; False when it is not published. Its history stays."""
        with self._alone():
            known = self.current(publication)
            if not known or known.revoked_at:
                return False
            self._write(msgspec.structs.replace(known, files={}, revoked_at=now))
            return True

    def reinstate(self, publication: str) -> bool:
        """Allow a revoked ``publication`` again; the next publishing fills it. False if it was not."""
        with self._alone():
            known = self.current(publication)
            if not known or not known.revoked_at:
                return False
            self._write(msgspec.structs.replace(known, revoked_at=None))
            return True

    def prune(self, now: datetime, spare: timedelta = timedelta(days=1)) -> int:
        """Delete artefacts no version names any more, older than ``spare``; how many files went."""
        with self._alone():
            named = self._named()
            limit = (now - spare).timestamp()
            gone = [
                path
                for path in self.folder.glob("objects/??/*")
                if path.name.split(".")[0] not in named and path.stat().st_mtime < limit
            ]
            for path in gone:
                path.unlink()
        return len(gone)

    @property
    def _manifests(self) -> Path:
        return self.folder / "current"

    def _object(self, sha256: str, suffix: str) -> Path:
        return self.folder / "objects" / sha256[:2] / f"{sha256}{suffix}"

    def _named(self) -> set[str]:
        manifests = [self.current(name) for name in self.names()]
        return {sha for m in manifests if m for version in m.history for sha in version.files.values()}

    def _keep(self, sha256: str, suffix: str, body: bytes) -> None:
        path = self._object(sha256, suffix)
        try:
            os.utime(path)  # young again, so that no pruning takes it before it is named
        except FileNotFoundError:
            durable_write(path, body)

    def _precompress(self, sha256: str, body: bytes) -> dict[str, int]:
        sizes = {}
        for encoding, suffix in ENCODINGS.items():
            packed = compressed(body, encoding)
            if len(packed) < len(body):
                self._keep(sha256, suffix, packed)
                sizes[encoding] = len(packed)
        return sizes

    def _write(self, manifest: Manifest) -> None:
        body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        durable_write(self.manifest_path(manifest.publication), body)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, whatever the number of publishers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _same(
    known: Manifest, files: Mapping[str, Artefact], about: Mapping[str, Any], data_time: datetime | None
) -> bool:
    in_utc = data_time.astimezone(UTC) if data_time else None
    return known.files == dict(files) and known.about == dict(about) and known.data_time == in_utc
