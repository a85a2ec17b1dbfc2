"""The artefact store: immutable files named by their content, and what is published of them now.

``objects/<aa>/<sha256>`` with ``.br`` and ``.gz`` beside it, made once; ``current/<publication>.json``
says which of them a publication consists of at the moment, with its past versions. An artefact is never
changed; publishing replaces the manifest, revoking empties it. The public process only reads here.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from model.errors import BadRequest, Unavailable
from services.publishing.durable import durable_move, durable_write, folder_for_making, forget_unfinished
from services.publishing.packing import ENCODINGS, already_small, compressed, pack_file

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
KEPT_VERSIONS = 400
ABOUT_FILE = "about.json"
"""What a publication of a dataset says of itself; panels have none."""
TABLE_FILE = "table.{}"
"""Its rows, by the end of the file's name."""
PREVIEW_FILE = "preview.{}.{}.{}.{}.svg"
"""A picture of its table: kind (``chart``, ``map``), language, theme, and width (``wide``, ``narrow``)."""
PREVIEW_VALUES_FILE = "preview.{}.json"
"""What the pictures show, as tables in a language."""
REGISTERS = "registers"
"""The name the registers are published under."""
REGISTERS_FILE = "registers.json"
"""Their one file."""
BY_REGISTER = "register"
"""Who took a publication back because its release was no longer in force: it may come back by itself."""
OPEN_KEYS = "open-keys"
"""The name the list of keys for higher rates is published under: for the public door alone."""
OPEN_KEYS_FILE = "keys.json"
"""Its one file."""
USE = "use"
"""The name the counts of how often each publication was asked for are published under."""
USE_FILE = "use.{}"
"""Its files: ``json`` the sums of the last days, ``csv`` all days."""
VOICES = "voices"
"""The name citizens' letters are published under."""
VOICES_FILE = "voices.json"
"""Their one file."""


def is_preview(name: str) -> bool:
    """Whether the file ``name`` of a dataset is a picture of its table, or what the pictures show."""
    return name.startswith("preview.")


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
    """One past or present state of a publication: what it consisted of, and from when its data was.

    ``files`` is empty where these are no longer kept.
    """

    version: int
    published_at: datetime
    data_time: datetime | None
    files: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication consists of now; ``files`` is empty while it is revoked.

    ``revoked_by`` is ``BY_REGISTER`` where its release ended, empty where a person took it back here.
    """

    publication: str
    about: dict[str, Any]
    files: dict[str, Artefact]
    version: int
    data_time: datetime | None
    published_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""
    history: tuple[Version, ...] = ()


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
            return self.path(artefact, encoding).read_bytes()
        except OSError as error:
            raise Unavailable(f"artefact {artefact.sha256[:12]} cannot be read: {error.strerror}") from None

    def beginning(self, artefact: Artefact, size: int) -> bytes:
        """The first ``size`` bytes of ``artefact`` as it is. Unavailable if lost."""
        try:
            with self._object(artefact.sha256, "").open("rb") as file:
                return file.read(size)
        except OSError as error:
            raise Unavailable(f"artefact {artefact.sha256[:12]} cannot be read: {error.strerror}") from None

    def path(self, artefact: Artefact, encoding: str = "") -> Path:
        """Where the bytes of ``artefact`` are, in ``encoding``; it may have been lost."""
        return self._object(artefact.sha256, ENCODINGS.get(encoding, ""))

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
        """Keep ``body``, and its compressed twins where they are smaller; storing twice is harmless.

        What has fewer bytes than ``least_packed`` is kept as it is alone: for small files made every minute.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        self._keep(sha256, "", body)
        plain = already_small(media_type) or len(body) < least_packed
        encoded = {} if plain else self._precompress(sha256, body)
        return Artefact(
            sha256=sha256,
            media_type=media_type,
            size=len(body),
            encoded=encoded,
            scripts=scripts,
            styles=styles,
        )

    def making(self) -> AbstractContextManager[Path]:
        """A context: a folder on the store's disk in which files are written that ``put_file`` then takes."""
        return folder_for_making(self.folder)

    def put_file(self, path: Path, media_type: str) -> Artefact:
        """As ``put``, of a file written in ``making``, however large; it is moved into the store."""
        with path.open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
        encoded = {}
        for encoding, suffix in ({} if already_small(media_type) else ENCODINGS).items():
            twin = self._object(sha256, suffix)
            if not _refreshed(twin):
                packed = path.with_name(path.name + suffix)
                pack_file(path, packed, encoding)
                if packed.stat().st_size >= size:
                    continue
                durable_move(packed, twin)
            encoded[encoding] = twin.stat().st_size
        if not _refreshed(self._object(sha256, "")):
            durable_move(path, self._object(sha256, ""))
        return Artefact(sha256=sha256, media_type=media_type, size=size, encoded=encoded)

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
        """Make ``files`` what ``publication`` consists of; False beside it when nothing had changed.

        ``about`` is what the gallery says of it (JSON). A publication a person revoked stays revoked. Of the
        newest ``whole`` versions the files are kept; of older ones, what there is to tell.
        """
        with self._alone():
            known = self.current(publication)
            if known and (_withheld(known) or _same(known, files, about, data_time)):
                return known, False
            number = known.version + 1 if known else 1
            names = {name: artefact.sha256 for name, artefact in files.items()}
            entry = Version(version=number, published_at=now, data_time=data_time, files=names)
            history = _thinned((*(known.history if known else ()), entry), whole)
            manifest = Manifest(
                publication=publication, about=dict(about), files=dict(files), version=number,
                data_time=data_time, published_at=now, history=history,
            )  # fmt: skip
            self._write(manifest)
            return manifest, True

    def revoke(self, publication: str, now: datetime, by: str = "") -> bool:
        """Take ``publication`` back at once; False when it is not published. Its history stays."""
        with self._alone():
            known = self.current(publication)
            if not known or _withheld(known) or (known.revoked_at and by):
                return False
            self._write(msgspec.structs.replace(known, files={}, revoked_at=now, revoked_by=by))
            return True

    def reinstate(self, publication: str) -> bool:
        """Allow a revoked ``publication`` again; the next publishing fills it. False if it was not."""
        with self._alone():
            known = self.current(publication)
            if not known or not known.revoked_at:
                return False
            self._write(msgspec.structs.replace(known, revoked_at=None, revoked_by=""))
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
            forget_unfinished(self.folder, limit)
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
        if not _refreshed(path):
            durable_write(path, body)

    def _precompress(self, sha256: str, body: bytes) -> dict[str, int]:
        sizes = {}
        for encoding, suffix in ENCODINGS.items():
            twin = self._object(sha256, suffix)
            if not _refreshed(twin):
                packed = compressed(body, encoding)
                if len(packed) >= len(body):
                    continue
                durable_write(twin, packed)
            sizes[encoding] = twin.stat().st_size
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


def _refreshed(path: Path) -> bool:
    """Whether ``path`` is there; it is young again then, so that no pruning takes it before it is named."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _withheld(known: Manifest) -> bool:
    """Whether a person took it back here: no release brings that back, only ``reinstate``."""
    return known.revoked_at is not None and known.revoked_by != BY_REGISTER


def _thinned(history: tuple[Version, ...], whole: int) -> tuple[Version, ...]:
    """The newest versions; of those before the last ``whole`` ones without their files."""
    told = (msgspec.structs.replace(version, files={}) for version in history[-KEPT_VERSIONS:-whole])
    return (*told, *history[-whole:])


def _same(
    known: Manifest, files: Mapping[str, Artefact], about: Mapping[str, Any], data_time: datetime | None
) -> bool:
    in_utc = data_time.astimezone(UTC) if data_time else None
    return (
        not known.revoked_at
        and known.files == dict(files)
        and known.about == dict(about)
        and known.data_time == in_utc
    )
