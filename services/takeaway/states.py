"""Which state of its type an asset was in while it was in trouble, read for the few assets that were."""

from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.assets import Columns

_TOLD = text(
    """
    SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, status, state FROM state_change
    WHERE asset_id = ANY (:ids) AND phenomenon_time > :a AND phenomenon_time <= :b
    ORDER BY asset_id, phenomenon_time
    """
)


class States:
    """The states the assets at ``indices`` told of within (a, b], over those they had at A (``records``)."""

    def __init__(
        self,
        engine: Engine,
        columns: Columns,
        records: npt.NDArray[np.void],
        indices: npt.NDArray[np.int64],
        a: datetime,
        b: datetime,
    ) -> None:
        self._before = records["state"]
        self._told: dict[int, list[tuple[float, int, int]]] = {}
        bounds = {"ids": columns.ids[np.unique(indices)].tolist(), "a": a, "b": b}
        with asking(engine) as connection:
            for asset_id, at, status, state in connection.execute(_TOLD, bounds):
                self._told.setdefault(columns.index_of(asset_id), []).append((at, status, state))

    def during(self, index: int, status: int, until: float) -> int:
        """The state of the asset at live ``index`` in the stretch of ``status`` that ended at ``until``."""
        told = [state for at, own, state in self._told.get(index, ()) if at <= until and own == status]
        return told[-1] if told else int(self._before[index])
