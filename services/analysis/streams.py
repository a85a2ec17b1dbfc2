"""Hourly figures of single assets as a table (assets by hours), from ``rollup_hour``."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, text

from model.analysis import Floats, Ints, Read
from services.analysis.states import instant

_STREAMS = text(
    """
    SELECT d.asset_id, string_agg(int4send((extract(epoch FROM r.bucket)::bigint / 3600)::int)
                                  || float8send(r.sum / r.n) || float8send(r.coverage), ''::bytea)
    FROM datastream d JOIN rollup_hour r ON r.datastream_id = d.id
    WHERE d.asset_id = ANY(:ids) AND d.observed_property = :property
      AND r.bucket >= :t0 AND r.bucket < :t1 AND r.n > 0
    GROUP BY d.asset_id
    """
)
_ROW = np.dtype([("hour", ">i4"), ("mean", ">f8"), ("coverage", ">f8")])


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """``at`` (m) epoch seconds of every hour; ``mean``, ``coverage`` (n, m), NaN and 0 where nothing was."""

    at: Floats
    mean: Floats
    coverage: Floats

    @property
    def read(self) -> Read:
        """What that was read from."""
        there = np.flatnonzero(np.isfinite(self.mean).any(axis=0))
        if not len(there):
            return Read("rollup_hour", None, None, 0.0, 0)
        held = self.coverage.mean()
        n = int(np.isfinite(self.mean).sum())
        return Read(
            "rollup_hour", instant(self.at[there[0]]), instant(self.at[there[-1]] + 3600), float(held), n
        )


def table(connection: Connection, ids: Ints, name: str, t0: datetime, t1: datetime) -> Table:
    """The hourly means of property ``name`` of the assets ``ids`` (ascending) over [t0, t1)."""
    first = int(t0.timestamp()) // 3600
    count = max(0, -(-int(t1.timestamp()) // 3600) - first)
    mean, coverage = np.full((len(ids), count), np.nan), np.zeros((len(ids), count))
    bounds = {"ids": ids.tolist(), "property": name, "t0": t0, "t1": t1}
    for asset_id, packed in connection.execute(_STREAMS, bounds):
        rows = np.frombuffer(packed, _ROW)
        row = np.searchsorted(ids, asset_id)
        mean[row, rows["hour"] - first] = rows["mean"]
        coverage[row, rows["hour"] - first] = rows["coverage"]
    return Table((first + np.arange(count)).astype("f8") * 3600, mean, coverage)
