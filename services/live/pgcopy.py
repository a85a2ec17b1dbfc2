"""Rows as PostgreSQL's binary COPY takes them, packed by numpy: no loop over rows."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

EPOCH_2000 = 946_684_800
_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TAIL = b"\xff\xff"


def microseconds(times: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """PostgreSQL's binary timestamp: microseconds since 2000, from seconds since 1970."""
    moved: npt.NDArray[np.int64] = np.round((times - EPOCH_2000) * 1e6).astype("i8")
    return moved


def copy_bytes(columns: Sequence[tuple[str, npt.NDArray[Any]]]) -> bytes:
    """The COPY stream of ``columns``: (numpy type in big-endian, values) each, all of one length.

    ``>i2`` smallint, ``>i4`` integer, ``>i8`` bigint and timestamptz (by ``microseconds``), ``>f8`` float8.
    """
    fields = [("count", ">i2")]
    for place, (kind, _) in enumerate(columns):
        fields += [(f"length{place}", ">i4"), (f"value{place}", kind)]
    rows = np.zeros(len(columns[0][1]), np.dtype(fields))
    rows["count"] = len(columns)
    for place, (kind, values) in enumerate(columns):
        rows[f"length{place}"] = np.dtype(kind).itemsize
        rows[f"value{place}"] = values
    return _HEAD + rows.tobytes() + _TAIL


_INT4 = 23


def array_bytes(rows: Sequence[tuple[float, npt.NDArray[np.int32]]]) -> bytes:
    """The COPY stream of rows of a timestamptz (seconds since 1970) and an integer[]."""
    parts = [_HEAD]
    for time, values in rows:
        items = np.zeros(len(values), np.dtype([("length", ">i4"), ("value", ">i4")]))
        items["length"], items["value"] = 4, values
        body = struct.pack(">5i", 1, 0, _INT4, len(values), 1) + items.tobytes()
        stamp = int(microseconds(np.array([time]))[0])
        parts.append(struct.pack(">hiqi", 2, 8, stamp, len(body)) + body)
    return b"".join([*parts, _TAIL])
