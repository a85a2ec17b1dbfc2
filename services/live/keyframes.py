"""Keyframes: the whole state at one instant in the database, and the state read back from there.

A keyframe plus the state changes after it is the city at any later moment; live state is rebuilt from the
same two when Redis lost it.
"""

import zlib
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text

from geodata.assets import Columns
from model.states import RECORD
from services.live.memory import Times, blank_records
from services.live.state import Records


class Loaded(NamedTuple):
    """What the database knows: ``records`` RECORD (n), ``since`` u4 when the status last changed (0:
    unknown), ``rows`` f8 the newest stored state change (0: none), seconds since 1970."""

    records: Records
    since: npt.NDArray[np.uint32]
    rows: Times


def write_keyframe(
    engine: Engine, columns: Columns, records: Records, at: datetime, *, heard: bool = True
) -> None:
    """Store ``records`` (RECORD, n) of the assets of ``columns`` as the keyframe of ``at`` (aware).

    ``heard`` says whether the records' times tell who was still heard; they do not while Redis is away.
    """
    packed = {
        "at": at,
        "ids": zlib.compress(columns.ids.astype("<u4").tobytes()),
        "records": zlib.compress(np.asarray(records, RECORD).tobytes()),
        "heard": heard,
    }
    with engine.begin() as connection:
        connection.execute(_WRITE, packed)


_WRITE = text(
    "INSERT INTO state_keyframe (at, asset_ids, records, heard) VALUES (:at, :ids, :records, :heard) "
    "ON CONFLICT (at) DO UPDATE SET asset_ids = excluded.asset_ids, records = excluded.records, "
    "heard = excluded.heard"
)
_INSTANTS = text("SELECT at FROM state_keyframe WHERE at < :before ORDER BY at")
_DELETE = text("DELETE FROM state_keyframe WHERE at = ANY (:instants)")
HOURLY_FOR = timedelta(days=30)
"""How long every hour's keyframe is kept; what is older is thinned."""
SPARSE = timedelta(hours=6)
"""Never longer apart than this by thinning: a longer pause means that nothing was recorded
(services/history/past/standing.py)."""


def thin_keyframes(engine: Engine, now: datetime) -> int:
    """Leave one keyframe in six hours of those older than ``HOURLY_FOR`` at ``now``; how many were let go.

    None goes whose neighbours would then be longer apart than ``SPARSE``: pauses stay as they were.
    """
    with engine.begin() as connection:
        instants = list(connection.scalars(_INSTANTS, {"before": now - HOURLY_FOR}))
        gone = sparse(instants)
        if gone:
            connection.execute(_DELETE, {"instants": gone})
    return len(gone)


def sparse(instants: list[datetime]) -> list[datetime]:
    """Which of ``instants`` (ascending) may go so that those left are at most ``SPARSE`` apart, as before."""
    gone: list[datetime] = []
    kept = instants[0] if instants else None
    for at, following in pairwise(instants[1:]):
        if kept is not None and following - kept <= SPARSE:
            gone.append(at)
        else:
            kept = at
    return gone


_NEWEST = text("SELECT asset_ids, records FROM state_keyframe ORDER BY at DESC LIMIT 1")
_CHANGES = text(
    """
    SELECT a.id, l.status, l.state, extract(epoch FROM l.phenomenon_time)::float8,
           extract(epoch FROM f.began)::float8
    FROM asset a
    CROSS JOIN LATERAL (SELECT status, state, phenomenon_time FROM state_change s
                        WHERE s.asset_id = a.id ORDER BY phenomenon_time DESC LIMIT 1) l
    LEFT JOIN LATERAL (SELECT phenomenon_time AS at FROM state_change s
                       WHERE s.asset_id = a.id AND s.status <> l.status
                       ORDER BY phenomenon_time DESC LIMIT 1) other ON true
    CROSS JOIN LATERAL (SELECT min(phenomenon_time) AS began FROM state_change s
                        WHERE s.asset_id = a.id AND (other.at IS NULL OR phenomenon_time > other.at)) f
    WHERE a.removed_at IS NULL
    """
)


def load_state(engine: Engine, columns: Columns) -> Loaded:
    """The state as the database knows it: the newest keyframe, then each asset's newest state change."""
    with engine.connect() as connection:
        keyframe = connection.execute(_NEWEST).first()
        rows = connection.execute(_CHANGES).all()
    records = blank_records(len(columns))
    if keyframe is not None and len(columns):
        _lay(records, columns, keyframe[0], keyframe[1])
    return _with_changes(columns, records, np.array([tuple(row) for row in rows], _CHANGE_ROW))


_CHANGE_ROW = np.dtype([("id", "i8"), ("status", "u1"), ("state", "u1"), ("time", "f8"), ("began", "f8")])


def places(columns: Columns, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The live index of each of ``ids``; -1 where the layout has no such asset."""
    if not len(columns):
        return np.full(len(ids), -1)
    at = np.minimum(np.searchsorted(columns.ids, ids), len(columns) - 1)
    return np.where(columns.ids[at] == ids, at, -1)


def _lay(records: Records, columns: Columns, packed_ids: bytes, packed_records: bytes) -> None:
    ids = np.frombuffer(zlib.decompress(packed_ids), "<u4").astype("i8")
    stored = np.frombuffer(zlib.decompress(packed_records), RECORD)
    at = places(columns, ids)
    records[at[at >= 0]] = stored[at >= 0]


def _with_changes(columns: Columns, records: Records, changes: npt.NDArray[np.void]) -> Loaded:
    since, rows = np.zeros(len(columns), "u4"), np.zeros(len(columns), "f8")
    at = places(columns, changes["id"])
    at, changes = at[at >= 0], changes[at >= 0]
    records["status"][at] = changes["status"]
    records["state"][at] = changes["state"]
    records["time"][at] = np.maximum(records["time"][at], changes["time"].astype("u4"))
    since[at] = changes["began"].astype("u4")
    rows[at] = changes["time"]
    return Loaded(records, since, rows)


_LATER = text(
    """
    SELECT asset_id, status, state, extract(epoch FROM phenomenon_time)::float8
    FROM state_change WHERE phenomenon_time > :since AND received_at > :since ORDER BY phenomenon_time
    """
)


def changes_after(engine: Engine, since: datetime) -> list[tuple[int, int, int, float]]:
    """State changes of after ``since`` (aware): asset id, status, state code, epoch seconds, in order."""
    with engine.connect() as connection:
        rows = connection.execute(_LATER, {"since": since}).all()
    return [(int(row[0]), int(row[1]), int(row[2]), float(row[3])) for row in rows]
