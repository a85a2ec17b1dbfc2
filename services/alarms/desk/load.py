"""Alarms put before a position over time, by priority: what timelines draw above their line.

Counted in the fixed ten minutes of the city's clock by which a flood is judged (``flood.py``). Where a
timeline's step is longer, each step shows its busiest ten minutes, so that the line at which a flood begins
means the same at every width.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.alarms.desk.flood import BIN, FloodSettings, bin_start, midnight

BIN_S = int(BIN.total_seconds())


@dataclass(frozen=True, eq=False, slots=True)
class AlarmLoad:
    """``times`` where each bar begins (i8 epoch s) and ``step_s`` how long it is; ``counts`` i8 (n, 4) by
    priority from 1, in ten minutes; ``settings`` when that is a flood. Bars without alarms are left out."""

    times: npt.NDArray[np.int64]
    step_s: int
    counts: npt.NDArray[np.int64]
    settings: FloodSettings

    @property
    def threshold(self) -> int:
        """The line of a flood: so many in ten minutes."""
        return self.settings.begins


_COUNT = text(
    """
    SELECT CAST(extract(epoch FROM date_bin('10 minutes', annunciated_at, :origin)) AS bigint) AS bin,
           count(*) FILTER (WHERE priority = 1), count(*) FILTER (WHERE priority = 2),
           count(*) FILTER (WHERE priority = 3), count(*) FILTER (WHERE priority = 4)
    FROM alarm WHERE annunciated_at >= :t0 AND annunciated_at < :t1 GROUP BY 1 ORDER BY 1
    """
)


def read_load(
    connection: Connection, t0: datetime, t1: datetime, step_s: int, zone: ZoneInfo, settings: FloodSettings
) -> AlarmLoad:
    """The load of the position whose scope ``connection`` sees, in whole bins that touch [``t0``, ``t1``).

    Causes only, since nothing else is put before anybody. Steps longer than ten minutes are multiples of
    ``step_s`` since 1970, as the density of changes has them.
    """
    values = {"origin": midnight(t0, zone), "t0": bin_start(t0, zone), "t1": t1}
    rows = np.array([tuple(row) for row in connection.execute(_COUNT, values)], "i8").reshape(-1, 5)
    bins, counts = rows[:, 0], rows[:, 1:]
    if step_s <= BIN_S:
        return AlarmLoad(bins, BIN_S, counts, settings)
    steps = bins // step_s * step_s
    # Of each step the bin with the most, and of equal ones the first.
    order = np.lexsort((bins, -counts.sum(axis=1), steps))
    first = np.ones(len(order), "?")
    first[1:] = steps[order][1:] != steps[order][:-1]
    busiest = order[first]
    return AlarmLoad(steps[busiest], step_s, counts[busiest], settings)
