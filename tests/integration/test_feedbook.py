"""The feedbook on a real database: accounts, standing, dead letters by page, asking for replays once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, text

from geodata.database import open_engine
from geodata.tables import dead_letter, feed_minute, feed_status, reject
from model.errors import BadRequest, NotFound, Unavailable
from model.feeds import Standing, Tally, Trouble, concerns
from model.letters import PAGE_ROWS, REPLAY_MOST, Selection
from services.feedbook import Feedbook
from tests.made_feeds import AWAY, DROPPING, REFUSED, SILENT, lay_out_feeds, letter, minute, status
from tests.somebody import somebody

PARIS = ZoneInfo("Europe/Paris")
# Noon, so that the day the tests write into is not over in their middle.
ADA, BOB = somebody("Ada"), somebody("Bob")
NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def book(engine: Engine) -> Feedbook:
    return Feedbook(engine, PARIS)


def write(engine: Engine, table: object, *rows: dict[str, object]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(table), list(rows))  # type: ignore[arg-type]


# --- accounts --------------------------------------------------------------------------------------------


def test_an_empty_city_has_no_feed(book: Feedbook) -> None:
    seen = book.overview(NOW)
    assert seen.feeds == ()
    assert seen.today == Tally()
    assert seen.ingest_away is None
    assert concerns(seen) == []


def test_rate_and_lag_are_those_of_the_last_minutes(engine: Engine, book: Feedbook) -> None:
    write(engine, feed_status, status("f", NOW))
    write(
        engine,
        feed_minute,
        minute("f", NOW, 10, duplicate=2, dead=1, lag_sum=14.0, lag_max=9.0),
        minute("f", NOW - 5 * MINUTE, 23, lag_sum=23.0, lag_max=2.0),
        minute("f", NOW - 6 * MINUTE, 1_000, lag_sum=1e6, lag_max=1e4),
    )
    (feed,) = book.overview(NOW).feeds
    assert feed.recent.rate == pytest.approx(33 / 330), "330 s since 11:55:00"
    assert feed.recent.lag_mean == pytest.approx(37 / 30), "over the 30 that were stored"
    assert feed.recent.lag_max == 9.0
    assert feed.standing is Standing.OK
    assert [m.at for m in feed.hour] == [NOW.replace(second=0) - ago * MINUTE for ago in (6, 5, 0)]


def test_nothing_stored_has_no_lag(engine: Engine, book: Feedbook) -> None:
    write(engine, feed_status, status("f", NOW))
    write(engine, feed_minute, minute("f", NOW, 10, dead=10, lag_sum=0.0, lag_max=0.0))
    (feed,) = book.overview(NOW).feeds
    assert (feed.recent.lag_mean, feed.recent.lag_max) == (None, None)
    assert Trouble.REJECTING in {concern.trouble for concern in concerns(book.overview(NOW))}


def test_the_day_begins_at_midnight_of_the_city_and_the_hour_is_sixty_minutes(
    engine: Engine, book: Feedbook
) -> None:
    midnight = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    write(engine, feed_status, status("f", NOW))
    write(
        engine,
        feed_minute,
        minute("f", midnight - MINUTE, 5),
        minute("f", midnight, 7, duplicate=1, dead=2),
        minute("f", NOW - 60 * MINUTE, 100),
        minute("f", NOW - 59 * MINUTE, 200),
        minute("f", NOW + MINUTE, 900),
    )
    seen = book.overview(NOW)
    (feed,) = seen.feeds
    assert seen.midnight == midnight
    assert feed.today == Tally(messages=1 + 2 + 4, received=307, stored=304, duplicate=1, dead=2)
    assert [m.tally.received for m in feed.hour] == [200]


def test_a_difference_in_the_account_is_never_hidden(engine: Engine, book: Feedbook) -> None:
    write(engine, feed_status, status("f", NOW), status("g", NOW))
    write(
        engine,
        feed_minute,
        minute("f", NOW, 10, stored=7, dead=1),
        minute("g", NOW, 10, stored=12),
    )
    seen = book.overview(NOW)
    assert [feed.today.difference for feed in seen.feeds] == [2, -2]
    assert (seen.today.difference, seen.difference) == (0, 4)
    (concern,) = concerns(seen)
    assert concern.trouble is Trouble.UNBALANCED
    assert len(concern.feeds) == 2, "two wrongs do not make a right"


def test_a_feed_nobody_declared_is_shown_all_the_same(engine: Engine, book: Feedbook) -> None:
    write(engine, feed_status, status("declared", NOW))
    write(engine, feed_minute, minute("stray", NOW, 4), minute("declared", NOW, 2), minute("astray", NOW, 1))
    feeds = {feed.name: feed for feed in book.overview(NOW).feeds}
    assert list(feeds) == ["astray", "declared", "stray"]
    assert feeds["stray"].status is None
    assert feeds["stray"].standing is Standing.UNTOLD
    assert feeds["stray"].today.received == 4


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ({}, Standing.OK),
        ({"last_received_at": NOW - timedelta(seconds=180)}, Standing.OK),
        ({"last_received_at": NOW - timedelta(seconds=181)}, Standing.SILENT),
        ({"period_s": 1, "last_received_at": NOW - timedelta(seconds=30)}, Standing.OK),
        ({"period_s": 1, "last_received_at": NOW - timedelta(seconds=31)}, Standing.SILENT),
        ({"last_received_at": None, "state_since": NOW - timedelta(seconds=20)}, Standing.OK),
        ({"last_received_at": None, "state_since": NOW - timedelta(hours=1)}, Standing.SILENT),
        ({"state": "starting"}, Standing.STARTING),
        ({"state": "away", "last_received_at": None}, Standing.AWAY),
        ({"state": "refused"}, Standing.REFUSED),
        ({"updated_at": NOW - timedelta(seconds=15)}, Standing.OK),
        ({"updated_at": NOW - timedelta(seconds=16), "state": "refused"}, Standing.UNTOLD),
    ],
)
def test_the_standing_of_a_feed(
    engine: Engine, book: Feedbook, given: dict[str, object], standing: Standing
) -> None:
    write(engine, feed_status, status("f", NOW, **given))
    assert [feed.standing for feed in book.overview(NOW).feeds] == [standing]


def test_when_no_row_is_renewed_it_is_the_ingest_that_is_away(engine: Engine, book: Feedbook) -> None:
    lay_out_feeds(engine, NOW)
    later = NOW + timedelta(minutes=2)
    seen = book.overview(later)
    assert seen.ingest_away == NOW - timedelta(seconds=2)
    assert {feed.standing for feed in seen.feeds} == {Standing.UNTOLD}
    assert [concern.trouble for concern in concerns(seen)] == [Trouble.INGEST]


def test_ten_feeds_and_what_wants_somebody(engine: Engine, book: Feedbook) -> None:
    lay_out_feeds(engine, NOW)
    found = {c.trouble: [f.name for f in c.feeds] for c in concerns(book.overview(NOW))}
    assert found == {
        Trouble.DROPPED: [DROPPING],
        Trouble.REFUSED: [REFUSED],
        Trouble.AWAY: [AWAY],
        Trouble.SILENT: [SILENT],
        Trouble.SPOOLING: [DROPPING],
    }


# --- dead letters ----------------------------------------------------------------------------------------


def test_reasons_tell_what_was_ever_refused_and_what_is_kept(engine: Engine, book: Feedbook) -> None:
    lay_out_feeds(engine, NOW)
    reasons = {r.reason: r for r in book.dead_letters("lighting-mqtt").reasons}
    unknown = reasons["unknown_asset"]
    assert (unknown.count, unknown.kept, unknown.open, unknown.waiting) == (1_370, 137, 137, 0)
    assert unknown.first_seen == NOW - timedelta(days=3)
    assert "EP-9000" in unknown.excerpt
    everywhere = {(r.feed, r.reason, r.kept) for r in book.reasons()}
    assert everywhere == {("lighting-mqtt", name, None) for name in reasons}


def test_letters_whose_count_is_not_written_yet_are_shown(engine: Engine, book: Feedbook) -> None:
    write(engine, dead_letter, letter("f", "too_old", NOW, b"{}"))
    (reason,) = book.dead_letters("f").reasons
    assert (reason.count, reason.kept, reason.last_seen) == (1, 1, NOW)
    assert reason.excerpt == ""


def test_counts_whose_letters_are_gone_are_shown(engine: Engine, book: Feedbook) -> None:
    gone = {
        "source": "f",
        "reason": "too_old",
        "count": 5,
        "excerpt": "{",
        "first_seen": NOW,
        "last_seen": NOW,
    }
    write(engine, reject, gone)
    letters = book.dead_letters("f", "too_old")
    assert [(r.count, r.kept, r.open) for r in letters.reasons] == [(5, 0, 0)]
    assert (letters.rows, letters.total, letters.pages) == ((), 0, 1)


def test_letters_come_by_page_newest_first(engine: Engine, book: Feedbook) -> None:
    lay_out_feeds(engine, NOW)
    pages = [book.dead_letters("lighting-mqtt", "unknown_asset", page) for page in (1, 2, 3, 4, -1)]
    ids = [[row.id for row in page.rows] for page in pages]
    assert [len(page) for page in ids] == [PAGE_ROWS, PAGE_ROWS, 37, 37, PAGE_ROWS]
    assert [page.page for page in pages] == [1, 2, 3, 3, 1]
    listed = [id_ for page in ids[:3] for id_ in page]
    assert listed == sorted(listed, reverse=True)
    assert {row.reason for row in pages[0].rows} == {"unknown_asset"}
    assert book.dead_letters("lighting-mqtt").total == 181
    assert book.dead_letters("lighting-mqtt", "nonsense").rows == ()
    assert book.dead_letters("nobody").reasons == ()


def test_an_item_is_read_whole_and_listed_by_its_head(engine: Engine, book: Feedbook) -> None:
    item = bytes(range(256)) * 256
    write(engine, dead_letter, letter("f", "malformed", NOW, item, trace="abc"))
    (row,) = book.dead_letters("f").rows
    assert (row.size, row.head) == (65_536, item[:240])
    read, whole = book.letter(row.id)
    assert whole == item
    assert read == row
    with pytest.raises(NotFound, match="999"):
        book.letter(999)


# --- replays ---------------------------------------------------------------------------------------------


def marks(engine: Engine, where: str = "true") -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, replay_asked_at, replay_asked_by, replayed_at, outcome FROM dead_letter "
                f"WHERE {where} ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


def test_asking_twice_marks_once(engine: Engine, book: Feedbook) -> None:
    lay_out_feeds(engine, NOW)
    all_of_it = Selection(feed="lighting-mqtt", reason="malformed")
    assert book.ask_replay(all_of_it, ADA, NOW) == 3
    assert book.ask_replay(all_of_it, BOB, NOW + MINUTE) == 0
    marked = marks(engine, "replay_asked_at IS NOT NULL")
    assert [mark[1:] for mark in marked] == [(NOW, "Ada", None, None)] * 3
    (reason,) = (r for r in book.dead_letters("lighting-mqtt").reasons if r.reason == "malformed")
    assert (reason.open, reason.waiting) == (3, 3)


def test_what_came_in_is_done_and_what_failed_may_be_asked_again(engine: Engine, book: Feedbook) -> None:
    write(engine, dead_letter, *(letter("f", "unknown_asset", NOW, b"{}") for _ in range(3)))
    ids = [row[0] for row in marks(engine)]
    assert book.ask_replay(Selection(ids=ids), ADA, NOW) == 3
    with engine.begin() as connection:
        for id_, outcome in zip(ids, ("stored", "duplicate", "unknown_asset"), strict=True):
            connection.execute(
                text("UPDATE dead_letter SET replayed_at = :at, outcome = :outcome WHERE id = :id"),
                {"at": NOW + MINUTE, "outcome": outcome, "id": id_},
            )
    assert [r.open for r in book.dead_letters("f").reasons] == [1]
    assert book.ask_replay(Selection(ids=ids), BOB, NOW + 2 * MINUTE) == 1
    assert marks(engine)[2] == (ids[2], NOW + 2 * MINUTE, "Bob", None, None)
    assert [mark[4] for mark in marks(engine)[:2]] == ["stored", "duplicate"]


def test_of_a_reason_the_oldest_ten_thousand_are_asked_for_at_once(engine: Engine, book: Feedbook) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO dead_letter (feed, reason, detail, item, form, trace, received_at) "
                "SELECT 'f', 'too_old', '', '{}', 'observation', '', now() FROM generate_series(1, :n)"
            ),
            {"n": REPLAY_MOST + 5},
        )
    every = Selection(feed="f", reason="too_old")
    assert book.ask_replay(every, ADA, NOW) == REPLAY_MOST
    assert [mark[1] for mark in marks(engine)[-6:]] == [NOW, None, None, None, None, None]
    assert book.ask_replay(every, ADA, NOW) == 5


@pytest.mark.parametrize(
    "selection",
    [Selection(), Selection(feed="f"), Selection(reason="x"), Selection(ids=range(1, REPLAY_MOST + 2))],
)
def test_asking_for_nothing_or_for_too_much_is_a_bad_request(book: Feedbook, selection: Selection) -> None:
    with pytest.raises(BadRequest):
        book.ask_replay(selection, ADA, NOW)


def test_ids_that_cannot_be_are_nobody(book: Feedbook) -> None:
    assert book.ask_replay(Selection(ids=(0, -4, 2**70)), ADA, NOW) == 0


def test_everything_says_so_when_the_database_is_away() -> None:
    engine = open_engine("postgresql://nobody@/none?host=/nowhere")
    book = Feedbook(engine, PARIS)
    for ask in (
        lambda: book.overview(NOW),
        book.reasons,
        lambda: book.dead_letters("f"),
        lambda: book.letter(1),
        lambda: book.ask_replay(Selection(ids=(1,)), ADA, NOW),
    ):
        with pytest.raises(Unavailable):
            ask()
    engine.dispose()
