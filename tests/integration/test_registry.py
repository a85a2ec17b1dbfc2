"""The asset registry on a real database: finding, cards, last values, an honest answer when it is away."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.errors import NotFound, Unavailable
from model.observations import Doubt, Quality
from model.states import Status
from services.registry import Registry
from tests.clock import began
from tests.integration.small_city import add_streams, change, observe
from tests.live_city import lay_out


@pytest.fixture
def registry(engine: Engine) -> Registry:
    lay_out(engine, lamps=60)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE asset SET name = :name, street = :street WHERE external_id = :id"),
            [
                {"id": "A-1", "name": "Armoire des Écluses", "street": "Quai Nord"},
                {"id": "L-7", "name": "Point lumineux 7", "street": "Rue des Écluses"},
                {"id": "C-1", "name": "100%_sûr", "street": None},
            ],
        )
    return Registry(engine, "commune")


def found(registry: Registry, query: str) -> list[str]:
    return [item.external_id for item in registry.search(query)]


def test_the_exact_id_comes_first_whatever_its_case(registry: Registry) -> None:
    assert found(registry, "l-6")[0] == "L-6"
    assert len(found(registry, "l-")) == 12


def test_all_words_must_be_there_and_causes_come_before_what_they_feed(registry: Registry) -> None:
    assert found(registry, "écluses") == ["A-1", "L-7"]
    assert found(registry, "lumineux écluses") == ["L-7"]
    assert found(registry, "écluses sud") == []


def test_accents_may_be_left_out(registry: Registry) -> None:
    assert found(registry, "ECLUSES") == ["A-1", "L-7"]


@pytest.mark.parametrize(
    "query", ["", "   ", "\x00\x1b", "'; DROP TABLE asset; --", "%", "_", "\\", "é" * 5000]
)
def test_what_people_type_is_never_a_pattern_nor_a_statement(registry: Registry, query: str) -> None:
    assert set(found(registry, query)) <= {"C-1"}


def test_a_percent_sign_is_itself(registry: Registry) -> None:
    assert found(registry, "100%") == ["C-1"]


def test_a_card_tells_parent_and_children(registry: Registry) -> None:
    cabinet = registry.card(registry.asset_id_of("A-1"))
    assert (cabinet.commune, cabinet.lon, cabinet.lat) == ("Val", 5.01, 47.31)
    assert (len(cabinet.children), cabinet.children_by_type, cabinet.children_count) == (
        50,
        {"streetlight": 60},
        60,
    )
    lamp = registry.card(registry.asset_id_of("L-7"))
    assert lamp.parent is not None
    assert lamp.parent.external_id == "A-1"


def test_what_is_not_there_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound):
        registry.card(999_999)
    with pytest.raises(NotFound):
        registry.asset_id_of("nobody")


def test_the_last_value_comes_with_the_one_before_it(registry: Registry, engine: Engine) -> None:
    with engine.begin() as connection:
        add_streams(connection, (13, "energy", 900), (13, "power", 900))
        observe(
            connection,
            1,
            [(began() - timedelta(days=40), 9.0), (began() - timedelta(minutes=15), 1.5), (began(), 2.5)],
        )
    energy, power = registry.latest_values(13)
    assert (energy.value, energy.previous, energy.at, energy.period_s) == (2.5, 1.5, began(), 900)
    assert (power.value, power.previous, power.at) == (None, None, None)


def test_the_newest_value_carries_its_doubts_and_what_was_sent(registry: Registry, engine: Engine) -> None:
    stored = Quality.ESTIMATED | Doubt.RANGE | Doubt.ZONE_ASSUMED
    with engine.begin() as connection:
        add_streams(connection, (13, "energy", 900))
        observe(connection, 1, [(began() - timedelta(minutes=15), 1.5), (began(), 2.5)])
        connection.execute(
            text(
                "UPDATE observation SET quality = :q, raw = 197, raw_unit = 'Wh' WHERE phenomenon_time = :at"
            ),
            {"q": stored, "at": began()},
        )
    (energy,) = registry.latest_values(13)
    assert (energy.quality, energy.raw, energy.raw_unit) == (stored, 197.0, "Wh")
    assert (energy.value, energy.previous) == (2.5, 1.5)


def test_the_last_facts_are_newest_first(registry: Registry, engine: Engine) -> None:
    with engine.begin() as connection:
        change(
            connection,
            (10, began() - timedelta(hours=2), int(Status.ACTIVE), 2),
            (10, began() - timedelta(hours=1), int(Status.FAULT), 3),
        )
    facts = registry.recent_changes(10)
    assert [(fact.status, fact.state) for fact in facts] == [(Status.FAULT, 3), (Status.ACTIVE, 2)]
    assert registry.recent_changes(10, limit=1) == facts[:1]


def test_names_of_areas_outlive_the_database(registry: Registry, engine: Engine) -> None:
    assert registry.area_names(2) == {1: "Val"}
    registry._engine = open_engine("postgresql://vigie@/nowhere?host=/nonexistent")
    assert registry.area_names(3) == {1: "Val"}


def test_an_outage_is_never_an_empty_answer() -> None:
    away = Registry(open_engine("postgresql://vigie@/nowhere?host=/nonexistent"), "commune")
    for question in (
        lambda: away.search("a"),
        away.areas,
        lambda: away.card(1),
        lambda: away.latest_values(1),
    ):
        with pytest.raises(Unavailable):
            question()
    assert away.area_names(1) == {}
