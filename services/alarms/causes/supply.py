"""A power cut nobody told: alarms of several domains that look like one lost supply."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.alarm_rules import LostSupply, Rule
from model.domains import DOMAIN_OF, DOMAINS, TYPE_ORDER
from services.alarms.causes.clusters import clusters
from services.alarms.causes.ledger import Ledger
from services.alarms.causes.rows import KEPT_S, Flags, Inferred, Places
from services.alarms.causes.together import classes
from services.alarms.causes.topology import Topology

REMAINDER = 4
"""Once this many times as much is back as still lasts, the supply is, and what lasts stands by itself."""
_DOMAIN = np.array([[d.name for d in DOMAINS].index(DOMAIN_OF[kind].name) for kind in TYPE_ORDER], "i8")


@dataclass(frozen=True)
class _Case:
    """What judging one city's lost supplies needs. ``weight`` i8 by place in the rules."""

    topology: Topology
    rules: Sequence[Rule]
    place: int
    condition: LostSupply
    ledger: Ledger
    weight: Places


def infer_supply(
    topology: Topology, rules: Sequence[Rule], place: int, condition: LostSupply, ledger: Ledger
) -> None:
    """Put what looks like one lost supply under the inferred alarm of its place, or infer one."""
    weight = np.zeros(len(rules), "i8")
    weight[classes(rules, condition.likely)] = 1
    weight[classes(rules, condition.sure)] = 2
    case = _Case(topology, rules, place, condition, ledger, weight)
    free = ledger.free(np.flatnonzero(weight))
    standing = list(ledger.standing(place).values())
    taken = set(ledger.standing(place))
    for some in _clusters(case, free, standing):
        homes = _homes(case, some, standing)
        if homes:
            _gather(case, some, homes)
        elif _is_cut(case, some):
            _raise(case, some, taken)
    for row in standing:
        _keep_or_end(case, row)


def _clusters(case: _Case, free: Places, standing: list[int]) -> list[Places]:
    """The rows of each cluster; those that are a lost supply by themselves draw in what lies farther off."""
    rows, bounds = case.ledger.rows[free], (case.condition.within_s, case.condition.near_m)
    label = clusters(case.topology, rows, *bounds)
    certain = np.zeros(len(free), bool)
    for some in _split(label):
        certain[some] = bool(_homes(case, free[some], standing)) or _is_cut(case, free[some])
    if certain.any():
        label = clusters(case.topology, rows, *bounds, certain)
    return [free[some] for some in _split(label)]


def _split(label: Places) -> list[Places]:
    """The places of each label."""
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(label) else []


def _homes(case: _Case, some: Places, standing: list[int]) -> list[int]:
    """The inferred alarms that hold any of a cluster, the oldest first."""
    rows = case.ledger.rows
    causes = set(rows["cause"][some].tolist())
    return [row for row in standing if int(rows["id"][row]) in causes]


def _is_cut(case: _Case, some: Places) -> bool:
    """Whether a cluster is a lost supply that is news."""
    return len(some) > 1 and _is_news(case, some) and _at_once(case, some)


def _gather(case: _Case, some: Places, homes: list[int]) -> None:
    """Put one cluster under the inferred alarm that began first; it explains one that is left empty."""
    ledger, rows = case.ledger, case.ledger.rows
    home = homes[0]
    mine = rows["cause"][some] == rows["id"][home]
    near = _may_join(case, some, home)
    ledger.link(some[mine | near], home)
    for other in homes[1:]:
        stays = some[(rows["cause"][some] == rows["id"][other]) & ~(mine | near)]
        ledger.link(stays, other)
        if not len(stays) and not rows["by_hand"][other]:
            ledger.link(np.array([other]), home)


def _may_join(case: _Case, some: Places, home: int) -> Flags:
    """Which of a cluster may still come under an inferred alarm: what is news, while the supply is lost.

    Once as much is back as still lasts, what its own cause lets go of stays down by itself.
    """
    rows, ledger = case.ledger.rows, case.ledger
    lasting = int(((rows["cause"] == rows["id"][home]) & rows["active"]).sum())
    early = rows["raised"][some] >= rows["raised"][home] - case.condition.within_s
    return np.asarray(early & _is_new(ledger, some) & (len(ledger.back(home)) <= lasting))


def _is_new(ledger: Ledger, some: Places) -> Flags:
    """Which came to be known just now."""
    known = np.fmax(ledger.rows["noticed"][some], ledger.rows["raised"][some])
    return np.asarray(known > ledger.now - KEPT_S)


def _raise(case: _Case, some: Places, taken: set[int]) -> None:
    """Infer a lost supply over ``some``, on the asset that tells most of it."""
    rows, topology = case.ledger.rows[some], case.topology
    index = rows["index"]
    urgent = np.array([rule.priority for rule in case.rules])[rows["rule"]]
    telling = (index, rows["raised"], -topology.children[index], urgent, -case.weight[rows["rule"]])
    anchors = [int(index[at]) for at in np.lexsort(telling) if int(index[at]) not in taken]
    if anchors:
        taken.add(anchors[0])
        ids = tuple(sorted(rows["id"].tolist()))
        key, began = case.rules[case.place].key, float(rows["raised"].min())
        case.ledger.infer(Inferred(key, anchors[0], began, ids, case.place), some)


def _is_news(case: _Case, some: Places) -> bool:
    """Whether a cluster came to be known just now, and is not what is left of a cut that is over."""
    ledger = case.ledger
    rows = ledger.rows
    over = (rows["rule"] == case.place) & ~rows["active"]
    apart = np.abs(rows["raised"][over][:, None] - rows["raised"][some][None])
    return bool(_is_new(ledger, some).any() and not (apart <= 2 * case.condition.within_s).any())


def _at_once(case: _Case, some: Places) -> bool:
    """Whether enough of a cluster began at one moment."""
    raised = np.sort(case.ledger.rows["raised"][some])
    end = raised + case.condition.at_once_s
    # Only windows that no later one holds as well are looked at.
    ends = np.searchsorted(raised, end, "right")
    fullest = np.flatnonzero(np.diff(ends, prepend=0) > 0)
    held = case.ledger.rows["raised"][some]
    windows = ((held >= raised[first]) & (held <= end[first]) for first in fullest.tolist())
    return any(_enough(case, some[window], case.condition.points) for window in windows)


def _enough(case: _Case, some: Places, points: int) -> bool:
    """Whether alarms are evidence enough: each equipment with what hangs on it counts once."""
    rows, topology = case.ledger.rows[some], case.topology
    units, which = np.unique(topology.unit(rows["index"]), return_inverse=True)
    weight = np.zeros(len(units), "i8")
    np.maximum.at(weight, which, case.weight[rows["rule"]])
    domains = np.unique(_DOMAIN[topology.types[units]])
    return bool(len(domains) >= case.condition.domains and weight.sum() >= points)


def _keep_or_end(case: _Case, row: int) -> None:
    """Keep an inferred alarm while what it holds is still equipment of several domains, and no remainder of
    what is back already."""
    ledger = case.ledger
    rows = ledger.rows
    alone = (ledger.cause < 0) & rows["active"] & (rows["cause"] == rows["id"][row]) & ~rows["closed"]
    ledger.link(np.flatnonzero(alone & ~rows["by_hand"]), row)
    members = np.flatnonzero((ledger.cause == row) & rows["active"] & ~rows["closed"])
    left_over = REMAINDER * len(members) < len(ledger.back(row))
    enough = len(members) > 0 and not left_over and _enough(case, members, points=2)
    if not len(members) or not (enough or ledger.back_lately(row, case.condition.after_s)):
        ledger.end(row)
