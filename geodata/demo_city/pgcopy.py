"""PostgreSQL's binary COPY format, made from numpy columns: about ten times faster than rows one by one."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_Y2K = 946_684_800
CHUNK = 200_000

Column = tuple[str, Any]
"""A big-endian dtype and an array or one value for all rows."""


def timestamps(seconds: npt.ArrayLike) -> Column:
    """``timestamptz`` from seconds since 1970."""
    return ">i8", (np.asarray(seconds, "i8") - _Y2K) * 1_000_000


def dates(days: npt.ArrayLike) -> Column:
    """``date`` from days since 1970."""
    return ">i4", np.asarray(days, "i8") - _Y2K // 86_400


def words(text: str) -> Column:
    """``text``, the same for all rows."""
    encoded = text.encode()
    return f"S{len(encoded)}", encoded


def rows(count: int, columns: Iterable[Column]) -> memoryview:
    """``count`` rows of ``columns``, in the order of the COPY statement. No value may be null."""
    listed = list(columns)
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for at, (kind, _) in enumerate(listed):
        fields += [(f"size{at}", ">i4"), (f"value{at}", kind)]
    packed = np.empty(count, np.dtype(fields))
    packed["fields"] = len(listed)
    for at, (kind, values) in enumerate(listed):
        packed[f"size{at}"] = np.dtype(kind).itemsize
        packed[f"value{at}"] = values
    return packed.view("u1").data


def copy_rows(
    connection: psycopg.Connection[Any], table: str, names: Iterable[str], chunks: Iterable[memoryview]
) -> None:
    """COPY ``chunks`` made by ``rows`` into the columns ``names`` of ``table``."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(n) for n in names)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_HEADER)
        for chunk in chunks:
            copy.write(chunk)
        copy.write(_TRAILER)


def pieces(count: int) -> Iterable[slice]:
    """Slices of at most CHUNK rows, in order."""
    return (slice(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK))
