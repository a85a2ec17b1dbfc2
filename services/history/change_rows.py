"""State changes as columns."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.history.packed import columns_of_rows


@dataclass(frozen=True, eq=False, slots=True)
class Changes:
    """State changes in order of time: ``asset_ids`` i8, ``times`` f8 epoch s, ``status`` and ``state`` u1."""

    asset_ids: npt.NDArray[np.int64]
    times: npt.NDArray[np.float64]
    status: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """How many changes."""
        return len(self.times)

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return self.asset_ids.nbytes + self.times.nbytes + self.status.nbytes + self.state.nbytes

    def between(self, t0: float, t1: float) -> "Changes":
        """Those with t0 < time <= t1, epoch s."""
        first, last = np.searchsorted(self.times, (t0, t1), "right")
        cut = slice(first, last)
        return Changes(self.asset_ids[cut], self.times[cut], self.status[cut], self.state[cut])


_CHANGES = """
SELECT asset_id, extract(epoch FROM phenomenon_time)::float8 AS time, status, state FROM state_change
WHERE phenomenon_time > :t0 AND phenomenon_time <= :t1 ORDER BY phenomenon_time, asset_id
"""


def read_changes(connection: Connection, t0: datetime, t1: datetime) -> Changes:
    """Every change with t0 < phenomenon_time <= t1 (aware), in order of time, then asset."""
    found = columns_of_rows(
        connection, _CHANGES, {"t0": t0, "t1": t1},
        asset_id="bigint", time="float8", status="smallint", state="smallint",
    )  # fmt: skip
    return Changes(
        found["asset_id"].astype("i8"),
        found["time"].astype("f8"),
        found["status"].astype("u1"),
        found["state"].astype("u1"),
    )


def no_changes() -> Changes:
    """Nothing changed."""
    return Changes(np.empty(0, "i8"), np.empty(0, "f8"), np.empty(0, "u1"), np.empty(0, "u1"))


# The predicate and the range are those of the index state_change_late; written otherwise it is not used.
_LATE = text(
    """
    SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, extract(epoch FROM received_at)::float8
    FROM state_change
    WHERE received_at - phenomenon_time > interval '5 minutes' AND phenomenon_time <= :t1
      AND tstzrange(phenomenon_time, greatest(phenomenon_time, received_at)) && tstzrange(:t0, :t1, '[]')
    """
)
LATE_S = 300.0
"""A change received this long after it happened is in the index of late ones."""


def late_between(connection: Connection, t0: datetime, t1: datetime) -> npt.NDArray[np.float64]:
    """Changes that were known only more than five minutes after they happened, and that some instant of
    [t0, t1] lies between: rows of (asset id, phenomenon_time, received_at), f8 (n, 3), epoch s."""
    rows = connection.execute(_LATE, {"t0": t0, "t1": t1}).all()
    return np.array([tuple(row) for row in rows], "f8").reshape(-1, 3)


_NEWEST = text(
    """
    SELECT asked.asset_id, (extract(epoch FROM s.phenomenon_time) * 1000000)::bigint, s.status, s.state
    FROM unnest(CAST(:ids AS bigint[])) AS asked (asset_id)
    CROSS JOIN LATERAL (SELECT phenomenon_time, status, state FROM state_change
                        WHERE asset_id = asked.asset_id AND phenomenon_time <= :at
                        ORDER BY phenomenon_time DESC LIMIT 1) s
    ORDER BY 2, 1
    """
)


def newest_changes(connection: Connection, asset_ids: npt.NDArray[np.int64], at: datetime) -> Changes:
    """The newest change not after ``at`` of each of ``asset_ids``; those without any are left out."""
    if not len(asset_ids):
        return no_changes()
    rows = connection.execute(_NEWEST, {"ids": asset_ids.tolist(), "at": at}).all()
    table = np.array([tuple(row) for row in rows], "i8").reshape(-1, 4)
    return Changes(table[:, 0], table[:, 1] / 1e6, table[:, 2].astype("u1"), table[:, 3].astype("u1"))
