"""What explaining says, carried out on an array: for whoever looks back or tries out, without a database."""

from collections.abc import Callable, Sequence

import numpy as np

from model.alarm_rules import Rule
from services.alarms.causes.explaining import explain
from services.alarms.causes.rows import Explained, Inferred, Open, blank
from services.alarms.causes.topology import Topology

ROUNDS = 6
"""An inferred cause may be explained by another: so many times at most in one look."""


def settle(
    topology: Topology, rules: Sequence[Rule], rows: Open, now: float, new_id: Callable[[], int]
) -> tuple[Open, frozenset[int]]:
    """``rows`` with every cause set, what is inferred raised and what is over ended, as the engine does it.

    ``new_id`` gives the ids of alarms that are raised. Returns the rows and the ids that wait.
    """
    for _ in range(ROUNDS):
        found = explain(topology, rules, rows, now)
        rows = apply(rows, found, now, new_id)
        if not (found.links or found.inferred or found.ended):
            break
    return rows, found.wait


def apply(rows: Open, found: Explained, now: float, new_id: Callable[[], int]) -> Open:
    """``rows`` after one answer: links, ends, then what is inferred with its members under it."""
    rows = rows.copy()
    for alarm, cause in found.links.items():
        rows["cause"][rows["id"] == alarm] = cause
    ended = np.isin(rows["id"], found.ended)
    rows["active"][ended], rows["returned"][ended] = False, now
    for inferred in found.inferred:
        rows, cause = _raised(rows, inferred, now, new_id)
        rows["cause"][np.isin(rows["id"], inferred.members)] = cause
    # As the table's own trigger does: over and explained, it leaves the list.
    rows["closed"] |= ~rows["active"] & (rows["cause"] > 0)
    return rows


def _raised(rows: Open, inferred: Inferred, now: float, new_id: Callable[[], int]) -> tuple[Open, int]:
    """``rows`` with an inferred alarm, raised again where it is still listed; and its id."""
    again = np.flatnonzero(
        (rows["rule"] == inferred.rule) & (rows["index"] == inferred.anchor) & ~rows["closed"]
    )
    if not len(again):
        rows, again = np.concatenate([rows, blank(1)]), np.array([len(rows)])
        rows["id"][again] = new_id()
        rows["rule"][again], rows["index"][again] = inferred.rule, inferred.anchor
    rows["raised"][again], rows["noticed"][again] = inferred.raised, now
    rows["returned"][again], rows["active"][again] = np.nan, True
    return rows, int(rows["id"][again[0]])
