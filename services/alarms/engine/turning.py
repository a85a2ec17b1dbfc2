"""From what turned to what is written: alarms to raise, to raise again, to end, in doubt. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import Status
from services.alarms.engine.standing import Standing
from services.alarms.engine.writing import Fresh
from services.alarms.rules import RuleInForce
from services.alarms.watching.rows import NO_STATE, Rows

UNTOLD = (Status.COMMS_LOST, Status.UNKNOWN)
"""Statuses in which an asset says nothing of its condition: what was wrong may still be."""

Key = tuple[int, int, int]


@dataclass
class Turned:
    """What one look brings. Keys of ``again``, ``ended`` and the sets are alarm ids; instants epoch s."""

    fresh: list[Fresh] = field(default_factory=list)
    again: dict[int, tuple[float, int]] = field(default_factory=dict)
    ended: dict[int, float] = field(default_factory=dict)
    uncertain: set[int] = field(default_factory=set)
    certain: set[int] = field(default_factory=set)
    short: dict[Key, float] = field(default_factory=dict)
    """Of those in ``fresh`` that are over already: when they ended, by (rule id, asset id, area id)."""


def turned(
    turns: Rows,
    changes: Rows,
    rules: Sequence[RuleInForce],
    columns: Columns,
    standing: Iterable[Standing],
) -> Turned:
    """What ``turns`` (by time) and the states in ``changes`` mean for the alarms that stand."""
    found = Turned()
    open_ = {one.key: one for one in standing if not one.closed and one.place >= 0}
    for key, steps in _by_key(turns, rules).items():
        known = open_.get(key)
        if known is None:
            _begin(found, steps, rules, columns)
        else:
            _go_on(found, known, steps, columns)
    _told_again(found, open_.values(), changes, columns)
    return found


def _by_key(turns: Rows, rules: Sequence[RuleInForce]) -> dict[Key, list[Any]]:
    steps: dict[Key, list[Any]] = {}
    for turn in turns.tolist():
        rule, index, area = turn[0], turn[1], turn[2]
        steps.setdefault((rules[rule].rule_id, index, area if index < 0 else 0), []).append(turn)
    return steps


def _begin(found: Turned, steps: list[Any], rules: Sequence[RuleInForce], columns: Columns) -> None:
    """An alarm that did not stand: raised by the first beginning, over if the last step says so."""
    begins = [step for step in steps if step[4]]
    if not begins:
        return
    first, last = begins[0], begins[-1]
    rule = rules[first[0]]
    asset = int(columns.ids[first[1]]) if first[1] >= 0 else None
    area = int(first[2]) if first[1] < 0 else None
    over = not steps[-1][4]
    # Who comes back from an outage finds what came and went: it was there long enough to be told.
    annunciate = over and steps[-1][3] - last[3] > rule.rule.hold_s and _says(steps[-1], columns)
    found.fresh.append(
        Fresh(
            rule.rule_id, rule.version, asset, area, first[3], None if first[5] == NO_STATE else first[5],
            None if first[6] != first[6] else first[6], len(begins), last[3], annunciate,
        )
    )  # fmt: skip
    if over:
        found.short[rule.rule_id, asset or 0, area or 0] = steps[-1][3]


def _says(step: Any, columns: Columns) -> bool:
    return step[1] < 0 or step[5] == NO_STATE or status_of(columns, step[1], step[5]) not in UNTOLD


def _go_on(found: Turned, known: Standing, steps: list[Any], columns: Columns) -> None:
    """An alarm that stands: its condition came back, ended, or cannot be told any more."""
    active, begins, last = known.active, 0, known.last_raised
    for step in steps:
        if step[4] and not active:
            active, begins, last = True, begins + 1, step[3]
        elif step[4] and known.uncertain:
            found.certain.add(known.id)
        elif not step[4] and active and not _says(step, columns):
            found.uncertain |= set() if known.uncertain else {known.id}
        elif not step[4] and active:
            active = False
    if begins:
        found.again[known.id] = (last, begins)
    if not active and (known.active or begins):
        found.ended[known.id] = steps[-1][3]


def _told_again(found: Turned, standing: Iterable[Standing], changes: Rows, columns: Columns) -> None:
    """Alarms nobody could tell of, whose asset now says that it is well."""
    doubtful = {one.index: one for one in standing if one.uncertain and one.active and one.index >= 0}
    if not doubtful or not len(changes):
        return
    newest = {int(one["index"]): one for one in changes[np.argsort(changes["time"], kind="stable")]}
    for index, known in doubtful.items():
        change = newest.get(index)
        if change is None or change["time"] <= known.last_raised or Status(int(change["status"])) in UNTOLD:
            continue
        if known.id not in found.certain and known.id not in found.again:
            found.ended[known.id] = float(change["time"])


def status_of(columns: Columns, index: int, state: int) -> Status:
    """The status that the state code ``state`` stands for on the asset; UNKNOWN where it declares none."""
    declared = ASSET_TYPES[TYPE_ORDER[columns.types[index]]].by_code.get(state)
    return declared.status if declared else Status.UNKNOWN


def orphans(standing: Iterable[Standing], now: float) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """Open alarms nobody watches any more: of rules that were switched off, and of assets that are gone."""
    off = {one.id: now for one in standing if one.place < 0 and one.active and not one.closed}
    gone = {
        one.id: now
        for one in standing
        if one.place >= 0 and one.asset_id is not None and one.index < 0 and one.active and not one.closed
    }
    return off, gone
