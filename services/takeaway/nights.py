"""Which night is meant: from a sunset to the next sunrise, by the city's sun."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from model.sun import sun_times


def night_before(lon: float, lat: float, at: datetime) -> tuple[datetime, datetime]:
    """The newest night that had ended by ``at`` (aware): sunset and sunrise, whole seconds, UTC.

    Where the sun does not set, the twelve hours before ``at``.
    """
    days = sorted(sun_times(lon, lat, at - timedelta(days=3), at))
    nights = [(day[1], following[0]) for day, following in pairwise(days)]
    over = [night for night in nights if night[1] <= at.timestamp()]
    if not over:
        return at - timedelta(hours=12), at
    return _instant(over[-1][0]), _instant(over[-1][1])


def night_after(lon: float, lat: float, at: datetime) -> tuple[datetime, datetime] | None:
    """The first night that begins at or after ``at``; None where the sun does not set."""
    days = sorted(sun_times(lon, lat, at, at + timedelta(days=3)))
    nights = [(day[1], following[0]) for day, following in pairwise(days)]
    found = next((night for night in nights if night[0] >= at.timestamp()), None)
    return (_instant(found[0]), _instant(found[1])) if found else None


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), UTC)
