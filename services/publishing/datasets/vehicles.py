"""How many vehicles ran, hour by hour in the whole city: counted from their states, never from positions."""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import text

from geodata.asking import asking
from model.datasets import Place, Span
from model.domains import ASSET_TYPES
from services.analysis import Stretches, stretches
from services.history import History, local_day
from services.publishing.datasets.asked import DEADLINE_MS, Asked, CannotCoarsen
from services.publishing.datasets.shaping import instants, shaped

HOUR_S = 3_600.0
RUNNING = ("in_service", "bunched")
FLOOR = 0.9
"""Below this share of the vehicles' known time an hour is a gap: a fleet half unheard looks like a strike."""

Floats = npt.NDArray[np.float64]

_FLEET = text("SELECT id FROM asset WHERE removed_at IS NULL AND asset_type = ANY (:types) ORDER BY id")


def vehicles(asked: Asked) -> pa.Table:
    """A row for each hour (day, month): how many vehicles were in service on average over it.

    A release of one area is refused: vehicles belong to none.
    """
    if asked.areas is not None or asked.release.grain.place is not Place.CITY:
        raise CannotCoarsen(f"{asked.release.name}: vehicles in service are of the whole city")
    t0, t1 = asked.hours
    with asking(asked.engine, DEADLINE_MS) as connection:
        fleet = np.array(connection.scalars(_FLEET, {"types": asked.types}).all(), "i8")
        if not len(fleet):
            return shaped(asked.release, {}, 0)
        history = History(asked.engine, asked.profile.zone)
        cut, _ = stretches(connection, history, fleet, t0, t1)
    first, hours = t0.timestamp(), round((t1 - t0).total_seconds() / HOUR_S)
    running = [ASSET_TYPES[kind].state_named(name).code for kind in asked.types for name in RUNNING]
    ran = by_hour(cut.where(np.isin(cut.state, running)), first, hours)
    known = by_hour(cut, first, hours) / len(fleet)
    starts, ran, known = _spans(asked, first + np.arange(hours, dtype="f8") * HOUR_S, ran, known)
    recorded = np.flatnonzero(known > 0)
    kept = slice(int(recorded[0]) if len(recorded) else len(known), None)
    columns = {
        "hour": instants(starts[kept]),
        "vehicles": np.where(known >= FLOOR, ran, np.nan)[kept],
        "coverage": 100 * np.minimum(known[kept], 1.0),
    }
    return shaped(asked.release, columns, len(starts[kept]))


def by_hour(cut: Stretches, first: float, hours: int) -> Floats:
    """How many of the assets ``cut`` tells of, on average over each of ``hours`` hours from ``first``.

    Seconds before each hour's end less those before its start: sums of what began and ended by then.
    """
    edges = first + np.arange(hours + 1) * HOUR_S

    def before(moments: Floats) -> Floats:
        """For each edge, the seconds from each of ``moments`` to it, where they lie before it."""
        ordered = np.sort(moments)
        count = np.searchsorted(ordered, edges)
        summed = np.append(0.0, np.cumsum(ordered - first))
        seconds: Floats = count * (edges - first) - summed[count]
        return seconds

    return np.diff(before(cut.start) - before(cut.end)) / HOUR_S


def _spans(asked: Asked, starts: Floats, ran: Floats, known: Floats) -> tuple[Floats, Floats, Floats]:
    """Hours as they are, or their means over whole local days."""
    if asked.release.grain.span <= Span.HOUR:
        return starts, ran, known
    if asked.release.grain.span is not Span.DAY:
        raise CannotCoarsen(f"{asked.release.name}: vehicles in service reach back a month, by hour or day")
    day = np.array(
        [local_day(datetime.fromtimestamp(at, UTC), asked.profile.zone).toordinal() for at in starts]
    )
    last = asked.days[1].toordinal()
    starts, ran, known, day = (values[day <= last] for values in (starts, ran, known, day))
    edge = np.flatnonzero(np.append(True, np.diff(day) > 0)) if len(day) else np.array([], "i8")
    length = np.diff(np.append(edge, len(day)))
    # An hour of which nothing is known has no vehicles to count in the mean.
    known_hours = np.add.reduceat(known, edge) if len(edge) else known
    ran_hours = np.add.reduceat(ran, edge) if len(edge) else ran
    mean = np.divide(ran_hours, known_hours, out=np.full(len(edge), np.nan), where=known_hours > 0)
    return starts[edge], mean, known_hours / np.maximum(length, 1)
