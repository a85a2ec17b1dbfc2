"""The doors of the verbs, asked as a browser does and in the control room's own role in the database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from callbacks.alarm_acts import VERBS
from callbacks.cookies import CSRF_HEADER
from geodata.database import open_engine
from model.roles import Role
from model.viewer import Scope
from tests.alarms_made_up import add_alarm, add_rule, end_condition
from tests.clock import began
from tests.conftest import Servers
from tests.integration.small_city import add_areas, add_assets
from tests.room import Room, open_room
from tests.scoped_city import as_seen
from tests.waiting import until

pytestmark = pytest.mark.servers

CABINET, DARK, LATCH = "control_cabinet.tripped", "streetlight.dark", "streetlight.broken"
EAST = Scope(areas=frozenset({2}))


def town(engine: Engine) -> list[int]:
    """Alarms of: a cabinet and two lamps in the first commune, a lamp that latches in the second."""
    at = began() - timedelta(minutes=12)
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        add_assets(connection, ("control_cabinet", 1), *[("streetlight", 1)] * 2, ("streetlight", 2))
        for key in (CABINET, DARK):
            add_rule(connection, key, at)
        add_rule(connection, LATCH, at, latching=True)
        kinds = ((CABINET, 1), (DARK, 2), (DARK, 3), (LATCH, 4))
        alarms = [add_alarm(connection, key, at, asset=asset) for key, asset in kinds]
        end_condition(connection, alarms[3], began())
    return alarms


async def act(room: Room, verb: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await room.client.post(f"/alarms/act/{verb}?lang=en", json=body)
    assert answer.status_code == status, (verb, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def hidden(room: Room) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await room.client.get("/alarms/hidden.json")).json()["rows"]
    return found


async def acknowledged(room: Room, alarm: int) -> dict[str, Any]:
    return await act(room, "acknowledge", alarms=[{"id": alarm, "activations": 1}])


async def work_through(room: Room, mine: int, other: int) -> None:
    """Every verb of one who handles alarms, on ``mine``; what is shelved and grouped is undone again."""
    assert (await acknowledged(room, mine))["rows"][0]["code"] in ("ACKED", "LATCHED_ACKED")
    assert (await acknowledged(room, mine))["already"][0]["mine"] is True
    assert (await act(room, "confirm", id=mine, action="fuse"))["row"]["confirmed"] is not None
    person = (await room.client.get(f"/alarms/{mine}/people.json")).json()["people"][0]
    assert (await act(room, "assign", id=mine, person=person["id"]))["row"]["assigned_to"] == person["name"]
    await act(room, "comment", id=mine, text="on site")
    await act(room, "rate", id=mine, useless=True)
    shelved = await act(room, "shelve", id=mine, for_s=600, reason="works")
    assert shelved["row"]["code"] == "SHLVD"
    await act(room, "unshelve", hiding=(await hidden(room))[0]["id"])
    if other:
        assert (await act(room, "group", ids=[other], cause=mine))["row"]["consequences"] == 1
        assert (await act(room, "ungroup", id=other))["row"]["cause"] is None
    await act(room, "keep_view", view={"mute": True})
    assert (await room.client.get("/alarms/view.json")).json() == {"view": {"mute": True}}


async def test_every_verb_is_done_by_the_rooms_own_role_whole_and_in_a_scope(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    cabinet, lamp, _, latched = await asyncio.to_thread(town, engine)
    async with open_room(database_url, redis_url, role=Role.SUPERVISOR) as room:
        await work_through(room, cabinet, lamp)
        works = {
            "asset": "X-1",
            "with_children": True,
            "until": began().timestamp() + 7200,
            "reason": "cable",
        }
        window = await act(room, "out_of_service", **works, reference="OT 7")
        await act(room, "in_service", hiding=window["hiding"])
        asked = await act(room, "ask_disabling", **{"class": DARK}, for_s=3600, reason="relamping")
        same = await act(room, "second_disabling", 403, hiding=asked["hiding"])
        assert same["error"]["reason"] == "same_person"
        async with as_seen(room, engine, Scope(), Role.SUPERVISOR) as second:
            await act(second, "second_disabling", hiding=asked["hiding"])
        await act(room, "enable", hiding=asked["hiding"])
        async with as_seen(room, engine, EAST, Role.SUPERVISOR) as east:
            await work_through(east, latched, 0)
            window = await act(
                east, "out_of_service", area=2, until=works["until"], reason="x", reference="1"
            )
            await act(east, "in_service", hiding=window["hiding"])
            asked = await act(east, "ask_disabling", **{"class": LATCH}, asset="X-4", for_s=60, reason="x")
            await act(east, "enable", hiding=asked["hiding"])
            assert (await act(east, "reset", id=latched))["row"]["code"] == "NORM"
            refused = await act(east, "acknowledge", 404, alarms=[{"id": lamp, "activations": 1}])
            assert refused["error"]["messages"]["fr"] != refused["error"]["messages"]["en"]
            await act(east, "out_of_service", 404, **works, reference="OT 7")


async def test_a_refusal_says_why_in_both_languages_and_takes_no_instant(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    cabinet, *_ = await asyncio.to_thread(town, engine)
    async with open_room(database_url, redis_url, role=Role.OPERATOR) as room:
        changed = await act(room, "acknowledge", 409, alarms=[{"id": cabinet, "activations": 3}])
        assert changed["error"]["reason"] == "changed_since"
        assert changed["error"]["changed"] == [{"id": cabinet, "what": "raised_again", "activations": 1}]
        late = await act(room, "shelve", 400, id=cabinet, for_s=9e5, reason="x")
        assert (late["error"]["field"], late["error"]["reason"]) == ("until", "too_late")
        assert "8" in late["error"]["messages"]["fr"] and late["error"]["message"].startswith("The end")
        for odd in (float("1e300"), -1.0):
            await act(room, "shelve", 400, id=cabinet, for_s=odd, reason="x")
        for name in ("now", "at", "by"):
            extra = {"id": cabinet, "text": "x", name: began().timestamp() - 3600}
            await act(room, "comment", 400, **extra)
        for verb in VERBS:
            if verb in ("out_of_service", "in_service", "second_disabling"):
                answer = await room.client.post(f"/alarms/act/{verb}", json={})
                assert answer.status_code == 403
            else:
                assert "error" in await act(room, verb, 400, nonsense=1)
        bare = {CSRF_HEADER: ""}
        body = {"alarms": [{"id": cabinet, "activations": 1}]}
        assert (await room.client.post("/alarms/act/acknowledge", json=body, headers=bare)).status_code == 403
        assert (await room.client.get("/alarms/act/acknowledge")).status_code == 404
    with engine.connect() as connection:
        assert not connection.scalar(text("SELECT count(*) FROM alarm_event WHERE actor <> ''"))


async def test_an_act_that_cannot_be_committed_fails_visibly_and_leaves_nothing(
    servers: Servers, redis_url: str
) -> None:
    url = servers.fresh_database()
    engine = open_engine(url)
    cabinet, *_ = await asyncio.to_thread(town, engine)
    body = {"alarms": [{"id": cabinet, "activations": 1}]}
    async with open_room(url, redis_url, role=Role.OPERATOR) as room:
        with engine.connect() as other:
            # Somebody holds the row for longer than a person waits.
            other.execute(text("SELECT FROM alarm WHERE id = :id FOR UPDATE"), {"id": cabinet})
            held = await act(room, "acknowledge", 503, **body)
            assert held["error"]["message"] and held["error"]["messages"]["fr"]
            other.rollback()
        with engine.connect() as connection:
            assert (
                connection.scalar(text("SELECT acknowledged_at FROM alarm WHERE id = :id"), {"id": cabinet})
                is None
            )
            assert not connection.scalar(text("SELECT count(*) FROM alarm_event WHERE kind = 'acknowledged'"))
        engine.dispose()
        await asyncio.to_thread(servers.drop_database, url)

        async def away() -> bool:
            return (await room.client.post("/alarms/act/acknowledge", json=body)).status_code == 503

        await until(away)
