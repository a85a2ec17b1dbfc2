"""The ingest on a real PostgreSQL and Redis: what is accepted is durable, counted and shown."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns
from model.errors import Unavailable
from model.observations import Observation
from model.states import Status
from services.live import Ingest, Parsed, Receipt, Reject, load_state
from services.live.quality import Judged
from services.live.state import LiveState
from services.live.watch import Watch
from tests.clock import began
from tests.live_city import lay_out, seen
from tests.waiting import begin


@pytest.fixture
async def ingest(engine: Engine, redis_url: str) -> AsyncIterator[Ingest]:
    lay_out(engine)
    one = Ingest(engine, redis_url, shard="test")
    await begin(one)
    yield one
    await one.stop()


def submit(
    ingest: Ingest, source: str, observations: list[Observation], rejects: Sequence[Reject] = ()
) -> Coroutine[Any, Any, Receipt]:
    return ingest.submit(source, Parsed(observations, rejects))


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


async def test_what_is_sent_is_stored_counted_and_shown(
    ingest: Ingest, engine: Engine, redis_url: str
) -> None:
    receipt = await submit(
        ingest,
        "test",
        [
            seen("L-1", "lamp_failure"),
            seen("L-1", 0.0, what="power"),
            seen("nobody", "on"),
            seen("A-1", 999.0, what="power"),
        ],
        [Reject(1, "malformed", "{}")],
    )
    assert (receipt.received, receipt.stored, receipt.duplicate, receipt.rejected) == (5, 3, 0, 2)
    assert [(r.row, r.reason) for r in receipt.rejects] == [
        (1, "malformed"), (3, "unknown_asset")]  # fmt: skip
    assert (count(engine, "observation"), count(engine, "state_change"), count(engine, "reject")) == (2, 1, 2)
    assert count(engine, "dirty_batch") == 1
    snap = LiveState(redis_url, "test").read()
    assert snap is not None
    lamp = read_columns(engine).index_of(101)
    assert snap.records["status"][lamp] == Status.FAULT
    assert snap.records["value"][lamp] == 0


async def test_the_same_batch_twice_changes_nothing(ingest: Ingest, engine: Engine) -> None:
    batch = [seen("L-1", "on"), seen("L-1", 70.0, what="power"), seen("L-2", "off")]
    await submit(ingest, "test", batch)
    again = await submit(ingest, "test", batch)
    assert (again.stored, again.duplicate) == (0, 3)
    assert (count(engine, "observation"), count(engine, "state_change")) == (1, 2)


async def test_a_repetition_inside_one_batch_is_counted(ingest: Ingest, engine: Engine) -> None:
    batch = [seen("L-1", 70.0, what="power")] * 3 + [seen("L-2", "on")] * 2
    receipt = await submit(ingest, "test", batch)
    assert (receipt.stored, receipt.duplicate) == (2, 3)


async def test_the_database_tells_the_state_and_since_when(ingest: Ingest, engine: Engine) -> None:
    await submit(ingest, "test", [seen("L-1", "on", 1)])
    await submit(ingest, "test", [seen("L-1", "lamp_failure", 2)])
    await submit(ingest, "test", [seen("L-1", "no_supply", 3), seen("L-1", "no_supply", 9)])
    columns = read_columns(engine)
    loaded = load_state(engine, columns)
    lamp = columns.index_of(101)
    assert loaded.records["status"][lamp] == Status.FAULT
    assert loaded.since[lamp] == int(seen("L-1", 0, 2).phenomenon_time.timestamp())
    assert np.isclose(loaded.rows[lamp], seen("L-1", 0, 3).phenomenon_time.timestamp())


async def test_what_the_database_refuses_stops_nobody_else(ingest: Ingest, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE observation ADD CHECK (result <> 13)"))
    poison = submit(ingest, "bad", [seen("L-1", 13.0, what="power"), seen("L-1", "on")])
    good = submit(ingest, "good", [seen("L-2", 12.0, what="power"), seen("nobody", "on")])
    refused, taken = await asyncio.gather(poison, good)
    assert (refused.stored, [(r.row, r.reason) for r in refused.rejects]) == (1, [(0, "not_storable")])
    assert (taken.stored, taken.rejects[0].row) == (1, 1)
    again = await submit(ingest, "good", [seen("L-2", 12.0, what="power")])
    assert again.duplicate == 1
    with engine.connect() as connection:
        counted = connection.execute(text("SELECT source, reason, count FROM reject ORDER BY 1")).all()
    assert counted == [("bad", "not_storable", 1), ("good", "unknown_asset", 1)]


async def test_what_is_refused_beside_the_values_costs_no_value(ingest: Ingest, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE state_change ADD CHECK (state <> 4)"))
        connection.execute(text("ALTER TABLE dead_letter ADD CHECK (asset <> 'nobody')"))
    mixed = [seen("L-1", 12.0, what="power"), seen("L-1", "lamp_failure"), seen("nobody", "on")]
    receipt = await submit(ingest, "bad", mixed)
    assert (receipt.stored, sorted(r.reason for r in receipt.rejects)) == (
        1,
        ["not_storable", "unknown_asset"],
    )
    assert (await submit(ingest, "good", [seen("L-2", "on")])).stored == 1
    with engine.connect() as connection:
        account = connection.execute(text("SELECT received, stored, duplicate, dead FROM feed_minute")).all()
    assert sorted(tuple(row) for row in account) == [(1, 1, 0, 0), (3, 1, 0, 2)]


async def test_what_judging_fails_on_costs_itself_alone(
    ingest: Ingest, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Watch.take

    def failing(self: Watch, judged: Judged, feeds: npt.NDArray[np.uint8]) -> None:
        plain(self, judged, feeds)
        if (judged["value"] == 13.0).any():
            raise ZeroDivisionError

    monkeypatch.setattr(Watch, "take", failing)
    mixed = [seen(f"L-{n}", value, what="power") for n, value in ((1, 12.0), (2, 13.0), (3, 14.0), (9, 1.0))]
    receipt = await submit(ingest, "bad", [*mixed, seen("L-1", "on")])
    assert receipt.stored == 3
    told = sorted((reject.row, reject.reason) for reject in receipt.rejects)
    assert told == [(1, "failed_here"), (3, "unknown_asset")]
    again = await submit(ingest, "bad", [mixed[0], mixed[2]])
    assert (again.stored, again.duplicate) == (0, 2)
    with engine.connect() as connection:
        letters = connection.execute(text("SELECT asset FROM dead_letter ORDER BY id")).all()
    assert sorted(asset for (asset,) in letters) == ["L-2", "L-9"]


async def test_a_text_that_no_database_takes_spoils_nothing(ingest: Ingest, engine: Engine) -> None:
    spoilt = Observation("L-1", "power", 12.0, began(), raw=0.012, raw_unit="k\0W")
    assert (await submit(ingest, "bad", [spoilt, seen("L-2", 12.0, what="power")])).stored == 2
    with engine.connect() as connection:
        assert connection.execute(text("SELECT raw_unit FROM observation ORDER BY 1")).all()[0] == (
            "k\ufffdW",
        )


async def test_each_sending_of_a_batch_gets_its_own_account(ingest: Ingest) -> None:
    await submit(ingest, "first", [seen("L-3", 1.0, what="power")])
    parts = [
        [seen("L-3", 1.0, what="power"), seen("L-3", 2.0, 5, "power")],
        [seen("nobody", "on")],
        [],
        [seen("L-4", "on"), seen("L-4", "on")],
    ]
    receipts = await asyncio.gather(*(submit(ingest, "many", part) for part in parts))
    assert [(r.received, r.stored, r.duplicate, r.rejected) for r in receipts] == [
        (2, 1, 1, 0), (1, 0, 0, 1), (0, 0, 0, 0), (2, 1, 1, 0)]  # fmt: skip


async def test_after_it_stopped_nothing_is_taken(ingest: Ingest) -> None:
    await ingest.stop()
    with pytest.raises(Unavailable):
        await submit(ingest, "test", [seen("L-1", "on")])


async def test_the_layout_may_change_under_it(ingest: Ingest, engine: Engine) -> None:
    await submit(ingest, "test", [seen("L-1", "lamp_failure"), seen("L-2", 7.0, what="power")])
    with engine.begin() as connection:
        connection.execute(text("UPDATE asset SET external_id = 'L-9' WHERE id = 103"))
        connection.execute(text("UPDATE layout SET version = version + 1"))
    async with asyncio.timeout(10):
        while (await submit(ingest, "test", [seen("L-9", "on")])).rejected:
            await asyncio.sleep(0.05)
    again = await submit(ingest, "test", [seen("L-1", "lamp_failure"), seen("L-2", 7.0, what="power")])
    assert again.duplicate == 2
