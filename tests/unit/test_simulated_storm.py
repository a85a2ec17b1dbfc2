"""A storm over the demo city: what it strikes, and that a running city can be asked for one."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app import cli
from geodata.demo_city import DemoCity, draw_city
from geodata.profiles import read_profile
from model.domains import ASSET_TYPES, DOMAIN_OF, TYPE_ORDER
from model.errors import BadRequest
from services.simulation.running import grant
from services.simulation.storms import AREA, draw_storm
from services.simulation.wishes import FILE, StormWish, taken, wish
from services.simulation.world import World
from tests.clock import began

PROFILE = read_profile("demo")


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(PROFILE, 0.1)


def test_a_storm_strikes_each_thing_once_and_takes_along_what_hangs_on_it(city: DemoCity) -> None:
    strikes = draw_storm(city, np.random.default_rng(5), spread_s=600, lasts_s=1_800)
    rows = [outage.row for strike in strikes for outage in strike.outages]
    assert max(Counter(rows).values()) == 1
    assert {strike.kind for strike in strikes} >= {"power_cut", "trip", "feeder", "gateway", "building"}
    for strike in strikes:
        for row, state, start, end in strike.outages:
            assert strike.start <= start < strike.end <= end
            ASSET_TYPES[TYPE_ORDER[city.types[row]]].state_named(state)
    trip = next(strike for strike in strikes if strike.kind == "trip")
    assert {o.row for o in trip.outages} == {trip.row, *np.flatnonzero(city.parents == trip.row).tolist()}


def test_a_power_cut_hits_several_domains_near_one_another(city: DemoCity) -> None:
    strikes = draw_storm(city, np.random.default_rng(6), spread_s=600, lasts_s=1_800)
    for cut in (strike for strike in strikes if strike.row == AREA):
        kinds = {TYPE_ORDER[city.types[outage.row]] for outage in cut.outages}
        assert len({DOMAIN_OF[kind].name for kind in kinds}) >= 2


def test_the_same_seed_strikes_the_same(city: DemoCity) -> None:
    one, same, other = (
        draw_storm(city, np.random.default_rng(seed), spread_s=600, lasts_s=1_800) for seed in (7, 7, 8)
    )
    assert one == same and one != other


def test_the_city_goes_through_a_storm_and_recovers(city: DemoCity) -> None:
    now = began().timestamp()
    world = World(city, PROFILE.zone, now, np.ones(len(city), "u1"), np.ones(len(city), bool), pace=0.0)
    world.advance(now + 1)
    strikes = world.storm(now + 1, StormWish(minutes=5, repair_minutes=20, seed=3))
    down = {outage.row: outage.state for strike in strikes for outage in strike.outages}
    seen = set[tuple[str, str]]()
    for minute in range(1, 241):
        told = world.advance(now + 1 + 60 * minute)
        seen |= {(report.asset, str(report.value)) for report in told if report.property == "state"}
    missed = {(city.external_ids[row], state) for row, state in down.items()} - seen
    assert not missed
    assert not {world.state_of(row) for row in down} & {"no_contact", "no_supply", "breaker_tripped", "dark"}


def test_the_senders_grant_a_wish_and_say_what_it_strikes(
    city: DemoCity, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = began().timestamp()
    world = World(city, PROFILE.zone, now, np.ones(len(city), "u1"), np.ones(len(city), bool), pace=0.0)
    wish(tmp_path, StormWish(minutes=2, repair_minutes=20, seed=9))
    with caplog.at_level("INFO", "services.simulation.running"):
        grant(world, tmp_path, now)
        grant(world, tmp_path, now)
    strikes = [line for line in caplog.messages if line.startswith("storm: ")]
    assert caplog.messages[0].endswith(f"seed 9: {len(strikes)} strikes") and len(strikes) > 6
    for second in range(10, 300, 10):
        world.advance(now + second)
    assert "no_supply" in {world.state_of(row) for row in city.of("streetlight").tolist()}


def test_a_wish_is_taken_once(tmp_path: Path) -> None:
    assert taken(tmp_path) is None
    storm = StormWish(10, 30, 4)
    wish(tmp_path, storm)
    assert taken(tmp_path) == storm and taken(tmp_path) is None
    (tmp_path / FILE).write_text("{")
    assert taken(tmp_path) is None and not (tmp_path / FILE).exists()


def test_the_command_asks_the_city_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_VAR", str(tmp_path))
    monkeypatch.setenv("VIGIE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = CliRunner().invoke(cli, ["storm", "--minutes", "4", "--seed", "11"])
    assert done.exit_code == 0, done.output
    assert taken(tmp_path) == StormWish(4, 30, 11)
    monkeypatch.setenv("VIGIE_CITY", "rennes")
    refused = CliRunner().invoke(cli, ["storm"])
    assert isinstance(refused.exception, BadRequest) and taken(tmp_path) is None
