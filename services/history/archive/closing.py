"""The keeper of the archive: a loop beside the recorder that closes days and keeps the rules of retention."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.retention import forget_contacts, forget_subscribers
from model.errors import Unavailable
from services.history.archive.archive import Archive
from services.history.archive.retention import purge

log = logging.getLogger(__name__)

EVERY_S = 3_600.0
RETRY_S = 60.0


def close_once(engine: Engine, archive: Archive, after_days: int, now: datetime) -> int:
    """Delete what retention no longer allows, archive what is due at ``now`` (aware); days archived."""
    purge(engine, archive, now)
    if gone := forget_contacts(engine):
        log.info("retention of citizen_contact: %s contacts of closed letters erased", gone)
    if gone := forget_subscribers(engine):
        log.info("retention of report_subscriber: %s addresses of readers emptied", gone)
    done = archive.run(now, after_days)
    if done:
        rows, size = sum(day.count for day in done), sum(day.bytes for day in done)
        log.info(
            "archived %s days, %s to %s: %s rows, %s bytes", len(done), done[0].day, done[-1].day, rows, size
        )
    return len(done)


async def keep_archive(
    engine: Engine, archive: Archive, after_days: int, stop: asyncio.Event, *, every_s: float = EVERY_S
) -> None:
    """Close days until ``stop`` is set, every ``every_s``; an outage is logged and waited out."""
    while not stop.is_set():
        pause = every_s
        try:
            await asyncio.to_thread(close_once, engine, archive, after_days, datetime.now(UTC))
        except (Unavailable, SQLAlchemyError, OSError) as error:
            log.warning("the archive waits: %s", error)
            pause = min(RETRY_S, every_s)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
