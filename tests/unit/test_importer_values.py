"""Numbers, dates and text of imported files: what is declared is taken, what can be read two ways is not."""

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.importer.batch import texts_of
from geodata.importer.profile import Value
from geodata.importer.values import Wrong, parse_all, parse_date, parse_number
from geodata.importer.words import LONGEST, clean, clean_all

PARIS = ZoneInfo("Europe/Paris")
FRENCH = Value("x", "number", decimal=",", thousands=" ")


@pytest.mark.parametrize(
    ("text", "rule", "number"),
    [
        ("12.5", Value("x", "number"), 12.5),
        ("-3", Value("x", "number"), -3.0),
        ("1e3", Value("x", "number"), 1000.0),
        ("12,5", FRENCH, 12.5),
        ("1 234,5", FRENCH, 1234.5),
        ("1\u202f234\u00a0567", FRENCH, 1234567.0),
        ("1,234,567.5", Value("x", "number", thousands=","), 1234567.5),
        ("1.234.567,5", Value("x", "number", decimal=",", thousands="."), 1234567.5),
        ("1'234", Value("x", "number", thousands="'"), 1234.0),
    ],
)
def test_numbers_are_read_with_their_declared_separators(text: str, rule: Value, number: float) -> None:
    assert parse_number(text, rule) == number


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        ("1,234", Value("x", "number"), "ambiguous_number"),
        ("1 234", Value("x", "number"), "ambiguous_number"),
        ("1.234", FRENCH, "ambiguous_number"),
        ("12 34", FRENCH, "ambiguous_number"),
        ("1.2.3", Value("x", "number"), "ambiguous_number"),
        ("NaN", Value("x", "number"), "not_finite"),
        ("-inf", Value("x", "number"), "not_finite"),
        ("1e999", Value("x", "number"), "not_finite"),
        ("12 m", Value("x", "number"), "not_a_number"),
        ("0x1F", Value("x", "number"), "not_a_number"),
        ("١٢", Value("x", "number", decimal=","), "not_a_number"),
    ],
)
def test_what_is_no_clear_number_is_refused(text: str, rule: Value, reason: str) -> None:
    assert parse_number(text, rule) == Wrong(reason)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_written_the_french_way_comes_back(number: float) -> None:
    written = f"{number:,.3f}".replace(",", "\u202f").replace(".", ",")
    assert parse_number(written, FRENCH) == pytest.approx(number, abs=5e-4)


def test_dates_need_a_format_unless_they_are_iso() -> None:
    def date(text: str, form: str = "") -> datetime | Wrong:
        return parse_date(text, Value("d", "date", format=form), PARIS)

    assert date("2013-04-03") == datetime(2013, 4, 2, 22, tzinfo=UTC)
    assert date("2013-04-03T10:00:00Z") == datetime(2013, 4, 3, 10, tzinfo=UTC)
    assert date("03/04/2013") == Wrong("ambiguous_date")
    assert date("03/04/2013", "%d/%m/%Y") == datetime(2013, 4, 2, 22, tzinfo=UTC)
    assert date("13/13/2013", "%d/%m/%Y") == Wrong("bad_date")
    assert date("2004", "%Y") == datetime(2003, 12, 31, 23, tzinfo=UTC)
    assert date("hier") == Wrong("bad_date")
    assert date("0001-01-01") == Wrong("bad_date")


def test_words_for_nothing_are_nothing_and_integers_are_whole() -> None:
    rule = Value("year", "integer", null=("0",))
    assert parse_all(["0", "", "N/A", "nan", "2004", "12.0", "1.5"], rule, PARIS) == [
        None,
        None,
        None,
        None,
        2004,
        12,
        Wrong("not_an_integer"),
    ]


def test_text_is_composed_stripped_of_the_invisible_and_cut() -> None:
    assert clean("E\u0301cole\u200b\u202e\tde\r\nla  rue\u00ad ") == "École de la rue"
    assert clean("a\x00b") == "a b"
    assert len(clean("é" * 10_000)) == LONGEST


@given(st.lists(st.text(), max_size=30))
def test_cleaning_many_is_cleaning_each_and_twice_is_once(texts: list[str]) -> None:
    cleaned = clean_all(texts)
    assert cleaned == [clean(text) for text in texts]
    assert clean_all(cleaned) == cleaned
    for text in cleaned:
        assert unicodedata.is_normalized("NFC", text)
        assert not {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs"}


def test_columns_of_any_type_become_text() -> None:
    assert texts_of(np.array(["a", None, 1.0, float("nan")], dtype=object)) == ["a", "", "1", ""]
    assert texts_of(np.array([1.5, 2.0, np.nan])) == ["1.5", "2", ""]
    assert texts_of(np.array([3, 4])) == ["3", "4"]
    assert texts_of(np.array(["2013-04-03", "NaT"], dtype="datetime64[D]")) == ["2013-04-03", ""]
