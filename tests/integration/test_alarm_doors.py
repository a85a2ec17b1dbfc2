"""Alarms over HTTP and on the stream: what a console is told, and that it is told when something changed."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from model.viewer import Scope
from tests.alarms_made_up import add_alarm, add_group, add_hiding, add_rule, engine_looked
from tests.clock import began
from tests.conftest import Servers
from tests.integration.small_city import add_areas, add_assets
from tests.room import Room, open_room
from tests.scoped_city import as_seen
from tests.waiting import until

pytestmark = pytest.mark.servers

CABINET, DARK = "control_cabinet.tripped", "streetlight.dark"


def town(engine: Engine) -> tuple[int, int, int]:
    """A cabinet that explains a lamp in the first commune, a dark lamp in the second: their alarms."""
    at = began() - timedelta(minutes=12)
    with engine.begin() as connection:
        add_areas(connection, "Ouest", "Est")
        add_assets(connection, ("control_cabinet", 1), ("streetlight", 1), ("streetlight", 2))
        add_rule(connection, CABINET, at, title={"fr": "Disjoncté", "en": "Tripped"}, action={"en": "Call"})
        add_rule(connection, DARK, at)
        cause, (lamp,) = add_group(connection, CABINET, 1, DARK, [2], at)
        east = add_alarm(connection, DARK, at, asset=3, priority=2)
        add_hiding(connection, "shelved", at, asset=1, key=DARK, reason="essai")
        engine_looked(connection, began())
    return cause, lamp, east


async def rows(room: Room, query: str = "") -> list[dict[str, object]]:
    answer = await room.client.get(f"/alarms/list.json{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["rows"]
    return found


async def test_the_list_one_alarm_what_is_hidden_and_the_view(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    cause, lamp, east = await asyncio.to_thread(town, engine)
    async with open_room(database_url, redis_url, role=Role.OPERATOR) as room:
        answer = await room.client.get("/alarms/list.json?lang=en")
        told = answer.json()
        assert [(row["id"], row["consequences"]) for row in told["rows"]] == [(east, 0), (cause, 1)]
        assert told["rows"][1]["title"] == "Tripped" and told["rows"][1]["index"] == 0
        assert told["total"] == 2 and told["watched"] == began().timestamp()
        kept = {"if-none-match": answer.headers["etag"]}
        assert (await room.client.get("/alarms/list.json?lang=en", headers=kept)).status_code == 304
        assert [row["id"] for row in await rows(room, "?priorities=2&domains=lighting")] == [east]
        sheet = (await room.client.get(f"/alarms/{cause}.json?lang=en")).json()
        assert [one["id"] for one in sheet["consequences"]] == [lamp] and sheet["action"] == "Call"
        assert [one["kind"] for one in sheet["thread"]] == ["raised", "annunciated"]
        hidden = (await room.client.get("/alarms/hidden.json")).json()["rows"]
        assert {one["kind"] for one in hidden} == {"shelved", "suppressed"}
        by_people = sum(one["alarms"] for one in hidden if one["kind"] != "suppressed")
        assert told["hidden"] == by_people, "the head of the list counts what people hide"
        assert (await room.client.get("/alarms/view.json")).json() == {"view": {}}
        for bad in ("?priorities=9", "?domains=moon", "?offset=-1", "?handling=all", "?area=x"):
            assert (await room.client.get(f"/alarms/list.json{bad}")).status_code == 400, bad
        for missing in ("999999.json", "x.json"):
            assert (await room.client.get(f"/alarms/{missing}")).status_code in (400, 404)
        async with as_seen(room, engine, Scope(areas=frozenset({2})), Role.OPERATOR) as other:
            assert [row["id"] for row in await rows(other)] == [east]
            assert (await other.client.get(f"/alarms/{cause}.json")).status_code == 404
            assert (await other.client.get("/alarms/hidden.json")).json() == {"rows": []}


class Console:
    """A console on the stream: the ``alarms`` events and heartbeats it was sent."""

    def __init__(self, room: Room, scope: Scope | None = None) -> None:
        live = room.city.hub.seen_by(scope) if scope else room.city.hub
        self._events = live.subscribe()
        self.told: list[dict[str, float]] = []
        self.beats: list[dict[str, float]] = []
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for one in self._events:
            if one.kind == "alarms":
                self.told.append(json.loads(one.data))
            elif one.kind == "beat":
                self.beats.append(json.loads(one.data)["alarms"])


async def test_screens_are_told_at_once_and_at_most_twice_a_second(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    _, _, east = await asyncio.to_thread(town, engine)
    async with open_room(database_url, redis_url, role=Role.OPERATOR) as room:
        listener = room.city.access.listener
        await until(lambda: listener.heard() is not None)
        whole, part = Console(room), Console(room, Scope(areas=frozenset({2})))
        await until(lambda: whole.beats and part.beats)
        before = whole.beats[-1]["n"]
        loop = asyncio.get_running_loop()
        started = loop.time()

        def change_often() -> None:
            for number in range(40):
                with engine.begin() as connection:
                    change = text("UPDATE alarm SET escalation = :n WHERE id = :id")
                    connection.execute(change, {"n": number, "id": east})

        await asyncio.to_thread(change_often)
        await until(lambda: whole.told and whole.told[-1]["n"] >= before + 40)
        took = loop.time() - started
        told = [one for one in whole.told if one["n"] > before]
        assert len(told) <= 2 * took + 1, "at most two events a second"
        await until(lambda: part.told and part.told[-1]["n"] == whole.told[-1]["n"])
        await until(lambda: whole.beats[-1]["n"] == whole.told[-1]["n"])
        await until(lambda: whole.beats[-1]["w"] == began().timestamp())
        assert (await rows(room))[0]["escalation"] == 39
        for console in (whole, part):
            console.task.cancel()


async def test_a_cut_listener_hears_again_and_screens_are_told_meanwhile(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    await asyncio.to_thread(town, engine)
    async with open_room(database_url, redis_url, role=Role.OPERATOR) as room:
        listener, news = room.city.access.listener, room.city.alarm_news
        await until(lambda: listener.heard() is not None)
        console = Console(room)
        await until(lambda: console.beats)
        before = news.revision
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'vigie-listener'"
        )
        with engine.begin() as connection:
            connection.execute(text(cut))
        await until(lambda: news.revision > before and console.told and console.told[-1]["n"] > before)
        await until(lambda: listener.heard() is not None)
        console.task.cancel()


async def test_without_the_database_the_list_says_so(servers: Servers, redis_url: str) -> None:
    url = servers.fresh_database()
    engine = open_engine(url)
    await asyncio.to_thread(town, engine)
    engine.dispose()
    async with open_room(url, redis_url, role=Role.OPERATOR) as room:
        assert await rows(room)
        await asyncio.to_thread(servers.drop_database, url)
        answers: list[httpx.Response] = []

        async def refused() -> bool:
            answers.append(await room.client.get("/alarms/list.json"))
            return answers[-1].status_code == 503

        await until(refused)
        assert answers[-1].headers["retry-after"]
