"""The drawn demo city: its counts, its network, its cabinets, and that it is the same each time."""

from collections import defaultdict

import numpy as np
import pytest
import shapely

from geodata.demo_city import DemoCity, draw_city
from geodata.demo_city.ground import make_ground
from geodata.demo_city.lamps import FEWEST, MOST, Lamps, place_lamps
from geodata.demo_city.names import COMMUNES, short
from geodata.demo_city.roads import lay_roads
from geodata.demo_city.streets import Network, make_network
from geodata.profiles import read_profile
from model.domains import TYPE_ORDER


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return draw_city(read_profile("demo"))


@pytest.fixture(scope="module")
def small() -> DemoCity:
    return draw_city(read_profile("demo"), 0.05)


@pytest.fixture(scope="module")
def fed() -> tuple[Network, Lamps]:
    rng = np.random.default_rng(3)
    ground = make_ground(rng, np.sqrt(0.1))
    network = make_network(rng, ground, lay_roads(rng, ground))
    return network, place_lamps(rng, network, 3_400)


@pytest.mark.parametrize(
    ("asset_type", "count"),
    [
        ("streetlight", 34_000), ("junction", 200), ("camera", 269), ("gateway", 30), ("building", 180),
        ("meter", 180), ("bollard", 26), ("car_park", 6),
    ],
)  # fmt: skip
def test_the_full_city_has_the_scale_it_claims(city: DemoCity, asset_type: str, count: int) -> None:
    assert len(city.of(asset_type)) == count


def test_cabinets_feed_40_to_100_lamps(city: DemoCity) -> None:
    lamps = np.bincount(city.parents[city.of("streetlight")], minlength=len(city))[city.of("control_cabinet")]
    assert lamps.min() >= FEWEST
    assert lamps.max() <= MOST
    assert 350 <= len(lamps) <= 850


def test_the_lamps_of_a_cabinet_hang_together_on_the_network(fed: tuple[Network, Lamps]) -> None:
    network, lamps = fed
    dark = set(range(len(network.lines))) - set(lamps.edges.tolist())
    for cabinet in range(int(lamps.cabinets.max()) + 1):
        edges = set(lamps.edges[lamps.cabinets == cabinet].tolist())
        assert _connected(network, edges, edges | dark), cabinet


def _connected(network: Network, wanted: set[int], usable: set[int]) -> bool:
    """Whether one can go between all ``wanted`` edges over ``usable`` ones."""
    at_node = defaultdict(list)
    for edge in usable:
        for node in network.ends[edge].tolist():
            at_node[node].append(edge)
    first = next(iter(wanted))
    seen, todo = {first}, [first]
    while todo:
        for node in network.ends[todo.pop()].tolist():
            fresh = [edge for edge in at_node[node] if edge not in seen]
            seen.update(fresh)
            todo += fresh
    return wanted <= seen


def test_the_network_is_in_one_piece_without_slivers(fed: tuple[Network, Lamps]) -> None:
    network, _ = fed
    assert _connected(network, set(range(len(network.lines))), set(range(len(network.lines))))
    assert network.lengths.min() > 5
    degree = np.bincount(network.ends.ravel())
    assert (degree >= 3).mean() > 0.6


def test_lamps_stand_about_as_far_apart_as_lamps_do(fed: tuple[Network, Lamps]) -> None:
    _, lamps = fed
    tree = shapely.STRtree(list(shapely.points(lamps.xy)))
    gaps = [
        sorted(np.linalg.norm(lamps.xy[tree.query(p.buffer(120))] - [p.x, p.y], axis=1))[1]
        for p in shapely.points(lamps.xy[::40])
    ]
    assert 15 < np.median(gaps) < 45


def test_communes_tile_the_territory(city: DemoCity) -> None:
    shapes = np.array([c.shape for c in city.communes_list])
    assert len(shapes) == len(set(COMMUNES)) == 23
    assert shapely.is_valid(shapes).all()
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert np.isclose(shapely.area(shapes).sum(), whole.area, rtol=1e-6)
    box = read_profile("demo").bounds
    assert shapely.box(box.west, box.south, box.east, box.north).contains(whole)


@pytest.mark.parametrize("scale", ["city", "small"])
def test_every_asset_is_in_the_commune_it_says(scale: str, request: pytest.FixtureRequest) -> None:
    drawn: DemoCity = request.getfixturevalue(scale)
    shapes = np.array([c.shape for c in drawn.communes_list])
    assert shapely.intersects(shapes[drawn.communes], shapely.points(drawn.lonlat)).all()


def test_every_commune_of_the_full_city_has_lamps_and_people(city: DemoCity) -> None:
    lamps = np.bincount(city.communes[city.of("streetlight")], minlength=23)
    assert lamps.min() > 50
    assert min(c.population for c in city.communes_list) > 300
    assert abs(sum(c.population for c in city.communes_list) - 252_000) < 300


def test_names_are_unique_where_they_must_be_and_never_empty(city: DemoCity) -> None:
    assert len(set(city.external_ids)) == len(city)
    assert all(city.names)
    assert all(city.street_names)
    assert all(s.name for s in city.streets)


def test_children_follow_their_parents_in_the_order_of_ids(city: DemoCity) -> None:
    child = np.flatnonzero(city.parents >= 0)
    assert (city.parents[child] < child).all()
    lamps = city.of("streetlight")
    assert (np.diff(city.parents[lamps]) >= 0).all()


def test_junctions_have_about_four_detectors(city: DemoCity) -> None:
    count = np.bincount(city.parents[city.of("detector")], minlength=len(city))[city.of("junction")]
    assert count.min() >= 1
    assert 3 <= count.mean() <= 5


def test_a_small_city_has_the_same_structure(small: DemoCity) -> None:
    present = {TYPE_ORDER[t] for t in small.types}
    assert present == set(TYPE_ORDER)
    assert len(small.of("streetlight")) == 1_700


def test_the_same_seed_draws_the_same_city(small: DemoCity) -> None:
    again = draw_city(read_profile("demo"), 0.05)
    other = draw_city(read_profile("demo"), 0.05, seed=8)
    assert again.names == small.names
    assert np.array_equal(again.lonlat, small.lonlat)
    assert not np.array_equal(other.lonlat[:50], small.lonlat[:50])


@pytest.mark.parametrize(
    ("street", "name"),
    [
        ("Rue des Écluses", "Écluses"),
        ("Avenue de la République", "République"),
        ("Rue de l'Arce", "Arce"),
        ("Cours Jeanne Aubertin", "Aubertin"),
        ("Rue du Champ Rond", "Champ Rond"),
    ],
)
def test_crossings_are_called_as_people_call_them(street: str, name: str) -> None:
    assert short(street) == name
