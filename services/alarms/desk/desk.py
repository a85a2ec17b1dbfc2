"""The desk: what people read of alarms and do about them, as callbacks and routes are handed it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.alarms import AlarmList, AlarmRow, AlarmSheet, HiddenRow, ListQuery
from model.viewer import Viewer
from services.alarms.desk import views
from services.alarms.desk.flood import flood_settings
from services.alarms.desk.hidden import read_hidden
from services.alarms.desk.kept import Kept
from services.alarms.desk.listing import read_list
from services.alarms.desk.news import AlarmNews
from services.alarms.desk.rows import Places, placed
from services.alarms.desk.sheet import read_of_asset, read_sheet

DEADLINE_MS = 3_000
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

    # each person's own view --------------------------------------------------------------------------

    def view_of(self, viewer: Viewer) -> dict[str, Any]:
        """The filters ``viewer`` left the list with; empty when she never did."""
        return views.view_of(self._whole, viewer)

    def keep_view(self, viewer: Viewer, view: dict[str, Any]) -> None:
        """Keep the filters of the list for ``viewer``, on whatever console she comes back."""
        views.keep_view(self._whole, viewer, view)


def _now() -> datetime:
    return datetime.now(UTC)
