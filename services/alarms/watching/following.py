"""One thing after another: a state that follows upon another one, on the asset or on one it hangs with."""

import numpy as np
import numpy.typing as npt
from shapely import STRtree, points

from geodata.assets import Columns
from model.alarm_rules import Following, Rule
from services.alarms.watching.members import Members, codes_of
from services.alarms.watching.rows import NO_STATE, Indices, Rows, Times, begins, in_order, raw

EARTH_M = 6_371_008.8


class OneAfterAnother:
    """``then`` within so long after ``first``; it lasts as long as ``then`` does."""

    def __init__(self, rule: Rule, condition: Following, members: Members, columns: Columns) -> None:
        self._members, self._within_s = members, condition.within_s
        self._firsts = Members.of(columns, condition.first_type)
        self._first = codes_of(condition.first_type, condition.first)
        self._then = codes_of(rule.asset_type, condition.then)
        self._pairs = _pairs(condition, members, self._firsts, columns)
        self._last = np.full(len(members), -np.inf)
        """When the newest first began that each member hangs with."""
        self._first_state = np.full(len(self._firsts), NO_STATE, "u1")
        self._state = np.full(len(members), NO_STATE, "u1")
        self._since = np.full(len(members), -np.inf)

    def begin(self, state: npt.NDArray[np.uint8], since: Times, _at: float) -> Rows:
        """What holds by the states known and since when they are so."""
        self._first_state = state[self._firsts.indices].copy()
        began = np.where(np.isin(self._first_state, self._first), since[self._firsts.indices], -np.inf)
        first, member = self._pairs
        np.maximum.at(self._last, member, began[first])
        at = self._members.indices
        self._state = state[at].copy()
        gap = since[at] - self._last
        on = np.isin(self._state, self._then) & (gap >= 0) & (gap <= self._within_s)
        return raw(np.arange(len(at)), since[at], on, self._state)

    def take(self, changes: Rows, _readings: Rows, _until: float) -> Rows:
        """RAW rows of the changes of members."""
        own, member = self._members.own(changes)
        thens = in_order(raw(member, own["time"], False, own["state"]), "member")
        entered = np.isin(thens["state"], self._then)
        before = self._before(thens, self._state)
        fresh = entered & ~np.isin(before, self._then)
        gap = thens["time"] - self._newest_first(self._begun(changes), thens)
        thens["on"] = fresh & (gap >= 0) & (gap <= self._within_s)
        self._state[thens["member"]] = thens["state"]
        # From one state of the condition to another nothing is decided anew.
        decided: Rows = thens[fresh | ~entered]
        return decided

    @staticmethod
    def _before(rows: Rows, known: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        before = np.empty(len(rows), "u1")
        first = begins(rows["member"])
        before[1:] = rows["state"][:-1]
        before[first] = known[rows["member"][first]]
        return before

    def _begun(self, changes: Rows) -> Rows:
        """The beginnings of the first thing among ``changes``, each told to the members it hangs with."""
        own, first = self._firsts.own(changes)
        rows = in_order(raw(first, own["time"], False, own["state"]), "member")
        before = self._before(rows, self._first_state)
        self._first_state[rows["member"]] = rows["state"]
        began = rows[np.isin(rows["state"], self._first) & ~np.isin(before, self._first)]
        return self._told(began)

    def _told(self, began: Rows) -> Rows:
        order = np.argsort(self._pairs[0], kind="stable")
        of_first, to_member = self._pairs[0][order], self._pairs[1][order]
        low = np.searchsorted(of_first, began["member"])
        counts = np.searchsorted(of_first, began["member"], side="right") - low
        at = np.repeat(low, counts) + _within_each(counts)
        return raw(to_member[at], np.repeat(began["time"], counts), True)

    def _newest_first(self, begun: Rows, thens: Rows) -> Times:
        """When the newest first began at or before each of ``thens`` (by member and time)."""
        asked = raw(thens["member"], thens["time"], False)
        rows = np.concatenate([begun, asked])
        place = np.concatenate([np.full(len(begun), -1), np.arange(len(asked))])
        order = np.lexsort((rows["time"], rows["member"]))
        rows, place = rows[order], place[order]
        times = np.where(rows["on"], rows["time"], -np.inf)
        known = np.maximum(self._last[rows["member"]], _running_most(times, rows["member"]))
        newest = np.full(len(thens), -np.inf)
        newest[place[place >= 0]] = known[place >= 0]
        np.maximum.at(self._last, begun["member"], begun["time"])
        return newest


def _within_each(counts: Indices) -> Indices:
    """0, 1, … for each of ``counts``."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _running_most(times: Times, keys: Indices) -> Times:
    """The greatest of ``times`` so far within each of the sorted ``keys``; in order within a key."""
    at = np.where(np.isfinite(times) | begins(keys), np.arange(len(times)), 0)
    most: Times = times[np.maximum.accumulate(at)] if len(times) else times
    return most


def _pairs(
    condition: Following, members: Members, firsts: Members, columns: Columns
) -> tuple[Indices, Indices]:
    """Which first hangs with which member: their places, one a pair."""
    if condition.relation == "near":
        return _near(condition.near_m, members, firsts, columns)
    if condition.relation == "same":
        at = firsts.place[members.indices]
    elif condition.relation == "parent":
        parents = columns.parents[members.indices]
        at = np.where(parents >= 0, firsts.place[parents], -1)
    else:
        parents = columns.parents[firsts.indices]
        to = np.where(parents >= 0, members.place[parents], -1)
        return np.flatnonzero(to >= 0), to[to >= 0]
    return at[at >= 0], np.flatnonzero(at >= 0)


def _near(near_m: float, members: Members, firsts: Members, columns: Columns) -> tuple[Indices, Indices]:
    # On a plane that touches the city: within some kilometres it is true to a thousandth.
    middle = np.radians(columns.lat.mean()) if len(columns) else 0.0
    x = np.radians(columns.lon) * np.cos(middle) * EARTH_M
    y = np.radians(columns.lat) * EARTH_M
    tree = STRtree(np.asarray(points(x[firsts.indices], y[firsts.indices]), "O"))
    found = tree.query(points(x[members.indices], y[members.indices]), predicate="dwithin", distance=near_m)
    member, first = found
    return first.astype("i8"), member.astype("i8")
