"""The promises of one city, as callbacks are handed them: read for ten minutes at a time, written at once."""

import threading
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from geodata.scoping import areas_of
from model.promises import Commitment, CommitmentDraft, Course, PromiseState
from model.viewer import Viewer
from services.boards.promises import book
from services.boards.promises.projecting import month_after
from services.boards.promises.reading import ENERGY, QUERY, read_used
from services.boards.promises.saving import state_of
from services.history import local_day

KEPT_S = 600.0
MONTHS = 36
"""Complete months read: three years tell trend and season apart, and older lamps tell of another city."""
DEADLINE_MS = 8_000


class Promises:
    """The commitments of one city and how they are kept. Every method blocks (call it in a thread).

    All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine, profile: CityProfile) -> None:
        self._engine = engine
        self._zone: ZoneInfo = profile.zone
        self._kept: tuple[float, date, tuple[PromiseState, ...]] | None = None
        self._lock = threading.Lock()

    def states(self, now: datetime) -> tuple[PromiseState, ...]:
        """Every commitment in force with its saving up to the last complete month at ``now`` (aware)."""
        today = local_day(now, self._zone)
        with self._lock:
            if self._kept and self._kept[1] == today and time.monotonic() - self._kept[0] < KEPT_S:
                return self._kept[2]
            with asking(self._engine, DEADLINE_MS) as connection:
                found = tuple(self._state(connection, one, today) for one in book.commitments(connection))
            self._kept = time.monotonic(), today, found
            return found

    def versions(self, key: str) -> tuple[Commitment, ...]:
        """Every version of a commitment, newest first: who changed what. Raises NotFound."""
        return book.versions(self._engine, key)

    def write(self, viewer: Viewer, draft: CommitmentDraft, *, new: bool = False) -> int:
        """Write the next version of a commitment, or with ``new`` its first; its number.

        Raises BadField (also for a new one whose key is taken) and Refused.
        """
        version = book.write(self._engine, viewer, draft, new=new)
        with self._lock:
            self._kept = None
        return version

    def _state(self, connection: Connection, one: Commitment, today: date) -> PromiseState:
        if areas_of(self._engine) is not None:
            return _partial(one)
        last = last_counted(today, one.draft.target_on)
        since = month_after(last, 1 - MONTHS)
        begun = one.draft.baseline.first if one.draft.baseline.first and not one.draft.baseline.kwh else since
        promised = one.draft.promised
        used = read_used(connection, self._zone, promised, min(since, begun), last)
        asset_type, name = ENERGY[promised]
        query = QUERY.format(asset_type=asset_type, name=name, first=since, last=last)
        return state_of(one, used, since, today, query)


def last_counted(today: date, target_on: date) -> date:
    """The last day counted: of the last complete month, but never after the term of the promise."""
    return min(today.replace(day=1) - timedelta(days=1), target_on)


def _partial(one: Commitment) -> PromiseState:
    """A promise is of the whole city: who sees a part of it is told no saving, not that of a part."""
    return PromiseState(
        commitment=one, baseline=one.draft.baseline, months=(), window=0, kwh=None, expected=None,
        saving=None, coverage=0.0, withheld="partial", projection=None, unprojected="no_saving",
        course=Course.UNKNOWN,
    )  # fmt: skip
