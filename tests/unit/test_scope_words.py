"""A scope in words, what pages offer within it, and the narrowing of columns and codes."""

import dataclasses
import json

import numpy as np
import pytest

from layouts import analysis, control_room, history
from layouts.history_address import Chosen, chosen_in
from layouts.scope import everywhere, scope_in_words
from layouts.view import AreaChoice, PageView
from model.states import CONSEQUENCE_BIT, Freshness, Status, display_codes
from model.texts import words
from services.live.frames import packed
from services.live.narrowing import narrowed
from tests.unit.live_columns import columns

WHOLE = PageView("Valmont", "Europe/Paris", (4.0, 47.0, 5.0, 48.0))
HERS = dataclasses.replace(
    WHOLE,
    places=("Quernay",), domains=frozenset({"traffic"}), areas=(AreaChoice(10, "Quernay", "commune"),),
)  # fmt: skip
SAY = words("en", "Europe/Paris")


def written(component: object) -> str:
    """A component with everything in it, as the browser gets it."""
    return json.dumps(component, default=lambda one: one.to_plotly_json(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("places", "domains", "expected"),
    [
        (None, None, ""),
        (("Quernay",), None, "Quernay"),
        (("B", "A"), {"traffic", "lighting"}, "A, B · Lighting, Traffic"),
        (None, {"lighting"}, "Lighting"),
        (("A", "B", "C", "D"), None, "4 areas"),
        (None, {"lighting", "traffic", "energy", "access"}, "4 domains"),
        ((), None, "empty scope"),
        (None, set(), "empty scope"),
    ],
)
def test_a_scope_is_told_in_words(
    places: tuple[str, ...] | None, domains: set[str] | None, expected: str
) -> None:
    assert scope_in_words(SAY, places, domains) == expected


def test_no_area_chosen_stands_for_her_own_areas() -> None:
    assert everywhere(SAY, WHOLE, "room.whole_city") == SAY("room.whole_city")
    assert everywhere(SAY, HERS, "room.whole_city") == "Quernay"


def test_every_page_says_the_scope_and_the_whole_city_says_none() -> None:
    for page in (control_room.page, history.page, analysis.page):
        assert "Quernay · Traffic" in written(page(SAY, HERS))
        assert "brand-scope" not in written(page(SAY, WHOLE))


def test_only_types_and_views_of_the_scope_are_offered() -> None:
    assert "streetlight" in written(history.page(SAY, WHOLE))
    assert "streetlight" not in written(history.page(SAY, HERS)).replace("streetlights", "")
    views = written(analysis.page(SAY, HERS))
    assert "domain=traffic" in views and "domain=lighting" not in views
    assert chosen_in(Chosen(), {"traffic"}).asset_type == "junction"
    assert chosen_in(Chosen(asset="EP-1"), {"traffic"}) == Chosen(asset="EP-1")
    assert chosen_in(Chosen(), None) == chosen_in(Chosen(), set()) == Chosen()


def test_a_scope_that_holds_nothing_says_so_and_not_that_the_city_is_empty() -> None:
    empty = dataclasses.replace(HERS, empty=True)
    assert SAY("scope.empty_body") in written(control_room.page(SAY, empty))
    assert SAY("map.empty_detail") not in written(control_room.page(SAY, empty))
    assert SAY("scope.empty_body") not in written(control_room.page(SAY, HERS))


def test_narrowed_columns_hold_what_is_inside_and_no_parent_outside() -> None:
    city = columns(
        ["control_cabinet", "streetlight", "streetlight", "control_cabinet", "streetlight"], [-1, 0, 0, -1, 3]
    )
    found = narrowed(city, np.array([102, 103, 104, 999], "i8"))
    assert found.columns.external_ids.tolist() == ["X-2", "X-3", "X-4"]
    assert found.columns.parents.tolist() == [-1, -1, 1]
    assert found.place.tolist() == [-1, -1, 0, 1, 2]
    assert found.own(np.array([0, 2, 4])).tolist() == [0, 2]
    status = np.array([Status.FAULT] * 5, "u1")
    whole = display_codes(status, city.parents, np.full(5, Freshness.LIVE, "u1"))
    own = display_codes(status[2:], found.columns.parents, np.full(3, Freshness.LIVE, "u1"))
    assert whole[2] & CONSEQUENCE_BIT and not own[0] & CONSEQUENCE_BIT
    np.testing.assert_array_equal(found.codes(whole), own)
    np.testing.assert_array_equal(found.codes_at(whole, np.array([2])), own[2:])


def test_what_frames_touched_is_told_once_and_inside_alone() -> None:
    city = columns(["streetlight"] * 4)
    found = narrowed(city, np.array([101, 103], "i8"))
    codes = np.zeros(4, "u1")
    frames = [packed(np.array([0, 1]), codes), packed(np.array([1, 3]), codes)]
    assert found.touched(frames).tolist() == [0, 1]
    assert found.touched([]).tolist() == []


def test_an_empty_scope_narrows_to_nothing() -> None:
    found = narrowed(columns(["streetlight"] * 2), np.empty(0, "i8"))
    assert (len(found.columns), found.types, found.moves) == (0, frozenset(), False)
    assert len(found.codes(np.zeros(2, "u1"))) == 0
