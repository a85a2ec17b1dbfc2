"""What the feeds page draws and says: every standing, every state of it, in both languages."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import plotly
import pytest
from dash.development.base_component import Component

from layouts import feeds, feeds_detail, feeds_letters
from layouts.feeds_address import Shown, read_shown
from layouts.feeds_alarm import alarm, database_away
from layouts.feeds_chart import gaps, hour_chart, minute_bars, slots_of
from layouts.feeds_list import feed_list, sentence
from layouts.feeds_words import length_text, rate_text, reason_help, reason_word
from layouts.ids import Feeds
from layouts.steady import Steady
from layouts.view import PageView
from model.feeds import (
    PAGE_ROWS,
    FeedAccount,
    FeedStatus,
    Fresh,
    Letter,
    Letters,
    Minute,
    Overview,
    Reason,
    Recent,
    Standing,
    Tally,
    Trouble,
    hex_lines,
    readable,
)
from model.texts import catalogue, words
from services.live import REASONS

FR, EN = words("fr"), words("en")
NOW = datetime(2026, 11, 23, 17, 42, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TODAY = Tally(9, 90, 80, 7, 3)
VIEW = PageView("Valmont", "Europe/Paris", (4.8, 47.2, 5.2, 47.4))


def drawn(component: Component) -> str:
    return json.dumps(component.to_plotly_json(), cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def said(component: Any) -> str:
    """All the words of a component, in order."""
    if isinstance(component, Component):
        return said(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return "".join(map(said, component))
    return "" if component is None else str(component)


def hour(*received: int, dead: int = 0) -> tuple[Minute, ...]:
    """Accounts of the last minutes, the newest last; none where 0."""
    first = NOW.replace(second=0) - (len(received) - 1) * MINUTE
    return tuple(
        Minute(first + n * MINUTE, Tally(1, count, count - dead, 0, dead))
        for n, count in enumerate(received)
        if count
    )


def feed(name: str = "f", today: Tally = TODAY, **given: Any) -> FeedAccount:
    """A feed of the given status; well unless said otherwise."""
    status = FeedStatus(
        "mqtt", "mqtt", 60, "ok", "", NOW, NOW - timedelta(hours=7), NOW, NOW, 0.1,
        Fresh(10, 2, 1, 1), 0, 0,
    )  # fmt: skip
    status = replace(status, **given)
    return FeedAccount(
        name, status, status.standing(NOW), Recent(1.5, 1.2, 4.5, Tally(3, 30, 29, 0, 1)), today, hour(5, 6)
    )


def overview(*feeds_: FeedAccount) -> Overview:
    return Overview(NOW, NOW - timedelta(hours=18), feeds_)


STRAY = FeedAccount("stray", None, Standing.UNTOLD, Recent(), Tally(), ())
EVERY = overview(
    feed("well"),
    feed("starting", state="starting"),
    feed("silent", last_received_at=NOW - timedelta(hours=1)),
    feed("never", last_received_at=None, last_phenomenon_time=None),
    feed("away", state="away", detail="no answer"),
    feed("refused", state="refused", detail="401"),
    feed("untold", updated_at=NOW - MINUTE),
    feed("dropping", dropped=17, spooled=1_204, skew_s=-41.0),
    feed("unbalanced", Tally(1, 10, 4, 1, 1)),
    STRAY,
)


def letter(**given: Any) -> Letter:
    row = Letter(
        7, "f", "unknown_asset", "EP-9", "EP-9", "observation", "abc", NOW, b'{"asset": "EP-9"}', 17,
        None, None, None, None,
    )  # fmt: skip
    return replace(row, **given)


def reason(name: str = "unknown_asset", **given: Any) -> Reason:
    return replace(Reason("f", name, 300, NOW, NOW, '{"asset"', 120, 100, 20), **given)


# --- page and address ------------------------------------------------------------------------------------


def test_every_id_of_the_page_is_on_it() -> None:
    page = feeds.page(FR, VIEW)
    ids = {part.id for part in page._traverse() if getattr(part, "id", None)} | {page.id}
    assert ids == set(Feeds)


def test_an_address_shows_the_same_again() -> None:
    for shown in (Shown(), Shown("f"), Shown("a b&c", "too_old", 3), Shown("f", "x", 2, 12)):
        query = shown.href.partition("?")[2]
        assert read_shown(dict(parse_qsl(query))) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ({"reason": "x"}, Shown()),
        ({"feed": "f", "page": "-1"}, Shown("f")),
        ({"feed": "f", "page": "x", "item": "1; DROP"}, Shown("f")),
        ({"feed": "f", "item": "9" * 40}, Shown("f")),
        ({"feed": "f", "page": "٣"}, Shown("f")),
    ],
)
def test_an_address_that_makes_no_sense_asks_for_nothing(address: dict[str, str], shown: Shown) -> None:
    assert read_shown(address) == shown


def test_what_is_open_closes_with_the_same_link() -> None:
    shown = Shown("f", "x", 2, 7)
    assert shown.reading(7) == Shown("f", "x", 2)
    assert shown.reading(8) == Shown("f", "x", 2, 8)
    assert shown.with_reason("x") == Shown("f")
    assert shown.on_page(3) == Shown("f", "x", 3)


def test_a_steady_part_carries_its_tree_as_data() -> None:
    steady = Steady(id=Feeds.LIST, tree=feed_list(EN, EVERY, Shown()))
    assert isinstance(steady.tree, dict)
    assert list(steady._traverse()) == []


# --- the list --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("say", [FR, EN])
def test_every_standing_is_said_and_no_word_is_missing(say: Any) -> None:
    text = drawn(feed_list(say, EVERY, Shown("well"))) + drawn(alarm(say, EVERY))
    for one in EVERY.feeds:
        text += drawn(feeds_detail.feed_detail(say, EVERY, one, feeds_letters.letters_away(say)))
    assert "⟦" not in text


def test_every_trouble_and_every_standing_has_its_words() -> None:
    known = catalogue("fr")
    for trouble in Trouble:
        assert {f"feeds.trouble_{trouble.value}", f"feeds.word_{trouble.value}"} <= set(known)
    assert {f"feeds.standing_{s.value}" for s in (Standing.OK, Standing.STARTING)} <= set(known)


def test_every_reason_of_ours_is_said_in_words_and_says_what_would_help() -> None:
    missing = [
        code for code in REASONS if not (FR.has(f"feeds.reason_{code}") and FR.has(f"feeds.help_{code}"))
    ]
    assert missing == []
    assert reason_word(FR, "of_somebody_else") == "of_somebody_else"
    assert "adaptateur" in reason_help(FR, "of_somebody_else")


def test_what_nobody_keeps_the_account_of_is_not_pretended() -> None:
    row = said(feed_list(EN, overview(feed("f", updated_at=NOW - MINUTE, spooled=5)), Shown()).children[1])
    assert "no account since 18:41:30" in row
    assert row.count("–") == 4, "rate, lag, freshness, spool"


def test_the_sentence_counts_what_wants_somebody() -> None:
    assert sentence(EN, overview(feed("a"), feed("b"))) == "2 feeds, all up to date"
    assert sentence(EN, overview(feed("a"))) == "1 feed, up to date"
    assert sentence(EN, EVERY) == "10 feeds: 1 up to date, 8 to look at, 1 starting"


def test_the_account_says_whether_it_holds() -> None:
    assert "account exact" in said(feed_list(EN, overview(feed()), Shown()))
    wrong = overview(feed("a", Tally(1, 10, 4, 1, 1)), feed("b", Tally(1, 10, 14, 0, 0)))
    text = said(feed_list(EN, wrong, Shown()))
    assert "account exact" not in text
    assert "difference +8" in text


def test_freshness_has_shape_letter_and_number() -> None:
    text = drawn(feed_list(EN, overview(feed()), Shown()))
    for name, short in (("live", "L"), ("late", "T"), ("stale", "S"), ("never", "N")):
        assert f'"name": "{name}"' in text
        assert f'"children": "{short}"' in text
    letters = [FR(f"feeds.letter_{name}") for name, _ in Fresh()]
    assert len(set(letters)) == 4


def test_no_feed_says_how_to_get_one() -> None:
    assert "add-a-feed" in said(feed_list(EN, overview(), Shown()))


def test_the_chosen_feed_is_marked_for_eye_and_ear() -> None:
    text = drawn(feed_list(EN, overview(feed("a"), feed("b")), Shown("b")))
    assert text.count('"aria-current": "true"') == 1
    assert text.count("chosen") == 1


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.0, "0 /s"), (0.003, "0.2 /min"), (0.5, "30.0 /min"), (4.24, "4.2 /s"), (640, "640 /s")],
)
def test_a_rate_is_said_so_that_one_can_read_it(rate: float, text: str) -> None:
    assert " ".join(rate_text(EN, rate)) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (1.24, "1.2 s"), (61, "1 min"), (5_400, "1 h 30")]
)
def test_a_lag_is_said_so_that_one_can_read_it(seconds: float | None, text: str) -> None:
    assert length_text(EN, seconds) == text


# --- the alarm line --------------------------------------------------------------------------------------


def test_nothing_wrong_is_an_empty_line() -> None:
    line = alarm(EN, overview(feed()))
    assert said(line) == ""
    assert "alarm-none" in line.className


def test_the_gravest_comes_first_and_each_feed_is_a_link() -> None:
    line = alarm(EN, EVERY)
    text = said(line)
    order = [EN(f"feeds.trouble_{name}") for name in ("unbalanced", "dropped", "refused", "away", "silent")]
    assert [text.index(words_) for words_ in order] == sorted(text.index(words_) for words_ in order)
    assert "alarm-grave" in line.className
    assert "/feeds?feed=silent" in drawn(line)
    many = overview(*(feed(f"f{n}", state="away") for n in range(9)))
    assert "and 5 more" in said(alarm(EN, many))


def test_an_ingest_that_is_away_is_said_once_for_all() -> None:
    gone = overview(*(feed(f"f{n}", updated_at=NOW - MINUTE) for n in range(3)))
    text = said(alarm(EN, gone))
    assert text.startswith("The ingest is away. · No account is kept since 18:41:30")
    assert "f1" not in text


def test_a_database_that_is_away_says_of_when_the_figures_are() -> None:
    assert "of 18:42:05" in said(database_away(EN, "18:42:05"))
    assert "figures" not in said(database_away(EN, ""))


# --- the hour --------------------------------------------------------------------------------------------


def test_slots_are_the_sixty_minutes_up_to_now() -> None:
    slots = slots_of([*hour(1, 2), Minute(NOW - 70 * MINUTE, Tally(1, 9, 9))], NOW)
    assert len(slots) == 60
    assert [slot.received for slot in slots[-2:] if slot] == [1, 2]
    assert slots[:-2] == [None] * 58


def test_a_gap_is_longer_than_the_feed_may_be_silent() -> None:
    slots = slots_of(hour(1, 0, 0, 0, 1, 0, 0, 0, 0, 1), NOW)
    assert list(gaps(slots, 180)) == [(0, 50), (55, 59)]
    assert list(gaps(slots, 30)) == [(0, 50), (51, 54), (55, 59)]
    assert list(gaps([None] * 60, 60)) == [(0, 60)]


def test_bars_stay_in_their_box_and_what_is_refused_hangs_below() -> None:
    shapes = minute_bars(slots_of(hour(10, 1_000, 20, dead=2), NOW), 30, (600, 150))
    rects = [shape for shape in shapes if shape["tag"] == "rect"]
    assert all(
        s["y"] >= 0 and s["y"] + s["height"] <= 150.01 and s["x"] + s["width"] <= 600.01 for s in rects
    )
    dead = [shape for shape in rects if shape["className"] == "bar-dead"]
    assert len(dead) == 3
    assert all(shape["y"] > 120 for shape in dead)
    assert all(shape["height"] >= 2 for shape in dead), "two of a thousand are still seen"


def test_what_nobody_accounts_for_is_drawn() -> None:
    shapes = minute_bars([*[None] * 59, Tally(1, 10, 6, 1, 0)], 30, (600, 150))
    assert [s["className"] for s in shapes if s["className"] == "bar-lost"] == ["bar-lost"]
    unbalanced = (Minute(NOW.replace(second=0), Tally(1, 10, 6, 1, 0)),)
    assert "unaccounted" in said(hour_chart(EN, unbalanced, NOW))


def test_the_chart_has_a_twin_in_words_that_says_the_same() -> None:
    text = said(hour_chart(EN, hour(5, 0, 1_234, dead=1), NOW))
    assert "18:421,2341,23301" in text
    assert "18:41nothing" in text


# --- letters ---------------------------------------------------------------------------------------------


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
