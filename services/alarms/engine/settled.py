"""What settled since the last look: every batch once, however late it came, and what it changed.

A batch says when it settled (the beginning of its transaction), so one may appear behind the newest: some
seconds are looked at again, and what was seen is known by its id.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import psycopg

from geodata.assets import Columns
from services.alarms.watching import CHANGES, READINGS
from services.alarms.watching.rows import Rows

BEHIND = timedelta(seconds=20)
"""Longer than a recorder lets a batch take (services/live/recorder.py)."""
MOST = 2_000
"""Batches of one look: after an outage there are many, and each look is one transaction."""

_BATCHES = """
SELECT id, settled_at, received_at FROM settled_batch
WHERE settled_at >= %s AND NOT id = ANY (%s) ORDER BY settled_at LIMIT %s
"""
_CHANGES = """
SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, status, state FROM state_change
WHERE received_at = ANY (%s)
"""
_READINGS = """
SELECT datastream_id, extract(epoch FROM phenomenon_time)::float8, result FROM observation
WHERE received_at = ANY (%s) AND datastream_id = ANY (%s) AND (quality & 7) <> 2
"""
_RECENT = """
SELECT datastream_id, extract(epoch FROM phenomenon_time)::float8, result FROM observation
WHERE phenomenon_time > %s AND phenomenon_time <= %s AND datastream_id = ANY (%s) AND (quality & 7) <> 2
"""
_STREAMS = "SELECT id, asset_id, observed_property FROM datastream WHERE observed_property = ANY (%s)"

Connection = psycopg.Connection[Any]


class Batch(NamedTuple):
    """One settled batch."""

    id: str
    settled_at: datetime
    received_at: datetime | None


class Streams(NamedTuple):
    """The datastreams rules ask for: ``ids`` i8 ascending, the live ``index`` and ``slot`` of each."""

    ids: Any
    index: Any
    slot: Any


class Settled:
    """Reads batch after batch. ``cursor`` is when the newest that was taken settled."""

    def __init__(self, cursor: datetime) -> None:
        self.cursor = cursor
        self._seen: dict[str, datetime] = {}

    def next(self, connection: Connection) -> list[Batch]:
        """Batches not taken yet, oldest first; ``taken`` says that they are."""
        seen = list(self._seen)
        rows = connection.execute(_BATCHES, (self.cursor - BEHIND, seen, MOST)).fetchall()
        return [Batch(*row) for row in rows]

    def taken(self, batches: Sequence[Batch]) -> None:
        """These were taken, and what they caused is durable."""
        self._seen |= {batch.id: batch.settled_at for batch in batches}
        self.cursor = max([self.cursor, *(batch.settled_at for batch in batches)])
        self._seen = {name: at for name, at in self._seen.items() if at >= self.cursor - BEHIND}


def changes_of(connection: Connection, batches: Sequence[Batch], columns: Columns) -> Rows:
    """CHANGES of ``batches``, of assets of the layout."""
    if not batches:
        return np.zeros(0, CHANGES)
    rows = _columns(connection, _CHANGES, ([batch.settled_at for batch in batches],), 4)
    index = places(columns, np.array(rows[0], "i8"))
    changes = np.zeros(len(index), CHANGES)
    changes["index"] = index
    changes["time"], changes["status"], changes["state"] = rows[1], rows[2], rows[3]
    known: Rows = changes[index >= 0]
    return known


def readings_of(connection: Connection, batches: Sequence[Batch], streams: Streams) -> Rows:
    """READINGS of ``batches``, of the datastreams that rules ask for."""
    received = [batch.received_at for batch in batches if batch.received_at is not None]
    if not received or not len(streams.ids):
        return np.zeros(0, READINGS)
    return _readings(_columns(connection, _READINGS, (received, streams.ids.tolist()), 3), streams)


def readings_between(connection: Connection, t0: datetime, t1: datetime, streams: Streams) -> Rows:
    """READINGS of (t0, t1], of the datastreams that rules ask for."""
    if not len(streams.ids):
        return np.zeros(0, READINGS)
    return _readings(_columns(connection, _RECENT, (t0, t1, streams.ids.tolist()), 3), streams)


def _readings(rows: list[Sequence[Any]], streams: Streams) -> Rows:
    at = np.searchsorted(streams.ids, np.array(rows[0], "i8"))
    readings = np.zeros(len(at), READINGS)
    readings["index"], readings["slot"] = streams.index[at], streams.slot[at]
    readings["time"], readings["value"] = rows[1], rows[2]
    return readings


def _columns(connection: Connection, question: str, values: Sequence[Any], width: int) -> list[Sequence[Any]]:
    rows = connection.execute(question, values, binary=True).fetchall()
    return list(zip(*rows, strict=True)) if rows else [()] * width


def places(columns: Columns, ids: Any) -> Any:
    """The live index of each of ``ids`` i8; -1 where the layout has no such asset."""
    if not len(columns):
        return np.full(len(ids), -1)
    at = np.minimum(np.searchsorted(columns.ids, ids), len(columns) - 1)
    return np.where(columns.ids[at] == ids, at, -1)


def read_streams(connection: Connection, columns: Columns, wanted: set[tuple[int, str, int]]) -> Streams:
    """The datastreams of ``wanted``: (code of the asset type, property, slot)."""
    names = sorted({name for _, name, _ in wanted})
    slot_of = {(kind, name): slot for kind, name, slot in wanted}
    found = []
    for stream, asset, name in connection.execute(_STREAMS, (names,)) if names else ():
        index = columns.index_of(asset)
        slot = slot_of.get((int(columns.types[index]), name)) if index >= 0 else None
        if slot is not None:
            found.append((stream, index, slot))
    table = np.array(sorted(found), "i8").reshape(-1, 3)
    return Streams(table[:, 0], table[:, 1], table[:, 2].astype("u1"))
