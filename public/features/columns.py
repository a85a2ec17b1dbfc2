"""The properties of a collection as columns that are quick to compare, group and count."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from public.features.about import Told
from public.features.places import Mask


class Kind(StrEnum):
    """What a column is compared with."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    DAY = "day"


_KINDS = {
    "text": Kind.TEXT,
    "code": Kind.TEXT,
    "month": Kind.TEXT,
    "count": Kind.NUMBER,
    "number": Kind.NUMBER,
    "instant": Kind.INSTANT,
    "day": Kind.DAY,
}


def kind_of(told: Told) -> Kind:
    """What a column of the shape of ``told`` is compared with; what is unknown is text."""
    return _KINDS.get(told.shape, Kind.TEXT)


@dataclass(frozen=True)
class Column:
    """One column. ``values`` are numbers, milliseconds since 1970 (instants), days since 1970, or places in
    ``words`` (texts, each different one once); ``known`` says where there is a value at all."""

    told: Told
    kind: Kind
    values: npt.NDArray[Any]
    known: Mask
    words: pa.Array | None = None

    @property
    def nbytes(self) -> int:
        """Memory held, about."""
        words = self.words.nbytes if self.words is not None else 0
        return int(self.values.nbytes + self.known.nbytes + words)

    def spread(self, answers: pa.Array) -> Mask:
        """By row, what ``answers`` says of each different text."""
        told = np.append(np.asarray(pc.fill_null(answers, False)), False)
        return np.asarray(told[self.values], bool)


def column_of(told: Told, array: pa.ChunkedArray) -> Column:
    """``array`` as a column."""
    kind = kind_of(told)
    if kind is Kind.TEXT:
        coded = array.combine_chunks().cast(pa.string()).dictionary_encode()
        codes = np.asarray(pc.fill_null(coded.indices, -1), "i4")
        return Column(told, kind, codes, codes >= 0, coded.dictionary)
    if kind is Kind.NUMBER:
        numbers = np.asarray(array.cast(pa.float64()).to_numpy(), "f8")
        return Column(told, kind, numbers, np.isfinite(numbers))
    known = np.asarray(array.is_valid().combine_chunks(), bool)
    return Column(told, kind, _since_1970(kind, array), known)


def _since_1970(kind: Kind, array: pa.ChunkedArray) -> npt.NDArray[Any]:
    if kind is Kind.DAY:
        days = array.cast(pa.date32()).cast(pa.int32())
        return np.asarray(pc.fill_null(days, 0).combine_chunks(), "i4")
    instants = array.cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(instants, 0).combine_chunks(), "i8")
