"""How many rows a question would read, judged before it is put; what to ask instead when it is too many."""

from datetime import datetime, timedelta

from model.errors import TooBroad

MOST_READ = 2_000_000
"""Rows fetched one by one, in a second or two."""
MOST_SUMMED = 4_000_000
"""Rows summed up inside the database, in about as much."""


def check_raw(t0: datetime, t1: datetime, period_s: float, most: int = MOST_READ) -> None:
    """TooBroad when raw readings every ``period_s`` over [t0, t1) are more than ``most``: ask by the hour,
    or for the last part of the period that is read at once."""
    rows = int((t1 - t0).total_seconds() / max(period_s, 1))
    if rows > most:
        nearer = t1 - timedelta(seconds=int(most * max(period_s, 1)))
        raise TooBroad(rows, {"by": "hour", "t0": nearer.isoformat()})


def check_summed(rows: int, days: float, t1: datetime, most: int = MOST_SUMMED, **other: object) -> None:
    """TooBroad when ``rows`` spread over ``days`` before ``t1`` are more than ``most``.

    The better question covers the days that fit, or changes what ``other`` names.
    """
    if rows <= most:
        return
    fitting = int(days * most / rows)
    better = dict(other)
    if fitting >= 1:
        better["t0"] = (t1 - timedelta(days=fitting)).isoformat()
    raise TooBroad(rows, better)
