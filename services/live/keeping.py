"""Keeping the history of states: an hourly keyframe, one at the end, and partitions made ahead."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import read_columns
from geodata.partitions import day_start, ensure_months, ensure_observation_days, month_start
from geodata.positions import KeptPositions, keep_positions
from geodata.profiles import CityProfile
from geodata.retention import apply_rules
from model.errors import Unavailable
from services.live.keyframes import load_state, thin_keyframes, write_keyframe
from services.live.letters import tidy
from services.live.state import LiveState

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
RETRY_S = 15.0
DAYS_AHEAD = 7


async def keep_history(
    engine: Engine, redis_url: str, profile: CityProfile, stop: asyncio.Event, *, every: timedelta = EVERY
) -> None:
    """Write a keyframe at every full hour (UTC) and when ``stop`` is set; make partitions ahead, and drop
    what the retention rules no longer allow, dead letters past their number and age, and keyframes so old
    that one in six hours will do.

    While the database is away it tries again every 15 s; nothing else depends on it.
    """
    while not stop.is_set():
        pause = _until_next(datetime.now(UTC), every)
        try:
            await asyncio.to_thread(make_partitions_ahead, engine, datetime.now(UTC))
            await asyncio.to_thread(keep_rules, engine, profile, datetime.now(UTC))
            await asyncio.to_thread(tidy, engine)
            await asyncio.to_thread(thin_keyframes, engine, datetime.now(UTC))
        except SQLAlchemyError:
            log.warning("partitions could not be made ahead: the database is away")
            pause = RETRY_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        await _keyframe(engine, redis_url, profile)


async def _keyframe(engine: Engine, redis_url: str, profile: CityProfile) -> None:
    try:
        await asyncio.to_thread(keep_keyframe, engine, redis_url, profile, datetime.now(UTC))
    except SQLAlchemyError:
        log.warning("no keyframe this time: the database is away")


def keep_keyframe(engine: Engine, redis_url: str, profile: CityProfile, at: datetime) -> int:
    """Store the state of ``at`` (aware), from Redis or else the database; how many assets it holds."""
    columns = read_columns(engine, profile.area_kind)
    records = load_state(engine, columns).records
    live = LiveState(redis_url, profile.name)
    try:
        snap = live.read()
    except Unavailable:
        snap = None
    finally:
        live.close()
    heard = snap is not None and snap.version == columns.version and len(snap.records) == len(records)
    if snap is not None and heard:
        newer = snap.records["time"] >= records["time"]
        records[newer] = snap.records[newer]
    write_keyframe(engine, columns, records, at, heard=heard)
    return len(records)


def make_partitions_ahead(engine: Engine, now: datetime) -> list[str]:
    """The partitions of this month and the next, and of the week's days, made where they are missing."""
    with engine.begin() as connection:
        months = ensure_months(connection, now, month_start(now, 1))
        return months + ensure_observation_days(connection, now, day_start(now, DAYS_AHEAD))


def keep_rules(engine: Engine, profile: CityProfile, now: datetime) -> KeptPositions:
    """Put the city's own retention rules in force, and drop what they no longer allow at ``now`` (aware)."""
    if apply_rules(engine, list(profile.retention)):
        log.info("the city's own retention rules are in force: %s", [rule.kind for rule in profile.retention])
    kept = keep_positions(engine, now)
    if kept.dropped:
        log.info("positions past their retention were dropped: %s", ", ".join(kept.dropped))
    return kept


def _until_next(now: datetime, every: timedelta) -> float:
    step = every.total_seconds()
    return step - now.timestamp() % step
