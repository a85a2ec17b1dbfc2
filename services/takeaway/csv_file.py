"""A table as CSV that a spreadsheet opens safely and a program reads back exactly.

UTF-8 with a byte order mark; the label as lines that begin with ``#`` before the header; every text quoted;
an instant as two columns, UTC and local with offset; a missing value is an empty cell.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from model.observations import moment
from model.takeaway import facts
from services.takeaway.table import Batch, Column, Table, bounded

EXTENSION = "csv"
MEDIA_TYPE = "text/csv; charset=utf-8"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(text: str) -> str:
    """``text`` for a cell; what a spreadsheet would take for a formula is written after an apostrophe.

    Also the full-width forms of those signs, which spreadsheets of some languages read alike (OWASP, CSV
    injection).
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write(table: Table, out: BinaryIO) -> None:
    """Write ``table`` to ``out``; the label first, so that an empty answer still says what was asked."""
    zone = ZoneInfo(table.label.origin.zone)
    out.write(b"\xef\xbb\xbf")
    for name, text in facts(table.label).items():
        # The name stands alone in the line's first cell, so that the line begins with # whatever follows.
        out.write(f"# {name},{_quoted(safe_cell(text))}\r\n".encode())
    out.write((",".join(_heads(table.columns)) + "\r\n").encode())
    for batch in bounded(table):
        out.write(_lines(table.columns, batch, zone).encode())


def _heads(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        yield from (
            (f"{column.name}_utc", f"{column.name}_local") if column.kind == "instant" else (column.name,)
        )


def instant_heads(name: str) -> tuple[str, str]:
    """The two columns an instant is written as."""
    return f"{name}_utc", f"{name}_local"


def _lines(columns: tuple[Column, ...], batch: Batch, zone: ZoneInfo) -> str:
    cells = [_cells(column, batch, zone) for column in columns]
    rows = zip(*(cell for group in cells for cell in group), strict=True)
    return "".join(",".join(row) + "\r\n" for row in rows)


def _cells(column: Column, batch: Batch, zone: ZoneInfo) -> list[list[str]]:
    values = batch[column.name]
    if column.kind == "instant":
        return [[_instant(v) for v in values], [_instant(v, zone) for v in values]]
    return [[_WRITERS[column.kind](value) for value in values]]


def _instant(seconds: float, zone: ZoneInfo | None = None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return ""
    when = moment(float(seconds))
    return (when.astimezone(zone) if zone else when).isoformat()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(value: Any) -> str:
    return _quoted(safe_cell(str(value))) if value is not None else ""


def _number(value: float) -> str:
    if value is None or not math.isfinite(value):
        return ""
    # The shortest text that reads back as the same number.
    return repr(float(value)).removesuffix(".0")


_WRITERS: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "number": _number,
    "whole": lambda value: "" if value is None else str(int(value)),
    "yes": lambda value: "true" if value else "false",
}
