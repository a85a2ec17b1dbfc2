"""On and off delays: a condition is told once it has held, or has not held, for long enough.

An interval in which it holds from a to b is told at a + on_delay, unless b came before; one in which it does
not hold likewise. Told twice the same is told once. What an interval that still lasts will say is kept for
later, so that pieces of a history say what the whole says.
"""

import numpy as np

from services.alarms.watching.rows import NO_STATE, RAW, Indices, Rows, Times, begins, in_order, raw


class Delays:
    """The delays of one rule over ``count`` members. Times are epoch s."""

    def __init__(self, count: int, on_s: float, off_s: float) -> None:
        self._wait = np.array([off_s, on_s])
        self.on = np.zeros(count, "?")
        """Whether the condition holds."""
        self._since = np.full(count, -np.inf)
        self._state = np.full(count, NO_STATE, "u1")
        self._value = np.full(count, np.nan)
        self.told = np.zeros(count, "?")
        """Whether it was told that it does."""
        self._newest = np.full(count, -np.inf)

    def stand(self, members: Indices, began: Times) -> None:
        """It was told of ``members`` alone, since ``began``; of what is not known it holds still."""
        self.told[:] = False
        self.told[members] = True
        unknown = ~np.isfinite(self._newest[members])
        self.on[members[unknown]], self._since[members[unknown]] = True, began[unknown]

    def take(self, rows: Rows, until: float) -> Rows:
        """What is told by ``until`` given RAW ``rows``; RAW rows, ``time`` when it is told. A row older than
        what is known of its member says nothing."""
        fresh = rows[rows["time"] >= self._newest[rows["member"]]]
        np.maximum.at(self._newest, fresh["member"], fresh["time"])
        entries = in_order(np.concatenate([self._carried(fresh, until), fresh]), "member")
        entries = self._turned(entries)
        told = self._told(entries, until)
        self._keep(entries)
        return told

    def _carried(self, fresh: Rows, until: float) -> Rows:
        """The interval each member is in, where something new ends it or its delay passes now."""
        due = self._since + self._wait[self.on.astype("i1")]
        wanted = (self.on != self.told) & (due <= until)
        wanted[fresh["member"]] = True
        # Of what was never known the first that is told is where it begins.
        wanted[fresh["member"][~np.isfinite(self._since[fresh["member"]])]] = False
        members = np.flatnonzero(wanted)
        return raw(
            members, self._since[members], self.on[members], self._state[members], self._value[members]
        )

    def _turned(self, entries: Rows) -> Rows:
        """Entries that change what held before; the first of each member is the interval it was in."""
        first = begins(entries["member"])
        kept = first.copy()
        kept[1:] |= entries["on"][1:] != entries["on"][:-1]
        turned: Rows = entries[kept]
        return turned

    def _told(self, entries: Rows, until: float) -> Rows:
        if not len(entries):
            return np.zeros(0, RAW)
        first = begins(entries["member"])
        end = np.full(len(entries), np.inf)
        end[:-1] = np.where(first[1:], np.inf, entries["time"][1:])
        due = entries["time"] + self._wait[entries["on"].astype("i1")]
        # An end without delay counts even when the next begins at that very moment: a value that changed is
        # not stuck.
        reached = (due < end) | (~entries["on"] & (self._wait[0] == 0) & (due <= end))
        said = entries[reached & (due <= until)]
        said["time"] = due[reached & (due <= until)]
        return self._once(said)

    def _once(self, said: Rows) -> Rows:
        if not len(said):
            return said
        first = begins(said["member"])
        before = np.empty(len(said), "?")
        before[1:] = said["on"][:-1]
        before[first] = self.told[said["member"][first]]
        news: Rows = said[said["on"] != before]
        self.told[said["member"]] = said["on"]
        return news

    def _keep(self, entries: Rows) -> None:
        # Assigned in order, so that the last of each member stays.
        members = entries["member"]
        self.on[members] = entries["on"]
        self._since[members] = entries["time"]
        self._state[members], self._value[members] = entries["state"], entries["value"]
