"""A small simulated city for tests of what its providers publish: drawn once, no server."""

from datetime import UTC, datetime
from functools import cache

import numpy as np

from geodata.demo_city import DemoCity, draw_city
from geodata.demo_city.build import live_through
from geodata.profiles import read_profile
from services.simulation.driving import Fleet
from services.simulation.world import World

PROFILE = read_profile("demo")
MORNING = int(datetime(2026, 11, 20, 7, 10, tzinfo=UTC).timestamp())
"""Ten past eight on a Friday, local time: everybody drives."""


@cache
def small_city() -> DemoCity:
    """A tenth of the demo city: 40 segments, 12 buses."""
    return draw_city(PROFILE, 0.1)


@cache
def _story(now: int) -> tuple[bytes, bytes]:
    timeline = live_through(small_city(), PROFILE, now, past_days=15).timeline
    state, since = timeline.states(len(small_city()), now)
    return state.tobytes(), (since > 0).tobytes()


def world_at(now: int = MORNING, pace: float = 0.0) -> World:
    """The small city's world, as its past leaves it at ``now`` (s)."""
    state, known = _story(now)
    return World(
        small_city(), PROFILE.zone, now, np.frombuffer(state, "u1").copy(), np.frombuffer(known, "?"), 1, pace
    )


def fleet() -> Fleet:
    """The small city's buses."""
    city = small_city()
    rows = city.of("bus")
    buses = [(city.external_ids[row], city.attributes[row]["line"]) for row in rows.tolist()]
    return Fleet(city.lines, buses, city.lonlat[rows], PROFILE.zone)
