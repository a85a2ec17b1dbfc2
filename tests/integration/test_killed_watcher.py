"""The alarm process killed with -9 in the middle of raising, clearing and timing: nothing is lost, nothing is
raised twice, shelves and timers go on, and what came and went while nobody watched is found."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.partitions import ensure_partitions
from model.domains import ASSET_TYPES
from tests.alarm_watcher import Held, WatcherProcess, wait_until
from tests.alarms_made_up import add_hiding, add_rule
from tests.clock import began
from tests.integration.small_city import add_assets

pytestmark = pytest.mark.servers

SEED = 29
LAMPS = tuple(range(1, 41))
DOORS = SHELVED_SHORT, SHELVED_LONG, PLANNED, PLAIN = tuple(range(41, 45))
FAILED, FORCED = "streetlight.lamp_failure", "access_point.forced"
WELL = {"streetlight": "on", "access_point": "closed"}


class City:
    """Lamps that fail and recover as the dice say, what is true of them, and the processes that watch."""

    def __init__(self, engine: Engine, database_url: str, redis_url: str, var: Path) -> None:
        self.engine, self._given, self._batches = engine, (database_url, redis_url, var), 0
        self.processes: list[WatcherProcess] = []
        self.begun: dict[int, list[datetime]] = {}
        """Of each asset: when its condition began."""
        self.lasts: set[int] = set()
        self.dice = random.Random(SEED)

    def start(self) -> WatcherProcess:
        """One more process: it watches when it is alone, else it stands by."""
        self.processes.append(WatcherProcess(*self._given))
        return self.processes[-1]

    def settle(self, bad: set[int], well: set[int]) -> None:
        """A batch settles in which these assets turn."""
        self._batches += 1
        turns = [(asset, True) for asset in sorted(bad)] + [(asset, False) for asset in sorted(well)]
        with self.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO settled_batch (id) VALUES (:id)"), {"id": f"b{self._batches}"}
            )
            at: datetime = connection.scalar(text("SELECT now()"))
            for asset, failing in turns:
                state = state_of(asset, failing)
                connection.execute(
                    text(
                        "INSERT INTO state_change (asset_id, phenomenon_time, status, state, received_at) "
                        "VALUES (:asset, now(), :status, :state, now())"
                    ),
                    {"asset": asset, "status": state.status, "state": state.code},
                )
        for asset in bad - self.lasts:
            self.begun.setdefault(asset, []).append(at)
        self.lasts = (self.lasts | bad) - well

    def storm(self) -> None:
        """Some that were well fail, some that failed recover."""
        failing = self.lasts & set(LAMPS)
        self.settle(self._some(set(LAMPS) - failing), self._some(failing))

    def _some(self, lamps: set[int]) -> set[int]:
        return set(self.dice.sample(sorted(lamps), (len(lamps) + 2) // 3))

    def rows(self, question: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    def seen(self) -> bool:
        """Whether all that settled was looked at."""
        question = "SELECT (SELECT max(settled_at) FROM settled_batch) <= settled_at FROM alarm_engine"
        return self.rows(question) == [(True,)]

    def until_seen(self) -> None:
        wait_until(self.seen, "nobody looks at what settled")

    def until_told(self, kind: str, asset: int) -> None:
        wait_until(lambda: self.told(asset)[kind], f"no line {kind} in the thread of {asset}")

    def told(self, asset: int) -> Counter[str]:
        """The lines in the threads of the alarms of ``asset``."""
        found = self.rows(
            "SELECT kind FROM alarm_event e JOIN alarm a ON a.id = e.alarm_id WHERE a.asset_id = :asset",
            asset=asset,
        )
        return Counter(row[0] for row in found)


def state_of(asset: int, failing: bool) -> Any:
    kind, _, fault = (FAILED if asset in LAMPS else FORCED).partition(".")
    return ASSET_TYPES[kind].state_named(fault if failing else WELL[kind])


@pytest.fixture
def city(engine: Engine, database_url: str, redis_url: str, tmp_path: Path) -> Iterator[City]:
    at = began()
    with engine.begin() as connection:
        add_assets(connection, *[("streetlight", None)] * len(LAMPS), *[("access_point", None)] * len(DOORS))
        add_rule(connection, FAILED, at, priority=4)
        add_rule(connection, FORCED, at, domain="access", hold_s=1.0, escalate_s=(1.0,))
        ensure_partitions(connection, at - timedelta(days=1), at + timedelta(days=1))
    made = City(engine, database_url, redis_url, tmp_path)
    yield made
    for process in made.processes:
        process.end()


def test_nothing_is_lost_or_raised_twice_when_it_dies_in_the_middle(city: City) -> None:
    running = city.start()
    wait_until(lambda: city.rows("SELECT 1 FROM alarm_engine"), "it does not come up")
    coming = city.start()
    lines = Held(city.engine, "alarm_event")
    city.settle(set(LAMPS[:20]), set())
    lines.until_stood_before()
    # Alarms are raised, their lines are not written, and nothing is committed.
    running.kill()
    lines.let_go()
    city.storm()
    city.until_seen()
    running, coming = coming, city.start()
    lines = Held(city.engine, "alarm_event")
    city.settle(set(LAMPS) - city.lasts, set(sorted(city.lasts)[::2]))
    lines.until_stood_before()
    seen = Held(city.engine, "alarm_engine")
    lines.let_go()
    seen.until_stood_before()
    # Alarms ended and came back, with their lines: only up to where it saw is not written.
    running.kill()
    seen.let_go()
    city.storm()
    city.until_seen()
    running = coming
    written = "SELECT count(*) FROM alarm_event"
    before = city.rows(written)
    city.storm()
    # Committed a moment ago, and perhaps not yet known to itself.
    wait_until(lambda: city.rows(written) != before, "nothing is written")
    running.kill()
    # Nobody watches now: these come, go and come back.
    city.settle(set(LAMPS[:4]), set(LAMPS[4:8]))
    city.storm()
    city.settle(set(LAMPS[4:8]), set(LAMPS[:4]))
    city.storm()
    city.start()
    city.until_seen()
    judge(city)


def judge(city: City) -> None:
    """One alarm for each lamp that ever failed, with every time it did and every line once."""
    found = city.rows(
        "SELECT asset_id, raised_at, last_raised_at, activations, returned_at IS NULL, closed_at, "
        "annunciated_at >= raised_at, noticed_at >= raised_at FROM alarm WHERE alarm_class = :key ORDER BY 1",
        key=FAILED,
    )
    begun = {asset: times for asset, times in city.begun.items() if asset in LAMPS}
    assert found == [
        (asset, times[0], times[-1], len(times), asset in city.lasts, None, True, True)
        for asset, times in sorted(begun.items())
    ]
    for asset in begun:
        lines = city.told(asset)
        assert (lines["raised"], lines["annunciated"]) == (1, 1), asset
        assert lines["raised_again"] < len(begun[asset]), asset


def test_shelves_windows_and_timers_go_on_through_kills(city: City) -> None:
    running = city.start()
    wait_until(lambda: city.rows("SELECT 1 FROM alarm_engine"), "it does not come up")
    city.settle(set(DOORS), set())
    city.until_told("raised", PLAIN)
    with city.engine.begin() as connection:
        now: datetime = connection.scalar(text("SELECT now()"))
        add_hiding(connection, "shelved", now, 2.0, key=FORCED, asset=SHELVED_SHORT)
        add_hiding(connection, "shelved", now, 3600.0, key=FORCED, asset=SHELVED_LONG)
        add_hiding(connection, "out_of_service", now + timedelta(seconds=2), asset=PLANNED)
    city.until_told("shelved", SHELVED_SHORT)
    # The hold runs, two shelves run, and a window is to begin.
    running.kill()
    over = "SELECT now() > max(until) FROM alarm_hiding WHERE asset_id = :asset"
    wait_until(lambda: city.rows(over, asset=SHELVED_SHORT) == [(True,)], "the shelf has no end")
    running = city.start()
    city.until_told("annunciated", PLAIN)
    # Its time to go further runs.
    running.kill()
    city.start()
    for kind, asset in (("escalated", PLAIN), ("escalated", SHELVED_SHORT), ("out_of_service", PLANNED)):
        city.until_told(kind, asset)
    once = {"raised": 1, "annunciated": 1, "escalated": 1}
    assert city.told(PLAIN) == once
    assert city.told(SHELVED_SHORT) == once | {"shelved": 1, "unshelved": 1}
    assert city.told(SHELVED_LONG) == {"raised": 1, "shelved": 1}
    assert city.told(PLANNED)["out_of_service"] == 1
    hidden = (
        "SELECT a.asset_id, h.kind FROM alarm_hidden(now()) h JOIN alarm a ON a.id = h.alarm_id ORDER BY 1"
    )
    assert city.rows(hidden) == [(SHELVED_LONG, "shelved"), (PLANNED, "out_of_service")]
    ended = "SELECT ended_why FROM alarm_hiding WHERE asset_id = :asset"
    assert city.rows(ended, asset=SHELVED_SHORT) == [("expired",)]
