"""The state changes a rule has to be shown of the past: those at which what it looks for may begin or end.

A month of a large city has millions of changes, and most say nothing to a rule: of other kinds of equipment,
or from one state to another that mean the same to it (a lamp dimmed at night is lit before and after). They
are left out before anything is sorted, and the evaluator says of the rest what it would have said of all.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.alarm_rules import Following, Many, Rule, StateIs, Unexpected
from model.domains import TYPE_ORDER
from services.alarms.watching import CHANGES, READINGS
from services.alarms.watching.members import codes_of
from services.alarms.watching.rows import Indices, Rows, begins, ends
from services.history import Changes, History

Taken = tuple[Rows, Rows, int]
"""CHANGES, READINGS, and how many rows were looked at for them."""
_UNREAD = np.zeros(0, READINGS)
CODES = 256
_FIRST = 2
"""What the first of two things means, beside 1 for the state the rule is about."""
_MOST_ID = 4_000_000
"""Up to this id a table finds the place of an asset, which is ten times faster than a search."""


class PastChanges:
    """What ``rule`` needs of the changes of ``columns``, read stretch after stretch in order of time.

    Raises KeyError or ValueError for a state or type there is none of.
    """

    def __init__(self, history: History, columns: Columns, rule: Rule) -> None:
        self._history = history
        self._ids, self._types = columns.ids, columns.types.astype("i8")
        self._meaning = _meanings(rule)
        # One more, for what is in no layout.
        self._looked_at = np.zeros(len(columns) + 1, "?")
        self._looked_at[:-1] = np.any(self._meaning, axis=1)[self._types]
        self._means = np.zeros(len(columns), "u1")
        self._short = len(columns) <= 1 << 16
        self._table: Indices | None = None
        if len(columns) and columns.ids[-1] < _MOST_ID:
            self._table = np.full(int(columns.ids[-1]) + 2, -1, "i8")
            self._table[columns.ids] = np.arange(len(columns))

    def stand(self, state: npt.NDArray[np.uint8]) -> None:
        """What each asset is in, u1 (n), before the first change that is read."""
        self._means = self._meaning[self._types, state]

    def fetch(self, t0: datetime, t1: datetime) -> Changes:
        """What changed in (t0, t1]; from several threads. Raises Unavailable."""
        return self._history.changes(t0, t1)

    def take(self, found: Changes) -> Taken:
        """The CHANGES of the next stretch at which an asset comes to mean something else to the rule, in
        order of time; and how many were looked at."""
        index = self._places(found.asset_ids)
        known = index >= 0
        at = np.flatnonzero(self._looked_at[index])
        at = at[self._turns(index[at], found.state[at])]
        return _rows(found, index, at), _UNREAD, int(np.count_nonzero(known))

    def _places(self, asset_ids: Indices) -> Indices:
        """The live index of each, -1 where there is none."""
        if self._table is not None:
            return self._table[np.minimum(asset_ids, len(self._table) - 1)]
        at = np.minimum(np.searchsorted(self._ids, asset_ids), max(len(self._ids) - 1, 0))
        found: Indices = np.where(self._ids[at] == asset_ids, at, -1) if len(self._ids) else at - 1
        return found

    def _turns(self, index: Indices, state: npt.NDArray[np.uint8]) -> Indices:
        """The places, ascending, where an asset's ``state`` means something else than the one before."""
        # Short keys are sorted by their digits, and stay in order of time.
        order = np.argsort(index.astype("u2") if self._short else index, kind="stable")
        keys, means = index[order], self._meaning[self._types[index[order]], state[order]]
        first = begins(keys)
        before = np.empty(len(keys), "u1")
        before[1:] = means[:-1]
        before[first] = self._means[keys[first]]
        last = ends(keys)
        self._means[keys[last]] = means[last]
        found: Indices = np.sort(order[means != before])
        return found


def _meanings(rule: Rule) -> npt.NDArray[np.uint8]:
    """What each state code of each type means to the rule, u1 (types, CODES); 0: nothing."""
    found = np.zeros((len(TYPE_ORDER), CODES), "u1")
    match rule.condition:
        case StateIs(states=states) | Unexpected(states=states) | Many(states=states):
            found[TYPE_ORDER.index(rule.asset_type), codes_of(rule.asset_type, states)] = 1
        case Following(first_type=first_type, first=first, then=then):
            found[TYPE_ORDER.index(rule.asset_type), codes_of(rule.asset_type, then)] = 1
            found[TYPE_ORDER.index(first_type), codes_of(first_type, first)] |= _FIRST
    return found


def _rows(found: Changes, index: Indices, at: Indices) -> Rows:
    rows = np.zeros(len(at), CHANGES)
    rows["index"], rows["time"] = index[at], found.times[at]
    rows["status"], rows["state"] = found.status[at], found.state[at]
    return rows
