"""Running the simulated senders: read the city once, then report in real time until asked to stop."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from geodata.assets import read_columns
from geodata.demo_city import bus_lines, read_city
from geodata.profiles import CityProfile
from model.errors import Unavailable
from services.live import load_state
from services.simulation.broker import Gateway
from services.simulation.context import MEDIA_TYPE as NGSI_MEDIA_TYPE
from services.simulation.context import PATH as NGSI_PATH
from services.simulation.context import Broker
from services.simulation.documents import Documents
from services.simulation.driving import Fleet
from services.simulation.imperfections import Imperfections
from services.simulation.outbox import Outbox
from services.simulation.posting import Poster, Wire, wait
from services.simulation.providers import serving
from services.simulation.reports import Report
from services.simulation.sharing import Doors, Sharing
from services.simulation.shelf import Shelf
from services.simulation.stamps import local, utc
from services.simulation.storms import AREA
from services.simulation.wishes import taken
from services.simulation.world import World

log = logging.getLogger(__name__)

TICK_S = 1.0
AGAIN_S = 3.0


class City(NamedTuple):
    """What is simulated: all that stands, and the buses."""

    world: World
    fleet: Fleet


@dataclass(frozen=True)
class Ways:
    """The ways out: the intake and its key; the broker and the providers' port where there are."""

    intake_url: str
    key: str
    mqtt_url: str | None
    port: int | None


async def simulate(
    engine: Engine,
    intake_url: str,
    key: str,
    *,
    mqtt_url: str | None = None,
    port: int | None = None,
    profile: CityProfile,
    stop: asyncio.Event,
    seed: int | None = None,
    pace: float = 1.0,
    flaws: float = 1.0,
    tick_s: float = TICK_S,
    clock: Callable[[], float] = time.time,
    wishes: Path | None = None,
) -> int:
    """Send what the demo city's equipment reports, from the states the database holds on, until ``stop``.

    ``intake_url`` is the door's base address; with ``mqtt_url`` part of the traffic goes by the broker;
    with ``port`` providers of traffic and buses answer there, on loopback, and what they publish is not
    pushed. ``pace`` multiplies how often something fails, ``flaws`` how often something is told wrong (0:
    never); ``seed`` makes both repeatable. A storm wished for in the folder ``wishes`` begins at
    once. While the intake is away the newest state of each asset is
    kept. Returns how many observations the intake took over HTTP. Raises Unavailable where the port is
    taken.
    """
    city = await _read(engine, profile, stop, seed, pace, clock)
    if city is None:
        return 0
    wrong = Imperfections(city.world.seed, flaws)
    rng = random.Random(seed)  # noqa: S311  (jitter needs no secrecy)
    async with _sending(city, profile, Ways(intake_url, key, mqtt_url, port), wrong, stop, rng) as out:
        while not stop.is_set():
            now = clock()
            if wishes is not None:
                grant(city.world, wishes, now)
            out.sharing.hand_out(city.world.advance(now), now)
            if out.documents:
                out.documents.refresh(now)
            await wait(stop, tick_s)
    return sum(poster.sent for poster in out.posters)


def grant(world: World, wishes: Path, now: float) -> None:
    """Begin the storm somebody wished for, if one waits."""
    storm = taken(wishes)
    if storm is None:
        return
    strikes = world.storm(now, storm)
    log.info("a storm of %g min comes up, seed %s: %s strikes", storm.minutes, storm.seed, len(strikes))
    for strike in strikes:
        where = "an area" if strike.row == AREA else world.city.external_ids[strike.row]
        begin, end = (local(now + at, world.zone) for at in (strike.start, strike.end))
        log.info(
            "storm: %s at %s, %s assets, from %s to %s", strike.kind, where, len(strike.outages), begin, end
        )


class _Out(NamedTuple):
    """What takes reports away."""

    sharing: Sharing
    documents: Documents | None
    posters: list[Poster]


@asynccontextmanager
async def _sending(
    city: City,
    profile: CityProfile,
    ways: Ways,
    flaws: Imperfections,
    stop: asyncio.Event,
    rng: random.Random,
) -> AsyncIterator[_Out]:
    """Every way out, open; ``stop`` is set on leaving."""
    gateway = Gateway(ways.mqtt_url, profile.name) if ways.mqtt_url else None
    doors = Doors(Outbox(), Outbox(), gateway)
    sharing = Sharing(city.world, doors, flaws, polled=ways.port is not None)
    shelf = Shelf()
    documents = Documents(city.world, city.fleet, shelf, flaws) if ways.port is not None else None
    if documents:
        # Before anybody can ask: a supplier that is there has its documents.
        documents.refresh(city.world.now)
    with serving(ways.port, shelf):
        posters = _posters(ways, sharing, rng)
        posting = [asyncio.create_task(poster.run(stop)) for poster in posters]
        if gateway:
            gateway.start()
        try:
            yield _Out(sharing, documents, posters)
        finally:
            stop.set()
            await asyncio.gather(*posting)
            if gateway:
                await gateway.stop()


def _posters(ways: Ways, sharing: Sharing, rng: random.Random) -> list[Poster]:
    """Who empties the outboxes of plain push and of the context broker."""
    push, told = sharing.doors.push, sharing.doors.context
    posters = [Poster(ways.intake_url, ways.key, push, rng)]
    if told is not None:
        broker = Broker(sharing.world.city, sharing.type_of)

        def notify(batch: Sequence[Report]) -> bytes:
            return broker.notification(batch, utc(time.time()))

        wire = Wire(NGSI_PATH, NGSI_MEDIA_TYPE, notify)
        posters.append(Poster(ways.intake_url, ways.key, told, rng, wire, otherwise=push))
    return posters


async def _read(
    engine: Engine,
    profile: CityProfile,
    stop: asyncio.Event,
    seed: int | None,
    pace: float,
    clock: Callable[[], float],
) -> City | None:
    """The city of the database, tried again while that is away; None when asked to stop before."""
    while not stop.is_set():
        try:
            world = await asyncio.to_thread(read_world, engine, profile, clock(), seed, pace)
            return City(world, await asyncio.to_thread(read_fleet, engine, world))
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


def read_fleet(engine: Engine, world: World) -> Fleet:
    """The buses of ``world``, with the lines the database has for them."""
    rows = world.city.of("bus")
    buses = [(world.city.external_ids[row], str(world.city.attributes[row]["line"])) for row in rows.tolist()]
    return Fleet(bus_lines(engine), buses, world.city.lonlat[rows], world.zone)
