"""Every wing in a scope, asked as the control room's own role: each answer equals that of a database in which
nothing outside the scope exists, and nothing is refused for want of a right."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from geodata.base_map import areas_geojson, streets_geojson
from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.scoping import scoped
from model.viewer import Scope
from services.boards import keep_kpis_once
from services.history import History
from services.takeaway import area_shape
from tests.conftest import Servers
from tests.cut_city import cut, difference
from tests.kept_city import EAST, MONTH, NOW, PROFILE, SCOPES, ZONE, clone, kept_city, some_assets
from tests.scoped_questions import (
    Questions,
    answered,
    of_an_asset,
    of_analysis,
    of_history,
    of_the_past,
    of_the_rest,
)

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def archive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def whole(servers: Servers, archive_folder: Path) -> Iterator[str]:
    url = kept_city(servers, archive_folder)
    yield url
    servers.drop_database(url)


@pytest.fixture(scope="module")
def truths(servers: Servers, whole: str) -> Iterator[dict[str, str]]:
    """For each scope a database that holds nothing else."""
    found = {}
    for name, scope in SCOPES.items():
        found[name] = clone(servers, whole)
        engine = open_engine(found[name], statement_ms=60_000)
        cut(engine, scope)
        assert keep_kpis_once(engine, PROFILE, NOW)
        engine.dispose()
    yield found
    for url in found.values():
        servers.drop_database(url)


@pytest.fixture
def room(whole: str) -> Iterator[Engine]:
    """The city as the control room's role sees it, in no scope yet."""
    engine = open_engine(str(address_for(whole, "web")), statement_ms=60_000)
    yield engine
    engine.dispose()


def asked_of_both(room: Engine, truth: str, scope: Scope, make: Callable[[Engine], Questions]) -> list[str]:
    """Where the scoped answers differ from the truth."""
    other = open_engine(truth, statement_ms=60_000)
    try:
        here, there = make(scoped(room, scope)), make(other)
        assert here.keys() == there.keys()
        differing = []
        for name in here:
            mine, right = answered(here[name]), answered(there[name])
            if name == "board" and isinstance(mine, dict):
                # Figures of other domains are not offered in a scope; what cannot be told of a part of the
                # city, such as a median of several communes, says so. Where a building's meters stand in
                # two communes each has its share of the floor, which the rest of a cut city cannot know.
                mine = {
                    key: one
                    for key, one in mine.items()
                    if one.withheld != "partial" and not one.kpi.per.startswith("building.")
                }
                right = {key: right[key] for key in mine}
            found = difference(mine, right)
            differing += [f"{name}: {found}"] if found else []
        return differing
    finally:
        other.dispose()


@pytest.mark.parametrize("name", SCOPES)
def test_figures_are_those_of_a_city_without_the_rest(
    room: Engine, truths: dict[str, str], archive_folder: Path, name: str
) -> None:
    differing = asked_of_both(
        room, truths[name], SCOPES[name], lambda engine: of_history(engine, archive_folder)
    )
    assert differing == []


@pytest.mark.parametrize("name", SCOPES)
def test_the_past_is_that_of_a_city_without_the_rest(
    room: Engine, truths: dict[str, str], archive_folder: Path, name: str
) -> None:
    differing = asked_of_both(
        room, truths[name], SCOPES[name], lambda engine: of_the_past(engine, archive_folder)
    )
    assert differing == []


@pytest.mark.parametrize("name", SCOPES)
def test_single_assets_are_those_of_a_city_without_the_rest(
    room: Engine, truths: dict[str, str], archive_folder: Path, name: str
) -> None:
    examples = some_assets(room)
    assert len(examples) > 15
    for one in examples:
        differing = asked_of_both(
            room,
            truths[name],
            SCOPES[name],
            lambda engine, one=one: of_an_asset(engine, archive_folder, one),  # type: ignore[misc]
        )
        assert differing == [], one


@pytest.mark.parametrize("name", SCOPES)
def test_registry_notes_feeds_and_boards_are_those_of_a_city_without_the_rest(
    room: Engine, truths: dict[str, str], name: str
) -> None:
    differing = asked_of_both(room, truths[name], SCOPES[name], of_the_rest)
    assert differing == []


@pytest.mark.parametrize("name", SCOPES)
def test_analyses_are_those_of_a_city_without_the_rest(
    room: Engine, truths: dict[str, str], archive_folder: Path, name: str
) -> None:
    differing = asked_of_both(
        room,
        truths[name],
        SCOPES[name],
        lambda engine: of_analysis(engine, archive_folder, SCOPES[name].domains),
    )
    assert differing == []


@pytest.mark.parametrize("name", SCOPES)
def test_the_ground_is_everybodys(room: Engine, name: str) -> None:
    """Streets and outlines of areas are the map, and no equipment."""
    own = scoped(room, SCOPES[name])
    assert streets_geojson(own) == streets_geojson(room)
    assert areas_geojson(own) == areas_geojson(room)
    assert area_shape(own, EAST, "commune") == area_shape(room, EAST, "commune")


@pytest.mark.parametrize("name", SCOPES)
def test_a_gap_in_the_record_is_the_citys_and_no_quiet_scope(
    room: Engine, archive_folder: Path, name: str
) -> None:
    own, whole = (
        History(engine, ZONE, archive_folder).timeline(MONTH, NOW, 300).gaps
        for engine in (scoped(room, SCOPES[name]), room)
    )
    assert own == whole


def test_the_comparison_would_find_a_leak(room: Engine, truths: dict[str, str], archive_folder: Path) -> None:
    """Asked of the whole city instead, the same questions differ nearly everywhere."""
    for make in (of_the_rest, lambda engine: of_the_past(engine, archive_folder)):
        differing = asked_of_both(room, truths["both"], Scope(), make)
        assert len(differing) > 8
