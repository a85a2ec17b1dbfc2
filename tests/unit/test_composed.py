"""Composed boards: which tiles are taken, who sees and changes a board, and what of it may leave."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from model.composed import (
    TILES_MOST,
    Audience,
    Composed,
    Kind,
    Sees,
    Tile,
    as_rows,
    checked_audience,
    checked_tiles,
    may_edit,
    may_see,
    may_share,
    next_key,
    tiles_of,
)
from model.errors import BadField
from model.kpis import Good, Kpi, Measure
from model.roles import Role
from model.viewer import Viewer
from services.composing.proposing import Wish, draft_of

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def kpi(key: str, *datasets: str, per_area: bool = True) -> Kpi:
    return Kpi(
        key, "lighting", "%", 1, Good.LOW, Measure.RATIO, "x", (("streetlight", "x"),), datasets, "lighting",
        per_area=per_area,
    )  # fmt: skip


KPIS = {
    one.key: one
    for one in (
        kpi("failure_rate", "lighting-failures"),
        kpi("video", "video-availability"),
        kpi("energy", "energy-by-area"),
        kpi("doors", "doors"),
        kpi("unknown"),
        kpi("feeds", "lighting-failures", per_area=False),
    )
}
FIGURE = Tile("t1", Kind.FIGURE, "failure_rate")
HELENE, PAUL = Viewer(3, "h", "Hélène", Role.OFFICIAL), Viewer(4, "p", "Paul", Role.OFFICIAL)
WALL, STEWARD = Viewer(8, "w", "Mur", Role.WALL), Viewer(7, "s", "Sophie", Role.STEWARD)
PARTNER = Viewer(9, "x", "x", Role.PARTNER)


def board(*tiles: Tile, audience: Audience | None = None, **more: object) -> Composed:
    held = Composed(
        1, 3, "Hélène", 2, "Ma commune", tiles or (FIGURE,), audience or Audience(), NOW, "Hélène"
    )
    return replace(held, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tile", "reason"),
    [
        (replace(FIGURE, kpi="nonsense"), "unknown_figure"),
        (replace(FIGURE, width=4), "bad_tile"),
        (replace(FIGURE, key="../x"), "bad_tile"),
        (replace(FIGURE, area=-1), "bad_tile"),
        (Tile("t1", Kind.MAP, "feeds"), "not_by_area"),
        (Tile("t1", Kind.TEXT, text="x" * 2_001), "too_long"),
    ],
)
def test_a_tile_that_cannot_be_is_refused_with_its_place(tile: Tile, reason: str) -> None:
    with pytest.raises(BadField) as refused:
        checked_tiles([tile], KPIS)
    assert refused.value.reason == reason


def test_a_board_has_an_end_and_no_tile_twice() -> None:
    with pytest.raises(BadField, match="same tile twice"):
        checked_tiles([FIGURE, FIGURE], KPIS)
    with pytest.raises(BadField, match="too many"):
        checked_tiles([replace(FIGURE, key=f"t{n}") for n in range(TILES_MOST + 1)], KPIS)


def test_tiles_come_back_from_rows_as_they_were_and_nonsense_does_not() -> None:
    tiles = (FIGURE, Tile("t2", Kind.TEXT, width=3, text="Bonjour\nà tous"))
    assert tiles_of(as_rows(tiles)) == tiles
    assert next_key(tiles) == "t3"
    for nonsense in ({}, [{"kind": "figure"}], [{"key": "a", "kind": "script"}], [None], "x"):
        with pytest.raises(BadField):
            tiles_of(nonsense)


@pytest.mark.parametrize(
    ("audience", "seen_by", "edited_by"),
    [
        (Audience(), {"Hélène"}, {"Hélène"}),
        (Audience(Sees.PEOPLE, (4,)), {"Hélène", "Paul"}, {"Hélène"}),
        (Audience(Sees.PEOPLE, (4, 8), edits=True), {"Hélène", "Paul", "Mur"}, {"Hélène", "Paul"}),
        (Audience(Sees.ROLE, role="official"), {"Hélène", "Paul"}, {"Hélène"}),
        (Audience(Sees.READERS), {"Hélène", "Paul", "Mur", "Sophie"}, {"Hélène"}),
    ],
)
def test_a_board_is_seen_and_changed_by_whom_its_owner_says(
    audience: Audience, seen_by: set[str], edited_by: set[str]
) -> None:
    held, everybody = board(audience=audience), (HELENE, PAUL, WALL, STEWARD, PARTNER)
    assert {one.name for one in everybody if may_see(one, held)} == seen_by
    assert {one.name for one in everybody if may_edit(one, held)} == edited_by
    assert [one.name for one in everybody if may_share(one, held)] == ["Hélène"]


def test_who_decides_sees_the_version_that_was_proposed_and_no_other() -> None:
    assert may_see(STEWARD, board(proposed=(("board-x", 2),)))
    assert not may_see(STEWARD, board(proposed=(("board-x", 1),)))
    assert not may_see(PAUL, board(proposed=(("board-x", 2),)))


def test_a_deleted_board_is_its_owners_alone() -> None:
    gone = board(audience=Audience(Sees.READERS), deleted_at=NOW)
    assert [one.name for one in (HELENE, PAUL, STEWARD) if may_see(one, gone)] == ["Hélène"]


def test_sharing_with_nobody_is_no_sharing() -> None:
    for empty in (Audience(Sees.PEOPLE), Audience(Sees.ROLE, role="king")):
        with pytest.raises(BadField):
            checked_audience(empty)


WISH = Wish("quernay", "etalab-2.0", "utile")


@pytest.mark.parametrize(
    ("tiles", "reason"),
    [
        ((Tile("t1", Kind.FIGURE, "doors"),), "not_open"),
        ((Tile("t1", Kind.FIGURE, "unknown"),), "not_open"),
        ((Tile("t1", Kind.MAP, "video"),), "not_open_by_area"),
        ((Tile("t1", Kind.FIGURE, "video", area=5),), "not_open_by_area"),
        ((Tile("t1", Kind.BARS, "energy"),), "not_open_by_area"),
        ((FIGURE, Tile("t2", Kind.TEXT, text="écrire à a.b@mairie.fr")), "personal_text"),
        ((Tile("t1", Kind.TEXT, text="un mot"),), "no_figure"),
    ],
)
def test_what_may_not_leave_is_named_before_anybody_decides(tiles: tuple[Tile, ...], reason: str) -> None:
    with pytest.raises(BadField) as refused:
        draft_of(board(*tiles), WISH, KPIS)
    assert refused.value.reason == reason


def test_a_board_is_published_under_a_name_no_dataset_has() -> None:
    tiles = (Tile("t1", Kind.MAP, "failure_rate"), Tile("t2", Kind.FIGURE, "video"))
    assert draft_of(board(*tiles), WISH, KPIS).name == "board-quernay"
    assert draft_of(board(*tiles), Wish("board-quernay", "etalab-2.0", ""), KPIS).name == "board-quernay"
