"""Conditions on states: the asset is in one of some states; it is so when day or night forbid it."""

import numpy as np
import numpy.typing as npt

from model.alarm_rules import Rule, StateIs, Unexpected
from services.alarms.watching.members import Members, codes_of
from services.alarms.watching.rows import NO_STATE, Rows, Times, raw
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
    """The asset is in one of the condition's states while the sky forbids it: lit by day, dark at night.

    Only what may turn is told. At an edge of day and night that is who is in the states; and a change to
    what is allowed ends nothing that did not begin: a city has millions of both in a month.
    """

    def __init__(self, rule: Rule, condition: Unexpected, members: Members, sky: Sky) -> None:
        self._members, self._condition, self._sky = members, condition, sky
        self._is_one = np.zeros(NO_STATE + 1, "?")
        self._is_one[codes_of(rule.asset_type, condition.states)] = True
        self._state = np.full(len(members), NO_STATE, "u1")
        self._changed = np.full(len(members), -np.inf)
        """When each came into its state: what is older says nothing."""
        self._on = np.zeros(len(members), "?")
        """What was last told of each."""
        self._edge = -np.inf
        """The last edge that was judged: what changed before it and is known only now turns nothing."""
        self._seen = -np.inf

    def begin(self, state: npt.NDArray[np.uint8], since: Times, at: float) -> Rows:
        """What holds at ``at`` by the states known: since they are so, or since the sky is."""
        members = self._members.indices
        self._state, self._seen = state[members].copy(), at
        spans = self._spans(at, at)
        inside = spans[(spans[:, 0] <= at) & (at < spans[:, 1])]
        began = float(inside[0, 0]) if len(inside) else at
        on = self._is_one[self._state] & (len(inside) > 0)
        start = np.where(on, np.maximum(since[members], began), since[members])
        self._changed, self._on = start.copy(), on.copy()
        return raw(np.arange(len(members)), start, on, self._state)

    def take(self, changes: Rows, _readings: Rows, until: float) -> Rows:
        """RAW rows: at changes and at edges of day and night, of every member that may turn there."""
        own, member = self._members.own(changes)
        first = min(self._seen, float(own["time"].min())) if len(own) else self._seen
        if not np.isfinite(first):
            first = until
        spans = self._spans(first, until)
        edges = np.unique(spans)
        edges = edges[(edges > self._seen) & (edges <= until)]
        self._seen = max(self._seen, until)
        told = raw(member, own["time"], False, own["state"])
        told = told[told["time"] >= self._changed[member]]
        told = told[np.argsort(told["time"], kind="stable")]
        told["on"] = self._is_one[told["state"]] & _within(spans, told["time"])
        return self._judged(told, edges, spans)

    def _judged(self, told: Rows, edges: Times, spans: Times) -> Rows:
        """Of ``told``, in order of time, and of the members at each of ``edges``, what may turn."""
        found, start, late = [], 0, self._edge
        for edge, end in zip(edges, np.searchsorted(told["time"], edges, "right"), strict=True):
            found += [self._changes(told[start:end], late), self._at_edge(edge, spans)]
            start, self._edge = end, float(edge)
        return np.concatenate([*found, self._changes(told[start:], late)])

    def _changes(self, told: Rows, late: float) -> Rows:
        """Of ``told`` between two edges those of members that were on before them, or are among them."""
        member = told["member"]
        # Assigned in order, so that the last of each member stays.
        self._state[member], self._changed[member] = told["state"], told["time"]
        told = told[told["time"] >= late]
        turning = self._on.copy()
        turning[told["member"][told["on"]]] = True
        kept: Rows = told[turning[told["member"]]]
        self._on[kept["member"]] = kept["on"]
        return kept

    def _at_edge(self, edge: float, spans: Times) -> Rows:
        """Every member that is in the states at ``edge``, or was on until then."""
        inside = self._is_one[self._state]
        member = np.flatnonzero(inside | self._on)
        on = inside[member] & _within(spans, np.array([edge]))
        self._on[member] = on
        return raw(member, edge, on, self._state[member])

    def _spans(self, t0: float, t1: float) -> Times:
        return self._sky.spans(self._condition.when, self._condition.margin_s, t0, t1)


def _within(spans: Times, times: Times) -> npt.NDArray[np.bool_]:
    if not len(spans):
        return np.zeros(len(times), "?")
    at = np.searchsorted(spans[:, 0], times, side="right") - 1
    inside: npt.NDArray[np.bool_] = (at >= 0) & (times < spans[np.maximum(at, 0), 1])
    return inside
