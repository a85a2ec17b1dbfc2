"""Conditions on states: the asset is in one of some states; it is so when day or night forbid it."""

import numpy as np
import numpy.typing as npt

from model.alarm_rules import Rule, StateIs, Unexpected
from services.alarms.watching.members import Members, codes_of
from services.alarms.watching.rows import NO_STATE, Rows, Times, begins, in_order, raw
from services.alarms.watching.sky import Sky


class InState:
    """The asset is in one of the condition's states."""

    def __init__(self, rule: Rule, condition: StateIs, members: Members) -> None:
        self._members = members
        self._codes = codes_of(rule.asset_type, condition.states)

    def begin(self, state: npt.NDArray[np.uint8], since: Times, _at: float) -> Rows:
        """What holds by the states known, since when."""
        at = self._members.indices
        on = np.isin(state[at], self._codes)
        return raw(np.arange(len(at)), since[at], on, state[at])

    def take(self, changes: Rows, _readings: Rows, _until: float) -> Rows:
        """RAW rows of ``changes``."""
        own, member = self._members.own(changes)
        return raw(member, own["time"], np.isin(own["state"], self._codes), own["state"])


class OutOfHours:
    """The asset is in one of the condition's states while the sky forbids it: lit by day, dark at night."""

    def __init__(self, rule: Rule, condition: Unexpected, members: Members, sky: Sky) -> None:
        self._members, self._condition, self._sky = members, condition, sky
        self._codes = codes_of(rule.asset_type, condition.states)
        self._state = np.full(len(members), NO_STATE, "u1")
        self._seen = -np.inf

    def begin(self, state: npt.NDArray[np.uint8], since: Times, at: float) -> Rows:
        """What holds at ``at`` by the states known: since they are so, or since the sky is."""
        members = self._members.indices
        self._state, self._seen = state[members].copy(), at
        spans = self._spans(at, at)
        inside = spans[(spans[:, 0] <= at) & (at < spans[:, 1])]
        began = float(inside[0, 0]) if len(inside) else at
        on = np.isin(self._state, self._codes) & (len(inside) > 0)
        start = np.where(on, np.maximum(since[members], began), since[members])
        return raw(np.arange(len(members)), start, on, self._state)

    def take(self, changes: Rows, _readings: Rows, until: float) -> Rows:
        """RAW rows: at each change, and of every member at each edge of day and night."""
        own, member = self._members.own(changes)
        first = min(self._seen, float(own["time"].min())) if len(own) else self._seen
        if not np.isfinite(first):
            first = until
        spans = self._spans(first, until)
        edges = np.unique(spans)
        edges = (
            edges[(edges > self._seen) & (edges <= until)]
            if np.isfinite(self._seen)
            else edges[edges <= until]
        )
        self._seen = max(self._seen, until)
        if not len(own) and not len(edges):
            return raw(member, own["time"], np.zeros(0, "?"))
        return self._judged(raw(member, own["time"], True, own["state"]), edges, spans)

    def _judged(self, told: Rows, edges: Times, spans: Times) -> Rows:
        """``told`` (its states) with a row a member at each of ``edges``, judged by the sky of its time."""
        every = np.arange(len(self._members))
        known = raw(every, -np.inf, False, self._state)
        asked = raw(np.tile(every, len(edges)), np.repeat(edges, len(every)), False)
        rows = in_order(np.concatenate([known, told, asked]), "member")
        rows["state"] = _filled(rows["state"], ~rows["on"] & np.isfinite(rows["time"]), rows["member"])
        self._state[rows["member"]] = rows["state"]
        dated: Rows = rows[np.isfinite(rows["time"])]
        dated["on"] = np.isin(dated["state"], self._codes) & _within(spans, dated["time"])
        return dated

    def _spans(self, t0: float, t1: float) -> Times:
        return self._sky.spans(self._condition.when, self._condition.margin_s, t0, t1)


def _filled(
    values: npt.NDArray[np.uint8], missing: npt.NDArray[np.bool_], keys: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """``values`` with each ``missing`` one as the one before it of its key; the first of a key never is."""
    at = np.where(missing & ~begins(keys), 0, np.arange(len(values)))
    filled: npt.NDArray[np.uint8] = values[np.maximum.accumulate(at)]
    return filled


def _within(spans: Times, times: Times) -> npt.NDArray[np.bool_]:
    if not len(spans):
        return np.zeros(len(times), "?")
    at = np.searchsorted(spans[:, 0], times, side="right") - 1
    inside: npt.NDArray[np.bool_] = (at >= 0) & (times < spans[np.maximum(at, 0), 1])
    return inside
