"""A feeder that says nothing itself: much of what hangs on it goes dark within minutes."""

from collections.abc import Sequence

import numpy as np

from model.alarm_rules import Rule, Together
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.causes.ledger import Ledger
from services.alarms.causes.rows import Flags, Inferred, Places, Times
from services.alarms.causes.topology import Topology

FEWEST = 3
"""No fewer than this are ever taken for one lost feeder."""


def infer_together(
    topology: Topology, rules: Sequence[Rule], place: int, rule: Rule, condition: Together, ledger: Ledger
) -> None:
    """Put what went dark together under the inferred alarm of its asset; where there is none, infer it."""
    rows = ledger.rows
    free = ledger.free(classes(rules, condition.of))
    holder = topology.holder(rows["index"][free], rule.asset_type)
    free, holder = free[holder >= 0], holder[holder >= 0]
    group = topology.group(rows["index"][free], holder, condition.by)
    needed = _needed(topology, rules, rule, condition, group)
    lost = _in_a_window(group, rows["raised"][free], needed, condition.within_s)
    standing = ledger.standing(place)
    order = np.argsort(holder, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(holder[order])) + 1):
        if len(some):
            seen = (free[some], group[some], needed[some], lost[some])
            _settle(condition, ledger, standing, rule, place, int(holder[some[0]]), seen)
    reached = set(holder.tolist())
    for anchor, inferred in standing.items():
        if anchor not in reached:
            ledger.end(inferred)


def classes(rules: Sequence[Rule], keys: tuple[str, ...]) -> Places:
    """The places in ``rules`` of the classes ``keys``."""
    return np.array([place for place, rule in enumerate(rules) if rule.key in keys], "i8")


def _settle(
    condition: Together,
    ledger: Ledger,
    standing: dict[int, int],
    rule: Rule,
    place: int,
    anchor: int,
    seen: tuple[Places, Places, Places, Flags],
) -> None:
    """Judge what is dark under one asset; ``seen`` are the rows, and their group, what it needs, if lost."""
    free, group, needed, lost = seen
    rows = ledger.rows
    inferred = standing.get(anchor)
    if inferred is None:
        if lost.any():
            ids = tuple(sorted(rows["id"][free[lost]].tolist()))
            began = float(rows["raised"][free[lost]].min())
            ledger.infer(Inferred(rule.key, anchor, began, ids, place), free[lost])
        return
    mine = rows["cause"][free] == rows["id"][inferred]
    on_lost = np.isin(group, group[mine | lost])
    late = on_lost & (rows["raised"][free] >= rows["raised"][inferred] - condition.within_s)
    members = mine | late
    ledger.link(free[members], inferred)
    # What is left of a feeder that came back is no lost feeder any more, once all had time to tell.
    counts = np.array([(group[members] == one).sum() for one in group])
    if not members.any() or (
        not (counts[members] >= needed[members]).any() and not ledger.back_lately(inferred, condition.after_s)
    ):
        ledger.end(inferred)


def _needed(
    topology: Topology, rules: Sequence[Rule], rule: Rule, condition: Together, group: Places
) -> Places:
    """How many alarms each ``group`` of ``topology.group`` needs to be taken for lost."""
    kinds = {rules[place].asset_type for place in classes(rules, condition.of).tolist()}
    codes = [TYPE_ORDER.index(kind) for kind in sorted(kinds) if kind in ASSET_TYPES]
    sizes = topology.group_sizes(rule.asset_type, condition.by, tuple(codes))[group]
    share = np.ceil(condition.share * sizes).astype("i8")
    return np.asarray(np.maximum(FEWEST, np.minimum(condition.least, share)))


def _in_a_window(group: Places, raised: Times, needed: Places, within_s: float) -> Flags:
    """Whether each alarm is one of enough of its group that began within ``within_s`` of one another."""
    if not len(group):
        return np.zeros(0, bool)
    order = np.lexsort((raised, group))
    span = float(np.ptp(raised)) + 2 * within_s + 1
    along = group[order] * span + (raised[order] - raised.min())
    first = np.arange(len(order))
    end = np.searchsorted(along, along + within_s, "right")
    begins = end - first >= needed[order]
    opened = np.bincount(first[begins], minlength=len(order) + 1)
    closed = np.bincount(end[begins], minlength=len(order) + 1)
    inside = np.zeros(len(order), bool)
    inside[order] = np.cumsum(opened - closed)[:-1] > 0
    return inside
