"""The analysis pages' questions, answered by domain; answers of whole days are kept for some minutes."""

import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from geodata.scoping import domains_of
from model.analysis import DOMAINS_SHOWN, Content, Question, View
from model.errors import BadRequest
from services.analysis.access import access
from services.analysis.asking import KEPT_S, MOST_KEPT, Asking
from services.analysis.energy import energy
from services.analysis.hours import areas_of
from services.analysis.lighting import lighting
from services.analysis.surveillance import surveillance
from services.analysis.traffic import traffic
from services.history import History

LONGEST_DAYS = 400
_ANSWERS: dict[str, Callable[[Asking], View]] = {
    "lighting": lighting,
    "traffic": traffic,
    "surveillance": surveillance,
    "energy": energy,
    "access": access,
}


class Analysis:
    """The analyses of one city. ``view`` blocks (call it in a thread); each of its queries has a deadline."""

    def __init__(self, engine: Engine, profile: CityProfile, history: History) -> None:
        self._engine = engine
        self._profile = profile
        self._history = history
        self._kept: dict[Question, tuple[float, View]] = {}
        self._shelf: dict[Hashable, tuple[float, Content]] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone."""
        return self._profile.zone

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains there is an analysis of in this scope, in the order of their tabs."""
        own = domains_of(self._engine)
        return tuple(name for name in DOMAINS_SHOWN if own is None or name in own)

    def view(self, asked: Question, now: datetime | None = None) -> View:
        """The contents of every panel of ``asked.domain``; the arrays are shared, do not write into them.

        Raises BadRequest for an unknown domain or an impossible period, Unavailable when the database is
        away or too slow.
        """
        if asked.domain not in self.domains:
            raise BadRequest(f"there is no analysis of {asked.domain}")
        if not 0 < (asked.last - asked.first).days + 1 <= LONGEST_DAYS:
            raise BadRequest(f"a period ends after it starts and lasts at most {LONGEST_DAYS} days")
        kept = self._kept.get(asked)
        if now is None and kept and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        shelf = self._shelf if now is None else {}
        found = self._answer(asked, now or datetime.now(UTC), shelf)
        if now is None:
            self._kept = dict(list(self._kept.items())[1 - MOST_KEPT :]) | {asked: (time.monotonic(), found)}
        return found

    def _answer(self, asked: Question, now: datetime, shelf: dict[Hashable, tuple[float, Content]]) -> View:
        bounds = self._profile.bounds
        with asking(self._engine) as connection:
            given = Asking(
                connection,
                self._history,
                self.zone,
                (bounds.west + bounds.east) / 2,
                (bounds.south + bounds.north) / 2,
                self._profile.area_kind,
                now,
                asked,
                areas_of(connection, asked.area_id),
                self._profile.thresholds,
                shelf,
            )
            return _ANSWERS[asked.domain](given)
