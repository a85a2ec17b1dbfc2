"""The state of the whole city at a past instant, and what changed between two: keyframes and changes.

A keyframe holds every asset's record; ``state_change`` what came between. Nothing later than the asked
instant is ever read, and where nothing was received the past is unknown, not the last known state.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.sql import SQL, Literal
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.errors import BadRequest
from model.series import Density
from model.states import RECORD, Status

SILENCE = timedelta(hours=7)
"""Keyframes are written at least every 6 h while states are recorded; after a longer silence nobody was
recording, and the last known state says nothing about the instant asked for."""

Records = npt.NDArray[np.void]

_CHANGE_ROW = np.dtype(
    [
        ("fields", ">i2"), ("l1", ">i4"), ("asset_id", ">i8"), ("l2", ">i4"), ("time", ">i8"),
        ("l3", ">i4"), ("status", ">i2"), ("l4", ">i4"), ("state", ">i2"),
    ]
)  # fmt: skip
"""A row of PostgreSQL's binary COPY of (bigint, bigint, smallint, smallint): all of one length."""
_COPY_HEAD = 19
_COPY_TAIL = 2


@dataclass(frozen=True, eq=False, slots=True)
class PastState:
    """The city at ``at``: ``asset_ids`` i8 ascending, ``records`` model.states.RECORD, same order.

    A record's ``time`` is the last evidence held of the asset; ``value`` is kept only where nothing has
    changed since the keyframe. ``known`` is the share of these assets whose status is not unknown;
    ``evidence`` the newest thing received before ``at`` (None: nothing ever).
    """

    at: datetime
    asset_ids: npt.NDArray[np.int64]
    records: Records
    known: float
    evidence: datetime | None


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


def state_at(engine: Engine, at: datetime) -> PastState:
    """The newest keyframe not after ``at`` (aware) with every later change up to and including ``at``.

    Raises BadRequest for a naive instant, Unavailable when the database is away.
    """
    if at.tzinfo is None:
        raise BadRequest("an instant needs its time zone")
    with asking(engine) as connection:
        return _state_at(connection, at)


def _state_at(connection: Connection, at: datetime) -> PastState:
    key_at, ids, records = _keyframe(connection, at)
    later = _read_changes(connection, key_at or at - SILENCE, at)
    newest = datetime.fromtimestamp(later.times[-1], UTC) if len(later) else key_at
    ids, records = _with_changes(ids, records, later)
    if newest is None or at - newest > SILENCE:
        records["status"] = Status.UNKNOWN
        records["time"] = 0
    known = float(np.mean(records["status"] != Status.UNKNOWN)) if len(records) else 0.0
    return PastState(at, ids, records, known, newest)


_KEYFRAME = text("SELECT at, asset_ids, records FROM state_keyframe WHERE at <= :at ORDER BY at DESC LIMIT 1")


def _keyframe(connection: Connection, at: datetime) -> tuple[datetime | None, npt.NDArray[np.int64], Records]:
    row = connection.execute(_KEYFRAME, {"at": at}).one_or_none()
    if row is None:
        return None, np.empty(0, "i8"), np.empty(0, RECORD)
    ids = np.frombuffer(zlib.decompress(row[1]), "<u4").astype("i8")
    return row[0], ids, np.frombuffer(zlib.decompress(row[2]), RECORD).copy()


def _with_changes(
    ids: npt.NDArray[np.int64], records: Records, later: Changes
) -> tuple[npt.NDArray[np.int64], Records]:
    """``records`` with ``later`` (in order of time) written over; assets not yet known are added."""
    unseen = np.setdiff1d(later.asset_ids, ids)
    if len(unseen):
        order = np.argsort(np.concatenate([ids, unseen]), kind="stable")
        ids = np.concatenate([ids, unseen])[order]
        records = np.concatenate([records, np.zeros(len(unseen), RECORD)])[order]
    at = np.searchsorted(ids, later.asset_ids)
    records["status"][at] = later.status
    records["state"][at] = later.state
    records["time"][at] = later.times.astype("u4")
    records["value"][at] = np.nan
    return ids, records


def changes(engine: Engine, t0: datetime, t1: datetime) -> Changes:
    """Every state change with t0 < phenomenon_time <= t1, in order of time; times are whole seconds up.

    Raises Unavailable when the database is away.
    """
    with asking(engine) as connection:
        return _read_changes(connection, t0, t1)


_CHANGES = SQL(
    "COPY (SELECT asset_id, (extract(epoch FROM phenomenon_time) * 1000000)::bigint, status, state "
    "FROM state_change WHERE phenomenon_time > {} AND phenomenon_time <= {} "
    "ORDER BY phenomenon_time, asset_id) TO STDOUT (FORMAT binary)"
)


def _read_changes(connection: Connection, t0: datetime, t1: datetime) -> Changes:
    """The changes as columns, through binary COPY: 60,000 rows in about 0.1 s."""
    raw: psycopg.Connection[tuple[object, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    with raw.cursor() as cursor, cursor.copy(_CHANGES.format(Literal(t0), Literal(t1))) as copy:
        packed = b"".join(copy)
    rows = np.frombuffer(packed[_COPY_HEAD : len(packed) - _COPY_TAIL], _CHANGE_ROW)
    return Changes(
        rows["asset_id"].astype("i8"),
        rows["time"].astype("f8") / 1e6,
        rows["status"].astype("u1"),
        rows["state"].astype("u1"),
    )


_DENSITY = text(
    """
    SELECT floor(extract(epoch FROM phenomenon_time) / :step)::bigint AS slot,
           count(*) FILTER (WHERE status = 4), count(*) FILTER (WHERE status = 3),
           count(*) FILTER (WHERE status = 5), count(*) FILTER (WHERE status NOT IN (3, 4, 5))
    FROM state_change
    WHERE phenomenon_time >= :t0 AND phenomenon_time < :t1
    GROUP BY slot
    """
)


def change_density(engine: Engine, t0: datetime, t1: datetime, step_s: int) -> Density:
    """How many changes of each gravity fell in each ``step_s`` seconds of [t0, t1).

    Steps start at multiples of ``step_s`` since 1970, the first holding ``t0``. Raises BadRequest when the
    question makes more than 5,000 steps, Unavailable when the database is away.
    """
    first = int(t0.timestamp()) // step_s
    count = int(np.ceil(t1.timestamp() / step_s)) - first
    if not 0 < count <= 5_000:
        raise BadRequest("a density has between 1 and 5,000 steps")
    table = np.zeros((count, 4), "i8")
    with asking(engine) as connection:
        for slot, *counts in connection.execute(_DENSITY, {"step": step_s, "t0": t0, "t1": t1}):
            table[slot - first] = counts
    times = ((first + np.arange(count)) * step_s).astype("f8")
    return Density(step_s, times, *table.T)


_SINCE = text(
    """
    SELECT asked.asset_id,
           (SELECT min(s.phenomenon_time) FROM state_change s
            WHERE s.asset_id = asked.asset_id AND s.phenomenon_time <= :at
              AND s.phenomenon_time > coalesce(
                  (SELECT max(d.phenomenon_time) FROM state_change d
                   WHERE d.asset_id = asked.asset_id AND d.phenomenon_time <= :at
                     AND d.status <> asked.status), '-infinity'))
    FROM unnest(CAST(:ids AS bigint[]), CAST(:statuses AS smallint[])) AS asked (asset_id, status)
    """
)


def since(
    engine: Engine, at: datetime, asset_ids: Sequence[int], statuses: Sequence[int]
) -> dict[int, datetime]:
    """Since when each asset had, at ``at``, the status given for it; meant for a few dozen assets.

    An asset of which no change is on record is left out: since when is not known.
    """
    bounds = {"at": at, "ids": list(asset_ids), "statuses": list(statuses)}
    with asking(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(_SINCE, bounds) if row[1] is not None}
