"""The timeline's data: how many changes of each gravity in each step, and where nothing was recorded."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from model.errors import BadRequest
from model.series import Density
from services.history.past.change_hours import GRAVE, HOUR, HOUR_S, SLOTS, runs, start_of, tally_by
from services.history.past.change_rows import Changes
from services.history.past.change_shelf import Hours
from services.history.past.standing import SILENCE_S, Floats, aware

MINUTE, DAY_S = 60, 86_400
STEPS = (*(MINUTE * n for n in (1, 2, 5, 10, 20, 30)), *(HOUR_S * n for n in (1, 2, 3, 6, 12, 24)))
"""Steps that fall on the clock; a wider span takes whole days."""
SLOT_S = HOUR_S // SLOTS
MOST_STEPS = 5_000
WIDTH = len(GRAVE) + 1

Gap = tuple[float, float]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """What a timeline draws: the ``density`` of changes; ``gaps`` in which nothing was recorded, epoch s;
    the ``first`` instant on record (aware; None: nothing ever)."""

    density: Density
    gaps: list[Gap]
    first: datetime | None


def step_of(t0: datetime, t1: datetime, most: int) -> int:
    """The shortest step, in seconds, that cuts [t0, t1) into at most ``most`` steps."""
    least = (t1 - t0).total_seconds() / max(most - 1, 1)
    return next((step for step in STEPS if step >= least), DAY_S * int(np.ceil(least / DAY_S)))


# --- counts ------------------------------------------------------------------------------------------


def read_density(connection: Connection, shelf: Hours, t0: datetime, t1: datetime, step_s: int) -> Density:
    """How many changes of each gravity fell in each step that touches [t0, t1).

    Steps are whole, ``step_s`` seconds from multiples of it since 1970: also the first and the last count all
    of theirs. Steps of whole ten minutes are summed from the tallies of packed hours, shorter ones counted.
    Raises BadRequest when the question makes more than 5,000 steps.
    """
    first = int(t0.timestamp()) // step_s
    count = int(np.ceil(t1.timestamp() / step_s)) - first
    if not 0 < count <= MOST_STEPS:
        raise BadRequest("a density has between 1 and 5,000 steps")
    begin, end = first * step_s, (first + count) * step_s
    table = (_summed if step_s % SLOT_S == 0 else _counted)(connection, shelf, begin, end, step_s)
    times = ((first + np.arange(count)) * step_s).astype("f8")
    return Density(step_s, times, *_columns(table))


def _columns(table: Counts) -> tuple[Counts, Counts, Counts, Counts]:
    fault, degraded, comms_lost, other = table.T
    return fault, degraded, comms_lost, other


def _counted(connection: Connection, shelf: Hours, begin: int, end: int, step_s: int) -> Counts:
    instant = timedelta(microseconds=1)
    changes = shelf.between(connection, aware(begin) - instant, aware(end) - instant)
    return _by_step(changes, begin, end, step_s)


def _by_step(changes: Changes, begin: int, end: int, step_s: int) -> Counts:
    """Changes in the steps of [begin, end), epoch s; those outside are left out."""
    slot = ((changes.times - begin) // step_s).astype("i8")
    count = (end - begin) // step_s
    inside = (slot >= 0) & (slot < count)
    return tally_by(slot[inside], changes.status[inside], count)


_BY_SLOT = text(
    """
    SELECT floor(extract(epoch FROM phenomenon_time) / 600)::bigint * 600 AS slot,
           count(*) FILTER (WHERE status = 4), count(*) FILTER (WHERE status = 3),
           count(*) FILTER (WHERE status = 5), count(*) FILTER (WHERE status NOT IN (3, 4, 5))
    FROM state_change WHERE phenomenon_time >= :first AND phenomenon_time < :end GROUP BY slot
    """
)


def _summed(connection: Connection, shelf: Hours, begin: int, end: int, step_s: int) -> Counts:
    first, last = start_of(aware(begin)), start_of(aware(end - 1))
    packed, tallies = shelf.tallies(connection, first, last)
    by_slot = tallies.reshape(-1, WIDTH)
    starts = (packed[:, None] + np.arange(SLOTS) * SLOT_S).ravel()
    for low, high in unpacked(first, last, packed):
        rows = connection.execute(_BY_SLOT, {"first": low, "end": high + HOUR}).all()
        counted = np.array([tuple(row) for row in rows], "i8").reshape(-1, WIDTH + 1)
        starts, by_slot = np.append(starts, counted[:, 0]), np.concatenate([by_slot, counted[:, 1:]])
    table = np.zeros(((end - begin) // step_s, WIDTH), "i8")
    inside = (starts >= begin) & (starts < end)
    np.add.at(table, (starts[inside] - begin) // step_s, by_slot[inside])
    return table


def unpacked(
    first: datetime, last: datetime, packed: npt.NDArray[np.int64]
) -> list[tuple[datetime, datetime]]:
    """The stretches of whole hours from ``first`` to ``last`` that are not among ``packed`` (i8 epoch s)."""
    every = np.arange(int(first.timestamp()), int(last.timestamp()) + 1, HOUR_S)
    return runs(aware(float(hour)) for hour in np.setdiff1d(every, packed))


# --- gaps --------------------------------------------------------------------------------------------

_KEYFRAMES = text(
    "SELECT array_agg(extract(epoch FROM at)::float8) FROM state_keyframe WHERE at >= :t0 AND at <= :t1"
)
_HOURS = text(
    """
    SELECT array_agg(extract(epoch FROM hour)::float8 ORDER BY hour), array_agg(first ORDER BY hour),
           array_agg(last ORDER BY hour)
    FROM change_hour WHERE hour >= :t0 AND hour <= :t1
    """
)
_ROWS = text(
    """
    SELECT extract(epoch FROM min(phenomenon_time))::float8, extract(epoch FROM max(phenomenon_time))::float8
    FROM state_change WHERE phenomenon_time >= :first AND phenomenon_time < :end
    GROUP BY date_trunc('hour', phenomenon_time)
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

    A gap goes from the last thing recorded before it to the first after it, or to now. A row that came in
    late ends one once its hour is packed anew.
    """
    reach = timedelta(seconds=SILENCE_S) + HOUR
    bounds = {"t0": start_of(t0 - reach), "t1": t1 + reach}
    hours, first, last = (np.array(c or [], "f8") for c in connection.execute(_HOURS, bounds).one())
    marks = [np.column_stack([first, last])[np.isfinite(first)]]
    for low, high in unpacked(bounds["t0"], start_of(bounds["t1"]), hours.astype("i8")):
        rows = connection.execute(_ROWS, {"first": low, "end": high + HOUR}).all()
        marks.append(np.array([tuple(row) for row in rows], "f8").reshape(-1, 2))
    frames = np.array(connection.scalar(_KEYFRAMES, bounds) or [], "f8")
    table = np.concatenate([*marks, np.column_stack([frames, frames])])
    table = table[np.argsort(table[:, 0], kind="stable")]
    ends = np.maximum.accumulate(table[:, 1])
    return gaps_between(table[:, 0], ends, t0.timestamp(), t1.timestamp(), time.time())


def gaps_between(first: Floats, last: Floats, t0: float, t1: float, now: float) -> list[Gap]:
    """The gaps of [t0, t1] between recorded stretches, ``first`` to ``last`` (f8 ascending), at ``now``."""
    starts, ends = np.append(-np.inf, last), np.append(first, now)
    long = ends - starts > SILENCE_S
    cut = [(max(a, t0), min(b, t1)) for a, b in zip(starts[long], ends[long], strict=True)]
    return [(float(a), float(b)) for a, b in cut if b > a]
