"""Local days and hours of the city: a day may last 23, 24 or 25 hours."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

HOUR_S = 3_600


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of the local ``day``."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_hours(day: date, zone: ZoneInfo) -> int:
    """How many hours the local ``day`` lasts: 23, 24 or 25."""
    length = day_start(day + timedelta(days=1), zone) - day_start(day, zone)
    return round(length.total_seconds() / HOUR_S)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local day ``moment`` (aware) falls in."""
    return moment.astimezone(zone).date()


def hour_starts(t0: datetime, t1: datetime) -> npt.NDArray[np.int64]:
    """Epoch seconds of every UTC hour that starts at or after ``t0`` and is over by ``t1``."""
    first = -(-int(t0.timestamp()) // HOUR_S) * HOUR_S
    return np.arange(first, int(t1.timestamp()) - HOUR_S + 1, HOUR_S, dtype="i8")
