"""How numbers, dates and ages are written in the two languages."""

from datetime import UTC, datetime

import pytest

from model.texts import words

THIN = "\u202f"
NIGHT = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "value", "decimals", "text"),
    [
        ("fr", 34_000, 0, f"34{THIN}000"),
        ("en", 34_000, 0, "34,000"),
        ("fr", 1.25, 1, "1,2"),
        ("fr", -0.8, 1, "\u22120,8"),
        ("en", -0.8, 1, "\u22120.8"),
        ("fr", -0.04, 1, "0,0"),
        ("fr", None, 1, "–"),
        ("fr", float("nan"), 1, "–"),
    ],
)
def test_numbers(language: str, value: float | None, decimals: int, text: str) -> None:
    assert words(language).number(value, decimals) == text


def test_a_signed_number_says_plus() -> None:
    assert words("fr").number(1.5, 1, signed=True) == "+1,5"


def test_times_are_the_citys_across_the_change_of_clocks() -> None:
    say = words("fr", "Europe/Paris")
    assert say.time(NIGHT, seconds=True) == "01:59:59"
    assert say.time(NIGHT.replace(hour=1, minute=0, second=0)) == "03:00"
    assert say.day(NIGHT) == "29 mars 2026"
    assert words("en").day(NIGHT) == "29 March 2026"
    assert words("en", "Indian/Reunion").instant(NIGHT) == "29 Mar 2026, 04:59"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (5640, "1 h 34"),
        (200_000, "2 j"),
        (-5, "0 s"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert words("fr").age(seconds) == text


def test_a_missing_text_is_seen() -> None:
    assert words("fr")("no.such.key") == "⟦no.such.key⟧"
    assert not words("fr").has("no.such.key")


def test_an_unknown_language_is_french() -> None:
    assert words("de")("status.fault") == words("fr")("status.fault")
