"""Artefacts packed once, when they are made: brotli and gzip, the same bytes every time."""

import gzip
from pathlib import Path
from typing import Any

import brotli

ENCODINGS = {"br": ".br", "gzip": ".gz"}
SMALL = 1_000_000
"""Bytes up to which a file is packed as small as it gets; beyond, that would take minutes for little."""

_PIECE = 1 << 20
_ALREADY_SMALL = (
    "font/", "image/png", "application/zip", "application/vnd.apache.parquet",
    # Read in parts, by its index: a part of a packed file is of no use.
    "application/flatgeobuf",
)  # fmt: skip


def already_small(media_type: str) -> bool:
    """Whether files of ``media_type`` are served as they are."""
    return media_type.startswith(_ALREADY_SMALL)


def compressed(body: bytes, encoding: str) -> bytes:
    """``body`` as ``br`` or ``gzip``, as small as it gets; the same bytes every time."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=11))
    return gzip.compress(body, 9, mtime=0)


def pack_file(source: Path, packed: Path, encoding: str) -> None:
    """Write ``source`` to ``packed`` as ``br`` or ``gzip``, in pieces where it is large."""
    if source.stat().st_size <= SMALL:
        packed.write_bytes(compressed(source.read_bytes(), encoding))
        return
    with source.open("rb") as file, packed.open("wb") as out:
        pack = _brotli(out) if encoding == "br" else _gzip(out)
        while piece := file.read(_PIECE):
            pack(piece)
        pack(b"")


def _brotli(out: Any) -> Any:
    packer = brotli.Compressor(quality=5)
    return lambda piece: out.write(packer.process(piece) if piece else packer.finish())


def _gzip(out: Any) -> Any:
    packer = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0)
    return lambda piece: packer.write(piece) if piece else packer.close()
