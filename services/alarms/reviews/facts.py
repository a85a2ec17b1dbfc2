"""What the alarms of the last month say of each rule: how long they lasted, how soon they came back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

SOON_S = 600.0
"""What comes back within ten minutes of being over is the same trouble, told twice."""

_ACTIVATIONS = text(
    """
    SELECT a.rule_id, a.id, coalesce(a.asset_id, 0), coalesce(a.area_id, 0), a.value,
           e.kind = 'returned', extract(epoch FROM e.at)::float8,
           EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id AND g.useless),
           a.confirmed_at IS NOT NULL OR a.assigned_to IS NOT NULL
               OR EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id AND NOT g.useless)
    FROM alarm a JOIN alarm_event e ON e.alarm_id = a.id AND e.kind IN ('raised', 'raised_again', 'returned')
    WHERE a.rule_id = ANY (:rules) AND a.annunciated_at >= :t0 AND a.annunciated_at < :t1
    ORDER BY 1, 3, 4, e.at, e.id
    """
)


@dataclass(slots=True)
class Facts:
    """Of one rule: ``lasted`` seconds of every activation that is over, ``useless`` of those called so, and
    ``acted`` of those somebody acted on; ``gaps`` seconds from over to back within ten minutes on one thing,
    of so many ``activations``; ``values`` with which what came back so soon was raised."""

    activations: int = 0
    lasted: list[float] = field(default_factory=list)
    useless: list[float] = field(default_factory=list)
    acted: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def facts_of(connection: Connection, rules: Iterable[int], t0: datetime, t1: datetime) -> dict[int, Facts]:
    """The facts of ``rules`` (ids) over [t0, t1) (aware), by id; none of a rule that raised nothing."""
    found: dict[int, Facts] = {}
    thing: tuple[int, ...] = ()
    began: float | None = None
    over: float | None = None
    for row in connection.execute(_ACTIVATIONS, {"rules": sorted(rules), "t0": t0, "t1": t1}):
        facts = found.setdefault(row[0], Facts())
        if thing != (row[0], row[2], row[3]):
            thing, began, over = (row[0], row[2], row[3]), None, None
        if row[5]:
            if began is not None:
                _lasted(facts, row, row[6] - began)
            began, over = None, row[6]
            continue
        facts.activations += 1
        if over is not None and row[6] - over <= SOON_S:
            facts.gaps.append(max(row[6] - over, 0.0))
            if row[4] is not None:
                facts.values.append(row[4])
        began = row[6] if began is None else began
    return found


def _lasted(facts: Facts, row: Any, seconds: float) -> None:
    facts.lasted.append(seconds)
    if row[7]:
        facts.useless.append(seconds)
    if row[8]:
        facts.acted.append(seconds)
