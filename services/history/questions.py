"""Questions put to the city's memory: one object with every question, answered in modules by subject."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from geodata.asking import asking
from geodata.assets import Columns
from geodata.scoping import scope_of
from model.answers import Comparison, Distribution, Of, Profile, Ranking
from model.errors import BadRequest
from model.registry import Fact, LatestValue
from model.series import Asked, Density, Series, Source, Step, days_later
from services.history.archive.cold import Cold
from services.history.calendar import day_start
from services.history.figures import (
    area_series,
    areas,
    comparing,
    counted,
    distributions,
    profiles,
    ranking,
    series,
)
from services.history.figures.areas import DayFigure
from services.history.figures.raw import Raw, raw_readings
from services.history.figures.reaching import Ids, Reach, can_reach
from services.history.past import timeline, values
from services.history.past.change_rows import Changes
from services.history.past.density import Timeline, first_on_record, read_density, read_gaps, step_of
from services.history.past.difference import Difference, differing, read_faulted
from services.history.past.playing import Played, known_codes, played
from services.history.past.replay import Periods, Shelves
from services.history.past.timeline import PastState

KEPT_S = 30.0
MOST_KEPT = 8


class History:
    """The history of one city. Every method blocks (call it in a thread) and ends within its deadline.

    ``archive`` is the folder of closed days; without one, what lies there cannot be asked for. ``shelves``
    are the whole city's: an engine bound to a scope reads the packed past through them. All raise
    Unavailable when the database or the archive is away or too slow, BadRequest for an impossible period,
    and TooBroad (a BadRequest) for a question that would run for minutes, with a better one to ask.
    """

    def __init__(
        self, engine: Engine, zone: ZoneInfo, archive: Path | None = None, shelves: Shelves | None = None
    ) -> None:
        self._engine = engine
        self._zone = zone
        self._cold = Cold(archive) if archive else None
        self._kept: dict[datetime, tuple[float, PastState]] = {}
        whole = shelves or Shelves()
        self.shelves = whole if scope_of(engine) is None else whole.scoped()
        self._periods = Periods()

    def series(
        self,
        asset_id: int,
        observed_property: str,
        t0: datetime,
        t1: datetime,
        by: Source | None = None,
        points: int | None = None,
    ) -> Series:
        """One property of one asset over [t0, t1): raw up to 2 days, hours to two months, else days.

        ``by`` asks for one of these; raw readings may lie in the archive. ``points`` bounds how many raw
        readings come back, extremes kept. TooBroad, with a better question, where raw would be millions.
        """
        asked = Asked(observed_property, t0, t1, asset_id=asset_id)
        return series.asset_series(self._engine, self._zone, asked, by, self._cold, points)

    def series_until(self, asset_id: int, observed_property: str, span: timedelta, at: datetime) -> Series:
        """One property of one asset over the ``span`` that ends at ``at``, with nothing later than ``at``.

        A figure of a whole hour or local day would hold what came after: such a series ends with the last one
        that was over.
        """
        found = self.series(asset_id, observed_property, at - span, at)
        end = at
        if found.source in ("hour", "day"):
            end = at.replace(minute=0, second=0, microsecond=0)
        if found.source == "day":
            end = day_start(at.astimezone(self._zone).date(), self._zone)
        if end == at:
            return found
        asked = replace(found.asked, t0=end - span, t1=end)
        return series.asset_series(self._engine, self._zone, asked, found.source, self._cold)

    def area_series(
        self,
        area_id: int | None,
        asset_type: str,
        observed_property: str,
        t0: datetime,
        t1: datetime,
        by: Step = "hour",
    ) -> Series:
        """One property of an asset type in an area (None: the city) over [t0, t1), by hour or local day."""
        return self.answer(Asked(observed_property, t0, t1, None, asset_type, area_id, by))

    def answer(self, asked: Asked) -> Series:
        """The series of ``asked``, of one asset or of an area."""
        if asked.asset_id is None:
            return area_series.area_series(self._engine, self._zone, asked)
        return series.asset_series(self._engine, self._zone, asked, cold=self._cold)

    def hourly(self, asked: Asked) -> Series:
        """The series of ``asked`` by the hour, however long."""
        if asked.asset_id is None:
            return self.answer(replace(asked, step="hour"))
        return series.asset_series(self._engine, self._zone, asked, "hour")

    def previous(self, given: Series, days_back: int = 7) -> Series:
        """The same question some local days earlier, moved onto the times of ``given``, same source."""
        asked = given.asked
        span = timedelta(days=days_back)
        t0, t1 = (moment.astimezone(self._zone) - span for moment in (asked.t0, asked.t1))
        earlier = replace(asked, t0=t0, t1=t1)
        if asked.asset_id is None:
            found = area_series.area_series(self._engine, self._zone, earlier)
        else:
            found = series.asset_series(self._engine, self._zone, earlier, given.source, self._cold)
        return days_later(found, self._zone, days_back)

    def profile(self, asked: Asked) -> Profile:
        """How the quantity of ``asked`` goes through the week: see ``profiles.profile_of``."""
        return profiles.profile_of(self.hourly(asked), self._zone)

    def compare(self, asked: Asked, days_back: int = comparing.WEEK) -> Comparison:
        """The series of ``asked`` beside the same ``days_back`` local days earlier: see ``comparing``.

        WEEK, YEAR (52 weeks, so that weekdays meet) or any number of days. A raw series is compared by the
        hour, for two raw series share no instants. BadRequest unless ``days_back`` is 1 or more.
        """
        if days_back < 1:
            raise BadRequest("a period is compared with an earlier one: at least one day before")
        now = self.answer(asked)
        if now.source == "raw":
            now = self.hourly(asked)
        return comparing.compared(now, self.previous(now, days_back), days_back)

    def rank(
        self,
        asset_type: str,
        observed_property: str,
        t0: datetime,
        t1: datetime,
        *,
        of: Of = "asset",
        area_id: int | None = None,
        most: int = 10,
        lowest: bool = False,
    ) -> Ranking:
        """The assets or areas with the highest (or ``lowest``) figure over [t0, t1): see ``ranking``."""
        asked = Asked(observed_property, t0, t1, None, asset_type, area_id)
        return ranking.ranked(self._engine, self._zone, asked, of, most, lowest=lowest)

    def distribution(self, asked: Asked, bins: int = 30) -> Distribution:
        """How often which values occurred, of one asset or of all of a type: see ``distributions``."""
        return distributions.distribution(self._engine, self._zone, asked, bins, self._cold)

    def area_days(
        self,
        asset_type: str,
        observed_property: str,
        first_day: date,
        last_day: date,
        area_id: int | None = None,
    ) -> list[DayFigure]:
        """Figures of every local day from ``first_day`` to ``last_day``: see ``areas.area_days``."""
        return areas.area_days(self._engine, asset_type, observed_property, first_day, last_day, area_id)

    def counted_days(
        self,
        asset_type: str,
        observed_property: str,
        first_day: date,
        last_day: date,
        area_id: int | None = None,
    ) -> list[DayFigure]:
        """As ``area_days``, counted anew from raw readings, archived ones too: see ``counted``."""
        return counted.counted_days(
            self._engine, self._zone, self._cold, asset_type, observed_property, first_day, last_day, area_id
        )

    def state_at(self, at: datetime) -> PastState:
        """The state of every asset at ``at``: see ``timeline.state_at``. Do not write into its arrays.

        An answer is kept for half a minute: the map and the list of an instant ask for the same.
        """
        kept = self._kept.get(at)
        if kept and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        state = timeline.state_at(self._engine, at, self.shelves, self._periods)
        self._kept = dict(list(self._kept.items())[1 - MOST_KEPT :]) | {at: (time.monotonic(), state)}
        return state

    def since(self, at: datetime, asset_ids: Sequence[int], statuses: Sequence[int]) -> dict[int, datetime]:
        """Since when each of a few assets had the status given for it: see ``timeline.since``."""
        return timeline.since(self._engine, at, asset_ids, statuses)

    def values_at(self, asset_id: int, at: datetime) -> list[LatestValue]:
        """The newest value of each datastream of an asset not after ``at``: see ``values.values_at``."""
        return values.values_at(self._engine, asset_id, at, self._cold)

    def facts_at(self, asset_id: int, at: datetime, limit: int = 6) -> list[Fact]:
        """The last changes of state of an asset not after ``at``, newest first: see ``values.facts_at``."""
        return values.facts_at(self._engine, asset_id, at, limit)

    def changes(self, t0: datetime, t1: datetime) -> Changes:
        """Every state change with t0 < time <= t1, in order of time."""
        with asking(self._engine) as connection:
            return self.shelves.changes.between(connection, t0, t1)

    def readings(self, streams: Sequence[int], t0: datetime, t1: datetime, ms: int) -> Raw:
        """Every reading of ``streams`` in [t0, t1), corrected, bad ones left out: see ``raw.raw_readings``.

        For work somebody waits for on purpose, ``ms`` at most.
        """
        with asking(self._engine, ms) as connection:
            return raw_readings(connection, self._cold, streams, t0, t1)

    def can_reach(self, streams: Ids, t0: datetime, t1: datetime, reach: Reach, ms: int) -> Ids:
        """Those of ``streams`` whose readings in [t0, t1) can come to ``reach``: see ``can_reach``."""
        with asking(self._engine, ms) as connection:
            return can_reach(connection, self._zone, streams, t0, t1, reach)

    def played(self, columns: Columns, t0: datetime, t1: datetime) -> Played:
        """What to play of (t0, t1] on the layout ``columns``: see ``playing.played``."""
        return played(self._engine, self.shelves, columns, t0, t1)

    def difference(self, columns: Columns, a: datetime, b: datetime) -> Difference:
        """What became of every asset of ``columns`` between ``a`` and ``b``: see ``difference``."""
        before, after = (known_codes(columns, self.state_at(at)) for at in (a, b))
        with asking(self._engine) as connection:
            faulted = read_faulted(connection, columns, a, b)
        return differing(columns, a, b, before, after, faulted)

    def timeline(self, t0: datetime, t1: datetime, steps: int) -> Timeline:
        """Everything a timeline of [t0, t1) draws, in at most ``steps`` steps: see ``density.Timeline``."""
        with asking(self._engine) as connection:
            density = read_density(connection, self.shelves.changes, t0, t1, step_of(t0, t1, steps))
            gaps = read_gaps(connection, t0, t1)
            return Timeline(density, gaps, first_on_record(connection))

    def change_density(self, t0: datetime, t1: datetime, step_s: int) -> Density:
        """Counts of state changes by gravity in each step of [t0, t1): see ``density.read_density``."""
        with asking(self._engine) as connection:
            return read_density(connection, self.shelves.changes, t0, t1, step_s)
