"""The alarms that stand, as the engine looks at them: read anew whenever somebody changed one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import psycopg

from services.alarms.causes import KEPT_S, OPEN, Open
from services.alarms.engine.settled import places

_OPEN = """
SELECT a.id, a.rule_id, a.asset_id, a.area_id, extract(epoch FROM a.last_raised_at)::float8,
       extract(epoch FROM a.returned_at)::float8, extract(epoch FROM a.noticed_at)::float8,
       extract(epoch FROM a.annunciated_at)::float8, a.closed_at IS NOT NULL, coalesce(a.cause_id, 0),
       a.grouped_by IS NOT NULL, extract(epoch FROM a.acknowledged_at)::float8, a.escalation,
       extract(epoch FROM a.escalated_at)::float8, a.uncertain, a.severity,
       extract(epoch FROM a.raised_at)::float8
FROM alarm a WHERE a.closed_at IS NULL OR a.closed_at > %s - make_interval(secs => %s)
"""
_HIDDEN = "SELECT alarm_id FROM alarm_hidden(%s)"
NEVER = float("nan")


@dataclass(slots=True)
class Standing:
    """One alarm; instants are epoch s, NaN: not. ``place`` is its rule's place among those in force, or -1;
    ``index`` the live index of its asset, -1 of an area's or of what is gone."""

    id: int
    rule_id: int
    place: int
    index: int
    asset_id: int | None
    area_id: int | None
    last_raised: float
    returned: float
    noticed: float
    annunciated: float
    closed: bool
    cause: int
    by_hand: bool
    acknowledged: float
    escalation: int
    escalated: float
    uncertain: bool
    severity: int
    raised: float

    @property
    def active(self) -> bool:
        """Whether its condition lasts."""
        return self.returned != self.returned

    @property
    def watched(self) -> bool:
        """Whether it lasts, on the list or behind it, and a rule in force is about it."""
        return self.active and not self.closed and self.place >= 0

    @property
    def key(self) -> tuple[int, int, int]:
        """What there is one open alarm of: rule id, live index, area id."""
        return self.rule_id, self.index, self.area_id or 0


def read_standing(
    connection: psycopg.Connection[Any], columns: Any, place_of: dict[int, int], now: datetime
) -> list[Standing]:
    """Every open alarm, and those closed a moment ago."""
    rows = connection.execute(_OPEN, (now, KEPT_S)).fetchall()
    ids = np.array([row[2] or -1 for row in rows], "i8")
    index = places(columns, ids) if len(rows) else ids
    return [
        Standing(
            row[0], row[1], place_of.get(row[1], -1), int(at), row[2], row[3], row[4], _time(row[5]), row[6],
            _time(row[7]), row[8], row[9], row[10], _time(row[11]), row[12], _time(row[13]), row[14], row[15],
            row[16],
        )
        for row, at in zip(rows, index.tolist(), strict=True)
    ]  # fmt: skip


def _time(value: float | None) -> float:
    return NEVER if value is None else value


def hidden_now(connection: psycopg.Connection[Any], now: datetime) -> set[int]:
    """The ids of open alarms that somebody keeps from the list."""
    return {row[0] for row in connection.execute(_HIDDEN, (now,))}


def as_open(standing: list[Standing]) -> Open:
    """``standing`` as the causes look at it; alarms of rules no longer in force are left out."""
    known = [one for one in standing if one.place >= 0]
    rows = np.zeros(len(known), OPEN)
    for name, values in (
        ("id", [one.id for one in known]),
        ("rule", [one.place for one in known]),
        ("index", [one.index for one in known]),
        ("raised", [one.last_raised for one in known]),
        ("returned", [one.returned for one in known]),
        ("noticed", [one.noticed for one in known]),
        ("active", [one.active for one in known]),
        ("annunciated", [one.annunciated == one.annunciated for one in known]),
        ("closed", [one.closed for one in known]),
        ("cause", [one.cause for one in known]),
        ("by_hand", [one.by_hand for one in known]),
    ):
        rows[name] = values
    return rows
