"""The timeline's data: how many changes of each gravity in each step, and where nothing was recorded."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from model.series import Density
from services.history.standing import SILENCE_S, Floats, aware

MINUTE, HOUR, DAY = 60, 3_600, 86_400
STEPS = (
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    600,
    1_200,
    1_800,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
)
"""Steps that fall on the clock; a wider span takes whole days."""

Gap = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """What a timeline draws: the ``density`` of changes; ``gaps`` in which nothing was recorded, epoch s;
    the ``first`` instant on record (aware; None: nothing ever); ``annotations`` as on the wire."""

    density: Density
    gaps: list[Gap]
    first: datetime | None
    annotations: list[dict[str, Any]]


def step_of(t0: datetime, t1: datetime, most: int) -> int:
    """The shortest step, in seconds, that cuts [t0, t1) into at most ``most`` steps."""
    least = (t1 - t0).total_seconds() / max(most - 1, 1)
    return next((step for step in STEPS if step >= least), DAY * int(np.ceil(least / DAY)))


_MARKS = text(
    """
    SELECT extract(epoch FROM min(at))::float8, extract(epoch FROM max(at))::float8 FROM (
        SELECT at FROM state_keyframe WHERE at >= :t0 AND at <= :t1
        UNION ALL
        SELECT phenomenon_time FROM state_change WHERE phenomenon_time >= :t0 AND phenomenon_time <= :t1
    ) marks GROUP BY date_trunc('hour', at) ORDER BY 1
    """
)
_FIRST = text(
    "SELECT least((SELECT min(at) FROM state_keyframe), (SELECT min(phenomenon_time) FROM state_change))"
)


def first_on_record(connection: Connection) -> datetime | None:
    """The oldest instant anything is on record of; None when nothing is."""
    found: datetime | None = connection.scalar(_FIRST)
    return found


def read_gaps(connection: Connection, t0: datetime, t1: datetime) -> list[Gap]:
    """The parts of [t0, t1] (epoch s) in which nothing was recorded for longer than ``SILENCE_S``.

    A gap goes from the last thing recorded before it to the first after it, or to now.
    """
    reach = timedelta(seconds=SILENCE_S)
    bounds = {"t0": aware(t0.timestamp()) - reach, "t1": t1 + reach}
    marks = np.array([tuple(row) for row in connection.execute(_MARKS, bounds)], "f8").reshape(-1, 2)
    return gaps_between(marks[:, 0], marks[:, 1], t0.timestamp(), t1.timestamp(), time.time())


def gaps_between(first: Floats, last: Floats, t0: float, t1: float, now: float) -> list[Gap]:
    """The gaps of [t0, t1] between recorded stretches, ``first`` to ``last`` (f8 ascending), at ``now``."""
    starts, ends = np.append(-np.inf, last), np.append(first, now)
    long = ends - starts > SILENCE_S
    cut = [(max(a, t0), min(b, t1)) for a, b in zip(starts[long], ends[long], strict=True)]
    return [(float(a), float(b)) for a, b in cut if b > a]


_NOTES = text(
    """
    SELECT id, kind, title, extract(epoch FROM t0)::float8 AS t0, extract(epoch FROM t1)::float8 AS t1
    FROM annotation WHERE withdrawn_at IS NULL AND t0 <= :t1 AND t1 >= :t0 ORDER BY t0, id LIMIT 500
    """
)


def read_notes(connection: Connection, t0: datetime, t1: datetime) -> list[dict[str, Any]]:
    """The annotations in force that touch [t0, t1]: id, kind, title, t0 and t1 in epoch seconds."""
    return [dict(row) for row in connection.execute(_NOTES, {"t0": t0, "t1": t1}).mappings()]
