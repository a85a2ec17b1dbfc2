"""Running the simulated senders: read the city once, then report in real time until asked to stop."""

import asyncio
import logging
import random
import time
from collections.abc import Callable

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import read_columns
from geodata.demo_city import read_city
from geodata.profiles import CityProfile
from model.errors import Unavailable
from services.live import load_state
from services.simulation.broker import Gateway
from services.simulation.outbox import Outbox
from services.simulation.posting import Poster, wait
from services.simulation.reports import Report
from services.simulation.world import World

log = logging.getLogger(__name__)

BY_BROKER = ("gateway", "camera", "access_point", "bollard")
"""Asset types whose gateways speak MQTT where there is a broker; the others push over HTTP."""
TICK_S = 1.0
AGAIN_S = 3.0


async def simulate(
    engine: Engine,
    intake_url: str,
    key: str,
    *,
    mqtt_url: str | None = None,
    profile: CityProfile,
    stop: asyncio.Event,
    seed: int | None = None,
    pace: float = 1.0,
    tick_s: float = TICK_S,
    clock: Callable[[], float] = time.time,
) -> int:
    """Send what the demo city's equipment reports, from the states the database holds on, until ``stop``.

    ``intake_url`` is the door's base address; with ``mqtt_url`` part of the traffic goes by the broker.
    ``pace`` multiplies how often something fails; ``seed`` makes that repeatable. While the intake is away
    the newest state of each asset is kept. Returns how many observations the intake took over HTTP.
    """
    world = await _read_world(engine, profile, stop, seed, pace, clock)
    if world is None:
        return 0
    gateway = Gateway(mqtt_url, profile.name) if mqtt_url else None
    outbox = Outbox()
    # Jitter keeps senders from coming back all at once; it needs no secrecy.
    poster = Poster(intake_url, key, outbox, random.Random(seed))  # noqa: S311
    posting = asyncio.create_task(poster.run(stop))
    if gateway:
        gateway.start()
    try:
        while not stop.is_set():
            _hand_out(world.advance(clock()), world, outbox, gateway)
            await wait(stop, tick_s)
    finally:
        stop.set()
        await posting
        if gateway:
            await gateway.stop()
    return poster.sent


async def _read_world(
    engine: Engine,
    profile: CityProfile,
    stop: asyncio.Event,
    seed: int | None,
    pace: float,
    clock: Callable[[], float],
) -> World | None:
    """The city of the database, tried again while that is away; None when asked to stop before."""
    while not stop.is_set():
        try:
            return await asyncio.to_thread(read_world, engine, profile, clock(), seed, pace)
        except (SQLAlchemyError, Unavailable) as error:
            log.warning("the database is away (%s); trying again", type(error).__name__)
            await wait(stop, AGAIN_S)
    return None


def read_world(
    engine: Engine, profile: CityProfile, now: float, seed: int | None = None, pace: float = 1.0
) -> World:
    """The demo city of ``engine`` as it stands, ready to go on from ``now`` (seconds since 1970).

    An asset the database never heard of, and would not know the state of, stays silent.
    """
    city = read_city(engine)
    loaded = load_state(engine, read_columns(engine, profile.area_kind))
    known = loaded.records["time"] > 0
    first = int(now) if seed is None else seed
    return World(city, profile.zone, now, loaded.records["state"].copy(), np.asarray(known), first, pace)


def _hand_out(reports: list[Report], world: World, outbox: Outbox, gateway: Gateway | None) -> None:
    """Each report to the door its sender uses; to the intake's own while the broker is away."""
    if gateway is None or not gateway.connected:
        outbox.put(reports)
        return
    by_type: dict[str, list[Report]] = {}
    pushed = []
    for report in reports:
        kind = world.type_of(report.asset)
        if kind in BY_BROKER:
            by_type.setdefault(kind, []).append(report)
        else:
            pushed.append(report)
    outbox.put(pushed)
    gateway.publish(by_type)
