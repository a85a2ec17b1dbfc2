"""A few tagged OSM nodes as a .osm.pbf file: just enough protocol buffers to write one by hand."""

import struct
from pathlib import Path


def write_nodes(path: Path, nodes: list[tuple[float, float, dict[str, str]]]) -> Path:
    """Write ``nodes`` (lon, lat, tags), numbered from 1."""
    strings = ["", *sorted({word for _, _, tags in nodes for pair in tags.items() for word in pair})]
    table = b"".join(_bytes(1, word.encode()) for word in strings)
    group = b"".join(_bytes(1, _node(number, *node, strings=strings)) for number, node in enumerate(nodes, 1))
    header = _bytes(4, b"OsmSchema-V0.6") + _bytes(4, b"DenseNodes")
    path.write_bytes(_blob(b"OSMHeader", header) + _blob(b"OSMData", _bytes(1, table) + _bytes(2, group)))
    return path


def _node(number: int, lon: float, lat: float, tags: dict[str, str], strings: list[str]) -> bytes:
    keys = b"".join(_varint(strings.index(key)) for key in tags)
    values = b"".join(_varint(strings.index(value)) for value in tags.values())
    place = _number(8, _zigzag(round(lat * 1e7))) + _number(9, _zigzag(round(lon * 1e7)))
    return _number(1, _zigzag(number)) + _bytes(2, keys) + _bytes(3, values) + place


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _bytes(1, content) + _number(2, len(content))
    header = _bytes(1, kind) + _number(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value
