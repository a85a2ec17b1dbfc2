"""The alarm process: looks four times a second, waits while the database is away, yields to who was first."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.database import plain_url
from geodata.profiles import CityProfile
from services.alarms.engine.engine import AlarmEngine, NotAlone
from services.listening import ALARMS, Listener
from services.live import NewestTimes

log = logging.getLogger(__name__)

LOOK_S = 0.25
AGAIN_S = 1.0
STAND_BY_S = 2.0


async def watch_alarms(engine: Engine, redis_url: str, profile: CityProfile, stop: asyncio.Event) -> None:
    """Watch the alarms of the city until ``stop``."""
    listener = Listener(plain_url(engine.url.render_as_string(hide_password=False)))
    listener.start()
    heard = NewestTimes(redis_url, profile.name)
    watching = AlarmEngine(engine, profile, heard.of, hope=lambda: not stop.is_set())
    try:
        await _look(watching, _changed(listener), stop)
    finally:
        watching.close()
        heard.close()
        await asyncio.to_thread(listener.stop)


def _changed(listener: Listener) -> Callable[[], bool]:
    """Whether anything about alarms changed since it was last asked; True while nobody would hear of it."""
    known: list[int | None] = [None]

    def asked() -> bool:
        count = listener.heard(ALARMS)
        changed = count is None or count != known[0]
        known[0] = count
        return changed

    return asked


async def _look(watching: AlarmEngine, changed: Callable[[], bool], stop: asyncio.Event) -> None:
    told = ""
    while not stop.is_set():
        pause, why = LOOK_S, ""
        try:
            if await asyncio.to_thread(lambda: watching.step(datetime.now(UTC), changed=changed())):
                pause = 0.0
        except NotAlone:
            pause, why = STAND_BY_S, "another process watches the alarms; standing by"
        except (psycopg.Error, SQLAlchemyError) as error:
            pause, why = (
                AGAIN_S,
                f"alarms are not watched, the database: {type(error).__name__} {error}".strip(),
            )
        if why and why != told:
            log.warning("%s", why)
        told = why
        await _pause(stop, pause)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
