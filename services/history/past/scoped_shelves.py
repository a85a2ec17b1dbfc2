"""The packed past as one scope may see it: keyframes and hours are read once for the whole city and cut here.

A packed hour or keyframe holds every asset, and no row policy reaches into it. What is in the scope the
database itself says (``asset`` under the connection's policies); everything else is left out on unpacking,
before anything is counted. Only tallies are kept for a scope, 96 bytes an hour.
"""

import threading
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from services.history.past.change_hours import GRAVE, SLOTS, Tally, tally, unpack
from services.history.past.change_rows import Changes
from services.history.past.change_shelf import Hours, Tallies, clean_hours, read_packed
from services.history.past.keyframe_shelf import Frames, Keyframe

Ids = npt.NDArray[np.int64]
AT_ONCE = 200
"""Hours unpacked before the next are read: some ten megabytes of a large city."""


class Visible:
    """The assets a scope may see, gone ones too, read anew when the layout changes. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[int, Ids] = (-1, np.empty(0, "i8"))

    def of(self, connection: Connection) -> tuple[int, Ids]:
        """The layout version, and the ids that ``connection`` may see, i8 ascending."""
        version = int(connection.scalar(_VERSION) or 0)
        with self._lock:
            if version != self._known[0]:
                self._known = version, np.array(connection.scalars(_IDS).all(), "i8")
            return self._known


_VERSION = text("SELECT version FROM layout WHERE id = 1")
_IDS = text("SELECT id FROM asset ORDER BY id")


def cut(changes: Changes, ids: Ids) -> Changes:
    """Those of ``changes`` that are of ``ids``."""
    own = np.isin(changes.asset_ids, ids)
    return Changes(changes.asset_ids[own], changes.times[own], changes.status[own], changes.state[own])


class ScopedKeyframes:
    """The keyframes of ``whole`` with the assets of one scope."""

    def __init__(self, whole: Frames, visible: Visible) -> None:
        self._whole = whole
        self._visible = visible
        self.bytes = 0

    def spanning(self, connection: Connection, t0: datetime, t1: datetime) -> list[Keyframe]:
        """As of the whole city, each keyframe cut to the scope."""
        _, ids = self._visible.of(connection)
        # Keyframes of the same assets share their ids, and so do those cut from them.
        masks: dict[int, tuple[npt.NDArray[np.bool_], Ids]] = {}
        found = []
        for frame in self._whole.spanning(connection, t0, t1):
            if id(frame.ids) not in masks:
                own = np.isin(frame.ids, ids)
                masks[id(frame.ids)] = own, frame.ids[own]
            own, kept = masks[id(frame.ids)]
            found.append(Keyframe(frame.at, kept, frame.records[own], frame.heard))
        return found


class ScopedChanges:
    """The state changes of ``whole`` that are of one scope's assets."""

    def __init__(self, whole: Hours, visible: Visible) -> None:
        self._whole = whole
        self._visible = visible
        self._lock = threading.Lock()
        self._version = -1
        self._tallies: dict[datetime, tuple[int, Tally]] = {}

    @property
    def bytes(self) -> int:
        """What it takes in memory."""
        return len(self._tallies) * 24 * 4

    def between(self, connection: Connection, t0: datetime, t1: datetime) -> Changes:
        """Every change of the scope with t0 < phenomenon_time <= t1 (aware), in order of time, then asset."""
        return cut(self._whole.between(connection, t0, t1), self._visible.of(connection)[1])

    def tallies(self, connection: Connection, first: datetime, last: datetime) -> Tallies:
        """The clean packed hours from ``first`` to ``last``, and what changed in the scope in each.

        The tallies the database holds count the whole city: those of a scope are counted anew, once an hour.
        """
        version, ids = self._visible.of(connection)
        clean = clean_hours(connection, first, last)
        with self._lock:
            if version != self._version:
                self._version, self._tallies = version, {}
            kept = self._tallies
        missing = [hour for hour, revision in clean if kept.get(hour, (-1,))[0] != revision]
        for start in range(0, len(missing), AT_ONCE):
            for hour, revision, packed in read_packed(connection, missing[start : start + AT_ONCE]):
                own = cut(unpack(packed, hour.timestamp()), ids)
                kept[hour] = revision, tally(own, hour.timestamp())
        counted = [hour for hour, _ in clean if hour in kept]
        starts = np.array([hour.timestamp() for hour in counted], "i8")
        tallies = np.array([kept[hour][1] for hour in counted], "i8")
        return starts, tallies.reshape(len(counted), SLOTS, len(GRAVE) + 1)
