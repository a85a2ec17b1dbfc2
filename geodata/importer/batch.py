"""Rows on their way in: a few ten thousand at a time, as columns, whatever the format they came from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from geodata.importer.words import clean_all

BATCH = 25_000
"""Rows read, checked and staged at once; memory is bounded by this, not by the file."""


@dataclass
class Batch:
    """Consecutive rows of a file.

    ``rows`` i8 (n): 1-based place in the file, a CSV's header being row 1. ``columns``: arrays (n) of
    str, None, numbers or datetime64 as read. ``wkb``: the geometries where the file has some, else None.
    ``broken``: rows that could not be split into columns, with how many fields they had.
    """

    rows: npt.NDArray[np.int64]
    columns: dict[str, npt.NDArray[Any]]
    wkb: npt.NDArray[np.object_] | None = None
    broken: dict[int, int] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """How many rows."""
        return len(self.rows)

    def text(self, column: str) -> list[str]:
        """The column as clean text, empty where nothing is known (see ``words.clean``)."""
        if column not in self._texts:
            self._texts[column] = clean_all(texts_of(self.columns[column]))
        return self._texts[column]

    def forget(self, column: str) -> None:
        """Read ``column`` anew next time: it was replaced."""
        self._texts.pop(column, None)

    def only(self, keep: npt.NDArray[np.bool_]) -> "Batch":
        """The rows where ``keep`` (n) is True."""
        if keep.all():
            return self
        return Batch(
            self.rows[keep],
            {name: values[keep] for name, values in self.columns.items()},
            None if self.wkb is None else self.wkb[keep],
            self.broken,
        )


class Source(Protocol):
    """An opened file, ready to be read once."""

    crs: str | None
    columns: tuple[str, ...]
    count: int | None
    notes: list[tuple[str, dict[str, str]]]

    def batches(self, columns: frozenset[str], size: int = BATCH) -> Iterator[Batch]:
        """The rows in order, with at least ``columns``; BadFile where the file breaks."""
        ...


def texts_of(values: npt.NDArray[Any]) -> list[str]:
    """A column of any type as text: None, NaN and NaT become empty, 12.0 becomes 12."""
    if values.dtype.kind == "O":
        return [value if type(value) is str else _text_of(value) for value in values.tolist()]
    if values.dtype.kind == "M":
        return ["" if text == "NaT" else text for text in np.datetime_as_string(values).tolist()]
    if values.dtype.kind == "f":
        return [_text_of(value) for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def _text_of(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
