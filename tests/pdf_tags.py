"""What a tagged PDF of ours says of itself, read from its objects: title, language, tags and their words."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Tag:
    """One element of the structure: its kind (H1, Table, Figure…) and its words for who hears it."""

    kind: str
    words: str


class Tagged:
    """One PDF. Only what our own writer writes is understood: objects packed in streams of objects."""

    def __init__(self, pdf: bytes) -> None:
        self._objects: dict[int, bytes] = {}
        self._streams = b""
        for head, body in _streams(pdf):
            data = _unpacked(head, body)
            if b"/ObjStm" in head:
                self._objects |= _packed(head, data)
            elif b"/Metadata" in head:
                self._streams += data
        for number, inside in re.findall(rb"(\d+) 0 obj\s(.*?)endobj", pdf, re.S):
            self._objects.setdefault(int(number), inside.split(b"stream", 1)[0])

    @property
    def metadata(self) -> str:
        """The XMP packet."""
        return self._streams.decode(errors="replace")

    @property
    def catalogue(self) -> bytes:
        """The document's catalogue, as written."""
        return next(body for body in self._objects.values() if re.search(rb"/Type\s*/Catalog", body))

    @property
    def language(self) -> str:
        """The language of the document."""
        found = re.search(rb"/Lang\s*(\([^)]*\)|<[0-9a-fA-F]*>)", self.catalogue)
        return _text(found.group(1)) if found else ""

    def tags(self) -> list[Tag]:
        """Every element of the structure, in reading order."""
        root = int(re.search(rb"/StructTreeRoot\s+(\d+)", self.catalogue).group(1))  # type: ignore[union-attr]
        return list(self._under(root))

    def _under(self, number: int) -> Iterator[Tag]:
        body = self._objects[number]
        kind = re.search(rb"/S\s*/(\w+)", body)
        if kind:
            words = re.search(rb"/Alt\s*(\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>)", body)
            yield Tag(kind.group(1).decode(), _text(words.group(1)) if words else "")
        kids = re.search(rb"/K\s*(\[.*?\]|\d+ 0 R)", body, re.S)
        for kid in re.findall(rb"(\d+) 0 R", kids.group(1)) if kids else ():
            if b"/StructElem" in self._objects.get(int(kid), b""):
                yield from self._under(int(kid))


def _streams(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    for found in re.finditer(rb"\d+ 0 obj\s(.*?)stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        yield found.group(1), found.group(2)


def _unpacked(head: bytes, body: bytes) -> bytes:
    return zlib.decompressobj().decompress(body) if b"/FlateDecode" in head else body


def _packed(head: bytes, data: bytes) -> dict[int, bytes]:
    first = int(re.search(rb"/First (\d+)", head).group(1))  # type: ignore[union-attr]
    pairs = [int(part) for part in data[:first].split()]
    starts = [*pairs[1::2], len(data) - first]
    return {number: data[first + starts[at] : first + starts[at + 1]] for at, number in enumerate(pairs[::2])}


def _text(raw: bytes) -> str:
    """A PDF string, in parentheses or in hexadecimal, UTF-16 with a mark or plain."""
    if raw.startswith(b"<"):
        data = bytes.fromhex(raw[1:-1].decode())
    else:
        data = re.sub(rb"\\([\\()])", rb"\1", raw[1:-1])
    return data[2:].decode("utf-16-be") if data.startswith(b"\xfe\xff") else data.decode("latin-1")
