"""What one scope sees of the live city: its own indices, frames, resume, layouts and movements."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.assets import read_columns
from model.states import CONSEQUENCE_BIT, Status
from model.viewer import WHOLE_CITY, Scope
from services.live import Hub, Ingest, Part
from services.live import parts as parts_module
from services.live.live_positions import LivePositions
from services.live.moving import MOVE
from tests.integration.test_hub import changes, next_of
from tests.integration.test_movements import move, said
from tests.live_city import lay_out, lay_out_buses, seen, sent
from tests.waiting import begin, until

pytestmark = pytest.mark.servers
HILL = Scope(areas=frozenset({2}))
"""The second commune: lamps L-4 and L-5, whose cabinet A-1 lies in the first."""
_HILL = text(
    "INSERT INTO area (id, kind, code, name, geometry, source) VALUES (2, 'commune', '99002', 'Mont', "
    "ST_Multi(ST_MakeEnvelope(5.1, 47.3, 5.2, 47.4, 4326)), 'test')"
)


@pytest.fixture
async def ingest(engine: Engine, redis_url: str) -> AsyncIterator[Ingest]:
    lay_out(engine)
    lay_out_buses(engine)
    with engine.begin() as connection:
        connection.execute(_HILL)
        connection.execute(text("UPDATE asset SET commune_id = 2 WHERE external_id IN ('L-4', 'L-5')"))
    one = Ingest(engine, redis_url, shard="test")
    await begin(one)
    yield one
    await one.stop()


@pytest.fixture
async def hub(engine: Engine, redis_url: str, ingest: Ingest) -> AsyncIterator[Hub]:
    one = Hub(engine, redis_url, shard="test")
    await one.start()
    await until(lambda: one.source == "live")
    yield one
    await one.stop()


async def part_of(hub: Hub, scope: Scope) -> Part:
    part = hub.seen_by(scope)
    assert isinstance(part, Part)
    await hub.ready(part)
    return part


def names(part: Part | Hub) -> list[str]:
    assert part.columns is not None
    return part.columns.external_ids.tolist()


async def test_a_scope_has_columns_of_its_own(hub: Hub) -> None:
    part = await part_of(hub, HILL)
    columns = part.columns
    assert columns is not None and hub.columns is not None
    assert names(part) == ["L-4", "L-5"]
    assert columns.parents.tolist() == [-1, -1]
    assert columns.version == hub.columns.version
    assert len(part.codes) == len(part.records) == len(part.since) == 2
    assert b"Val" not in part.geometry().raw and b"Mont" in part.geometry().raw
    told = part.snapshot().document()
    assert (told["count"], told["moves"]) == (2, [])
    assert told["geometry"] == f"/live/geometry/{columns.version}-{HILL.key}.bin"


async def test_equal_scopes_share_a_part_and_the_whole_city_is_the_hub(hub: Hub) -> None:
    assert hub.seen_by(Scope(areas=frozenset({2}))) is hub.seen_by(HILL)
    assert hub.seen_by(WHOLE_CITY) is hub
    assert hub.seen_by(Scope(areas=frozenset({2}), domains=frozenset({"traffic"}))) is not hub.seen_by(HILL)


async def test_a_scope_that_holds_nothing_is_an_empty_city(hub: Hub) -> None:
    part = await part_of(hub, Scope(areas=frozenset(), domains=frozenset()))
    assert names(part) == []
    assert part.snapshot().document()["count"] == 0
    async with aclosing(part.subscribe()) as events:
        assert json.loads((await next_of(events, "beat")).data)["late"] == []


async def test_what_hangs_on_a_cabinet_outside_is_its_own_cause(hub: Hub, ingest: Ingest) -> None:
    part = await part_of(hub, HILL)
    async with aclosing(part.subscribe()) as events:
        await next_of(events, "beat")
        await ingest.submit("test", sent([seen("A-1", "no_contact"), seen("L-4", "lamp_failure")]))
        frame = await next_of(events, "frame")
        assert {i: code & 0x0F for i, code in changes(frame).items()} == {0: Status.FAULT}
        (notice,) = json.loads((await next_of(events, "notices")).data)
    assert (notice["id"], notice["index"]) == ("L-4", 0)
    whole = names(hub).index("L-4")
    assert hub.codes[whole] & CONSEQUENCE_BIT, "of the whole city it is a consequence"
    assert part.codes[0] == int(hub.codes[whole]) - CONSEQUENCE_BIT
    assert part.attention_version > 1


async def test_nothing_is_sent_of_what_changes_outside(hub: Hub, ingest: Ingest) -> None:
    part = await part_of(hub, HILL)
    async with aclosing(part.subscribe()) as events:
        await next_of(events, "beat")
        await ingest.submit("test", sent([seen("C-1", "flashing"), seen("L-1", "lamp_failure")]))
        await until(lambda: hub.codes[names(hub).index("L-1")] & 7 == Status.FAULT)
        await ingest.submit("test", sent([seen("L-5", "lamp_failure", 1)]))
        frame = await next_of(events, "frame")
    assert set(changes(frame)) == {1}, "the first frame is of the second sending"


async def test_who_comes_back_is_told_what_she_missed(hub: Hub, ingest: Ingest) -> None:
    part = await part_of(hub, HILL)
    async with aclosing(part.subscribe()) as events:
        await next_of(events, "beat")
        await ingest.submit("test", sent([seen("L-4", "lamp_failure")]))
        last = (await next_of(events, "frame")).id
    await ingest.submit("test", sent([seen("L-1", "lamp_failure", 1), seen("L-5", "lamp_failure", 1)]))
    await until(lambda: part.codes[1] & 7 == Status.FAULT)
    async with aclosing(part.subscribe(last)) as events:
        assert changes(await anext(events)) == {1: int(part.codes[1])}
        assert (await anext(events)).kind == "beat"
    for strange in ("1-0", "nonsense", "99999999999999-0"):
        async with aclosing(part.subscribe(strange)) as events:
            assert (await anext(events)).kind == "resync"


async def test_who_comes_back_after_her_part_was_let_go_misses_nothing(
    hub: Hub, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = await part_of(hub, HILL)
    async with aclosing(part.subscribe()) as events:
        await next_of(events, "beat")
        await ingest.submit("test", sent([seen("L-4", "lamp_failure")]))
        last = (await next_of(events, "frame")).id
        monkeypatch.setattr(parts_module, "LET_GO_S", -1.0)
        await hub._parts.follow_layout()
        assert hub.seen_by(HILL) is part, "somebody follows it"
    await until(lambda: not len(part))
    await hub._parts.follow_layout()
    assert len(hub._parts) == 0
    monkeypatch.undo()
    await ingest.submit("test", sent([seen("L-5", "lamp_failure", 1)]))
    await until(lambda: hub.codes[names(hub).index("L-5")] & 7 == Status.FAULT)
    again = await part_of(hub, HILL)
    assert again is not part
    async with aclosing(again.subscribe(last)) as events:
        assert changes(await anext(events)) == {1: int(again.codes[1])}


async def test_a_new_layout_is_read_again_and_told(hub: Hub, engine: Engine) -> None:
    part = await part_of(hub, HILL)
    before = part.columns
    assert before is not None
    async with aclosing(part.subscribe()) as events:
        await next_of(events, "beat")
        with engine.begin() as connection:
            connection.execute(text("UPDATE asset SET commune_id = 2 WHERE external_id = 'C-1'"))
            connection.execute(text("UPDATE asset SET commune_id = 1 WHERE external_id = 'L-4'"))
            connection.execute(text("UPDATE layout SET version = version + 1"))
        told = json.loads((await next_of(events, "reload")).data)
    assert told == {"version": before.version + 1}
    assert names(part) == ["C-1", "L-5"]
    assert len(part.codes) == 2


async def test_late_feeds_are_those_of_its_own_types(hub: Hub, ingest: Ingest) -> None:
    long_ago = -86_400.0
    await ingest.submit("test", sent([seen("C-1", "in_colour", long_ago), seen("L-4", "on", long_ago)]))
    await until(lambda: {late["type"] for late in hub.beat_facts()["late"]} >= {"junction", "streetlight"})
    part = await part_of(hub, HILL)
    async with aclosing(part.subscribe()) as events:
        told = json.loads((await next_of(events, "beat")).data)
    assert [late["type"] for late in told["late"]] == ["streetlight"]


async def test_vehicles_are_seen_by_scopes_of_all_areas_that_hold_their_domain(
    engine: Engine, redis_url: str
) -> None:
    lay_out(engine)
    lay_out_buses(engine)
    columns = read_columns(engine)
    live = LivePositions(redis_url, "test")
    live.rebuild(columns.version, np.zeros(0, MOVE), 1)
    hub = Hub(engine, redis_url, shard="test")
    await hub.start()
    try:
        fleet = await part_of(hub, Scope(domains=frozenset({"transport"})))
        commune = await part_of(hub, Scope(areas=frozenset({1})))
        now = time.time()
        async with aclosing(fleet.subscribe()) as events, aclosing(commune.subscribe()) as others:
            await next_of(events, "beat")
            await next_of(others, "beat")
            live.apply(columns.version, move(columns, "BUS-2", now), 2)
            assert set(said(await next_of(events, "moves"))) == {1}
            # What was for the others would have been sent before what they hear next.
            assert (await asyncio.wait_for(anext(others), 10)).kind == "beat"
        assert names(fleet) == ["BUS-1", "BUS-2"]
        assert not {name for name in names(commune) if name.startswith("BUS")}
        assert [row[0] for row in fleet.movements.document(now)] == [1]
        assert commune.movements.document(now) == []
        place = fleet.movements.position(1)
        assert place is not None and abs(float(place["lon"]) - 5.05) < 1e-9
        assert commune.movements.position(0) is None
    finally:
        await hub.stop()
        live.close()


async def test_a_scope_is_not_shown_while_the_database_cannot_say_what_it_holds(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from model.errors import Unavailable

    def away(_engine: Engine) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(parts_module, "read_visible", away)
    part = hub.seen_by(HILL)
    with pytest.raises(Unavailable):
        await hub.ready(part)
    assert part.columns is None and part.source == "none" and len(part.codes) == 0
    monkeypatch.undo()
    await hub.ready(part)
    assert part.source == "live"
