"""What lies inside a scope is told exactly as the whole city tells it, and no count holds more than that."""

import asyncio
import dataclasses
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from layouts.analysis_address import Shown, question_of
from model.analysis import DOMAINS_SHOWN, View
from model.domains import DOMAIN_OF
from model.errors import BadRequest, NotFound
from model.kpis import Period
from model.observations import Observation
from model.roles import Role
from model.states import CONSEQUENCE_BIT, Status
from model.viewer import Scope, Viewer
from services.city import City, open_city
from services.history import codes_of, laid_out
from services.history.past.change_hours import keep_all_change_hours
from services.live import Ingest
from services.settings import Settings
from tests.clock import began
from tests.integration.test_hub import changes
from tests.integration.test_scopes import CENTRE, SCOPES, VILLAGE, demo, demo_url
from tests.live_city import sent
from tests.room import open_room
from tests.scoped_city import Equipment, Truth, Walk, as_seen, ask, read_truth, stamp
from tests.waiting import begin, until

__all__ = ["demo", "demo_url"]
pytestmark = pytest.mark.servers
TYPES = (("streetlight", "fault_share"), ("detector", "flow"), ("meter", "energy"), ("camera", "fault_share"))
_COUNT = text(
    "SELECT count(*) FROM state_change WHERE asset_id = ANY (:ids) "
    "AND phenomenon_time >= :t0 AND phenomenon_time < :t1"
)


def seen(city: City, scope: Scope) -> City:
    return city.seen_by(Viewer(1, "ada", "Ada", Role.SUPERVISOR, scope))


@pytest.fixture
async def city(demo: Engine, demo_url: str, redis_url: str) -> AsyncIterator[City]:
    keep_all_change_hours(demo, datetime.now(UTC))
    one = open_city(Settings(city="demo", database_url=demo_url, redis_url=redis_url))
    await one.start()
    yield one
    await one.close()


def assert_same(one: Any, other: Any, skip: tuple[str, ...] = ()) -> None:
    """Two answers are equal all the way down, NaN included; fields named in ``skip`` may differ."""
    np.testing.assert_equal(_told(one, skip), _told(other, skip))


def _told(one: Any, skip: tuple[str, ...]) -> Any:
    """``one`` as dictionaries, lists and arrays."""
    if dataclasses.is_dataclass(one):
        names = [part.name for part in dataclasses.fields(one) if part.name not in skip]
        return {name: _told(getattr(one, name), skip) for name in names}
    if isinstance(one, dict):
        return {key: _told(value, skip) for key, value in one.items()}
    return [_told(value, skip) for value in one] if isinstance(one, tuple | list) else one


def own_causes(truth: Truth, codes: np.ndarray[Any, Any], index: np.ndarray[Any, Any]) -> Any:
    """The whole city's ``codes`` at ``index`` (the scope's assets), less what is owed to a parent outside."""
    ids = {one.id for one in truth.inside}
    orphan = np.array([one.parent is not None and one.parent not in ids for one in truth.inside], "?")
    return np.where(orphan, codes[index] & ~np.uint8(CONSEQUENCE_BIT), codes[index])


@pytest.mark.parametrize("name", SCOPES)
async def test_live_and_past_states_are_the_whole_citys(city: City, demo: Engine, name: str) -> None:
    truth, part = read_truth(demo, SCOPES[name]), seen(city, SCOPES[name])
    await part.ready()
    whole, own = city.live.columns, part.live.columns
    assert whole is not None and own is not None
    assert own.ids.tolist() == [one.id for one in truth.inside]
    index = np.searchsorted(whole.ids, own.ids)
    assert own.external_ids.tolist() == whole.external_ids[index].tolist()
    np.testing.assert_array_equal(part.live.codes, own_causes(truth, city.live.codes, index))
    np.testing.assert_array_equal(part.live.since, city.live.since[index])
    t1 = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    for at in (t1, t1 - timedelta(hours=7), t1 - timedelta(days=9)):
        then = laid_out(own, part.history.state_at(at))
        wholly = laid_out(whole, city.history.state_at(at))
        np.testing.assert_array_equal(then["status"], wholly["status"][index])
        np.testing.assert_array_equal(
            codes_of(then["status"], own.parents),
            own_causes(truth, codes_of(wholly["status"], whole.parents), index),
        )
    t0 = t1 - timedelta(hours=8)
    played, all_played = part.history.played(own, t0, t1), city.history.played(whole, t0, t1)
    np.testing.assert_array_equal(played.after(), own_causes(truth, all_played.after(), index))
    assert played.silent == all_played.silent
    difference = part.history.difference(own, t0, t1)
    assert sum(difference.totals().values()) == len(own)
    np.testing.assert_array_equal(difference.faulted, city.history.difference(whole, t0, t1).faulted[index])


@pytest.mark.parametrize("name", SCOPES)
async def test_the_timeline_counts_the_scopes_changes_and_no_others(
    city: City, demo: Engine, name: str
) -> None:
    truth, part = read_truth(demo, SCOPES[name]), seen(city, SCOPES[name])
    ids = [one.id for one in truth.inside]
    now = datetime.now(UTC)
    for span, steps in ((timedelta(hours=6), 300), (timedelta(days=12), 200), (timedelta(days=200), 200)):
        for _ in range(2):
            found = part.history.timeline(now - span, now, steps)
            density = found.density
            t0 = datetime.fromtimestamp(density.times[0], UTC)
            t1 = datetime.fromtimestamp(density.times[-1] + density.step_s, UTC)
            with demo.connect() as connection:
                expected = connection.scalar(_COUNT, {"ids": ids, "t0": t0, "t1": t1})
            told = sum(
                int(getattr(density, kind).sum()) for kind in ("fault", "degraded", "comms_lost", "other")
            )
            assert told == expected, (name, span)
        gaps = city.history.timeline(now - span, now, steps).gaps
        np.testing.assert_allclose(np.array(found.gaps), np.array(gaps), atol=3_600)


async def test_the_figures_of_a_commune_are_those_the_city_has_of_it(city: City) -> None:
    part = seen(city, SCOPES["commune"])
    now = datetime.now(UTC)
    t1 = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    for kind, name in TYPES:
        for days, by in ((7, "hour"), (90, "day")):
            span = (t1 - timedelta(days=days), t1)
            mine = part.history.area_series(None, kind, name, *span, by)
            theirs = city.history.area_series(VILLAGE, kind, name, *span, by)
            assert_same(mine, theirs, ("asked",))
            elsewhere = part.history.area_series(CENTRE, kind, name, *span, by)
            assert elsewhere.empty and elsewhere.coverage == 0
    same_views(city, part, VILLAGE, DOMAINS_SHOWN, now)
    day = city.boards.last_day(now)
    board = part.boards.board(Period.DAY, day)
    whole = city.boards.board(Period.DAY, day, VILLAGE)
    assert [area.name for area in board.results[0].areas] == list(part.registry.places() or ())
    assert [outline.area_id for outline in board.map.outlines] == [VILLAGE]
    for mine, theirs in zip(board.results, whole.results, strict=True):
        if mine.kpi.per_area:
            assert (mine.value, mine.n, mine.trend) == (theirs.value, theirs.n, theirs.trend)
        theirs_here = [area for area in theirs.areas if area.area_id == VILLAGE]
        assert_same(list(mine.areas), theirs_here)
        assert mine.worst is None and mine.best is None


async def test_the_figures_of_a_domain_are_the_citys_and_of_others_there_are_none(city: City) -> None:
    part = seen(city, SCOPES["domain"])
    now = datetime.now(UTC)
    t1 = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    for kind, name in TYPES:
        span = (t1 - timedelta(days=30), t1)
        mine = part.history.area_series(None, kind, name, *span, "day")
        if DOMAIN_OF[kind].name == "traffic":
            assert_same(mine, city.history.area_series(None, kind, name, *span, "day"))
        else:
            assert mine.empty and mine.coverage == 0
    assert part.analysis.domains == ("traffic",)
    same_views(city, part, None, ("traffic",), now)
    with pytest.raises(BadRequest, match="no analysis of lighting"):
        part.analysis.view(question_of(Shown("lighting"), now, city.profile.zone))
    day = city.boards.last_day(now)
    board = {one.kpi.key: one for one in part.boards.board(Period.DAY, day).results}
    every = city.boards.board(Period.DAY, day).results
    whole = {one.kpi.key: one for one in every if one.kpi.domain == "traffic"}
    assert_same(board, whole)


def same_views(city: City, part: City, area: int | None, domains: tuple[str, ...], now: datetime) -> None:
    """Every analysis of the scope is that of the same area in the whole city."""
    for domain in domains:
        asked = question_of(Shown(domain, 0, "7d"), now, city.profile.zone)
        mine: View = part.analysis.view(asked, now)
        theirs: View = city.analysis.view(dataclasses.replace(asked, area_id=area), now)
        # The weather is told by sensors, which lie somewhere: outside, there is no heating signature.
        without = {"signature"} if area else set()
        assert_same(*({key: view[key] for key in view.keys() - without} for view in (mine, theirs)))


@pytest.mark.parametrize("kind", ["detector", "camera"])
async def test_an_asset_outside_is_as_if_it_had_never_been(
    demo: Engine, demo_url: str, redis_url: str, kind: str
) -> None:
    """The answers about one outside differ in nothing from those about one that does not exist."""
    truth = read_truth(demo, SCOPES["commune"])
    hidden = next(one for one in truth.outside if one.asset_type == kind)
    nobody = dataclasses.replace(hidden, id=3_999_999, external_id="BC-999.9")
    walk = Walk(datetime.now(UTC), (), ())
    async with open_room(demo_url, redis_url) as room, as_seen(room, demo, SCOPES["commune"]) as eyes:
        asked = zip(walk.of(hidden), walk.of(nobody), strict=True)
        for (handler, of_hidden), (_, of_nobody) in asked:
            told = [_blank(repr(await ask(eyes, handler, given))) for given in (of_hidden, of_nobody)]
            one, other = told[0].replace(hidden.external_id, nobody.external_id), told[1]
            assert one.replace(f"{hidden.id}:", f"{nobody.id}:") == other, handler
        for address in (
            "/history/export?series=asset:{external_id}&format=csv",
            "/registry/search?q={external_id}",
        ):
            answers = [
                await eyes.client.get(address.format(external_id=one.external_id)) for one in (hidden, nobody)
            ]
            assert answers[0].status_code == answers[1].status_code
            assert answers[0].text.replace(hidden.external_id, nobody.external_id) == answers[1].text
        with pytest.raises(NotFound):
            seen(room.city, SCOPES["commune"]).registry.card(hidden.id)


def _blank(told: str) -> str:
    """``told`` without what depends on when it was asked: instants and epoch seconds."""
    return re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+|\d{4}, \d\d:\d\d|\d{9,}(\.\d+)?", "…", told)


@pytest.mark.parametrize("name", SCOPES)
async def test_files_hold_the_scopes_assets_and_no_others(
    demo: Engine, demo_url: str, redis_url: str, name: str
) -> None:
    truth = read_truth(demo, SCOPES[name])
    known = {one.external_id for one in truth.assets}
    at = stamp(datetime.now(UTC) - timedelta(hours=3))
    async with open_room(demo_url, redis_url) as room, as_seen(room, demo, SCOPES[name]) as eyes:
        answer = await eyes.client.get(f"/history/export?at={at}&format=csv")
        told = {cell for cell in re.split(r"[;,\n\r\"]", answer.text) if cell in known}
        assert told == {one.external_id for one in truth.inside}
        shot = (await eyes.client.get("/live/snapshot")).json()
        assert shot["count"] == len(truth.inside)
        assert (await eyes.client.get(shot["geometry"])).headers["cache-control"].startswith("private")
        whole = (await room.client.get("/live/snapshot")).json()
        assert (await eyes.client.get(whole["geometry"])).status_code == 404
        assert (await room.client.get(shot["geometry"])).status_code == 404


@pytest.mark.parametrize("name", SCOPES)
async def test_frames_are_of_the_scopes_assets_and_no_others(
    city: City, demo: Engine, redis_url: str, name: str
) -> None:
    """One lamp and one junction of each commune fall out: of all those, the stream tells of hers."""
    truth, part = read_truth(demo, SCOPES[name]), seen(city, SCOPES[name])
    ingest = Ingest(demo, redis_url, shard=city.profile.name)
    await begin(ingest)
    try:
        await until(lambda: city.live.source == "live")
        await part.ready()
        # What is down already has nothing new to tell.
        chosen = {
            (one.commune, one.domain): one
            for one in truth.assets
            if one.asset_type in FALLEN and not _is_down(city, one)
        }
        own = part.live.columns
        assert own is not None
        expected = {one.external_id for one in chosen.values() if truth.within(one)}
        async with aclosing(part.live.subscribe()) as events:
            assert (await anext(events)).kind == "beat"
            fallen = [
                Observation(one.external_id, "state", FALLEN[one.asset_type], began())
                for one in chosen.values()
            ]
            receipt = await ingest.submit("test", sent(fallen))
            assert receipt.stored + receipt.duplicate == len(fallen)
            await until(lambda: all(_is_down(city, one) for one in chosen.values()))
            told: set[str] = set()
            async with asyncio.timeout(60):
                while not expected <= told:
                    one = await anext(events)
                    if one.kind == "frame":
                        told |= {str(own.external_ids[index]) for index in changes(one)}
                    elif one.kind == "notices":
                        assert {notice["id"] for notice in json.loads(one.data)} <= expected
        assert told >= expected and not told - {one.external_id for one in truth.inside}
    finally:
        await ingest.stop()


FALLEN = {"streetlight": "lamp_failure", "junction": "dark"}


def _is_down(city: City, one: Equipment) -> bool:
    columns = city.live.columns
    return columns is not None and int(city.live.codes[columns.index_of(one.id)]) & 7 == Status.FAULT
