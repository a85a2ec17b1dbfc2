"""The boards of one city: computed when asked for, kept for two minutes."""

import threading
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.board import Board
from services.boards.engine import compute_board
from services.history import local_day

KEPT_S = 120.0
_MOST = 16


class Boards:
    """Boards of one city; methods block, so call them in a thread."""

    def __init__(self, engine: Engine, profile: CityProfile) -> None:
        self._engine = engine
        self._profile = profile
        self._kept: dict[date, tuple[float, Board]] = {}
        self._lock = threading.Lock()

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone, in which its days are counted."""
        return self._profile.zone

    def last_day(self, now: datetime) -> date:
        """The last complete local day at ``now`` (aware)."""
        return local_day(now, self.zone) - timedelta(days=1)

    def city(self, day: date) -> Board:
        """The board of the local ``day``; one reader computes it, the others wait for that.

        Raises Unavailable when the database is away or too slow.
        """
        with self._lock:
            kept = self._kept.get(day)
            if kept and time.monotonic() - kept[0] < KEPT_S:
                return kept[1]
            board = compute_board(
                self._engine, self.zone, day, self._profile.thresholds, self._profile.area_kind
            )
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[day] = (time.monotonic(), board)
            return board
