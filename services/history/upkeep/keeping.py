"""The keeper of the rollups: a loop beside the recorder."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from geodata.area_days import fill_area_days
from geodata.asking import asking
from model.errors import Unavailable
from services.history.archive.archive import Archive
from services.history.past.change_hours import keep_all_change_hours
from services.history.upkeep.rollups import DEADLINE_MS, ONE_AT_A_TIME, roll_up_dirty
from services.history.upkeep.state_rollups import roll_up_states

log = logging.getLogger(__name__)

EVERY_S = 30.0
LOOK_BACK = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)
"""How long after its end an hour of states is figured, for what is still on its way."""
BATCH = 200
"""Batches of the ingest whose hours are recomputed together."""

_FIGURED = text(
    "SELECT DISTINCT bucket FROM area_hour "
    "WHERE observed_property = 'fault_share' AND bucket >= :t0 AND bucket < :t1"
)


def hours_without_figures(engine: Engine, now: datetime) -> list[datetime]:
    """Finished hours of the last day that have no figures of states yet, oldest first."""
    this_hour = (now.astimezone(UTC) - PATIENCE).replace(minute=0, second=0, microsecond=0)
    with asking(engine) as connection:
        figured = set(connection.scalars(_FIGURED, {"t0": this_hour - LOOK_BACK, "t1": this_hour}))
    hours = [this_hour - timedelta(hours=back) for back in range(24, 0, -1)]
    return [hour for hour in hours if hour not in figured]


def keep_once(
    engine: Engine,
    zone: ZoneInfo,
    now: datetime,
    tried: set[datetime],
    area_kind: str = "commune",
    archive: Archive | None = None,
) -> int:
    """Recompute all dirty hours, pack finished hours of state changes, and figure the states of each finished
    hour not yet ``tried``; hours recomputed.

    Dirty days that are archived are put back first.
    """
    if archive:
        archive.restore_dirty(BATCH)
    done = taken = roll_up_dirty(engine, zone, BATCH, area_kind)
    while taken:
        taken = roll_up_dirty(engine, zone, BATCH, area_kind)
        done += taken
    keep_all_change_hours(engine, now)
    for hour in hours_without_figures(engine, now):
        if hour not in tried:
            roll_up_states(engine, zone, hour, area_kind)
            tried.add(hour)
    return done


_BEHIND = text("SELECT EXISTS (SELECT FROM area_hour) AND NOT EXISTS (SELECT FROM area_day)")


def catch_up(engine: Engine, zone: ZoneInfo) -> int:
    """Write the daily figures of areas where a history has none yet (an upgrade); rows written."""
    with asking(engine, DEADLINE_MS) as connection:
        connection.execute(ONE_AT_A_TIME)
        written = fill_area_days(connection, zone) if connection.scalar(_BEHIND) else 0
        connection.commit()
    if written:
        log.info("daily figures of areas were written for the whole past: %s rows", written)
    return written


async def keep_rollups(
    engine: Engine,
    zone: ZoneInfo,
    stop: asyncio.Event,
    *,
    area_kind: str = "commune",
    every_s: float = EVERY_S,
    archive: Archive | None = None,
) -> None:
    """Keep the rollups until ``stop`` is set, every ``every_s``; an outage is logged and waited out."""
    tried: set[datetime] = set()
    caught_up = False
    while not stop.is_set():
        try:
            if not caught_up:
                await asyncio.to_thread(catch_up, engine, zone)
                caught_up = True
            await asyncio.to_thread(keep_once, engine, zone, datetime.now(UTC), tried, area_kind, archive)
        except Unavailable as away:
            log.warning("rollups wait: %s", away)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)
