"""The desk: what people read of alarms and do about them, as callbacks and routes are handed it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.alarms import AlarmEvent, AlarmList, AlarmRow, AlarmSheet, HiddenRow, ListQuery, Recovered
from model.viewer import Viewer
from services.alarms.desk import views
from services.alarms.desk.as_of import read_as_of, read_of_asset_then, read_recovered, thread_then
from services.alarms.desk.flood import flood_settings
from services.alarms.desk.hidden import read_hidden
from services.alarms.desk.kept import Kept
from services.alarms.desk.listing import read_list
from services.alarms.desk.news import AlarmNews
from services.alarms.desk.rows import Places, placed
from services.alarms.desk.sheet import read_of_asset, read_sheet

DEADLINE_MS = 3_000
PAST_KEPT_S = 20.0
"""An answer about the past is kept so long: many consoles that look at one night ask for the same."""
THREADS_MOST = 6
_MINE = "mine"


class Desk:
    """The alarms one scope sees. Every method blocks (call it in a thread), three seconds at most.

    ``engine`` is bound to the scope, ``whole`` is the whole city's: rights and persons are not asked through
    a scope. All raise Unavailable when the database is away or too slow.
    """

    def __init__(
        self, engine: Engine, whole: Engine, profile: CityProfile, news: AlarmNews,
        places: Places = lambda: None,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._whole = whole
        self._zone = profile.zone
        self._by_district = profile.area_kind == "district"
        self._flood = flood_settings(profile.alarms)
        self._places = places
        self._kept = Kept()
        self._past = Kept(PAST_KEPT_S)
        self.news = news

    # reading -----------------------------------------------------------------------------------------

    def listed(self, query: ListQuery, viewer: Viewer) -> AlarmList:
        """The list now, through ``query``: see ``listing.py``. Kept for a revision, one question a scope."""
        mine = viewer.person_id if query.handling and _MINE in query.handling else 0
        revision = self.news.revision
        return self._kept.get((query, mine), revision, lambda: self._listed(query, mine, revision))

    def _listed(self, query: ListQuery, person_id: int, revision: int) -> AlarmList:
        with asking(self._engine, DEADLINE_MS) as connection:
            found = read_list(
                connection, query, person_id, _now(), self._zone, self._flood, by_district=self._by_district
            )
        return replace(found, rows=placed(found.rows, self._places()), revision=revision)

    def hidden(self) -> tuple[HiddenRow, ...]:
        """What is hidden now, oldest first: see ``hidden.py``."""
        return self._kept.get("hidden", self.news.revision, self._hidden)

    def _hidden(self) -> tuple[HiddenRow, ...]:
        with asking(self._engine, DEADLINE_MS) as connection:
            return read_hidden(connection, _now())

    def sheet(self, alarm_id: int) -> AlarmSheet:
        """One alarm whole, open or closed. NotFound when there is none of that id in the scope."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = read_sheet(connection, alarm_id, _now(), by_district=self._by_district)
        columns = self._places()
        return replace(
            found,
            row=placed([found.row], columns)[0],
            cause=placed([found.cause], columns)[0] if found.cause else None,
            consequences=placed(found.consequences, columns),
        )

    def of_asset(self, asset_id: int) -> tuple[AlarmRow, ...]:
        """The open alarms of one asset (the registry's id), hidden and explained ones too."""
        with asking(self._engine, DEADLINE_MS) as connection:
            found = read_of_asset(connection, asset_id, _now(), by_district=self._by_district)
        return placed(found, self._places())

    # the past ----------------------------------------------------------------------------------------

    def as_of(self, at: datetime, query: ListQuery, viewer: Viewer) -> AlarmList:
        """The list as it was at ``at`` (aware), through ``query``, and who knew what: see ``as_of.py``."""
        mine = viewer.person_id if query.handling and _MINE in query.handling else 0
        return self._past.get(("as_of", at, query, mine), 0, lambda: self._as_of(at, query, mine))

    def _as_of(self, at: datetime, query: ListQuery, person_id: int) -> AlarmList:
        with asking(self._engine, DEADLINE_MS) as connection:
            found = read_as_of(
                connection, query, person_id, at, self._zone, self._flood, by_district=self._by_district
            )
        columns = self._places()
        return replace(found, rows=placed(found.rows, columns), learnt=placed(found.learnt, columns))

    def recovered(self, a: datetime, b: datetime, query: ListQuery) -> tuple[tuple[Recovered, ...], int]:
        """What ended between two instants, newest first, and how many: see ``as_of.read_recovered``."""
        return self._past.get(("recovered", a, b, query), 0, lambda: self._recovered(a, b, query))

    def _recovered(self, a: datetime, b: datetime, query: ListQuery) -> tuple[tuple[Recovered, ...], int]:
        with asking(self._engine, DEADLINE_MS) as connection:
            found, total = read_recovered(connection, query, a, b, by_district=self._by_district)
        rows = placed([one.row for one in found], self._places())
        return tuple(replace(one, row=row) for one, row in zip(found, rows, strict=True)), total

    def of_asset_then(
        self, asset_id: int, at: datetime
    ) -> tuple[tuple[AlarmRow, tuple[AlarmEvent, ...], tuple[AlarmEvent, ...]], ...]:
        """The alarms of one asset that stood at ``at``, each with its thread until and after it."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = read_of_asset_then(connection, asset_id, at, by_district=self._by_district)
            threads = [thread_then(connection, row.id, at) for row in rows[:THREADS_MOST]]
        told = placed(rows[:THREADS_MOST], self._places())
        return tuple((row, *thread) for row, thread in zip(told, threads, strict=True))

    # each person's own view --------------------------------------------------------------------------

    def view_of(self, viewer: Viewer) -> dict[str, Any]:
        """The filters ``viewer`` left the list with; empty when she never did."""
        return views.view_of(self._whole, viewer)

    def keep_view(self, viewer: Viewer, view: dict[str, Any]) -> None:
        """Keep the filters of the list for ``viewer``, on whatever console she comes back."""
        views.keep_view(self._whole, viewer, view)


def _now() -> datetime:
    return datetime.now(UTC)
