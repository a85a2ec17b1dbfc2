"""Reading state changes of any span: packed hours where there are some, rows where there are none."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.history.past.change_hours import GRAVE, HOUR, SLOTS, joined_changes, runs, start_of, unpack
from services.history.past.change_rows import Changes, read_changes

MOST_BYTES = 24_000_000
"""About two weeks of a city with 35,000 assets."""
_INSTANT = timedelta(microseconds=1)

_CLEAN = text(
    """
    SELECT hour, revision FROM change_hour c WHERE hour >= :first AND hour <= :last
      AND NOT EXISTS (SELECT FROM dirty_change_hour d WHERE d.hour = c.hour)
    ORDER BY hour
    """
)
_PACKED = text("SELECT hour, revision, packed FROM change_hour WHERE hour = ANY(:hours) ORDER BY hour")
_TALLIES = text(
    """
    SELECT array_agg(extract(epoch FROM hour)::float8 ORDER BY hour),
           string_agg(tally, ''::bytea ORDER BY hour)
    FROM change_hour c WHERE hour >= :first AND hour <= :last
      AND NOT EXISTS (SELECT FROM dirty_change_hour d WHERE d.hour = c.hour)
    """
)

Tallies = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""The starts of packed hours (epoch s), and what changed in each: i8 (hours, SLOTS, 4)."""


class Hours(Protocol):
    """State changes of any span, of the whole city or of a scope."""

    @property
    def bytes(self) -> int:
        """What it holds in memory."""

    def between(self, connection: Connection, t0: datetime, t1: datetime) -> Changes:
        """Every change with t0 < phenomenon_time <= t1 (aware), in order of time, then asset."""

    def tallies(self, connection: Connection, first: datetime, last: datetime) -> Tallies:
        """The packed hours from ``first`` to ``last`` that are not dirty, and what changed in each."""


def clean_hours(connection: Connection, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    """The packed hours from ``first`` to ``last`` that are not dirty, with their revisions, in order."""
    rows = connection.execute(_CLEAN, {"first": first, "last": last})
    return [(hour, int(revision)) for hour, revision in rows]


def read_packed(connection: Connection, hours: list[datetime]) -> list[tuple[datetime, int, bytes]]:
    """Hour, revision and packed changes of each of ``hours`` there is."""
    return [tuple(row) for row in connection.execute(_PACKED, {"hours": hours})]


class ChangeShelf:
    """Unpacked hours by hour and revision, in bounded memory; safe for several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[datetime, int], Changes] = OrderedDict()
        self.bytes = 0

    def between(self, connection: Connection, t0: datetime, t1: datetime) -> Changes:
        """Every change with t0 < phenomenon_time <= t1 (aware), in order of time, then asset."""
        if t1 <= t0:
            return read_changes(connection, t0, t1)
        first, last = start_of(t0), start_of(t1)
        packed = self._hours(connection, first, last)
        every = [first + n * HOUR for n in range(int((last - first) / HOUR) + 1)]
        parts = {hour: changes for hour, changes in packed.items()}
        for begin, end in runs(hour for hour in every if hour not in packed):
            low, high = max(t0, begin - _INSTANT), min(t1, end + HOUR - _INSTANT)
            parts[begin] = read_changes(connection, low, high)
        found = joined_changes([parts[hour] for hour in sorted(parts)])
        return found.between(t0.timestamp(), t1.timestamp())

    def tallies(self, connection: Connection, first: datetime, last: datetime) -> Tallies:
        """The packed hours from ``first`` to ``last`` that are not dirty, and what changed in each."""
        hours, tallies = connection.execute(_TALLIES, {"first": first, "last": last}).one()
        counts = np.frombuffer(bytes(tallies or b""), "<u4").astype("i8")
        return np.array(hours or [], "i8"), counts.reshape(-1, SLOTS, len(GRAVE) + 1)

    def _hours(self, connection: Connection, first: datetime, last: datetime) -> dict[datetime, Changes]:
        clean = clean_hours(connection, first, last)
        with self._lock:
            found = {key[0]: self._kept[key] for key in clean if key in self._kept}
            for key in clean:
                if key in self._kept:
                    self._kept.move_to_end(key)
        missing = [hour for hour, _ in clean if hour not in found]
        if missing:
            for hour, revision, packed in read_packed(connection, missing):
                found[hour] = unpack(packed, hour.timestamp())
                self._keep((hour, revision), found[hour])
        return found

    def _keep(self, key: tuple[datetime, int], changes: Changes) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = changes
                self.bytes += changes.nbytes
            while self.bytes > self._most and len(self._kept) > 1:
                self.bytes -= self._kept.popitem(last=False)[1].nbytes
