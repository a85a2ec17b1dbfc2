"""Letting a file in: only local bytes of a known format are ever handed to GDAL.

GDAL opens by content and follows network paths, virtual files and pipelines; so the first bytes must be
those of the format the name promises, zip archives are unpacked by us under limits, and its network
reading is switched off (faults.md 6).
"""

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pyogrio

from geodata.importer.batch import Source
from geodata.importer.delimited import DelimitedSource
from geodata.importer.profile import ImportProfile
from geodata.importer.vector import VectorSource
from model.errors import BadFile

MAX_FILES = 1_000
MAX_BYTES = 200_000_000
MAX_RATIO = 100
RATIO_FROM = 100_000
"""Archives that unpack to less than this may be as tight as they like: 10 kB of zeros harm nobody."""

DELIMITED = (".csv", ".tsv", ".txt")
VECTOR = {
    ".shp": ("ESRI Shapefile",),
    ".gpkg": ("GPKG",),
    ".geojson": ("GeoJSON",),
    ".json": ("GeoJSON",),
    ".kml": ("KML", "LIBKML"),
    ".pbf": ("OSM",),
}
FORMATS = "Shapefile (.zip or .shp), GeoPackage, GeoJSON, KML, CSV, OSM PBF"


@contextmanager
def opened(file: Path, profile: ImportProfile) -> Iterator[Source]:
    """The rows of ``file`` as ``profile`` describes it; what was unpacked is deleted at the end.

    BadFile when it is not a local file of a known format, or an archive beyond the limits.
    """
    path = _local(file)
    with tempfile.TemporaryDirectory(prefix="vigie-import-") as scratch:
        if path.suffix.lower() == ".zip":
            path = _unpacked(path, Path(scratch), profile.layer)
        yield _source(path, profile, Path(scratch), file.name)


def _local(file: Path) -> Path:
    path = Path(file).resolve()
    if not path.is_file():
        raise BadFile(f"{file}: no such file on this machine")
    return path


def _source(path: Path, profile: ImportProfile, scratch: Path, shown: str) -> Source:
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        return DelimitedSource(path, profile.encoding, profile.delimiter, shown)
    if suffix not in VECTOR:
        raise BadFile(f"{shown}: the format {suffix or 'without a suffix'!r} is not known; known: {FORMATS}")
    _demand_signature(path, suffix, shown)
    _without_network()
    source = VectorSource(path, profile.layer, profile.encoding, scratch, shown)
    if source.driver not in VECTOR[suffix]:
        raise BadFile(f"{shown}: named {suffix} but is {source.driver}; give it its own name")
    return source


def _without_network() -> None:
    pyogrio.set_gdal_config_options(
        {
            "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
            "GDAL_HTTP_MAX_RETRY": "0",
            "OGR_GEOJSON_MAX_OBJ_SIZE": "50",
        }
    )


def _demand_signature(path: Path, suffix: str, shown: str) -> None:
    with path.open("rb") as stream:
        head = stream.read(65_536)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    right = {
        ".shp": head.startswith(b"\x00\x00\x27\x0a"),
        ".gpkg": head.startswith(b"SQLite format 3\x00"),
        ".pbf": b"OSMHeader" in head[:64],
        ".kml": plain.startswith(b"<") and b"<kml" in plain and b"OGRVRT" not in plain,
        ".geojson": plain.startswith(b"{") and b"gdal_streamed_alg" not in plain,
        ".json": plain.startswith(b"{") and b"gdal_streamed_alg" not in plain,
    }[suffix]
    if not right:
        raise BadFile(f"{shown}: its first bytes are not those of a {suffix} file; export it again")


def _unpacked(path: Path, scratch: Path, layer: str | None) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            _demand_harmless(archive.infolist(), path)
            _extract(archive, scratch, path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise BadFile(f"{path.name}: not a readable zip archive ({error})") from None
    return _only_dataset(scratch, path.name, layer)


def _demand_harmless(members: list[zipfile.ZipInfo], path: Path) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MAX_FILES:
        raise BadFile(f"{path.name}: {len(members)} files, at most {MAX_FILES} are unpacked")
    if total > MAX_BYTES:
        raise BadFile(f"{path.name}: unpacks to {total} bytes, at most {MAX_BYTES}; unpack it yourself")
    if total > RATIO_FROM and total > MAX_RATIO * path.stat().st_size:
        raise BadFile(f"{path.name}: unpacks to more than {MAX_RATIO} times its size, like a zip bomb")
    for member in members:
        if not _harmless(member):
            raise BadFile(f"{path.name}: the name {member.filename!r} leads out of the archive, or is a link")


def _harmless(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    place = PurePosixPath(name)
    outside = place.is_absolute() or ".." in place.parts or ":" in name or "\x00" in name
    return not outside and not stat.S_ISLNK(member.external_attr >> 16)


def _extract(archive: zipfile.ZipFile, scratch: Path, path: Path) -> None:
    """Unpack, counting the bytes that really come out: the sizes an archive states may lie."""
    left = MAX_BYTES
    for member in archive.infolist():
        if member.is_dir():
            continue
        target = scratch / member.filename.replace("\\", "/")
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, target.open("wb") as out:
            while piece := packed.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise BadFile(f"{path.name}: unpacks to more than {MAX_BYTES} bytes")
                out.write(piece)


def _only_dataset(scratch: Path, shown: str, layer: str | None) -> Path:
    found = sorted(p for p in scratch.rglob("*") if p.suffix.lower() in (*VECTOR, *DELIMITED))
    geographic = [p for p in found if p.suffix.lower() not in (".txt", ".json")] or found
    named = [p for p in geographic if layer and p.stem == layer]
    candidates = named or geographic
    if len(candidates) != 1:
        names = ", ".join(p.name for p in candidates) or "none"
        raise BadFile(f'{shown}: one data set is expected, found: {names}; name it by layer = "..."')
    return _small_suffixes(candidates[0])


def _small_suffixes(path: Path) -> Path:
    """Give a Shapefile's parts small suffixes: some are zipped as .SHP with .dbf, which GDAL misses."""
    if path.suffix.lower() != ".shp":
        return path
    for part in list(path.parent.iterdir()):
        if part.stem == path.stem and part.suffix != part.suffix.lower():
            shutil.move(part, part.with_suffix(part.suffix.lower()))
    return path.with_suffix(".shp")
