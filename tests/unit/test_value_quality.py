"""A value's quality and doubts: one stored number, said in words beside the value and never confused."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from dash.development.base_component import Component

from layouts import panel_values
from model.observations import QUALITY_MASK, Doubt, Quality, doubts_of, quality_of
from model.registry import LatestValue
from model.texts import LANGUAGES, catalogue, words

FR, EN = words("fr"), words("en")
NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)


def said(component: Any) -> str:
    if isinstance(component, Component):
        return said(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return " ".join(filter(None, map(said, component)))
    return "" if component is None else str(component)


def value(quality: int = 0, **given: Any) -> LatestValue:
    return LatestValue("power", "W", 60, 61.5, NOW, quality, 60.0, **given)


def row(one: LatestValue) -> Component:
    return panel_values.value_row(EN, one, "control_cabinet", NOW.timestamp())


def test_every_quality_and_doubt_travels_in_one_number_and_comes_back() -> None:
    for quality, first, second in itertools.product(Quality, Doubt, Doubt):
        stored = quality | first | second
        assert quality_of(stored) is quality
        assert set(doubts_of(stored)) == {first, second}
    assert all(doubt & QUALITY_MASK == 0 for doubt in Doubt)


def test_what_we_do_not_know_is_no_reason_to_trust() -> None:
    assert quality_of(7) is Quality.UNCERTAIN
    assert doubts_of(1 << 14) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quality_and_doubt_has_its_words(language: str) -> None:
    keys = [f"quality.{q.name.lower()}" for q in Quality] + [f"doubt.{str(d.name).lower()}" for d in Doubt]
    assert [key for key in keys if key not in catalogue(language)] == []


def test_a_good_value_says_nothing_of_its_quality() -> None:
    assert "value-doubt" not in row(value()).className
    assert panel_values.value_doubts(EN, value()) == []


@pytest.mark.parametrize(
    ("quality", "text"),
    [
        (Quality.ESTIMATED, "estimated"),
        (Quality.GOOD | Doubt.STUCK, "stuck"),
        (
            Quality.BAD | Doubt.RANGE | Doubt.RATE,
            "bad, left out of figures, outside the plausible range, changed",
        ),
    ],
)
def test_a_doubtful_value_says_why(quality: int, text: str) -> None:
    shown = row(value(quality))
    assert text in said(shown)
    assert "value-doubtful" in shown.className


def test_a_stream_that_never_said_anything_is_not_doubted() -> None:
    assert panel_values.value_doubts(EN, LatestValue("power", "W", 60, None, None, 0, None)) == []


@pytest.mark.parametrize(
    ("raw", "unit", "text"),
    [(197.0, "vehicles / 5 min", "sent as 197 vehicles / 5 min"), (0.25, None, "sent as 0.25")],
)
def test_what_was_sent_is_shown_beside_what_it_became(raw: float, unit: str | None, text: str) -> None:
    assert said(row(value(raw=raw, raw_unit=unit))).endswith(text)


@pytest.mark.parametrize("raw", [None, float("nan"), float("inf")])
def test_nothing_sent_otherwise_is_nothing_said(raw: float | None) -> None:
    assert "sent as" not in said(row(value(raw=raw)))
