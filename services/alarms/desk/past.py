"""The desk's past: the list as it was, what ended, an asset's alarms of an instant, the load over time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.alarms import AlarmEvent, AlarmList, AlarmRow, ListQuery, Recovered
from model.viewer import Viewer
from services.alarms.desk.as_of import read_as_of, read_of_asset_then, read_recovered, thread_then
from services.alarms.desk.flood import flood_settings
from services.alarms.desk.kept import Kept
from services.alarms.desk.load import AlarmLoad, read_load
from services.alarms.desk.rows import Places, placed

DEADLINE_MS = 3_000
KEPT_S = 20.0
"""An answer about the past is kept so long: many consoles that look at one night ask for the same."""
THREADS_MOST = 6
_MINE = "mine"


class Ended(NamedTuple):
    """What ended between two instants, newest first, 60 at most, and how many did."""

    rows: tuple[Recovered, ...]
    total: int


@dataclass(frozen=True, slots=True)
class StoodThen:
    """An alarm as it stood at an instant, its thread up to then, and what was written ``later``."""

    row: AlarmRow
    thread: tuple[AlarmEvent, ...]
    later: tuple[AlarmEvent, ...]


class PastDesk:
    """What of the past the desk is asked: every method blocks, three seconds at most, and changes nothing.

    ``engine`` is bound to the scope. All raise Unavailable when the database is away or too slow.
    """

    def __init__(self, engine: Engine, profile: CityProfile, places: Places) -> None:
        self._seen = engine
        self._clock = profile.zone
        self._districts = profile.area_kind == "district"
        self._limits = flood_settings(profile.alarms)
        self._where = places
        self._past = Kept(KEPT_S)

    def as_of(self, at: datetime, query: ListQuery, viewer: Viewer) -> AlarmList:
        """The list as it was at ``at`` (aware), through ``query``, and who knew what: see ``as_of.py``."""
        mine = viewer.person_id if query.handling and _MINE in query.handling else 0
        return self._past.get(("as_of", at, query, mine), 0, lambda: self._as_of(at, query, mine))

    def _as_of(self, at: datetime, query: ListQuery, person_id: int) -> AlarmList:
        with asking(self._seen, DEADLINE_MS) as connection:
            found = read_as_of(
                connection, query, person_id, at, self._clock, self._limits, by_district=self._districts
            )
        columns = self._where()
        return replace(found, rows=placed(found.rows, columns), learnt=placed(found.learnt, columns))

    def recovered(self, a: datetime, b: datetime, query: ListQuery) -> Ended:
        """What ended between two instants: see ``as_of.read_recovered``."""
        return self._past.get(("recovered", a, b, query), 0, lambda: self._recovered(a, b, query))

    def _recovered(self, a: datetime, b: datetime, query: ListQuery) -> Ended:
        with asking(self._seen, DEADLINE_MS) as connection:
            found, total = read_recovered(connection, query, a, b, by_district=self._districts)
        rows = placed([one.row for one in found], self._where())
        return Ended(tuple(replace(one, row=row) for one, row in zip(found, rows, strict=True)), total)

    def of_asset_then(self, asset_id: int, at: datetime) -> tuple[StoodThen, ...]:
        """The alarms of one asset (the registry's id) that stood at ``at``, the six most urgent."""
        with asking(self._seen, DEADLINE_MS) as connection:
            rows = read_of_asset_then(connection, asset_id, at, by_district=self._districts)[:THREADS_MOST]
            threads = [thread_then(connection, row.id, at) for row in rows]
        told = placed(rows, self._where())
        return tuple(StoodThen(row, *thread) for row, thread in zip(told, threads, strict=True))

    def load(self, t0: datetime, t1: datetime, step_s: int) -> AlarmLoad:
        """Alarms put before this position over [``t0``, ``t1``) by priority: see ``load.py``."""
        with asking(self._seen, DEADLINE_MS) as connection:
            return read_load(connection, t0, t1, step_s, self._clock, self._limits)
