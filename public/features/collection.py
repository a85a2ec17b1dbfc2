"""One version of a collection in memory: columns to ask, and every feature as the bytes it is answered by."""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from model.errors import Unavailable, VigieError
from public.features.about import PLACES, About
from public.features.columns import Column, column_of
from public.features.places import Places, places_of
from public.features.rendering import Rendered, plain_cells, rendered

KEPT_ANSWERS, KEPT_BYTES = 32, 16 << 20
"""Selections of a version that are remembered, so that the next page need not look for them again."""
BETWEEN_KEYS = "~"


class TooLarge(VigieError):
    """A publication that does not fit into the memory the API may take."""


@dataclass(frozen=True)
class Features:
    """A collection as of one version; nothing in it changes but what it remembers of questions."""

    name: str
    version: str
    about: About
    rows: int
    columns: dict[str, Column]
    places: Places | None
    ids: pa.Array
    rendered: Rendered
    found: OrderedDict[Any, npt.NDArray[np.int64]] = field(default_factory=OrderedDict, compare=False)

    @cached_property
    def nbytes(self) -> int:
        """Memory held, about."""
        columns = sum(one.nbytes for one in self.columns.values())
        places = self.places.nbytes if self.places else 0
        return int(columns + places + self.ids.nbytes + self.rendered.nbytes)

    def row(self, identity: str) -> int | None:
        """The row of the feature of that id; None for no such feature."""
        place = int(pc.index(self.ids, pa.scalar(identity, pa.string())).as_py())
        return place if place >= 0 else None

    def remember(self, question: Any, rows: npt.NDArray[np.int64]) -> None:
        """Keep the answer to ``question`` while there are not many newer ones."""
        self.found[question] = rows
        while len(self.found) > KEPT_ANSWERS or sum(one.nbytes for one in self.found.values()) > KEPT_BYTES:
            self.found.popitem(last=False)


def load(name: str, version: str, about: About, body: bytes, room: int) -> Features:
    """The table ``body`` (GeoParquet) as a collection, in at most ``room`` bytes.

    Raises TooLarge before it is read when it is estimated not to fit, Unavailable when it is no such table.
    """
    try:
        file = pq.ParquetFile(BytesIO(body))
        if (expected := _expected(file.metadata, about)) > room:
            raise TooLarge(f"{name} would take about {expected >> 20} MB")
        return _collection(name, version, about, file.read(use_threads=False))
    except (pa.ArrowException, KeyError, ValueError, OSError) as error:
        raise Unavailable(f"the table of {name} cannot be read: {error}") from None


def _expected(metadata: pq.FileMetaData, about: About) -> int:
    """Memory a table will take, about: measured 290 to 420 bytes a row of five to nine columns."""
    return int(metadata.num_rows) * (170 + 35 * len(about.columns))


def _collection(name: str, version: str, about: About, table: pa.Table) -> Features:
    located = next((one.name for one in about.columns if one.shape in PLACES), None)
    places = places_of(table[located]) if located and located in table.column_names else None
    ids = _identities(table, about)
    return Features(
        name=name,
        version=version,
        about=about,
        rows=table.num_rows,
        columns={told.name: column_of(told, table[told.name]) for told in about.fields},
        places=places,
        ids=ids,
        rendered=rendered(table, about, ids, places),
    )


def _identities(table: pa.Table, about: About) -> pa.Array:
    """What tells a feature from others: its key; its number in the table where none is declared."""
    fields = {one.name for one in about.fields}
    key = [name for name in about.key if name in fields] or [name for name in ("id",) if name in fields]
    if not key:
        return plain_cells(pa.array(np.arange(1, table.num_rows + 1)))
    cells = [pc.fill_null(plain_cells(table[name].combine_chunks()), "") for name in key]
    return cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, BETWEEN_KEYS)
