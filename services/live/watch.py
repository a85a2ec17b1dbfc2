"""What each datastream last said: the doubts only its past can raise, and how fresh each feed's are.

One row an asset, one column a property of its type, the state in the last column. Pure.
"""

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from model.observations import Doubt
from model.states import Freshness, freshness_of
from services.live.judge import SLOTS, property_table, with_doubt
from services.live.quality import STATE_SLOT, Judged

NOBODY = 255
"""The feed of a datastream that never was heard."""

_RATE = property_table(lambda one: one.rate or np.inf, np.inf)
_STUCK = property_table(lambda one: one.stuck_s or np.inf, np.inf)

Saved = tuple[npt.NDArray[np.intp], dict[str, npt.NDArray[Any]]]


class Watch:
    """The newest of every datastream of ``count`` assets: ``time`` f8 epoch s (0 never), ``value`` f8,
    ``changed`` f8 since when the value is the same, ``feed`` u1 who delivers it; (count, SLOTS + 1)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("time", "value", "changed", "feed")

    def __init__(self, count: int) -> None:
        shape = (count, SLOTS + 1)
        self.time = np.zeros(shape)
        self.value = np.full(shape, np.nan)
        self.changed = np.zeros(shape)
        self.feed = np.full(shape, NOBODY, "u1")

    def doubt(self, judged: Judged, kinds: npt.NDArray[np.uint8]) -> None:
        """Add to the qualities of ``judged`` what its past raises: too fast a change, no change for long.

        ``kinds`` u1 is the type code of each row. A value of 0 may last as long as it likes.
        """
        measured = np.flatnonzero(judged["slot"] != STATE_SLOT)
        if not len(measured):
            return
        some = judged[measured]
        order = measured[np.lexsort((some["time"], some["slot"], some["index"]))]
        row = judged[order]
        kind, slot = kinds[order], row["slot"]
        before_time, before_value, changed = self._before(row)
        gap = row["time"] - before_time
        with np.errstate(over="ignore"):
            # Between two absurd values there may be no finite distance: too fast, then.
            moved = np.abs(row["value"] - before_value)
        known = (before_time > 0) & (gap > 0)
        gap = np.maximum(gap, 1e-3)
        too_fast = known & (moved > _RATE[kind, slot] * gap)
        stuck = known & (moved == 0) & (row["value"] != 0) & (row["time"] - changed > _STUCK[kind, slot])
        quality = with_doubt(row["quality"], too_fast, Doubt.RATE)
        judged["quality"][order] = with_doubt(quality, stuck, Doubt.STUCK)

    def _before(
        self, row: Judged
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """What came before each of ``row`` (sorted by datastream and time): in the batch, else known here."""
        at = (row["index"], row["slot"])
        time, value, changed = self.time[at], self.value[at], self.changed[at]
        if len(row) > 1:
            same = (np.diff(row["index"]) == 0) & (np.diff(row["slot"]) == 0)
            follows = np.flatnonzero(same) + 1
            time[follows], value[follows] = row["time"][follows - 1], row["value"][follows - 1]
        return time, value, changed

    def take(self, judged: Judged, feeds: npt.NDArray[np.uint8]) -> None:
        """Move on with ``judged``, each row delivered by the feed of that number in ``feeds`` (u1)."""
        order = np.argsort(judged["time"], kind="stable")
        row = judged[order]
        at = (row["index"], row["slot"].astype("i8"))
        newer = row["time"] >= self.time[at]
        row, order = row[newer], order[newer]
        at = (row["index"], row["slot"].astype("i8"))
        turned = (row["value"] != self.value[at]) | (self.changed[at] == 0)
        where = tuple(axis[turned] for axis in at)
        self.changed[where] = row["time"][turned]
        self.value[at], self.time[at], self.feed[at] = row["value"], row["time"], feeds[order]

    def save(self, indices: npt.NDArray[np.intp]) -> Saved:
        """The rows of ``indices`` as they are, to be put back."""
        return indices, {name: getattr(self, name)[indices].copy() for name in self.FIELDS}

    def put_back(self, saved: Saved) -> None:
        """Undo: what ``save`` gave."""
        indices, fields = saved
        for name, values in fields.items():
            getattr(self, name)[indices] = values

    def carry(self, before: "Watch", at: npt.NDArray[np.intp], stay: npt.NDArray[np.intp]) -> None:
        """Take over rows ``stay`` of the watch of the layout ``before``, to places ``at`` here."""
        for name in self.FIELDS:
            getattr(self, name)[at] = getattr(before, name)[stay]

    def freshness(
        self, feeds: int, periods: npt.NDArray[np.float64], now: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Datastreams of each of ``feeds`` feeds by freshness, i8 (feeds, 4), and each one's newest time.

        ``periods`` f8 (count, SLOTS + 1) is how often each speaks, s.
        """
        heard = self.feed != NOBODY
        time = self.time[heard].astype("u4")
        fresh, feed = freshness_of(time, periods[heard], now), self.feed[heard]
        counts = np.zeros((feeds, len(Freshness)), "i8")
        np.add.at(counts, (feed, fresh), 1)
        newest = np.zeros(feeds)
        np.maximum.at(newest, feed, self.time[heard])
        return counts, newest
