"""The demo city's physics are believable, and its ledger, timeline and figures follow from each other."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from geodata.demo_city import DemoCity, draw_city, quantities, status_table
from geodata.demo_city.build import live_through
from geodata.demo_city.dice import bell, dice
from geodata.demo_city.measures import by_day, measure_past
from geodata.demo_city.outages import HOUR, OPEN, shares
from geodata.demo_city.past import Story
from geodata.demo_city.physics import Physics
from geodata.demo_city.physics_sky import EPOCH, clock, gloom, instant, nights, temperature
from geodata.demo_city.timeline import code_of
from geodata.profiles import read_profile
from model.domains import TYPE_ORDER
from model.states import Status

PROFILE = read_profile("demo")
ZONE = PROFILE.zone
NOW = int(datetime(2026, 11, 20, 17, 20, tzinfo=UTC).timestamp())


def day(year: int, month: int, number: int) -> int:
    return (date(year, month, number) - EPOCH).days


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(PROFILE, 0.04)


@pytest.fixture(scope="module")
def story(city: DemoCity) -> Story:
    return live_through(city, PROFILE, NOW)


@pytest.fixture(scope="module")
def physics(story: Story) -> Physics:
    return story.physics


def at(year: int, month: int, number: int, *hours: float) -> np.ndarray:
    return np.array([instant(ZONE, day(year, month, number), h) for h in hours])


def test_lamps_are_dark_at_noon_and_lit_at_midnight(physics: Physics) -> None:
    cabinets = physics.city.of("control_cabinet")
    for month in (1, 6, 10):
        burning, _ = physics.lit(cabinets, at(2026, month, 15, 12, 23.9), 300)
        assert (burning[:, 0] == 0).all()
        assert (burning[:, 1] == 1).all()


def test_programmes_dim_between_eleven_and_five(physics: Physics) -> None:
    cabinets = physics.city.of("control_cabinet")
    power = physics.cabinet_power(cabinets, at(2026, 11, 10, 21, 26, 30), 300)
    dims = physics.city.kind[cabinets] > 0
    assert (power[dims, 1] < 0.75 * power[dims, 0]).all()
    assert np.allclose(power[:, 0], power[:, 2], rtol=0.08)


def test_nights_follow_the_sun() -> None:
    winter, summer = (nights(ZONE, 5.03, 47.32, d, d) for d in (day(2026, 12, 21), day(2026, 6, 21)))
    assert 14.5 * HOUR < winter.dawn[0] - winter.dusk[0] < 16 * HOUR
    assert 7 * HOUR < summer.dawn[0] - summer.dusk[0] < 8.5 * HOUR
    evening = clock(ZONE, summer.dusk)
    assert 21.5 < evening.hour[0] < 22.3


@pytest.mark.parametrize(("month", "number", "hours"), [(3, 29, 23), (10, 25, 25), (7, 1, 24)])
def test_local_days_have_23_24_or_25_hours(month: int, number: int, hours: int) -> None:
    start = instant(ZONE, day(2026, month, number))
    days = clock(ZONE, np.arange(start - 5 * HOUR, start + 30 * HOUR, HOUR)).day
    assert (days == day(2026, month, number)).sum() == hours
    assert instant(ZONE, day(2026, month, number) + 1) - start == hours * HOUR


def test_traffic_has_peaks_on_working_days_and_rests_at_night(physics: Physics) -> None:
    detectors = physics.city.of("detector")
    flow = physics.flow(detectors, physics.weather(at(2026, 11, 10, 3, 8, 17.5))).sum(axis=0)
    sunday = physics.flow(detectors, physics.weather(at(2026, 11, 8, 8))).sum()
    holiday = physics.flow(detectors, physics.weather(at(2026, 11, 11, 8))).sum()
    assert flow[1] > 6 * flow[0]
    assert flow[2] > 6 * flow[0]
    assert sunday < 0.5 * flow[1]
    assert holiday < 0.5 * flow[1]


def test_full_roads_are_slow(physics: Physics) -> None:
    detectors = physics.city.of("detector")
    values = quantities(physics, "detector", detectors, at(2026, 11, 10, 3, 8))
    assert values["speed"][:, 1].mean() < values["speed"][:, 0].mean()
    assert values["speed"].min() > 3
    assert values["speed"].max() < 70


def test_buildings_draw_more_in_the_cold_and_when_they_are_open(physics: Physics) -> None:
    meters = physics.city.of("meter")
    january, july, night = (
        physics.meter_power(meters, physics.weather(at(*when))).sum()
        for when in ((2026, 1, 15, 10), (2026, 7, 2, 10), (2026, 1, 15, 3))
    )
    assert january > july
    assert january > night


def test_the_weather_has_seasons() -> None:
    hours = np.arange(NOW - 396 * 86_400, NOW, HOUR)
    warm = temperature(hours)
    month = np.array([datetime.fromtimestamp(int(h), UTC).month for h in hours])
    assert 15 < warm[month == 7].mean() < 26
    assert -2 < warm[month == 1].mean() < 7
    assert -16 < warm.min() < warm.max() < 42
    assert ((gloom(hours) >= 0) & (gloom(hours) <= 1)).all()


def test_dice_do_not_depend_on_the_order_of_asking() -> None:
    rows, steps = np.arange(50)[:, None], np.arange(40)[None]
    grid = dice(5, rows, steps)
    assert grid[7, 9] == dice(5, 7, 9)
    assert abs(grid.mean() - 0.5) < 0.02
    assert abs(bell(5, rows, steps).std() - 1) < 0.05
    assert not np.array_equal(grid, dice(6, rows, steps))


def test_outages_of_one_asset_never_overlap(story: Story) -> None:
    ledger = story.ledger
    same = ledger.rows[1:] == ledger.rows[:-1]
    assert (ledger.start[1:][same] > ledger.end[:-1][same]).all()
    assert (ledger.end > ledger.start).all()


def test_shares_cut_intervals_as_counting_seconds_does() -> None:
    rng = np.random.default_rng(2)
    start = rng.integers(-50, 950, 60)
    end = start + rng.integers(1, 300, 60)
    interval, where, share = shares(start, end, 0, 100, 9)
    found = np.zeros((60, 9))
    np.add.at(found, (interval, where), share)
    seconds = np.arange(900)
    inside = (seconds >= start[:, None]) & (seconds < end[:, None])
    assert np.allclose(found, inside.reshape(60, 9, 100).mean(axis=2))


def test_about_one_lamp_in_a_hundred_is_down_and_renewal_helps(story: Story) -> None:
    city, ledger = story.physics.city, story.ledger
    lamps = len(city.of("streetlight"))
    down = (city.types[ledger.rows] == TYPE_ORDER.index("streetlight")) & (
        ledger.state == code_of("streetlight", "lamp_failure")
    )
    length = np.minimum(ledger.end[down], NOW) - ledger.start[down]
    share = length.sum() / (lamps * (NOW - story.span.first))
    assert 0.003 < share < 0.02
    middle = (story.span.first + NOW) / 2
    assert (ledger.start[down] < middle).sum() > 1.3 * (ledger.start[down] >= middle).sum()


def test_a_tripped_cabinet_takes_its_lamps_with_it(story: Story) -> None:
    city, timeline = story.physics.city, story.timeline
    state, _ = timeline.states(len(city), NOW)
    cabinets = city.of("control_cabinet")
    tripped = cabinets[state[cabinets] == code_of("control_cabinet", "breaker_tripped")]
    assert len(tripped) >= 1
    lamps = np.flatnonzero(city.parents == tripped[0])
    without = state[lamps] == code_of("streetlight", "no_supply")
    assert without.mean() > 0.9


def test_the_storm_evening_is_seen(story: Story) -> None:
    evening = instant(ZONE, NOW // 86_400 - 6, 21.0)
    ledger, city = story.ledger, story.physics.city
    storm, before = (_began(ledger.start, first) for first in (evening, evening - 86_400))
    kinds = {(TYPE_ORDER[city.types[ledger.rows[i]]], int(ledger.state[i])) for i in storm.tolist()}
    assert ("control_cabinet", code_of("control_cabinet", "breaker_tripped")) in kinds
    assert ("junction", code_of("junction", "flashing")) in kinds
    assert len(storm) > 5 * len(before)


def _began(start: np.ndarray, first: int) -> np.ndarray:
    """Outages that began in the two and a half hours from ``first``."""
    return np.flatnonzero((start >= first) & (start < first + 2.5 * HOUR))


def test_no_change_happens_inside_an_outage(story: Story) -> None:
    timeline, ledger = story.timeline, story.ledger
    lasting = ledger.where((ledger.end > story.span.recent) & (ledger.start <= NOW))
    order = np.argsort(lasting.rows * OPEN + lasting.start)
    key = (lasting.rows * OPEN + lasting.start)[order]
    found = np.searchsorted(key, timeline.rows * OPEN + timeline.at, "right") - 1
    which = order[np.maximum(found, 0)]
    inside = (found >= 0) & (lasting.rows[which] == timeline.rows) & (timeline.at > lasting.start[which])
    inside &= timeline.at < lasting.end[which]
    assert not inside.any()


def test_changes_are_unique_and_change_something(story: Story) -> None:
    timeline = story.timeline
    same = timeline.rows[1:] == timeline.rows[:-1]
    assert (np.diff(timeline.at)[same] > 0).all()
    assert (timeline.state[1:][same] != timeline.state[:-1][same]).all()


def test_lamps_switch_twice_a_night_or_four_times(story: Story) -> None:
    city, timeline = story.physics.city, story.timeline
    lamps = city.of("streetlight")
    changes = np.bincount(timeline.rows[timeline.real], minlength=len(city))[lamps]
    assert 26 <= np.median(changes) <= 58
    assert changes.max() < 80


def test_a_few_lamps_were_never_heard_of(story: Story) -> None:
    city = story.physics.city
    state, since = story.timeline.states(len(city), NOW)
    assert ((since == 0) == (state == 0)).all()
    status = status_table()[city.types, state]
    abnormal = np.isin(status, (Status.FAULT, Status.DEGRADED, Status.COMMS_LOST))
    assert abnormal.mean() < 0.12


def test_days_add_up_to_their_hours(story: Story) -> None:
    past = measure_past(story.physics, story.ledger, story.cuts, "meter", story.span)["energy"]
    days, numbers, hours_in = by_day(story.physics, past.hours, story.span.hours)
    assert np.allclose(days.sum.sum(), past.hours.sum.sum())
    assert set(hours_in.tolist()) == {23, 24, 25}
    assert numbers[0] == clock(ZONE, np.array([story.span.first])).day[0]


def test_renewed_cabinets_drew_more_before_their_works_and_the_same_since(
    city: DemoCity, story: Story
) -> None:
    works = story.physics.renovation
    assert works is not None
    done = np.flatnonzero(works.days >= 0)
    assert len(done) > 0
    for at in done.tolist():
        row, works_day = works.rows[[at]], int(works.days[at])
        before, after = (
            story.physics.cabinet_power(row, np.array([instant(ZONE, works_day + by, 22.0)]), 300)[0, 0]
            for by in (-1, 1)
        )
        assert before / after == pytest.approx(works.former[at], rel=0.1)
        assert works.former[at] > 1.2
