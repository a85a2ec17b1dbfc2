"""The demo city's buses: on lines along its streets, after everything else, and silent until they move."""

import numpy as np
import pytest
import shapely

from geodata.demo_city import DemoCity, draw_city
from geodata.demo_city.outages import never_seen
from geodata.profiles import read_profile

PROFILE = read_profile("demo")


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(PROFILE, 0.02)


def test_buses_come_after_everything_else(city: DemoCity) -> None:
    assert city.moving.any()
    assert not city.moving[: int((~city.moving).sum())].any()


def test_every_bus_runs_a_line_there_is(city: DemoCity) -> None:
    lines = {line.name for line in city.lines}
    assert lines
    assert {city.attributes[row]["line"] for row in city.of("bus")} == lines


def test_a_line_is_one_way_through_the_city_along_its_streets(city: DemoCity) -> None:
    streets = shapely.union_all([street.shape for street in city.streets])
    near = 40 / 111_000
    for line in city.lines:
        assert line.path.shape[1] == 2 and len(line.path) > 5
        assert np.all(shapely.distance(shapely.points(line.path), streets) < near)
        assert 120 < line.headway_s < 3_600
        assert all(PROFILE.bounds.holds(float(lon), float(lat)) for lon, lat in line.path)


def test_nothing_is_known_of_a_bus_before_it_moves(city: DemoCity) -> None:
    assert never_seen(city)[city.of("bus")].all()


def test_the_same_seed_draws_the_same_lines(city: DemoCity) -> None:
    again = draw_city(PROFILE, 0.02)
    assert [line.name for line in again.lines] == [line.name for line in city.lines]
    for one, other in zip(city.lines, again.lines, strict=True):
        assert np.array_equal(one.path, other.path)
