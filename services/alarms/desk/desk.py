"""The desk: what people read of alarms and do about them, as callbacks and routes are handed it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.alarms import (
    Acknowledged,
    AlarmList,
    AlarmRow,
    AlarmSheet,
    Assignable,
    Dossier,
    HiddenRow,
    Hiding,
    ListQuery,
    Seen,
    Target,
)
from model.errors import NotFound, Unavailable
from model.viewer import Viewer
from services.alarms.desk import ending, grouping, handling, hidings, views
from services.alarms.desk.acting import is_deadlock
from services.alarms.desk.dossier import Shown, nothing_protected, read_dossier
from services.alarms.desk.flood import flood_settings, read_flood
from services.alarms.desk.hidden import read_hidden
from services.alarms.desk.kept import Kept
from services.alarms.desk.listing import read_list
from services.alarms.desk.marks import Marks, read_marks
from services.alarms.desk.news import AlarmNews
from services.alarms.desk.past import PastDesk
from services.alarms.desk.people import read_assignable
from services.alarms.desk.rows import Places, placed, rows_by_id
from services.alarms.desk.sheet import read_of_asset, read_sheet
from services.alarms.desk.windows import Window, read_windows

DEADLINE_MS = 3_000
_MINE = "mine"
T = TypeVar("T")


class Desk(PastDesk):
    """The alarms one scope sees. Every method blocks (call it in a thread), three seconds at most.

    ``engine`` is bound to the scope, ``whole`` is the whole city's: rights and persons are not asked through
    a scope. All raise Unavailable when the database is away or too slow.
    """

    def __init__(
        self, engine: Engine, whole: Engine, profile: CityProfile, news: AlarmNews,
        places: Places = lambda: None,
    ) -> None:  # fmt: skip
        super().__init__(engine, profile, places)
        self._engine = engine
        self._whole = whole
        self._zone = profile.zone
        self._crs = profile.metric_crs
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

    def marks(self) -> Marks:
        """What of the alarms stands on the map and may sound: see ``marks.py``. Kept for a revision."""
        return self._kept.get("marks", self.news.revision, self._marks)

    def _marks(self) -> Marks:
        columns = self._places()
        place = (lambda asset: -1) if columns is None else columns.index_of
        with asking(self._engine, DEADLINE_MS) as connection:
            found = read_marks(connection, _now(), place)
            flood = read_flood(connection, _now(), self._zone, self._flood)
        return replace(found, flood=flood.on)

    def hidden(self) -> tuple[HiddenRow, ...]:
        """What is hidden now, oldest first: see ``hidden.py``."""
        return self._kept.get("hidden", self.news.revision, self._hidden)

    def _hidden(self) -> tuple[HiddenRow, ...]:
        with asking(self._engine, DEADLINE_MS) as connection:
            return read_hidden(connection, _now())

    def windows(self) -> tuple[Window, ...]:
        """Windows of works, to come, running and just over: see ``windows.py``."""
        with asking(self._engine, DEADLINE_MS) as connection:
            return read_windows(connection, _now())

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

    def dossier(
        self, alarm_id: int, radius_m: float = 200.0, span_s: float = 1800.0,
        shown: Shown = nothing_protected,
    ) -> Dossier:  # fmt: skip
        """What lies near an alarm in place and time, ranked: see ``dossier.py``.

        ``shown`` says which protected assets may be shown to who asks, and records it; by default none.
        """
        found = read_dossier(
            self._engine, alarm_id, radius_m, span_s, self._crs, shown, _now(), by_district=self._by_district
        )
        columns = self._places()
        if columns is None:
            return found
        place = {name: index for index, name in enumerate(columns.external_ids.tolist())}
        return replace(
            found,
            alarm=placed([found.alarm], columns)[0],
            found=tuple(
                replace(
                    one,
                    index=place.get(one.asset, -1),
                    alarm=placed([one.alarm], columns)[0] if one.alarm else None,
                )
                for one in found.found
            ),
        )

    def assignable(self, alarm_id: int) -> tuple[Assignable, ...]:
        """Who an alarm may be given to, by name. NotFound."""
        return read_assignable(self._engine, self._whole, alarm_id)

    def asset_named(self, external_id: str) -> int:
        """The registry's id of an asset of the scope. NotFound."""
        found = hidings.reachable(self._engine, [external_id])
        if external_id not in found:
            raise NotFound(f"no asset {external_id}")
        return found[external_id]

    # answering ---------------------------------------------------------------------------------------
    #
    # Each is one transaction in the viewer's own scope, at ``now`` (aware, and no other instant), and returns
    # when it is committed. All raise Refused for a role that may not, NotNow where things stand otherwise,
    # NotFound, BadField naming what cannot be taken, and Unavailable: then nothing is done, or nobody knows,
    # and the list says which.

    def acknowledge(self, viewer: Viewer, seen: Sequence[Seen], now: datetime) -> Acknowledged:
        """Acknowledge alarms as they were read back: see ``handling.acknowledge``."""
        done = self._done(
            lambda: handling.acknowledge(self._whole, viewer, seen, now, by_district=self._by_district)
        )
        return replace(done, done=placed(done.done, self._places()))

    def confirm(self, viewer: Viewer, alarm_id: int, action: str, now: datetime) -> AlarmRow:
        """Say what was done about an acknowledged alarm."""
        return self._answered(alarm_id, lambda: handling.confirm(self._whole, viewer, alarm_id, action, now))

    def reset(self, viewer: Viewer, alarm_id: int, now: datetime) -> AlarmRow:
        """Let go of a latched alarm that is over."""
        return self._answered(alarm_id, lambda: handling.reset(self._whole, viewer, alarm_id, now))

    def assign(self, viewer: Viewer, alarm_id: int, person_id: int | None, now: datetime) -> AlarmRow:
        """Give an alarm to one of ``assignable``, or to nobody."""
        return self._answered(
            alarm_id, lambda: handling.assign(self._whole, viewer, alarm_id, person_id, now)
        )

    def comment(self, viewer: Viewer, alarm_id: int, said: str, now: datetime) -> AlarmRow:
        """Add a line to an alarm's thread."""
        return self._answered(alarm_id, lambda: handling.comment(self._whole, viewer, alarm_id, said, now))

    def rate(self, viewer: Viewer, alarm_id: int, useless: bool, said: str, now: datetime) -> AlarmRow:
        """Say whether an alarm was of use."""
        return self._answered(
            alarm_id, lambda: handling.rate(self._whole, viewer, alarm_id, useless, said, now)
        )

    def group(self, viewer: Viewer, ids: Sequence[int], cause_id: int, now: datetime) -> AlarmRow:
        """Put alarms under a cause by hand; the cause's row."""
        return self._answered(cause_id, lambda: grouping.group(self._whole, viewer, ids, cause_id, now))

    def ungroup(self, viewer: Viewer, alarm_id: int, now: datetime) -> AlarmRow:
        """Take an alarm out from under the cause somebody put it under."""
        return self._answered(alarm_id, lambda: grouping.ungroup(self._whole, viewer, alarm_id, now))

    def shelve(
        self, viewer: Viewer, alarm_id: int, until: datetime, reason: str, ends_when: str, now: datetime
    ) -> AlarmRow:
        """Keep an alarm from the list for a while."""
        return self._answered(
            alarm_id,
            lambda: hidings.shelve(self._whole, viewer, alarm_id, until, reason, ends_when, now),
        )

    def unshelve(self, viewer: Viewer, hiding_id: int, now: datetime) -> None:
        """Bring a shelved alarm back."""
        self._done(lambda: ending.bring_back(self._whole, viewer, hiding_id, Hiding.SHELVED, now))

    def out_of_service(
        self, viewer: Viewer, target: Target, from_at: datetime, until: datetime, reason: str, reference: str,
        annotation_id: int | None, now: datetime,
    ) -> int:  # fmt: skip
        """Take equipment out of service for the alarms; the id of the hiding."""
        return self._done(
            lambda: hidings.out_of_service(
                self._whole, viewer, target, from_at, until, reason, reference, annotation_id, now
            )
        )

    def in_service(self, viewer: Viewer, hiding_id: int, now: datetime) -> None:
        """Put equipment into service again."""
        self._done(lambda: ending.bring_back(self._whole, viewer, hiding_id, Hiding.OUT_OF_SERVICE, now))

    def ask_disabling(
        self, viewer: Viewer, target: Target, until: datetime, reason: str, now: datetime
    ) -> int:
        """Ask that a class of alarms be disabled; the id of the hiding, which waits for a second person."""
        return self._done(lambda: hidings.ask_disabling(self._whole, viewer, target, until, reason, now))

    def second_disabling(self, viewer: Viewer, hiding_id: int, now: datetime) -> None:
        """Agree, as a second person, that alarms be disabled."""
        self._done(lambda: ending.second_disabling(self._whole, viewer, hiding_id, now))

    def enable(self, viewer: Viewer, hiding_id: int, now: datetime) -> None:
        """Enable alarms again, or withdraw the asking."""
        self._done(lambda: ending.bring_back(self._whole, viewer, hiding_id, Hiding.DISABLED, now))

    def _answered(self, alarm_id: int, act: Callable[[], object]) -> AlarmRow:
        self._done(act)
        with asking(self._engine, DEADLINE_MS) as connection:
            row = rows_by_id(connection, [alarm_id], _now(), by_district=self._by_district)[alarm_id]
        return placed([row], self._places())[0]

    def _done(self, act: Callable[[], T]) -> T:
        try:
            made = act()
        except Unavailable as error:
            if not is_deadlock(error):
                raise
            # The engine and a person met in the middle: the database undid ours, and it is done again.
            made = act()
        self.news.acted()
        return made

    # each person's own view --------------------------------------------------------------------------

    def view_of(self, viewer: Viewer) -> dict[str, Any]:
        """The filters ``viewer`` left the list with; empty when she never did."""
        return views.view_of(self._whole, viewer)

    def keep_view(self, viewer: Viewer, view: dict[str, Any]) -> None:
        """Keep the filters of the list for ``viewer``, on whatever console she comes back."""
        views.keep_view(self._whole, viewer, view)


def _now() -> datetime:
    return datetime.now(UTC)
