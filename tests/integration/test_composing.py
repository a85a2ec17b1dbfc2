"""Composed boards in a real database: whose they are, two editors at once, what is shared and what stays."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from geodata.profiles import read_profile
from model.composed import Audience, Kind, Sees, Tile
from model.errors import BadField, NotFound, NotNow, Refused
from model.roles import BOARD_COMPOSERS, Role
from model.viewer import Scope, Viewer
from services.boards import KPI_BY_KEY, AreaMaps
from services.composing import Compositions, Wish
from services.publishing.register import Publications
from tests.live_city import lay_out
from tests.somebody import settled

pytestmark = pytest.mark.servers
RATE = "failure_rate"
TILES = (Tile("t1", Kind.FIGURE, RATE), Tile("t2", Kind.TEXT, width=3, text="À lire d’abord"))
WISH = Wish("quernay", "etalab-2.0", "utile aux habitants")


@pytest.fixture
def boards(engine: Engine) -> Compositions:
    lay_out(engine)
    return Compositions(engine, KPI_BY_KEY, Publications(engine))


@pytest.fixture
def helene(engine: Engine) -> Viewer:
    return settled(engine, "Hélène", Role.OFFICIAL)


@pytest.fixture
def paul(engine: Engine) -> Viewer:
    return settled(engine, "Paul", Role.OFFICIAL)


def acts(engine: Engine) -> list[str]:
    query = text("SELECT action FROM audit_entry WHERE kind = 'composed_board' ORDER BY number")
    with engine.connect() as connection:
        return list(connection.scalars(query))


def test_a_board_is_its_owners_until_she_shares_it(
    boards: Compositions, engine: Engine, helene: Viewer, paul: Viewer
) -> None:
    made = boards.make(helene, "Mon mois", TILES)
    assert boards.open(helene, made).tiles == TILES
    assert boards.list(paul) == []
    for forbidden in (
        lambda: boards.open(paul, made),
        lambda: boards.save(paul, made, 1, "x", ()),
        lambda: boards.share(paul, made, Audience(Sees.READERS)),
        lambda: boards.delete(paul, made),
        lambda: boards.propose(paul, made, WISH),
        lambda: boards.duplicate(paul, made, "x"),
    ):
        with pytest.raises(NotFound):
            forbidden()
    boards.share(helene, made, Audience(Sees.PEOPLE, (paul.person_id,)))
    assert [one.id for one in boards.list(paul)] == [made]
    for forbidden in (
        lambda: boards.save(paul, made, 1, "x", ()),
        lambda: boards.share(paul, made, Audience()),
        lambda: boards.delete(paul, made),
        lambda: boards.propose(paul, made, WISH),
    ):
        with pytest.raises(Refused):
            forbidden()
    copy = boards.duplicate(paul, made, "Le mien")
    assert (boards.open(paul, copy).owner, boards.open(paul, copy).tiles) == ("Paul", TILES)
    boards.share(helene, made, Audience())
    assert [one.id for one in boards.list(paul)] == [copy]
    assert acts(engine) == ["board_shared", "board_shared"]


@pytest.mark.parametrize("role", sorted(set(Role) - BOARD_COMPOSERS))
def test_who_may_not_compose_makes_none(boards: Compositions, engine: Engine, role: Role) -> None:
    with pytest.raises(Refused):
        boards.make(settled(engine, "Un autre", role), "x")


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    boards: Compositions, helene: Viewer, paul: Viewer
) -> None:
    made = boards.make(helene, "Commun", TILES)
    boards.share(helene, made, Audience(Sees.PEOPLE, (paul.person_id,), edits=True))
    assert boards.save(paul, made, 1, "De Paul", TILES[:1]) == 2
    with pytest.raises(NotNow) as late:
        boards.save(helene, made, 1, "D’Hélène", TILES[1:])
    assert (late.value.reason, late.value.values["by"], late.value.values["version"]) == (
        "changed",
        "Paul",
        2,
    )
    assert boards.open(helene, made).title == "De Paul"
    assert boards.save(helene, made, 2, "D’Hélène", TILES[1:]) == 3
    assert [(one.version, one.title) for one in boards.history(helene, made)] == [
        (3, "D’Hélène"), (2, "De Paul"), (1, "Commun"),
    ]  # fmt: skip
    assert boards.open(helene, made, 2).tiles == TILES[:1]


def test_of_many_who_save_at_once_one_is_first_and_all_others_hear_of_her(
    boards: Compositions, helene: Viewer
) -> None:
    made, outcomes = boards.make(helene, "Commun", TILES), []

    def save(name: str) -> None:
        try:
            outcomes.append(boards.save(helene, made, 1, name, TILES))
        except NotNow as late:
            outcomes.append(late.reason)

    together = [threading.Thread(target=save, args=(f"n° {n}",)) for n in range(6)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert sorted(map(str, outcomes)) == ["2", *["changed"] * 5]
    assert len(boards.history(helene, made)) == 2


def test_what_was_deleted_is_restored_as_it_was(
    boards: Compositions, engine: Engine, helene: Viewer, paul: Viewer
) -> None:
    made = boards.make(helene, "Mon mois", TILES)
    boards.share(helene, made, Audience(Sees.READERS))
    boards.delete(helene, made)
    assert boards.list(paul) == []
    with pytest.raises(NotFound):
        boards.save(helene, made, 1, "x", TILES)
    assert [one.deleted_at is not None for one in boards.list(helene)] == [True]
    boards.restore(helene, made)
    assert boards.open(paul, made).tiles == TILES
    assert acts(engine) == ["board_shared", "board_deleted", "board_restored"]


def test_versions_and_shares_are_never_changed(boards: Compositions, engine: Engine, helene: Viewer) -> None:
    made = boards.make(helene, "Mon mois", TILES)
    boards.share(helene, made, Audience(Sees.READERS))
    for statement in ("UPDATE composed_version SET title = 'x'", "DELETE FROM composed_share"):
        with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_proposal_pins_the_version_that_was_looked_at(
    boards: Compositions, engine: Engine, helene: Viewer
) -> None:
    steward = settled(engine, "Sophie", Role.STEWARD)
    made = boards.make(helene, "Mon mois", TILES)
    with pytest.raises(NotFound):
        boards.open(steward, made)
    assert boards.propose(helene, made, WISH) == (1, ())
    boards.save(helene, made, 1, "Autre chose", TILES[1:])
    seen = boards.proposed(steward, "board-quernay", 1)
    assert (seen.title, seen.version) == ("Mon mois", 1)
    with pytest.raises(NotFound):
        boards.open(steward, made)
    register = Publications(engine)
    lighting = replace(steward, scope=Scope(domains=frozenset({"lighting"})))
    with pytest.raises(Refused):
        register.approve(lighting, "board-quernay", 1)
    assert register.approve(steward, "board-quernay", 1)
    assert "board_proposed" in acts(engine)


def test_a_board_is_proposed_from_its_own_page_alone_and_by_who_sees_the_whole_city(
    boards: Compositions, engine: Engine
) -> None:
    val = settled(engine, "Val", Role.OFFICIAL, Scope(areas=frozenset({1})))
    made = boards.make(val, "Ma commune", TILES)
    with pytest.raises(Refused):
        boards.propose(val, made, WISH)
    steward = settled(engine, "Sophie", Role.STEWARD)
    mine = boards.make(steward, "Le mien", TILES)
    boards.propose(steward, mine, WISH)
    draft = next(one for one in Publications(engine).list() if one.name == "board-quernay").versions[0].draft
    with pytest.raises(Refused) as refused:
        Publications(engine).propose(steward, replace(draft, name="board-other"))
    assert refused.value.reason == "from_board"
    with pytest.raises(BadField):
        boards.propose(steward, boards.make(steward, "Texte", TILES[1:]), WISH)


def test_outlines_are_whole_and_hatched_within_themselves(engine: Engine) -> None:
    lay_out(engine)
    areas = AreaMaps(engine, read_profile("demo")).areas()
    assert areas
    assert all(one.outline["type"] == "MultiPolygon" and one.km2 > 0 and one.hatch for one in areas)
