"""Making a file: one at a time for each of a few people, whole before its first byte is sent.

A file that breaks off in the middle would be taken for the whole; so it is written to a temporary one,
which has no name and is gone when it is closed.
"""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, cast

from model.errors import BadRequest, Unavailable
from services.takeaway import csv_file, geojson_file, geoparquet_file
from services.takeaway.table import Table

IN_MEMORY = 4_000_000
"""Bytes; beyond, the temporary file goes to disk."""

AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)


class Format(NamedTuple):
    """How a table is written: the end of the file's name, its media type, and the writer."""

    extension: str
    media_type: str
    write: Callable[[Table, BinaryIO], None]


FORMATS = {
    name: Format(module.EXTENSION, module.MEDIA_TYPE, module.write)
    for name, module in (("csv", csv_file), ("geojson", geojson_file), ("geoparquet", geoparquet_file))
}


def format_named(name: str) -> Format:
    """The format called ``name``. BadRequest names those there are."""
    if name not in FORMATS:
        raise BadRequest(f"?format= is one of {', '.join(FORMATS)}")
    return FORMATS[name]


@contextmanager
def a_place() -> Iterator[None]:
    """Room to make one takeaway; Unavailable while ``AT_ONCE`` others are being made."""
    if not _places.acquire(blocking=False):
        raise Unavailable("other files are being made: ask again in a moment")
    try:
        yield
    finally:
        _places.release()


def made(table: Table, chosen: Format) -> BinaryIO:
    """``table`` written in ``chosen``, at its beginning; the caller closes it. Blocks.

    Raises TooMuch, TooLong, or Unavailable (a full disk too): then nothing is left behind.
    """
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - the caller closes it
    try:
        with a_place():
            chosen.write(table, file)
    except OSError as full:
        file.close()
        raise Unavailable(f"there is no room for the file: {full.strerror}") from full
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def pieces(file: BinaryIO, size: int = 256 * 1024) -> Iterator[bytes]:
    """``file`` in pieces, closed at the end whether or not it was read to it."""
    with file:
        while piece := file.read(size):
            yield piece
