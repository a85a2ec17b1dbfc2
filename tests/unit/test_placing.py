"""Positions are never believed: swapped axes, other systems and other towns are told apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.placing import Explanation, Place, demand_system, explain, likely_system, to_wgs84, transformer
from geodata.profiles import read_profile
from model.errors import BadFile

CITY = read_profile("montpellier")
LON, LAT = 3.8767, 43.6108
inside = st.tuples(
    st.floats(CITY.bounds.west + 0.001, CITY.bounds.east - 0.001),
    st.floats(CITY.bounds.south + 0.001, CITY.bounds.north - 0.001),
)


def in_system(crs: str, lon: float = LON, lat: float = LAT) -> tuple[float, float]:
    x, y = transformer("EPSG:4326", crs).transform(lon, lat)
    return float(x), float(y)


@given(inside)
def test_swapped_degrees_are_told(place: tuple[float, float]) -> None:
    assert explain(place[1], place[0], "EPSG:4326", CITY) == Explanation(Place.SWAPPED)


@given(inside, st.sampled_from(["EPSG:2154", "EPSG:3857", "EPSG:3944", "EPSG:32631", "EPSG:27572"]))
def test_metres_in_a_file_of_degrees_are_told_with_their_system(place: tuple[float, float], crs: str) -> None:
    assert explain(*in_system(crs, *place), "EPSG:4326", CITY) == Explanation(Place.OTHER_SYSTEM, crs)


def test_the_other_stories() -> None:
    x, y = in_system("EPSG:2154")
    assert explain(LON, LAT, "EPSG:2154", CITY) == Explanation(Place.OTHER_SYSTEM, "EPSG:4326")
    assert explain(y, x, "EPSG:2154", CITY) == Explanation(Place.SWAPPED)
    assert explain(y, x, "EPSG:4326", CITY) == Explanation(Place.SWAPPED)
    assert explain(2.35, 48.85, "EPSG:4326", CITY) == Explanation(Place.OUTSIDE)
    assert explain(0.0, 0.0, "EPSG:4326", CITY) == Explanation(Place.OUTSIDE)
    assert explain(float("inf"), 1.0, "EPSG:4326", CITY) == Explanation(Place.NOT_FINITE)


def test_a_missing_system_is_asked_for_with_the_likely_one() -> None:
    x, y = in_system("EPSG:2154")
    xs, ys = np.array([x, x + 50, 0.0]), np.array([y, y + 50, 0.0])
    assert likely_system(xs, ys, CITY) == "EPSG:2154"
    with pytest.raises(BadFile, match=r"lights\.shp: no coordinate system.*--crs EPSG:2154"):
        demand_system([None, None], xs, ys, CITY, "lights.shp")
    with pytest.raises(BadFile, match="ask who made the file"):
        demand_system([None], np.array([1e9]), np.array([1e9]), CITY, "lights.shp")
    assert demand_system([None, "EPSG:3944"], xs, ys, CITY, "lights.shp") == "EPSG:3944"


def test_a_system_nobody_knows_is_refused() -> None:
    with pytest.raises(BadFile, match="EPSG:1"):
        to_wgs84(np.array([1.0]), np.array([1.0]), "EPSG:1")
