"""The simulated city goes on from where its past ends: by the clock, by chance, and without a jump."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from geodata.demo_city import DemoCity, draw_city, status_table
from geodata.demo_city.build import live_through
from geodata.demo_city.past import Story
from geodata.profiles import read_profile
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import ABNORMAL
from services.simulation.mishaps import MISHAPS, NONE, Mishaps
from services.simulation.outbox import VALUES_MOST, Outbox
from services.simulation.reports import Report
from services.simulation.world import World

PROFILE = read_profile("demo")
NIGHT = int(datetime(2026, 11, 20, 20, 0, tzinfo=UTC).timestamp())
DUSK = int(datetime(2026, 11, 20, 15, 50, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(PROFILE, 0.04)


@pytest.fixture(scope="module")
def night(city: DemoCity) -> Story:
    return live_through(city, PROFILE, NIGHT)


def world_of(story: Story, seed: int = 1, pace: float = 1.0) -> World:
    city, now = story.physics.city, story.span.now
    state, since = story.timeline.states(len(city), now)
    return World(city, PROFILE.zone, now, state.copy(), since > 0, seed, pace)


def code(asset_type: str, state: str) -> int:
    return ASSET_TYPES[asset_type].state_named(state).code


@pytest.mark.parametrize("hour", [7.1, 17.1, 20.0, 23.4])
def test_nothing_jumps_when_the_senders_take_over(city: DemoCity, hour: float) -> None:
    now = NIGHT + int((hour - 20) * 3_600)
    world = world_of(live_through(city, PROFILE, now, past_days=15), pace=0.0)
    before = world.state.copy()
    world.advance(now + 1)
    changed = {TYPE_ORDER[t] for t in world.city.types[before != world.state]}
    assert changed <= {"access_point", "bollard"}


def test_the_same_seed_tells_the_same_story(night: Story) -> None:
    one, other, third = world_of(night), world_of(night), world_of(night, seed=2)
    stories = [[w.advance(NIGHT + s) for s in range(1, 400)] for w in (one, other, third)]
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


def test_every_healthy_asset_reports_once_a_period(night: Story) -> None:
    world = world_of(night, pace=0.0)
    heard: Counter[str] = Counter()
    for second in range(0, 3_600, 4):
        for report in world.advance(NIGHT + second + 4):
            if report.property == "state":
                heard[report.asset] += 1
    city = world.city
    status = status_table()[city.types, world.state]
    for asset_type, period in (("streetlight", 3_600), ("junction", 60), ("camera", 300), ("meter", 900)):
        for row in city.of(asset_type):
            if status[row] in (1, 2):
                assert abs(heard[city.external_ids[row]] - 3_600 / period) <= 2, city.names[row]
    unknown = np.flatnonzero(~world.known)
    assert not any(heard[city.external_ids[row]] for row in unknown)


def test_dusk_lights_the_city_in_a_burst(city: DemoCity) -> None:
    world = world_of(live_through(city, PROFILE, DUSK), pace=0.0)
    lamps = city.of("streetlight")
    lit = []
    for minute in range(1, 61):
        world.advance(DUSK + 60 * minute)
        lit.append(float((world.state[lamps] == code("streetlight", "on")).mean()))
    assert lit[0] < 0.05
    assert lit[-1] > 0.9
    assert sum(0.1 < share < 0.9 for share in lit) <= 20


def test_measured_values_come_once_for_each_quarter(night: Story) -> None:
    world = world_of(night, pace=0.0)
    values: Counter[tuple[str, str, float]] = Counter()
    for second in range(0, 3_600, 5):
        for report in world.advance(NIGHT + second + 5):
            if report.property not in ("state", "openings"):
                values[report.asset, report.property, report.at] += 1
    assert set(values.values()) == {1}
    flows = [at for (_, name, at) in values if name == "flow"]
    assert len(set(flows)) == 4
    assert all(at % 900 == 0 for at in flows)
    detectors = len(world.city.of("detector"))
    assert 0.85 * 4 * detectors < len(flows) <= 4 * detectors


def test_a_tripped_cabinet_takes_its_lamps_down_and_up_again(night: Story) -> None:
    city = night.physics.city
    mishaps = Mishaps(city, np.random.default_rng(4), 0.0)
    trip = next(m for m in MISHAPS if m.state == "breaker_tripped")
    mishaps._strike(trip, 0.0)
    (cabinet,) = np.flatnonzero(mishaps.code != NONE)
    lamps = np.flatnonzero(city.parents == cabinet)
    mishaps.advance(0.0, 15.0)
    assert (mishaps.code[lamps] == code("streetlight", "no_supply")).all()
    mishaps.advance(15.0, 20_000.0)
    assert (mishaps.code == NONE).all()


def test_what_was_wrong_before_recovers_with_its_cause(night: Story) -> None:
    world = world_of(night, pace=0.0)
    city = world.city
    cabinets = city.of("control_cabinet")
    tripped = cabinets[world.state[cabinets] == code("control_cabinet", "breaker_tripped")]
    assert len(tripped)
    for minute in range(1, 241):
        world.advance(NIGHT + 60 * minute)
    assert (world.state[tripped] == code("control_cabinet", "feeding")).all()
    lamps = city.of("streetlight")
    assert not (world.state[lamps] == code("streetlight", "no_supply")).any()


def test_a_trip_is_seen_in_the_cabinet_s_power_at_once(night: Story) -> None:
    world = world_of(night, pace=0.0)
    world.advance(NIGHT + 1)
    trip = next(m for m in MISHAPS if m.state == "breaker_tripped")
    world._mishaps._strike(trip, NIGHT + 1.5)
    reports = world.advance(NIGHT + 2)
    dark = [r for r in reports if r.property == "power" and r.value == 0.0 and r.at == NIGHT + 2]
    assert len(dark) == 1
    assert world.type_of(dark[0].asset) == "control_cabinet"


def test_most_of_the_city_stays_well_and_something_always_happens() -> None:
    city = draw_city(PROFILE, 0.2)
    world = world_of(live_through(city, PROFILE, NIGHT))
    table, moments = status_table(), 0
    previous = table[city.types, world.state]
    for second in range(0, 1_800, 2):
        world.advance(NIGHT + second + 2)
        status = table[city.types, world.state]
        moments += bool((status != previous)[np.isin(status, ABNORMAL) | np.isin(previous, ABNORMAL)].any())
        previous = status
    assert 0 < np.isin(previous, ABNORMAL).mean() < 0.03
    assert moments > 40


def test_a_pause_is_not_lived_through_in_one_step(night: Story) -> None:
    world = world_of(night)
    world.advance(NIGHT + 1)
    before = np.isin(status_table()[world.city.types, world.state], ABNORMAL).sum()
    world.advance(NIGHT + 6 * 3_600)
    after = np.isin(status_table()[world.city.types, world.state], ABNORMAL).sum()
    assert after <= before + 3


def report(asset: str, value: float | str, at: float, name: str = "state") -> Report:
    return Report(asset, name, value, at)


def test_an_outbox_keeps_the_newest_state_and_every_value() -> None:
    outbox = Outbox()
    outbox.put([report("A", "on", 1), report("B", "on", 2), report("A", "off", 3)])
    outbox.put([report("M", 1.0, 1, "power"), report("M", 2.0, 2, "power")])
    assert outbox.take(10) == [
        report("B", "on", 2), report("A", "off", 3),
        report("M", 1.0, 1, "power"), report("M", 2.0, 2, "power"),
    ]  # fmt: skip
    assert not outbox.arrived.is_set()


def test_an_outbox_never_puts_back_a_state_older_than_the_one_waiting() -> None:
    outbox = Outbox()
    outbox.put([report("A", "on", 1), report("B", "on", 1), report("M", 1.0, 1, "power")])
    batch = outbox.take(10)
    outbox.put([report("A", "off", 2), report("M", 2.0, 2, "power")])
    outbox.give_back(batch)
    assert sorted(outbox.take(10)) == [
        report("A", "off", 2), report("B", "on", 1),
        report("M", 1.0, 1, "power"), report("M", 2.0, 2, "power"),
    ]  # fmt: skip


def test_an_outbox_is_bounded_and_counts_what_it_drops() -> None:
    outbox = Outbox()
    outbox.put(report("M", float(n), n, "power") for n in range(VALUES_MOST + 5))
    assert len(outbox) == VALUES_MOST
    assert outbox.dropped == 5
    assert outbox.take(1) == [report("M", 5.0, 5, "power")]


def test_a_report_travels_in_the_words_of_the_intake() -> None:
    assert Report("L-1", "state", "on", NIGHT + 0.25).wire() == {
        "asset": "L-1",
        "property": "state",
        "value": "on",
        "phenomenon_time": "2026-11-20T20:00:00.250+00:00",
    }
