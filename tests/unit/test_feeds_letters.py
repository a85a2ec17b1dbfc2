"""What the feeds page says of items that were rejected, and what it offers to do with them."""

from dataclasses import replace
from typing import Any

import pytest
from dash.development.base_component import Component

from layouts import feeds_detail, feeds_letters
from layouts.feeds_address import Shown
from model.letters import PAGE_ROWS, Letter, Letters, Reason, hex_lines, readable
from tests.unit.made_accounts import EN, EVERY, NOW, drawn, said


def letter(**given: Any) -> Letter:
    row = Letter(
        7, "f", "unknown_asset", "EP-9", "EP-9", "observation", "abc", NOW, b'{"asset": "EP-9"}', 17,
        None, None, None, None,
    )  # fmt: skip
    return replace(row, **given)


def reason(name: str = "unknown_asset", **given: Any) -> Reason:
    return replace(Reason("f", name, 300, NOW, NOW, '{"asset"', 120, 100, 20), **given)


def part(shown: Shown, *rows: Letter, read: Any = None, **given: Any) -> Component:
    letters = Letters("f", shown.reason, (reason(),), rows, total=len(rows), page=1)
    return feeds_letters.letters_part(EN, letters, shown, read, **given)


def test_a_feed_without_rejects_says_so() -> None:
    nothing = feeds_letters.letters_part(EN, Letters("f", "", ()), Shown("f"), None)
    assert "Nothing was rejected." in said(nothing)


def test_a_reason_says_what_would_help_and_what_a_replay_will_do() -> None:
    text = said(part(Shown("f", "unknown_asset"), letter()))
    assert "Import it" in text
    assert "Replay the 80 open ones…" in text, "100 open, 20 of them already asked for"
    assert "Nothing is erased." in text
    assert 'data-act": "replay-reason"' in drawn(part(Shown("f", "unknown_asset"), letter()))


def test_more_than_can_be_asked_at_once_is_said() -> None:
    letters = Letters("f", "x", (reason("x", open=14_000, waiting=0),), (letter(),), total=1)
    text = said(feeds_letters.letters_part(EN, letters, Shown("f", "x"), None))
    assert "Replay the 10,000 open ones…" in text
    assert "oldest first" in text


@pytest.mark.parametrize(
    ("given", "text"),
    [({"open": 20, "waiting": 20}, "20 wait"), ({"open": 0, "waiting": 0}, "nothing to replay")],
)
def test_nothing_is_offered_that_would_do_nothing(given: dict[str, int], text: str) -> None:
    letters = Letters("f", "x", (reason("x", **given),), (letter(),), total=1)
    made = feeds_letters.letters_part(EN, letters, Shown("f", "x"), None)
    assert text in said(made)
    assert "data-act" not in drawn(made)


def test_an_open_item_is_shown_whole_with_its_trace() -> None:
    item = b'{"asset": "EP-9"}'
    made = part(Shown("f", item=7), letter(), read=(letter(), item))
    assert '{"asset": "EP-9"}' in said(made)
    assert "abc" in said(made)
    assert '"aria-expanded": "true"' in drawn(made)
    assert 'data-act": "replay-item"' in drawn(made)


def test_an_item_of_another_page_is_shown_first() -> None:
    made = part(Shown("f", item=99), letter(), read=(letter(id=99), b"{}"))
    assert drawn(made).index('"key": "99"') < drawn(made).index('"key": "7"')


def test_bytes_are_shown_as_bytes() -> None:
    item = bytes([0, 159, 146, 150]) * 5
    made = part(Shown("f", item=7), letter(head=item, size=20), read=(letter(size=20), item))
    assert "000010  00 9f 92 96" in said(made)
    assert readable(item) is None
    assert readable("Écluse\n".encode()) == "Écluse\n"
    assert readable(b"\x00\x01\x02") is None
    assert list(hex_lines(b"AB\x00")) == ["000000  41 42 00                                         AB·"]


def test_a_head_cut_within_a_letter_is_still_text() -> None:
    head = ("a" + "é" * 119).encode()[:238] + "é".encode()[:1]
    assert feeds_letters.excerpt(letter(head=head, size=400)).startswith("aéé")
    assert feeds_letters.excerpt(letter(head=b"\xff\x00", size=2)) == "ff 00"


@pytest.mark.parametrize(
    ("given", "text", "offered"),
    [
        ({"asked_at": NOW, "asked_by": "Ada"}, "replay asked", False),
        ({"asked_at": NOW, "replayed_at": NOW, "outcome": "stored"}, "stored", False),
        ({"asked_at": NOW, "replayed_at": NOW, "outcome": "duplicate"}, "already known", False),
        ({"asked_at": NOW, "replayed_at": NOW, "outcome": "too_old"}, "rejected again: Too old", True),
    ],
)
def test_the_outcome_of_a_replay_is_shown(given: dict[str, Any], text: str, offered: bool) -> None:
    one = letter(**given)
    made = part(Shown("f", item=7), one, read=(one, b"{}"))
    assert text in said(made)
    assert ("replay-item" in drawn(made)) == offered


def test_letters_have_pages() -> None:
    letters = Letters("f", "", (reason(),), (letter(),), total=2 * PAGE_ROWS + 1, page=2)
    made = feeds_letters.letters_part(EN, letters, Shown("f", page=2), None)
    assert "page 2 of 3" in said(made)
    assert '"href": "/feeds?feed=f"' in drawn(made)
    assert '"href": "/feeds?feed=f&page=3"' in drawn(made)


def test_what_cannot_be_shown_is_said() -> None:
    assert "Unknown feed" in said(feeds_detail.unknown_feed(EN, "nobody"))
    assert "no longer kept" in said(part(Shown("f", item=99), letter(), gone=True))
    assert "unavailable" in said(feeds_detail.all_feeds(EN, EVERY, None))
    assert "Nothing was rejected." in said(feeds_detail.all_feeds(EN, EVERY, ()))
    assert "Unknown asset" in said(feeds_detail.all_feeds(EN, EVERY, (reason(),)))
