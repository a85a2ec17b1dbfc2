"""What the feeds page draws and says: every standing, every state of it, in both languages."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from layouts import feeds, feeds_detail, feeds_letters
from layouts.feeds_address import Shown, read_shown
from layouts.feeds_alarm import alarm, database_away
from layouts.feeds_chart import gaps, hour_chart, minute_bars, slots_of
from layouts.feeds_list import feed_list, sentence
from layouts.feeds_words import length_text, rate_text, reason_help, reason_word
from layouts.ids import Feeds
from layouts.steady import Steady
from model.feeds import FeedAccount, Fresh, Minute, Recent, Standing, Tally, Trouble, concerns
from model.texts import catalogue
from services.live import REASONS
from tests.unit.made_accounts import EN, EVERY, FR, MINUTE, NOW, VIEW, drawn, feed, hour, overview, said

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


def test_replays_are_accounted_for_but_are_no_feed() -> None:
    again = FeedAccount("replay", None, Standing.UNTOLD, Recent(), Tally(8, 8, 0, 0, 8), ())
    seen = overview(feed("a"), again)
    assert sentence(EN, seen) == "1 feed, up to date"
    assert concerns(seen) == []
    row = said(feed_list(EN, seen, Shown()).children[1])
    assert "replays" in row
    assert "undeclared" not in row


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
