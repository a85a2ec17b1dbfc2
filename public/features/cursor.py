"""The opaque place in a collection that a ``next`` link carries: which version, and after which row."""

import base64
import binascii
import re
from typing import NamedTuple

from public.features.asked import BadParameter

_WRITTEN = re.compile(r"([0-9a-f]{16})\.(\d{1,10})")


class Cursor(NamedTuple):
    """A version by content, and the first row of the page in it."""

    version: str
    row: int


def written(cursor: Cursor) -> str:
    """``cursor`` as it stands in an address."""
    return base64.urlsafe_b64encode(f"{cursor.version}.{cursor.row}".encode()).rstrip(b"=").decode()


def read(text: str) -> Cursor:
    """The cursor ``text`` is. BadParameter when it is none of ours."""
    try:
        said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        said = ""
    match = _WRITTEN.fullmatch(said)
    if match is None:
        raise BadParameter("cursor", "comes from the next link of a page, as it stands there")
    return Cursor(match[1], int(match[2]))
