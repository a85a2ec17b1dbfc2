"""What a file of data holds, before it has a format: a label, columns, and rows in batches.

Rows come in batches so that neither the asking nor the writing ever holds a whole file in memory.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from model.errors import BadRequest, Unavailable
from model.takeaway import Label

Kind = Literal["text", "number", "whole", "instant", "yes"]
Batch = Mapping[str, Any]
"""Column name to a sequence of values (list or array), all of one length; ``GEOMETRY`` to WKB bytes or None.
A missing number is NaN."""

GEOMETRY = "geometry"
ROWS = 5_000
"""Rows in a batch."""

MOST_ROWS = 200_000
"""More is no table a person opens: about 60 MB of GeoJSON."""

DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, what its values are, and their unit where all share one.

    ``instant`` values are epoch seconds (UTC); formats write them with their zone.
    """

    name: str
    kind: Kind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One takeaway as rows. ``columns`` without the geometry, which every batch carries beside them."""

    label: Label
    columns: tuple[Column, ...]
    batches: Iterable[Batch]


class TooMuch(BadRequest):
    """More rows than a takeaway holds: ask for a shorter period, one area or one domain."""


class TooLong(Unavailable):
    """The answer was not ready within the deadline."""


def bounded(table: Table, rows: int = MOST_ROWS, deadline_s: float = DEADLINE_S) -> Iterator[Batch]:
    """The batches of ``table``; TooMuch after ``rows`` rows, TooLong after ``deadline_s`` seconds.

    The clock runs from the first batch asked for, and is looked at between batches; each question to the
    database within one has a deadline of its own.
    """
    begun, count = time.monotonic(), 0
    for batch in table.batches:
        count += len(batch[GEOMETRY])
        if count > rows:
            raise TooMuch(f"more than {rows} rows: ask for a shorter period, one area or one domain")
        if time.monotonic() - begun > deadline_s:
            raise TooLong(f"not ready within {deadline_s:g} s: ask for a shorter period, or for one area")
        yield batch
