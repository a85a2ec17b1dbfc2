"""What the sky expects of the lighting: the windows of certain day and certain night. Pure.

Sunrise and sunset are NOAA's (``model/sun.py``). Within the tolerance around either nothing is judged:
photocells answer to clouds, and switch a little before or after.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from model.analysis import Floats
from model.sun import sun_times
from services.history import days_between

TOLERANCE_S = 1_800.0
"""Half an hour either side of sunrise and sunset: the civil twilight of our latitudes."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sky:
    """The sun over one local day, epoch seconds: it rises, sets, and rises again on the day after."""

    day: date
    rise: float
    fall: float
    next_rise: float

    @property
    def light(self) -> Span:
        """Certain day: sunrise plus the tolerance to sunset less the tolerance."""
        return self.rise + TOLERANCE_S, self.fall - TOLERANCE_S

    @property
    def dark(self) -> Span:
        """Certain night, from this evening to next morning."""
        return self.fall + TOLERANCE_S, self.next_rise - TOLERANCE_S


def skies(lon: float, lat: float, zone: ZoneInfo, first: date, last: date) -> list[Sky]:
    """The sun of every local day from ``first`` to ``last``; a polar day without sunrise is left out."""
    t0 = datetime.combine(first - timedelta(days=1), time(), zone)
    t1 = datetime.combine(last + timedelta(days=3), time(), zone)
    by_day = {datetime.fromtimestamp(r, zone).date(): (r, f) for r, f in sun_times(lon, lat, t0, t1)}
    found = []
    for day in days_between(first, last):
        today, morrow = by_day.get(day), by_day.get(day + timedelta(days=1))
        if today and morrow:
            found.append(Sky(day, *today, morrow[0]))
    return found


def night_share(at: Floats, length_s: float, sun: list[Sky]) -> Floats:
    """The share (0 to 1) of each stretch [at, at + length) that lies between sunset and sunrise."""
    share = np.zeros(len(at))
    for span in _nights(sun):
        share += np.clip(np.minimum(at + length_s, span[1]) - np.maximum(at, span[0]), 0, length_s)
    return share / length_s


def _nights(sun: list[Sky]) -> list[Span]:
    return [(sky.fall, sky.next_rise) for sky in sun]


def within(at: Floats, length_s: float, spans: list[Span]) -> Floats:
    """For each stretch [at, at + length): the place in ``spans`` it lies wholly inside of, or -1."""
    place = np.full(len(at), -1, "i8")
    for number, (start, end) in enumerate(spans):
        place[(at >= start) & (at + length_s <= end)] = number
    return place
