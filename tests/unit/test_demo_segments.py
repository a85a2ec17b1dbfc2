"""Road segments of the demo city: where they lie, which way they are driven, and what is known of them."""

import numpy as np
import pytest
import shapely

from geodata.demo_city import DemoCity, draw_city
from geodata.demo_city.outages import never_seen
from geodata.profiles import read_profile

PROFILE = read_profile("demo")


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(PROFILE, 0.1)


def path(city: DemoCity, row: int) -> np.ndarray:
    return np.array(city.attributes[row]["path"])


def test_there_are_as_many_as_the_scale_says(city: DemoCity) -> None:
    assert len(city.of("segment")) == 40


def test_each_is_in_the_middle_of_the_line_it_follows(city: DemoCity) -> None:
    for row in city.of("segment"):
        middle = shapely.LineString(path(city, row)).interpolate(0.5, normalized=True)
        assert np.allclose([middle.x, middle.y], city.lonlat[row], atol=1e-5)


def test_both_directions_are_driven_on_the_right(city: DemoCity) -> None:
    rows = city.of("segment")
    east = np.cos(np.deg2rad(47.3))
    for there, back in zip(rows[::2], rows[1::2], strict=True):
        assert city.external_ids[there][:-1] == city.external_ids[back][:-1]
        way = (path(city, there)[-1] - path(city, there)[0]) * [east, 1]
        home = (path(city, back)[-1] - path(city, back)[0]) * [east, 1]
        assert way @ home < 0
        beside = (city.lonlat[back] - city.lonlat[there]) * [east, 1]
        # The other lane is to the left: the cross product of one's way and what is left of it is positive.
        assert way[0] * beside[1] - way[1] * beside[0] > 0


def test_the_feed_and_the_physics_find_what_they_need(city: DemoCity) -> None:
    for row in city.of("segment"):
        about = city.attributes[row]
        assert about["insee"] == city.communes_list[city.communes[row]].code
        assert about["speed_limit_kmh"] in (30, 50)
        assert city.rating[row] == about["busiest_veh_h"] > 0
        assert about["length_m"] >= 50


def test_they_come_after_all_other_equipment_and_have_no_past(city: DemoCity) -> None:
    rows = city.of("segment")
    assert rows.min() > city.of("car_park").max()
    assert never_seen(city)[rows].all()


def test_the_same_seed_draws_the_same_segments(city: DemoCity) -> None:
    again = draw_city(PROFILE, 0.1)
    assert [again.attributes[r] for r in again.of("segment")] == [
        city.attributes[r] for r in city.of("segment")
    ]
