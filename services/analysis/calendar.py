"""Hours in the city's own time: which local day, weekday and hour of day each falls in. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from model.analysis import Daily, Floats, Hours, Ints, Week, over
from services.history import day_hours, days_between

ENOUGH = 0.9
"""Below this coverage a day does not count in means, rates and regressions (field.md (e))."""


@dataclass(frozen=True, eq=False, slots=True)
class LocalHours:
    """For hours (n): ``day`` as ordinal (date.toordinal), ``weekday`` (Monday 0), ``hour`` of day."""

    day: Ints
    weekday: Ints
    hour: Ints


def local_hours(at: Floats, zone: ZoneInfo) -> LocalHours:
    """The local day, weekday and hour of each epoch second of ``at``."""
    local = [datetime.fromtimestamp(second, zone) for second in at.tolist()]
    day = np.array([moment.toordinal() for moment in local], "i8")
    return LocalHours(day, (day - 1) % 7, np.array([moment.hour for moment in local], "i8"))


def week_of(hours: Hours, zone: ZoneInfo) -> Week:
    """``hours`` by local weekday and hour of day: values weighed by how many there were."""
    local = local_hours(hours.at, zone)
    cell = local.weekday * 24 + local.hour

    def tally(weights: Floats) -> Floats:
        return np.bincount(cell, weights, 168).astype("f8").reshape(7, 24)

    count = np.bincount(cell, minlength=168).reshape(7, 24)
    n = tally(hours.n)
    total = tally(np.nan_to_num(hours.total))
    values = over(total, n)
    covered = np.nan_to_num(over(tally(hours.coverage), count.astype("f8")))
    return Week(values, n, covered)


def by_day(hours: Hours, values: Floats, zone: ZoneInfo, first: date, last: date, name: str) -> Daily:
    """The sum of ``values`` (one an hour, NaN for none) by local day; NaN on a day without any.

    Coverage is the mean over the 23, 24 or 25 hours of the day, an hour without a row counting 0.
    """
    days = tuple(days_between(first, last))
    lengths = np.array([day_hours(day, zone) for day in days], "f8")
    place = local_hours(hours.at, zone).day - first.toordinal()
    inside = (place >= 0) & (place < len(days))
    there = inside & np.isfinite(values)
    total = np.bincount(place[there], values[there], len(days))
    known = np.bincount(place[there], minlength=len(days))
    covered = np.bincount(place[inside], hours.coverage[inside], len(days)) / lengths
    return Daily(days, {name: np.where(known > 0, total, np.nan)}, np.minimum(covered, 1.0), lengths)
