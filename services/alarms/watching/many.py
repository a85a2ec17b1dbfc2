"""Many at once in one area: so many of a type came to be in some states within a while."""

from collections import deque

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.alarm_rules import Many, Rule
from services.alarms.watching.members import Members, codes_of
from services.alarms.watching.rows import NO_STATE, Indices, Rows, Times, begins, in_order, raw


class InArea:
    """Counted by area (as ``columns.areas``); members are areas. It is over when fewer are in the states."""

    def __init__(self, rule: Rule, condition: Many, columns: Columns) -> None:
        self._assets = Members.of(columns, rule.asset_type)
        self._codes = codes_of(rule.asset_type, condition.states)
        self._least, self._within_s = condition.least, condition.within_s
        self.areas = np.unique(columns.areas[columns.areas > 0])
        self._area = np.searchsorted(self.areas, columns.areas[self._assets.indices])
        self._placed = columns.areas[self._assets.indices] > 0
        self._in = np.zeros(len(self._assets), "?")
        self._entered: list[deque[float]] = [deque() for _ in self.areas]
        self._now = np.zeros(len(self.areas), "i8")
        self._on = np.zeros(len(self.areas), "?")

    def begin(self, state: npt.NDArray[np.uint8], since: Times, _at: float) -> Rows:
        """What holds by the states known and since when they are so."""
        at = self._assets.indices
        self._in = np.isin(state[at], self._codes) & self._placed
        began = np.flatnonzero(self._in)
        for member in began[np.argsort(since[at[began]], kind="stable")].tolist():
            area = int(self._area[member])
            self._now[area] += 1
            self._enter(area, float(since[at[member]]))
        return raw(
            np.arange(len(self.areas)), np.array([q[-1] if q else -np.inf for q in self._entered]), self._on
        )

    def take(self, changes: Rows, _readings: Rows, _until: float) -> Rows:
        """RAW rows by area, one a change that counts."""
        times, members, inside = self._turned(changes)
        told: list[tuple[int, float, bool]] = []
        for time, one, is_in in zip(times.tolist(), members.tolist(), inside.tolist(), strict=True):
            told.append((area := int(self._area[one]), time, self._count(area, time, entered=is_in)))
        self._in[members] = inside
        areas, when, on = zip(*told, strict=True) if told else ((), (), ())
        return raw(np.array(areas, "i8"), np.array(when, "f8"), np.array(on, "?"), NO_STATE)

    def _turned(self, changes: Rows) -> tuple[Times, Indices, npt.NDArray[np.bool_]]:
        """Time, member and whether it came in, of the changes in or out of the states, in order of time: a
        month of a city has millions that are neither."""
        own, member = self._assets.own(changes)
        kept = self._placed[member]
        rows = in_order(
            raw(member[kept], own["time"][kept], np.isin(own["state"][kept], self._codes)), "member"
        )
        before = np.empty(len(rows), "?")
        first = begins(rows["member"])
        before[1:] = rows["on"][:-1]
        before[first] = self._in[rows["member"][first]]
        rows = rows[rows["on"] != before]
        rows = rows[np.lexsort((rows["member"], rows["time"]))]
        return rows["time"], rows["member"], rows["on"]

    def _count(self, area: int, time: float, *, entered: bool) -> bool:
        self._now[area] += 1 if entered else -1
        if entered:
            self._enter(area, time)
        elif self._now[area] < self._least:
            self._on[area] = False
        return bool(self._on[area])

    def _enter(self, area: int, time: float) -> None:
        recent = self._entered[area]
        recent.append(time)
        while recent and recent[0] < time - self._within_s:
            recent.popleft()
        if min(len(recent), int(self._now[area])) >= self._least:
            self._on[area] = True
