"""Day and night over the city, as rules ask for them: with a margin after the sun came and before it goes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from model.sun import sun_times
from services.alarms.watching.rows import Times

DAY_S = 86_400.0


@dataclass
class Sky:
    """The sun over ``lon``, ``lat`` (WGS84). Its times are computed once for a stretch of days and kept."""

    lon: float
    lat: float
    _known: tuple[float, float] = (0.0, 0.0)
    _days: list[tuple[float, float]] = field(default_factory=list)

    def spans(self, when: str, margin_s: float, t0: float, t1: float) -> Times:
        """[begin, end) of every day (or night) that touches [t0, t1], shortened by ``margin_s`` at both ends.

        f8 (n, 2) epoch s. A span that the margin swallows is left out.
        """
        days = self._between(t0 - 2 * DAY_S, t1 + 2 * DAY_S)
        if when == "day":
            spans = np.array(days, "f8").reshape(-1, 2)
        else:
            nights = [(day[1], after[0]) for day, after in pairwise(days)]
            spans = np.array(nights, "f8").reshape(-1, 2)
        spans = spans + np.array([margin_s, -margin_s])
        kept: Times = spans[(spans[:, 0] < spans[:, 1]) & (spans[:, 1] > t0) & (spans[:, 0] <= t1)]
        return kept

    def _between(self, t0: float, t1: float) -> list[tuple[float, float]]:
        if not (self._known[0] <= t0 and t1 <= self._known[1]):
            t0, t1 = t0 - 2 * DAY_S, t1 + 2 * DAY_S
            first, last = datetime.fromtimestamp(t0, UTC), datetime.fromtimestamp(t1, UTC)
            self._days = sun_times(self.lon, self.lat, first, last)
            self._known = (t0, t1)
        return [day for day in self._days if day[1] > t0 and day[0] < t1]
