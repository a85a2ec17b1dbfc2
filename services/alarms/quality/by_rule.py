"""The figures of each class of alarm, by the definitions of the board (docs/alarm-quality.md)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import asking
from model.alarm_quality import RuleFigures
from services.alarms.quality.positions import WHOLE_ROOM
from services.alarms.quality.reading import Read, read, rule_names
from services.alarms.quality.watched import inside, lasted, within

DEADLINE_MS = 8_000
CHATTER_TIMES, CHATTER_S = 3, 60.0
FLEETING_S = 60.0
DAY_S = 86_400.0

Key = tuple[int, int, int]
Named = tuple[str, dict[str, str]]
Flags = npt.NDArray[np.bool_]


def rules_quality(engine: Engine, t0: datetime, t1: datetime) -> tuple[RuleFigures, ...]:
    """Every class that alarmed in [t0, t1) (aware), within the scope of ``engine``, busiest first."""
    with asking(engine, DEADLINE_MS) as connection:
        found, names = read(connection, WHOLE_ROOM, t0, t1), rule_names(connection)
    watched_s = lasted(within(found.watched, t0.timestamp(), t1.timestamp()))
    return of_rules(found, names, chattering_of(found), watched_s)


def of_rules(
    found: Read,
    names: Mapping[int, tuple[str, dict[str, str]]],
    chattering: Mapping[Key, int],
    watched_s: float,
) -> tuple[RuleFigures, ...]:
    """The classes in what was read; ``names`` key and own title by rule, ``chattering`` as told of things."""
    alarms, counted, fleeting = found.alarms, in_rates(found), fleeting_of(found)
    chatter: Counter[int] = Counter()
    for (rule, _, _), times in chattering.items():
        chatter[rule] += times
    told = []
    for rule in np.unique(alarms["rule"]).tolist():
        mine = alarms["rule"] == rule
        told.append(
            RuleFigures(
                rule, *names[rule], alarms=int(mine.sum()),
                per_day=rate(int((mine & counted).sum()), watched_s, DAY_S), share=float(mine.mean()),
                chattering=chatter[rule], fleeting=int((mine & fleeting).sum()),
                acted=int(alarms["acted"][mine].sum()), rated=int(alarms["rated"][mine].sum()),
                useless=int(alarms["useless"][mine].sum()),
            )
        )  # fmt: skip
    return tuple(sorted(told, key=lambda one: (-one.alarms, one.key)))


def in_rates(found: Read) -> Flags:
    """Which alarms were shown, and began, while somebody watched."""
    shown, raised = (inside(found.watched, found.alarms[name]) for name in ("shown", "raised"))
    return np.asarray(shown & raised)


def fleeting_of(found: Read) -> Flags:
    """Which alarms were over within a minute."""
    return np.asarray(found.alarms["returned"] - found.alarms["raised"] < FLEETING_S)


def rate(count: float, watched_s: float, per_s: float) -> float:
    """``count`` in each ``per_s`` of the time watched; 0 where nobody did."""
    return count / watched_s * per_s if watched_s else 0.0


def chattering_of(found: Read) -> dict[Key, int]:
    """Things and classes that activated three times within a minute, each with how often that began."""
    rows = found.activations
    if len(rows) < CHATTER_TIMES:
        return {}
    later = CHATTER_TIMES - 1
    same = (rows[later:, :3] == rows[:-later, :3]).all(axis=1)
    quick = same & (rows[later:, 3] - rows[:-later, 3] <= CHATTER_S)
    keys = [tuple(int(part) for part in row[:3]) for row in rows[:-later][quick]]
    return dict(Counter(keys).most_common())  # type: ignore[arg-type]
