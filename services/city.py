"""The open city: what every callback and route is handed as its first argument.

Opened once by the front door, closed with it; nothing opens at import.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from geodata.database import open_engine, pulse_of
from geodata.profiles import CityProfile, read_profile
from geodata.pulse import DatabasePulse
from geodata.tiles import TileFile, open_tiles
from services.analysis import Analysis
from services.boards import Boards
from services.feedbook import Feedbook
from services.history import Corrections, History
from services.live import Hub
from services.metrics import Metrics
from services.notes import Notes
from services.registry import Registry
from services.settings import Settings


@dataclass
class City:
    """One city, open: its settings and profile, the database, and what is asked of each wing."""

    settings: Settings
    profile: CityProfile
    engine: Engine
    pulse: DatabasePulse
    live: Hub
    history: History
    analysis: Analysis
    registry: Registry
    boards: Boards
    metrics: Metrics
    feedbook: Feedbook
    notes: Notes
    corrections: Corrections
    tiles: TileFile | None = None

    async def start(self) -> None:
        """Begin to follow the live state, and to feel whether the database answers."""
        self.pulse.start()
        await self.live.start()

    async def close(self) -> None:
        """Let go of every connection."""
        await self.live.stop()
        self.engine.dispose()
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
    live = Hub(
        engine, str(settings.redis_url), area_kind=profile.area_kind, shard=profile.name, metrics=metrics
    )
    history = History(engine, profile.zone, settings.archive_folder)
    return City(
        settings,
        profile,
        engine,
        pulse,
        live,
        history,
        Analysis(engine, profile, history),
        Registry(engine, profile.area_kind),
        Boards(engine, profile),
        metrics,
        Feedbook(engine, profile.zone),
        Notes(engine),
        Corrections(engine, settings.archive_folder),
        _own_tiles(settings.tiles_url),
    )


def _own_tiles(url: str | None) -> TileFile | None:
    """The PMTiles file of the setting; an address of a tile server is the browser's to ask."""
    return open_tiles(Path(url)) if url and url.endswith(".pmtiles") else None
