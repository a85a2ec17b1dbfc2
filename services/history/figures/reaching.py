"""Which datastreams can have come to a figure at all, by what each day held at least and at most."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.history.calendar import local_day

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """A reading ``above`` or ``below``, or two of them ``apart`` or more, in the datastream's unit."""

    above: float = np.inf
    below: float = -np.inf
    apart: float = np.inf


# A datastream of which a day waits to be counted again, or none was counted, may have reached anything.
_SHORT = text(
    """
    WITH asked AS (SELECT unnest(CAST(:streams AS integer[])) AS datastream_id),
    waiting AS (SELECT DISTINCT unnest(streams) AS datastream_id FROM dirty_batch),
    known AS (
        SELECT datastream_id, max(max) AS most, min(min) AS least FROM rollup_day
        WHERE day >= :first AND day <= :last AND datastream_id >= :low AND datastream_id <= :high
        GROUP BY datastream_id
    )
    SELECT datastream_id FROM asked JOIN known USING (datastream_id)
    WHERE NOT (most > :above OR least < :below OR most - least >= :apart)
      AND NOT EXISTS (SELECT FROM waiting w WHERE w.datastream_id = asked.datastream_id)
    """
)


def can_reach(
    connection: Connection, zone: ZoneInfo, streams: Ids, t0: datetime, t1: datetime, reach: Reach
) -> Ids:
    """Those of ``streams`` (i8 ascending) whose readings in [t0, t1) can come to ``reach``; in order.

    By the daily figures, which late and corrected readings mark as waiting in the transaction they are
    written in: who is left out never did, who is not may have.
    """
    if not len(streams):
        return streams
    bounds = {
        "streams": streams.tolist(), "low": int(streams[0]), "high": int(streams[-1]),
        "first": local_day(t0, zone), "last": local_day(t1, zone),
        "above": reach.above, "below": reach.below, "apart": reach.apart,
    }  # fmt: skip
    short = np.array(connection.scalars(_SHORT, bounds).all(), "i8")
    found: Ids = streams[~np.isin(streams, short)]
    return found
