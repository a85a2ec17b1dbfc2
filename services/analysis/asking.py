"""What every analysis is handed: the database, the city's memory, its zone and place."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from model.analysis import Content, Question
from services.history import History

KEPT_S = 300.0
MOST_KEPT = 24


@dataclass(frozen=True, slots=True)
class Asking:
    """One question being answered: an open connection with its deadline, and the city around it.

    ``lon`` and ``lat`` (WGS84) are where the sun is reckoned for; ``now`` (aware) ends what can be known;
    ``areas`` are those the question counts over; ``thresholds`` the city's dated settings.
    """

    connection: Connection
    history: History
    zone: ZoneInfo
    lon: float
    lat: float
    area_kind: str
    now: datetime
    asked: Question
    areas: list[int]
    thresholds: dict[str, dict[str, object]]
    shelf: dict[Hashable, tuple[float, Content]] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], Content]) -> Content:
        """What ``make`` gives, or gave under the same ``key`` within the last KEPT_S seconds."""
        held = self.shelf.get(key)
        if held and time.monotonic() - held[0] < KEPT_S:
            return held[1]
        if len(self.shelf) >= MOST_KEPT:
            self.shelf.clear()
        found = make()
        self.shelf[key] = (time.monotonic(), found)
        return found
