"""The datastreams of a layout: made when their first value comes, looked up by place and slot."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.live.judge import SLOTS

_NAMES = [[p.name for p in ASSET_TYPES[kind].properties] for kind in TYPE_ORDER]
_MAKE = (
    "INSERT INTO datastream (asset_id, observed_property, unit, period_s) "
    "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING asset_id, observed_property, id"
)


def placed(columns: Columns, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[int, int, Any]]:
    """``rows`` of (asset id, property, anything) by live index and slot; without what the layout has not."""
    for asset_id, name, thing in rows:
        index = columns.index_of(asset_id)
        known = _NAMES[columns.types[index]] if index >= 0 else []
        if name in known:
            yield index, known.index(name), thing


class Streams:
    """The ids of the datastreams of ``columns``, read once and completed as values come."""

    def __init__(self, connection: psycopg.Connection[Any], columns: Columns) -> None:
        self.columns = columns
        self._connection = connection
        self._ids = np.zeros((len(columns), SLOTS), "i4")
        self._read()

    def ids(self, index: npt.NDArray[np.intp], slot: npt.NDArray[np.int8]) -> npt.NDArray[np.int32]:
        """The datastream of each live ``index`` and ``slot``, i4 (n); those that are missing are made."""
        found: npt.NDArray[np.int32] = self._ids[index, slot]
        if (found == 0).any():
            missing = found == 0
            self._make(set(zip(index[missing].tolist(), slot[missing].tolist(), strict=True)))
            found = self._ids[index, slot]
            if (found == 0).any():
                # Somebody else made them meanwhile.
                self._read()
                found = self._ids[index, slot]
        return found

    def _read(self) -> None:
        rows = self._connection.execute("SELECT asset_id, observed_property, id FROM datastream").fetchall()
        self._ids[:] = 0
        for index, slot, stream in placed(self.columns, rows):
            self._ids[index, slot] = stream

    def _make(self, missing: set[tuple[int, int]]) -> None:
        rows = []
        for index, slot in missing:
            kind = ASSET_TYPES[TYPE_ORDER[self.columns.types[index]]]
            observed = kind.properties[slot]
            period_s = observed.period_s or kind.period_s
            rows.append((int(self.columns.ids[index]), observed.name, observed.unit, period_s))
        with self._connection.cursor() as cursor:
            cursor.executemany(_MAKE, sorted(rows), returning=True)
            made = []
            while True:
                made += cursor.fetchall()
                if not cursor.nextset():
                    break
        for index, slot, stream in placed(self.columns, made):
            self._ids[index, slot] = stream
