"""What the database knew of every asset's state at an instant: what a watcher adopts when it begins."""

import zlib
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from geodata.assets import Columns
from model.states import RECORD
from services.alarms.engine.settled import places

# The newest of each that was known by then, found from the newest end of its own key: months cost nothing.
_STATES = """
SELECT a.id, l.status, l.state, extract(epoch FROM l.phenomenon_time)::float8
FROM asset a CROSS JOIN LATERAL (
    SELECT status, state, phenomenon_time FROM state_change s
    WHERE s.asset_id = a.id AND s.received_at <= %s ORDER BY phenomenon_time DESC LIMIT 1
) l WHERE a.removed_at IS NULL
"""
_KEYFRAME = "SELECT asset_ids, records FROM state_keyframe WHERE at <= %s ORDER BY at DESC LIMIT 1"

States = npt.NDArray[np.uint8]


def known_states(
    connection: psycopg.Connection[Any], columns: Columns, at: datetime
) -> tuple[States, States, npt.NDArray[np.float64]]:
    """Status, state u1 (n) and since when, f8 (n) epoch s, as known at ``at`` (aware); 0 since: not known."""
    status, state, since = np.zeros(len(columns), "u1"), np.zeros(len(columns), "u1"), np.zeros(len(columns))
    frame = connection.execute(_KEYFRAME, (at,)).fetchone()
    if frame is not None:
        ids = np.frombuffer(zlib.decompress(frame[0]), "<u4").astype("i8")
        records = np.frombuffer(zlib.decompress(frame[1]), RECORD)
        index = places(columns, ids)
        there = index >= 0
        status[index[there]], state[index[there]] = records["status"][there], records["state"][there]
    rows = connection.execute(_STATES, (at,)).fetchall()
    if rows:
        table = np.array(rows, "f8")
        index = places(columns, table[:, 0].astype("i8"))
        table, index = table[index >= 0], index[index >= 0]
        status[index], state[index], since[index] = table[:, 1], table[:, 2], table[:, 3]
    return status, state, since
