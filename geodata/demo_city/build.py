"""Building the demo city in an empty database: areas, streets, assets, and thirteen months of past.

The history is committed first and the assets last, in one transaction: a build that was killed leaves no
assets, so the next start sees an empty city, clears what was left and builds it again.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine, text

from geodata.area_days import fill_area_days
from geodata.demo_city.city import SEED, DemoCity, draw_city
from geodata.demo_city.measures import Cut, Span
from geodata.demo_city.outages import HOUR, storm_nights, write_ledger
from geodata.demo_city.past import Story, write_past
from geodata.demo_city.physics import Physics
from geodata.demo_city.physics_sky import DAY, clock, instant
from geodata.demo_city.registry import write_city
from geodata.demo_city.renovation import renovation
from geodata.demo_city.timeline import write_timeline
from geodata.partitions import (
    PARTITIONED,
    day_start,
    ensure_months,
    ensure_observation_days,
    month_start,
)
from geodata.profiles import CityProfile
from model.errors import BadRequest

Progress = Callable[[str, int, int | None], None]
STAGES = ("draw", "live_through", "write_past", "write_city", "analyze", "alarms")
"""Stages named to ``progress``; their texts are ``demo.stage.<name>`` of the catalogues."""

PAST_DAYS, RECENT_DAYS = 430, 14
_HISTORY = (
    "rollup_hour",
    "rollup_day",
    "area_hour",
    "area_day",
    "dirty_batch",
    "state_keyframe",
    "change_hour",
    "dirty_change_hour",
    *PARTITIONED,
)


@dataclass(frozen=True)
class DemoReport:
    """What was built: rows by table, all that happened, and seconds by stage."""

    rows: dict[str, int]
    story: Story
    seconds: dict[str, float] = field(default_factory=dict)


def needs_demo(engine: Engine) -> bool:
    """Whether the database holds no asset at all, so that the demo city may be built in it."""
    with engine.connect() as connection:
        return not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM asset)"))


def build_demo_city(
    engine: Engine,
    profile: CityProfile,
    *,
    now: datetime,
    scale: float = 1.0,
    past_days: int = PAST_DAYS,
    progress: Progress | None = None,
    alarms: Callable[[Engine, CityProfile, Story], Counter[str]] | None = None,
) -> DemoReport:
    """Draw the demo city and write it with its past up to ``now`` (aware).

    ``scale`` 1 is the full city, 0.02 a few hundred lamps with the same structure; ``past_days`` may be
    less than thirteen months where nobody looks that far back (15 at least). ``progress`` is told each
    stage, its number and how many there are. ``alarms`` writes what of it was alarming, and says how many
    rows. Raises BadRequest where assets exist already.
    """
    if not needs_demo(engine):
        raise BadRequest("this database already holds a city: the demo city is built in an empty one only")
    seconds: dict[str, float] = {}

    def stage(name: str) -> None:
        seconds[name] = time.monotonic()
        if progress:
            progress(f"demo.stage.{name}", STAGES.index(name) + 1, len(STAGES))

    stage("draw")
    city = draw_city(profile, scale)
    stage("live_through")
    story = live_through(city, profile, int(now.timestamp()), past_days)
    _clear(engine, story)
    stage("write_past")
    rows = write_past(engine, story)
    rows["area_day"] = _days_of_areas(engine, profile)
    stage("write_city")
    rows += write_city(engine, story)
    stage("analyze")
    _analyze(engine)
    if alarms:
        stage("alarms")
        rows += alarms(engine, profile, story)
    return DemoReport(dict(rows), story, _lasted(seconds))


def _lasted(started: dict[str, float]) -> dict[str, float]:
    ends = [*list(started.values())[1:], time.monotonic()]
    return {name: round(end - start, 2) for (name, start), end in zip(started.items(), ends, strict=True)}


def physics_of(city: DemoCity, profile: CityProfile, now: int) -> Physics:
    """The behaviour of a drawn city from thirteen months before ``now`` (s) to a year after."""
    today = now // DAY
    renewed = renovation(city, today)
    return Physics(city, profile.zone, today - PAST_DAYS - 2, today + 366, renewed)


def live_through(city: DemoCity, profile: CityProfile, now: int, past_days: int = PAST_DAYS) -> Story:
    """Everything that happened in ``city`` in the ``past_days`` before ``now`` (s)."""
    physics = physics_of(city, profile, now)
    today = int(clock(profile.zone, np.array([now])).day[0])
    first = instant(profile.zone, today - past_days)
    span = Span(first, now - now % HOUR - RECENT_DAYS * DAY, now)
    storms = [
        (instant(profile.zone, day, 21.0), instant(profile.zone, day, 23.5))
        for day in storm_nights(now, first, SEED)
    ]
    ledger = write_ledger(city, SEED, first, now, storms)
    timeline = write_timeline(physics, ledger, span.recent, now)
    return Story(physics, ledger, timeline, _cuts(profile, today), span, tuple(storms))


def _cuts(profile: CityProfile, today: int) -> list[Cut]:
    """Feeds that were away for some hours: two in the last two weeks, others before."""
    wanted = (
        (("detector",), 4, 10.0, 3.0),
        (("control_cabinet",), 9, 1.0, 3.0),
        (("meter",), 41, 0.0, 9.0),
        (("detector",), 97, 6.0, 5.0),
        (("control_cabinet", "meter"), 166, 12.0, 3.0),
        (("meter",), 233, 20.0, 16.0),
        (("detector",), 301, 0.0, 24.0),
    )
    return [
        Cut(types, start, start + int(hours * HOUR))
        for types, ago, hour, hours in wanted
        for start in [instant(profile.zone, today - ago, hour)]
    ]


def _clear(engine: Engine, story: Story) -> None:
    """Make room: empty what a killed build left, and make partitions, those of the next days too.

    States from the oldest outage that still lasts: one lamp in thousands is out of service for half a year.
    """
    oldest = min(story.span.recent, int(story.timeline.at.min()))
    first, recent, now = (
        datetime.fromtimestamp(at, UTC) for at in (oldest, story.span.recent, story.span.now)
    )
    with engine.begin() as connection:
        for table in _HISTORY:
            connection.execute(text(f"TRUNCATE {table}"))
        ensure_months(connection, first, month_start(now, 1))
        ensure_observation_days(connection, recent, day_start(now, 1))


def _days_of_areas(engine: Engine, profile: CityProfile) -> int:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL work_mem = '256MB'"))
        return fill_area_days(connection, profile.zone)


def _analyze(engine: Engine) -> None:
    """Tell the planner what is there now; outside a transaction, table by table."""
    tables = ("area", "asset", "street", "datastream", *_HISTORY)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for table in tables:
            connection.execute(text(f"ANALYZE {table}"))
        connection.execute(text("RESET statement_timeout"))
