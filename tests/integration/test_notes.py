"""Annotations and bookmarks: which place sees which, what is refused, and what stays of one withdrawn."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text, update

from geodata.tables import area
from model.errors import BadField, NotFound
from model.notes import Annotation, NoteDraft
from services.notes import Notes, annotations_between
from tests.integration.small_city import add_areas, add_assets
from tests.somebody import somebody

pytestmark = pytest.mark.servers
T0 = datetime(2026, 3, 10, 20, tzinfo=UTC)
T1 = T0 + timedelta(hours=3)
PAGES = frozenset({"/", "/history"})
CLAIRE, PAUL = somebody("Claire"), somebody("Paul")


@pytest.fixture
def notes(engine: Engine) -> Iterator[Notes]:
    """Two communes within area 3, an asset in each and one outside; one note of each place."""
    with engine.begin() as connection:
        add_areas(connection, "Aubeterre", "Bellerive", "Métropole")
        connection.execute(update(area).where(area.c.id < 3).values(parent_id=3))
        add_assets(connection, ("meter", 1), ("meter", 2), ("meter", None))
    book = Notes(engine)
    for name, place in (
        ("city", {}),
        ("A", {"area_id": 1}),
        ("B", {"area_id": 2}),
        ("M", {"area_id": 3}),
        ("a", {"asset_id": 1}),
        ("b", {"asset_id": 2}),
    ):
        book.annotate(draft(title=name, **place), CLAIRE)
    yield book


def draft(**changes: Any) -> NoteDraft:
    values = {"kind": "storm", "title": "Orage", "body": "", "t0": T0, "t1": T1}
    return NoteDraft(**values | changes)  # type: ignore[arg-type]


def titles(found: tuple[Annotation, ...]) -> set[str]:
    return {note.title for note in found}


def test_a_chart_shows_the_notes_of_its_place_its_areas_and_the_city(notes: Notes) -> None:
    assert titles(notes.between(T0, T1, asset=1)) == {"city", "A", "M", "a"}
    assert titles(notes.between(T0, T1, asset=3)) == {"city"}
    assert titles(notes.between(T0, T1, area=2)) == {"city", "B", "M"}
    assert titles(notes.between(T0, T1, area=2, with_assets=True)) == {"city", "B", "M", "b"}
    assert titles(notes.between(T0, T1, area=0)) == {"city"}
    assert titles(notes.between(T0, T1)) == {"city", "A", "B", "M", "a", "b"}


def test_a_note_is_found_by_any_instant_it_touches_and_by_no_other(notes: Notes, engine: Engine) -> None:
    second = timedelta(seconds=1)
    for t0, t1, there in (
        (T1, T1 + second, True),
        (T0 - second, T0, True),
        (T0 + second, T0 + second, True),
        (T1 + second, T1 + 2 * second, False),
        (T0 - 2 * second, T0 - second, False),
    ):
        assert bool(annotations_between(engine, t0, t1)) is there, (t0, t1)


def test_what_is_withdrawn_stays_on_record_with_the_name(notes: Notes, engine: Engine) -> None:
    note = notes.between(T0, T1, area=0)[0]
    notes.withdraw(note.id, PAUL)
    assert notes.between(T0, T1, area=0) == ()
    kept = notes.between(T0, T1, area=0, withdrawn=True)[0]
    assert (kept.withdrawn_by, kept.title, kept.author) == ("Paul", "city", "Claire")
    assert kept.withdrawn_at is not None
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM annotation")) == 6
    with pytest.raises(NotFound):
        notes.withdraw(note.id, PAUL)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"kind": "party"}, "kind", "unknown_kind"),
        ({"title": "\n"}, "title", "empty"),
        ({"title": "x" * 121}, "title", "too_long"),
        ({"body": "x" * 2_001}, "body", "too_long"),
        ({"t1": T0 - timedelta(seconds=1)}, "t1", "ends_before"),
        ({"t1": T0 + timedelta(days=801)}, "t1", "too_long_period"),
        ({"t0": T0.replace(tzinfo=None)}, "t0", "no_zone"),
        ({"t1": T1.replace(tzinfo=None)}, "t1", "no_zone"),
        ({"t0": datetime(1999, 1, 1, tzinfo=UTC)}, "t0", "too_far"),
        ({"area_id": 1, "asset_id": 1}, "place", "two_places"),
        ({"area_id": 77}, "place", "unknown_place"),
        ({"asset_id": 77}, "place", "unknown_place"),
    ],
)
def test_what_cannot_be_taken_says_its_field(
    notes: Notes, changes: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(BadField) as refused:
        notes.annotate(draft(**changes), CLAIRE)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert len(notes.between(T0, T1)) == 6


def test_texts_are_kept_as_they_were_meant(notes: Notes) -> None:
    body = "Ligne 1\nLigne <b>2</b>\x00"
    made = notes.annotate(draft(title="  Cafe\u0301 & <script>  ", body=body), CLAIRE)
    note = next(n for n in notes.between(T0, T1) if n.id == made)
    assert (note.title, note.body) == ("Café & <script>", "Ligne 1\nLigne <b>2</b>")


def test_bookmarks_are_kept_listed_and_forgotten(notes: Notes) -> None:
    address = "/history?at=2026-03-10T20:40:00Z&a=2026-03-10T20:00:00Z"
    first = notes.save_bookmark("Nuit d’orage", address, CLAIRE, PAGES)
    notes.save_bookmark("Direct", "/", PAUL, PAGES)
    assert [(b.title, b.address) for b in notes.bookmarks(PAGES)] == [
        ("Direct", "/"),
        ("Nuit d’orage", address),
    ]
    assert [b.title for b in notes.bookmarks({"/"})] == ["Direct"]
    notes.remove_bookmark(first, CLAIRE)
    with pytest.raises(NotFound):
        notes.remove_bookmark(first, CLAIRE)


@pytest.mark.parametrize(
    "address",
    [
        "", "history", "//evil.example/history", "/\\evil.example", "\\/evil.example", "https://evil.example/",
        "javascript:alert(1)", "/nowhere", "/history/../nowhere", "/\t/evil.example", "/history\n?at=now",
        " /history", "/history?at=" + "9" * 1_000, "///history", "/history ?a=1",
    ],
)  # fmt: skip
def test_a_bookmark_leads_nowhere_but_to_our_pages(notes: Notes, address: str) -> None:
    with pytest.raises(BadField) as refused:
        notes.save_bookmark("x", address, CLAIRE, PAGES)
    assert refused.value.field == "address"
    assert notes.bookmarks(PAGES) == ()
