"""The datastreams of a layout: made when their first value comes, looked up by place and slot."""

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
    "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


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
            self._read()
            found = self._ids[index, slot]
        return found

    def _read(self) -> None:
        rows = self._connection.execute("SELECT id, asset_id, observed_property FROM datastream").fetchall()
        self._ids[:] = 0
        for stream, asset_id, name in rows:
            index = self.columns.index_of(asset_id)
            known = _NAMES[self.columns.types[index]] if index >= 0 else []
            if name in known:
                self._ids[index, known.index(name)] = stream

    def _make(self, missing: set[tuple[int, int]]) -> None:
        rows = []
        for index, slot in missing:
            kind = ASSET_TYPES[TYPE_ORDER[self.columns.types[index]]]
            observed = kind.properties[slot]
            rows.append((int(self.columns.ids[index]), observed.name, observed.unit, kind.period_s))
        with self._connection.cursor() as cursor:
            cursor.executemany(_MAKE, sorted(rows))
