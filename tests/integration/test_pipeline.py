"""The pipeline on real servers: every item accounted for, spooled through outages, replayed, fenced."""

import asyncio
import json
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.database import migrate, open_engine
from model.errors import Unavailable
from model.observations import Doubt, Position, Quality
from services.launch.servers import Server, ensure_database, start_postgres
from services.live import Ingest, Parsed, Reject
from services.live.judge import Judge
from services.live.letters import tidy
from tests.clock import began
from tests.faults import kill, signal_all
from tests.live_city import lay_out, seen, sent
from tests.waiting import begin, until

PATIENCE_S = 30.0
SEED = 11


@asynccontextmanager
async def running(
    engine: Engine, redis_url: str, *, stands_by: bool = False, **options: Any
) -> AsyncIterator[Ingest]:
    ingest = Ingest(engine, redis_url, shard="test", **options)
    await (ingest.start() if stands_by else begin(ingest))
    try:
        yield ingest
    finally:
        await ingest.stop()


def rows(engine: Engine, query: str, **values: object) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def balance(engine: Engine) -> dict[str, tuple[int, int, int, int]]:
    """received, stored, duplicate, dead of every feed."""
    query = (
        "SELECT feed, sum(received), sum(stored), sum(duplicate), sum(dead) FROM feed_minute GROUP BY feed"
    )
    return {feed: tuple(int(n) for n in sums) for feed, *sums in rows(engine, query)}  # type: ignore[misc]


@pytest.fixture
def laid_out(engine: Engine) -> Engine:
    lay_out(engine)
    return engine


async def test_every_item_is_in_its_feeds_account(laid_out: Engine, redis_url: str) -> None:
    async with running(laid_out, redis_url) as ingest:
        mixed = [seen("L-1", "on"), seen("L-1", 70.0, 1, "power"), seen("nobody", "on")]
        await ingest.submit("a", Parsed(mixed, [Reject(3, "malformed", "{", b"{")]), messages=2)
        await ingest.submit("a", sent(mixed))
        await ingest.submit("b", sent([seen("L-2", "on")]))
    assert balance(laid_out) == {"a": (7, 2, 2, 3), "b": (1, 1, 0, 0)}
    assert rows(laid_out, "SELECT sum(messages) FROM feed_minute WHERE feed = 'a'") == [(3,)]
    letters = rows(laid_out, "SELECT reason, form, asset, item FROM dead_letter ORDER BY id LIMIT 2")
    assert letters[0] == ("malformed", "payload", "", b"{")
    assert letters[1][:3] == ("unknown_asset", "observation", "nobody")
    assert json.loads(letters[1][3])["asset"] == "nobody"
    assert len({row[0] for row in rows(laid_out, "SELECT trace FROM dead_letter")}) == 2


async def test_doubts_and_what_was_sent_travel_with_the_value(laid_out: Engine, redis_url: str) -> None:
    async with running(laid_out, redis_url) as ingest:
        converted = seen("C-1", 90.0, what="cycle")
        odd = type(converted)(**{**{n: getattr(converted, n) for n in converted.__struct_fields__},
                                 "raw": 1.5, "raw_unit": "min"})  # fmt: skip
        await ingest.submit("a", sent([odd, seen("L-1", 900.0, what="power")]))
    stored = rows(laid_out, "SELECT result, quality, raw, raw_unit FROM observation ORDER BY result")
    assert stored == [(90.0, 0, 1.5, "min"), (900.0, Quality.BAD | Doubt.RANGE, None, None)]


async def test_what_was_parked_is_replayed_once_its_asset_is_registered(
    laid_out: Engine, redis_url: str
) -> None:
    async with running(laid_out, redis_url) as ingest:
        await ingest.submit("a", sent([seen("L-77", "lamp_failure"), seen("L-78", "on")]))
        with laid_out.begin() as connection:
            connection.execute(text("UPDATE asset SET external_id = 'L-77' WHERE external_id = 'L-5'"))
            connection.execute(text("UPDATE layout SET version = version + 1"))
        await until(lambda: rows(laid_out, "SELECT 1 FROM dead_letter WHERE outcome = 'stored'"))
    assert rows(laid_out, "SELECT asset, outcome FROM dead_letter ORDER BY id") == [
        ("L-77", "stored"), ("L-78", None)]  # fmt: skip
    assert balance(laid_out)["replay"] == (1, 1, 0, 0)
    assert rows(laid_out, "SELECT state FROM state_change") == [(4,)]


async def test_a_letter_is_replayed_when_asked_and_says_what_became_of_it(
    laid_out: Engine, redis_url: str
) -> None:
    def again(payload: bytes) -> Parsed:
        return sent([seen(payload.decode(), "on")])

    async with running(laid_out, redis_url) as ingest:
        ingest.declare("a", adapter="x", transport="push", period_s=60, parse=again)
        refused = [Reject(n, "malformed", "?", item) for n, item in enumerate((b"L-1", b"nobody"))]
        await ingest.submit("a", Parsed([], refused))
        with laid_out.begin() as connection:
            connection.execute(text("UPDATE dead_letter SET replay_asked_at = now()"))
        await until(
            lambda: (
                rows(laid_out, "SELECT count(*) FROM dead_letter WHERE replayed_at IS NOT NULL")[0][0] == 2
            )
        )
    assert rows(laid_out, "SELECT outcome FROM dead_letter WHERE feed = 'a' ORDER BY id") == [
        ("stored",), ("unknown_asset",)]  # fmt: skip


async def test_what_we_fail_on_holds_up_nobody_and_is_kept(
    laid_out: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Judge.judge

    def failing(self: Judge, observations: Any, now: float) -> Any:
        if any(one.asset == "L-3" for one in observations):
            raise ZeroDivisionError
        return healthy(self, observations, now)

    monkeypatch.setattr(Judge, "judge", failing)
    async with running(laid_out, redis_url) as ingest:
        poison = ingest.submit("bad", sent([seen("L-3", "on"), seen("L-1", "on")]))
        good = ingest.submit("good", sent([seen("L-2", "on")]))
        refused, taken = await asyncio.gather(poison, good)
        assert (await ingest.submit("good", sent([seen("L-2", "off", 1)]))).stored == 1
    assert ([(r.row, r.reason) for r in refused.rejects], taken.stored) == ([(0, "failed_here")], 1)
    assert balance(laid_out) == {"bad": (2, 1, 0, 1), "good": (2, 2, 0, 0)}
    assert rows(laid_out, "SELECT asset, form FROM dead_letter") == [("L-3", "observation")]


async def test_letters_are_bounded_and_counts_are_not(laid_out: Engine, redis_url: str) -> None:
    async with running(laid_out, redis_url) as ingest:
        await ingest.submit("a", sent([seen(f"nobody-{n}", "on") for n in range(500)]))
    await asyncio.to_thread(tidy, laid_out)
    assert rows(laid_out, "SELECT count(*) FROM dead_letter") == [(200,)]
    assert rows(laid_out, "SELECT count FROM reject") == [(500,)]
    assert balance(laid_out) == {"a": (500, 0, 0, 500)}


async def test_a_position_is_stored_counted_and_refused_like_anything(
    laid_out: Engine, redis_url: str
) -> None:
    async with running(laid_out, redis_url) as ingest:
        fixed = Position("L-1", 5.01, 47.31, began())
        receipt = await ingest.submit("gtfs", Parsed([], [], [fixed]))
    assert (receipt.received, receipt.rejects[0].reason) == (1, "not_moving")
    assert rows(laid_out, "SELECT form, asset FROM dead_letter") == [("position", "L-1")]


@pytest.fixture
def own_postgres(server_folder: Path) -> Any:
    server = start_postgres(server_folder, "vigie")
    ensure_database(server.url)
    migrate(server.url)
    yield server
    server.stop()


def killed(server: Server) -> tuple[Callable[[], object], Callable[[], object]]:
    return lambda: kill(server), server.start


def hung(server: Server) -> tuple[Callable[[], object], Callable[[], object]]:
    return lambda: signal_all(server, signal.SIGSTOP), lambda: signal_all(server, signal.SIGCONT)


@pytest.mark.parametrize("how", [killed, hung])
async def test_without_the_database_everything_is_accepted_and_finds_its_way(
    own_postgres: Server, redis_url: str, tmp_path: Path, how: Callable[..., Any]
) -> None:
    engine = open_engine(own_postgres.url)
    await asyncio.to_thread(lay_out, engine)
    away, back = how(own_postgres)
    async with running(engine, redis_url, spool=tmp_path / "spool.sqlite") as ingest:
        await ingest.submit("a", sent([seen("L-1", "on", 0), seen("L-1", 60.0, 0, "power")]))
        away()
        try:
            async with asyncio.timeout(PATIENCE_S):
                first = await ingest.submit("a", sent([seen("L-1", "lamp_failure", 1)]))
                second = await ingest.submit(
                    "a",
                    sent([seen("L-1", 0.0, 2, "power"), seen("L-1", 60.0, 0, "power"), seen("nobody", "on")]),
                )
            assert (first.spooled, second.spooled, second.rejected) == (True, True, 1)
            assert ingest.spooled == 4
        finally:
            # In this thread: a server dies with the thread that started it.
            back()
        await until(lambda: ingest.spooled == 0)
        await ingest.submit("a", sent([seen("L-1", "on", 3)]))
        # On a busy machine this one may have gone by the spool too.
        await until(lambda: ingest.spooled == 0)
    assert balance(engine) == {"a": (7, 5, 1, 1)}
    assert rows(engine, "SELECT state FROM state_change ORDER BY phenomenon_time") == [(2,), (4,), (2,)]
    assert rows(engine, "SELECT result FROM observation ORDER BY phenomenon_time") == [(60.0,), (0.0,)]
    engine.dispose()


async def test_a_spool_left_by_a_dead_process_goes_first(
    own_postgres: Server, redis_url: str, tmp_path: Path
) -> None:
    engine = open_engine(own_postgres.url)
    await asyncio.to_thread(lay_out, engine)
    spool = tmp_path / "spool.sqlite"
    async with running(engine, redis_url, spool=spool) as ingest:
        await ingest.submit("a", sent([seen("L-2", "on", 0)]))
        kill(own_postgres)
        receipt = await ingest.submit("a", sent([seen("L-2", "lamp_failure", 1)]))
        assert receipt.spooled
    own_postgres.start()
    async with running(engine, redis_url, spool=spool) as ingest:
        again = None
        async with asyncio.timeout(PATIENCE_S):
            while again is None:
                try:
                    again = await ingest.submit("a", sent([seen("L-2", "lamp_failure", 1)]))
                except Unavailable:
                    await asyncio.sleep(0.05)
        assert (again.stored, again.duplicate) == (0, 1), "the memory knows what the spool held"
    assert rows(engine, "SELECT state FROM state_change ORDER BY phenomenon_time") == [(2,), (4,)]
    engine.dispose()


async def test_two_ingests_never_write_one_domain(laid_out: Engine, redis_url: str, tmp_path: Path) -> None:
    async with running(laid_out, redis_url, spool=tmp_path / "1.sqlite") as first:
        await first.submit("a", sent([seen("L-1", "on")]))
        async with running(laid_out, redis_url, stands_by=True, spool=tmp_path / "2.sqlite") as second:
            with pytest.raises(Unavailable, match="stands by"):
                await second.submit("a", sent([seen("L-1", "off", 1)]))
            await first.stop()
            await until(lambda: second.ready)
            receipt = await second.submit("a", sent([seen("L-1", "off", 1)]))
            assert receipt.stored == 1


async def test_whoever_lost_its_lease_is_refused_at_its_next_batch(laid_out: Engine, redis_url: str) -> None:
    async with running(laid_out, redis_url) as ingest:
        await ingest.submit("a", sent([seen("L-1", "on")]))
        with laid_out.begin() as connection:
            connection.execute(
                text("UPDATE ingest_lease SET holder = 'another', until = now() + interval '1 hour'")
            )
        with pytest.raises(Unavailable, match="another ingest process"):
            await ingest.submit("a", sent([seen("L-1", "off", 1)]))
        assert rows(laid_out, "SELECT count(*) FROM state_change") == [(1,)]


async def test_domains_may_be_shared_out(laid_out: Engine, redis_url: str, tmp_path: Path) -> None:
    light, rest = frozenset({"lighting"}), frozenset({"traffic", "energy", "surveillance", "access"})
    async with (
        running(laid_out, redis_url, spool=tmp_path / "1.sqlite", domains=light) as first,
        running(laid_out, redis_url, spool=tmp_path / "2.sqlite", domains=rest) as second,
    ):
        both = [seen("L-1", "on"), seen("C-1", "in_colour")]
        receipts = [await one.submit("a", sent(both)) for one in (first, second)]
    assert [(r.stored, r.rejects[0].reason) for r in receipts] == [(1, "other_door"), (1, "other_door")]
    assert rows(laid_out, "SELECT count(*) FROM state_change") == [(2,)]
    assert rows(laid_out, "SELECT count(*) FROM dead_letter") == [(0,)], "nothing to replay: it was taken"


async def test_in_any_order_and_repeated_the_newest_is_shown_and_all_is_kept_once(
    laid_out: Engine, redis_url: str
) -> None:
    from services.live.state import LiveState

    dice = random.Random(SEED)
    history = [seen(f"L-{n}", float(k), k, "power") for n in range(1, 6) for k in range(40)]
    storm = history * 3
    dice.shuffle(storm)
    future = [seen(f"L-{n}", 599.0, 10_000, "power") for n in range(1, 6)]
    async with running(laid_out, redis_url) as ingest:
        parts = [storm[at : at + 37] for at in range(0, len(storm), 37)]
        await asyncio.gather(*(ingest.submit("a", sent(part)) for part in parts))
        held = await ingest.submit("a", sent(future))
    assert [r.reason for r in held.rejects] == ["in_the_future"] * 5
    assert balance(laid_out)["a"] == (605, 200, 400, 5)
    snap = LiveState(redis_url, "test").read()
    assert snap is not None
    lamps = snap.records[snap.records["time"] > 0]
    assert lamps["value"].tolist() == [39.0] * 5
