"""The room of the past: made from its address, in its own colours, with every word and every part."""

import json
from dataclasses import replace
from typing import Any

import pytest

from layouts import past_room
from layouts.history import page
from layouts.ids import Past
from layouts.theme import past_theme
from layouts.view import AreaChoice, PageView
from model.texts import words
from model.tokens import THEMES, colours
from services.history.past.difference import WORST_FIRST, Kind
from tests.unit.test_model import contrast

AT = "2026-11-21T20:45:00Z"
VIEW = PageView(
    "Val", "Europe/Paris", (5, 47, 6, 48), generated=True, areas=(AreaChoice(7, "Centre", "commune"),),
    path="/history", address={"at": AT},
)  # fmt: skip


def drawn(view: PageView, language: str = "fr") -> str:
    made = page(words(language), view)
    return json.dumps(made.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def timeline(address: dict[str, str]) -> dict[str, Any]:
    made = past_room.page(words("fr"), replace(VIEW, address=address))
    found = next(part for part in made._traverse() if getattr(part, "id", None) == Past.TIMELINE)
    properties: dict[str, Any] = found.to_plotly_json()["props"]
    return properties


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_part_is_there_once_and_every_word_is_known(language: str) -> None:
    shown = drawn(VIEW, language)
    assert "⟦" not in shown
    for part in Past:
        assert shown.count(f'"id": "{part}"') == 1, part
    assert "room-ticker" not in shown


def test_the_address_is_the_whole_view() -> None:
    address = {
        "at": AT, "a": "2026-11-21T20:00:00Z", "b": "2026-11-21T20:45:00Z", "speed": "600", "span": "21600",
        "asset": "EP-1", "domains": "lighting", "statuses": "fault,consequence", "area": "7",
    }  # fmt: skip
    shown = timeline(address)
    assert {name: shown[name] for name in ("at", "a", "b", "asset")} == {
        name: address[name] for name in ("at", "a", "b", "asset")
    }
    assert (shown["speed"], shown["span"]) == (600, 21_600)
    page_of = drawn(replace(VIEW, address=address))
    for expected in ('"domains": ["lighting"]', '"statuses": ["fault", "consequence"]', '"area": 7'):
        assert page_of.count(expected) >= 1, expected


@pytest.mark.parametrize(
    "address",
    [{"at": "now"}, {"at": AT, "a": "noon", "b": "2026-11-21T20:45:00", "speed": "7", "span": "-3"}],
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(address: dict[str, str]) -> None:
    shown = timeline(address)
    assert shown.get("a") is None
    assert shown.get("b") is None
    assert (shown["speed"], shown["span"]) == (past_room.FIRST_SPEED, past_room.FIRST_SPAN)


def test_a_span_stays_between_an_hour_and_400_days() -> None:
    assert [past_room.read_span(text) for text in ("1", "7200", "99999999999")] == [3_600, 7_200, 34_560_000]


def test_the_past_has_a_theme_of_its_own_by_day_and_by_night() -> None:
    assert (
        {past_theme("light"), past_theme("dark"), past_theme(None)} == {"past", "past-light"} <= set(THEMES)
    )
    grounds = {theme: colours(theme)["panel"] for theme in THEMES}
    assert len(set(grounds.values())) == len(THEMES)


@pytest.mark.parametrize("theme", ["past", "past-light"])
def test_bar_and_lines_of_the_past_have_their_contrast(theme: str) -> None:
    shades = colours(theme)
    assert contrast(shades["barInk"], shades["bar"]) >= 4.5
    for line in ("rule2", "lampOn", "glyphOn", "select"):
        assert contrast(shades[line], shades["land"]) >= 3, line
    assert contrast(shades["panel"], shades["select"]) >= 4.5, "the hand's label"


def test_what_changed_is_listed_before_what_was_known_all_along() -> None:
    assert WORST_FIRST[0] is Kind.NEW_FAULT
    assert WORST_FIRST[-1] is Kind.ALREADY
    assert WORST_FIRST.index(Kind.RECOVERED) < WORST_FIRST.index(Kind.DARK)
    assert set(WORST_FIRST) == set(Kind) - {Kind.UNCHANGED}
