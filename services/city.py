"""The open city: what every callback and route is handed as its first argument, as its viewer may see it.

Opened once by the front door, closed with it; nothing opens at import. ``seen_by`` narrows it to one person:
every wing then asks through an engine bound to her scope, and what she may not see is not there.
"""

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from geodata.database import open_engine, pulse_of
from geodata.profiles import CityProfile, read_profile
from geodata.pulse import DatabasePulse
from geodata.scoping import scope_of, scoped
from geodata.tiles import TileFile, open_tiles
from model.errors import Unavailable
from model.viewer import WHOLE_CITY, Scope, Viewer
from services.access import Access
from services.alarms import AlarmNews, Desk, Routes
from services.analysis import Analysis
from services.boards import KPI_BY_KEY, AreaMaps, Boards, Programmes, Promises
from services.composing import Compositions
from services.feedbook import Feedbook
from services.history import Corrections, History, Shelves
from services.listening import ALARMS
from services.live import Hub, Part
from services.metrics import Metrics
from services.notes import Notes
from services.publishing import artefact_store
from services.publishing.register import Publications
from services.registry import Registry
from services.reports import Archive, Subscribers
from services.settings import Settings
from services.voices import Voices

SCOPES_MOST = 64
"""Scopes whose wings are kept open; a city has as many as it has kinds of grants."""


@dataclass
class City:
    """One city, open: its settings and profile, the database, and what is asked of each wing."""

    settings: Settings
    profile: CityProfile
    engine: Engine
    pulse: DatabasePulse
    hub: Hub
    live: Hub | Part
    history: History
    analysis: Analysis
    registry: Registry
    boards: Boards
    promises: Promises
    programmes: Programmes
    area_maps: AreaMaps
    metrics: Metrics
    feedbook: Feedbook
    notes: Notes
    corrections: Corrections
    voices: Voices
    reports: Archive
    subscribers: Subscribers
    access: Access
    alarms: Desk
    alarm_news: AlarmNews
    alarm_routes: Routes
    publications: Publications
    compositions: Compositions
    tiles: TileFile | None = None
    viewer: Viewer | None = None
    _narrowed: OrderedDict[Scope, tuple[int, "City"]] = field(default_factory=OrderedDict, repr=False)

    def seen_by(self, viewer: Viewer) -> "City":
        """The city as ``viewer`` may see it. Wings, and whatever they keep, are shared by equal scopes."""
        return replace(self._within(viewer.scope), viewer=viewer, live=self.hub.seen_by(viewer.scope))

    @property
    def scope(self) -> Scope:
        """The part of the city this is."""
        return scope_of(self.engine) or WHOLE_CITY

    async def ready(self) -> None:
        """See that the live part of this scope is laid out; the first who looks waits for it.

        While the database is away it is left as it is, and says of itself that there is nothing to show.
        """
        with contextlib.suppress(Unavailable):
            await self.hub.ready(self.live)

    def _within(self, scope: Scope) -> "City":
        if scope.whole:
            return self
        # What a wing keeps was read of one layout: with the next it is let go, for assets may have moved.
        version = self.hub.columns.version if self.hub.columns else 0
        if self._narrowed.get(scope, (-1, self))[0] != version:
            self._narrowed[scope] = version, self._narrow(scope)
        self._narrowed.move_to_end(scope)
        while len(self._narrowed) > SCOPES_MOST:
            self._narrowed.popitem(last=False)
        return self._narrowed[scope][1]

    def _narrow(self, scope: Scope) -> "City":
        engine = scoped(self.engine, scope)
        wings = _wings(engine, self.settings, self.profile, self.history.shelves)
        alarms = _desk(engine, self.engine, self.profile, self.hub, self.alarm_news)
        return replace(self, engine=engine, alarms=alarms, **wings)

    async def start(self) -> None:
        """Begin to follow the live state, and to feel whether the database answers."""
        self.pulse.start()
        self.access.start()
        await self.hub.start()
        self.alarm_news.start(self.hub.tell)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.alarm_news.stop()
        await self.hub.stop()
        self.engine.dispose()
        await self.access.close()
        await asyncio.to_thread(self.pulse.stop)


def open_city(settings: Settings) -> City:
    """Open the city of ``settings``; its database and Redis addresses must be set by now.

    Nothing connects before it is used, so that a screen comes up, and says what is missing, while the
    database or Redis is away.
    """
    profile = read_profile(settings.city)
    pulse = pulse_of(str(settings.database_url))
    engine = open_engine(str(settings.database_url), statement_ms=10_000, pulse=pulse)
    metrics = Metrics()
    hub = Hub(
        engine, str(settings.redis_url), area_kind=profile.area_kind, shard=profile.name, metrics=metrics
    )
    access = Access(engine, settings, pulse)
    publications = Publications(engine, artefact_store(settings))
    news = AlarmNews(engine, lambda: access.listener.heard(ALARMS))
    hub.beside("alarms", news.facts)
    return City(
        settings=settings,
        profile=profile,
        engine=engine,
        pulse=pulse,
        hub=hub,
        live=hub,
        metrics=metrics,
        access=access,
        alarms=_desk(engine, engine, profile, hub, news),
        alarm_news=news,
        alarm_routes=Routes(engine),
        publications=publications,
        compositions=Compositions(engine, KPI_BY_KEY, publications),
        tiles=_own_tiles(settings.tiles_url),
        **_wings(engine, settings, profile),
    )


def _wings(
    engine: Engine, settings: Settings, profile: CityProfile, shelves: Shelves | None = None
) -> dict[str, Any]:
    """The wings that ask the database, through ``engine`` and thus within its scope. ``shelves`` are the
    whole city's: packed pieces of the past, read once and narrowed for each scope."""
    history = History(engine, profile.zone, settings.archive_folder, shelves)
    return {
        "history": history,
        "analysis": Analysis(engine, profile, history),
        "registry": Registry(engine, profile.area_kind),
        "boards": Boards(engine, profile),
        "promises": Promises(engine, profile),
        "programmes": Programmes(engine, profile),
        "area_maps": AreaMaps(engine, profile),
        "feedbook": Feedbook(engine, profile.zone),
        "notes": Notes(engine),
        "corrections": Corrections(engine, settings.archive_folder),
        "voices": Voices(engine, profile.zone),
        "reports": Archive(engine, profile.area_kind),
        "subscribers": Subscribers(engine, profile.area_kind),
    }


def _desk(engine: Engine, whole: Engine, profile: CityProfile, hub: Hub, news: AlarmNews) -> Desk:
    scope = scope_of(engine) or WHOLE_CITY
    return Desk(engine, whole, profile, news, lambda: hub.seen_by(scope).columns)


def _own_tiles(url: str | None) -> TileFile | None:
    """The PMTiles file of the setting; an address of a tile server is the browser's to ask."""
    return open_tiles(Path(url)) if url and url.endswith(".pmtiles") else None
