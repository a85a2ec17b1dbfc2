"""Causes that were told: an alarm whose class a rule names as a cause, on the same asset or above it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from model.alarm_rules import INFERRED, Rule
from model.alarm_rules import Explained as Declared
from services.alarms.causes.rows import Flags, Open, Places, Times
from services.alarms.causes.topology import Topology

NONE = -1


@dataclass
class Best:
    """The best cause found so far of each row: its row, or -1, and by what it was preferred."""

    count: int
    row: Places = field(init=False)
    _rank: Times = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is found yet."""
        self.row = np.full(self.count, NONE, "i8")
        self._rank = np.full((self.count, 4), np.inf)

    def offer(self, rows: Places, causes: Places, rank: Times) -> None:
        """Take ``causes`` for ``rows`` where ``rank`` (m, 4) comes before what is there."""
        held = self._rank[rows]
        differs = rank != held
        first = differs.argmax(axis=1)
        at = np.arange(len(rows))
        better = differs.any(axis=1) & (rank[at, first] < held[at, first])
        self.row[rows[better]] = causes[better]
        self._rank[rows[better]] = rank[better]


def told_causes(topology: Topology, rules: Sequence[Rule], rows: Open, now: float) -> Places:
    """The row of the best cause of each row, i8 (n), -1 where there is none.

    What was told comes before what was inferred, then the nearest above, then what began first; the order
    in which alarms arrived does not matter.
    """
    best = Best(len(rows))
    places = {rule.key: place for place, rule in enumerate(rules)}
    standing = {place: _by_asset(topology, rows, place) for place in np.unique(rows["rule"]).tolist()}
    seeking = ~rows["closed"] & ~rows["by_hand"] & (rows["index"] >= 0)
    for place in standing:
        mine = np.flatnonzero(seeking & (rows["rule"] == place))
        for declared in rules[place].explained:
            cause = places.get(declared.by, NONE)
            if cause in standing and len(mine):
                _climb(topology, rules, rows, best, mine, standing[cause], declared, now)
    return best.row


def _by_asset(topology: Topology, rows: Open, place: int) -> Places:
    """The row of the class ``place`` on each asset, -1 where none: the one that lasts, else the newest."""
    mine = np.flatnonzero((rows["rule"] == place) & (rows["index"] >= 0))
    order = mine[np.lexsort((rows["id"][mine], rows["raised"][mine], rows["active"][mine]))]
    found = np.full(len(topology), NONE, "i8")
    found[rows["index"][order]] = order
    return found


def _climb(
    topology: Topology,
    rules: Sequence[Rule],
    rows: Open,
    best: Best,
    mine: Places,
    standing: Places,
    declared: Declared,
    now: float,
) -> None:
    """Look for the class of ``declared`` on the asset of each of ``mine`` and on all that is above it."""
    for steps, up in enumerate(topology.above):
        at = up[rows["index"][mine]]
        causes = np.where(at >= 0, standing[at], NONE)
        found = (causes >= 0) & (causes != mine)
        below, causes = mine[found], causes[found]
        fits = explains(rows, below, causes, declared, now)
        below, causes = below[fits], causes[fits]
        if len(below):
            place = rows["rule"][causes]
            inferred = isinstance(rules[int(place[0])].condition, INFERRED)
            rank = np.column_stack(
                [np.full(len(below), inferred), np.full(len(below), steps), rows["raised"][causes], place]
            )
            best.offer(below, causes, rank.astype("f8"))


def explains(rows: Open, below: Places, causes: Places, declared: Declared, now: float) -> Flags:
    """Whether each of ``causes`` may explain its one of ``below``: it did not begin too long after it, and it
    lasts, or ended too recently for what hangs on it to have told its own return."""
    began = rows["raised"][below]
    early = began >= rows["raised"][causes] - declared.before_s
    over = rows["returned"][causes]
    within = began <= over
    just_now = ~rows["active"][below] | (now <= over + declared.after_s)
    return np.asarray(early & (rows["active"][causes] | (within & just_now)))
