"""How a quantity goes through the week, from its hourly figures."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from model.answers import Profile
from model.series import Floats, Series


def profile_of(hourly: Series, zone: ZoneInfo) -> Profile:
    """Means of the hourly figures of ``hourly`` by weekday and hour of the wall clock in ``zone``.

    Every hour weighs the same. On the day of 25 hours both hours between two and three count as that hour;
    the day of 23 hours has none.
    """
    local = [datetime.fromtimestamp(at, zone) for at in hourly.times]
    weekday = np.array([at.weekday() for at in local], "i8")
    hour = np.array([at.hour for at in local], "i8")
    there = np.isfinite(hourly.values)
    weekday, hour, values = weekday[there], hour[there], hourly.values[there]
    cells, hours = np.zeros((7, 24)), np.zeros((7, 24), "i8")
    np.add.at(cells, (weekday, hour), values)
    np.add.at(hours, (weekday, hour), 1)
    return Profile(
        hourly.asked,
        _mean(cells, hours.astype("f8")),
        hours,
        _mean(cells.sum(axis=0), hours.sum(axis=0).astype("f8")),
        _mean(cells.sum(axis=1), hours.sum(axis=1).astype("f8")),
        hourly.unit,
        hourly.decimals,
        hourly.coverage,
        hourly.used,
    )


def _mean(total: Floats, count: Floats) -> Floats:
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean
