"""The management pages over HTTP, as a browser asks: for whom, what is said where, nothing lost when away."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from callbacks.wiring import doors
from geodata.database import open_engine
from model.people import GrantDraft, PersonDraft
from model.roles import PEOPLE_KEEPERS, PEOPLE_READERS, Role
from model.viewer import Viewer
from services.access import People
from tests.live_city import lay_out
from tests.room import Room, open_room

pytestmark = pytest.mark.servers
KEEPER = Viewer(0, "anne", "Anne", Role.ADMINISTRATOR)
READING = {"show_people", "show_rights", "show_sessions", "show_partners"}
CHANGING = {
    "open_person", "save_person", "save_change", "save_grant", "save_video", "check_list", "save_list",
    "ask_people", "ask_session", "ask_partner", "confirm", "save_agreement", "save_key",
}  # fmt: skip


@pytest.fixture
async def room(engine: Engine, database_url: str, redis_url: str) -> AsyncIterator[Room]:
    lay_out(engine)
    async with open_room(database_url, redis_url) as opened:
        yield opened


@pytest.fixture
def paul(room: Room, engine: Engine) -> int:
    return People(engine).make(KEEPER, PersonDraft("Paul"), GrantDraft(Role.OPERATOR))


async def answer(room: Room, handler: str, *values: Any) -> dict[str, Any]:
    """The callback's answer with the marks of shared outputs taken off the property names."""
    found = (await room.call(handler, *values)).get("response", {})
    return {id_: {name.split("@")[0]: value for name, value in props.items()} for id_, props in found.items()}


async def saved(room: Room, **changes: Any) -> dict[str, Any]:
    values = {
        "name": "Zoé", "email": "", "login": "", "role": "operator", "areas": [], "domains": [], "until": "",
        "reason": "", "usual": "operator",
    } | changes  # fmt: skip
    return await answer(room, "save_person", 1, *values.values(), "en")


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


async def test_readers_read_and_only_keepers_change(room: Room) -> None:
    may = {door.name: door.may for door in doors(room.server)}
    assert {name: may[name] for name in READING} == dict.fromkeys(READING, PEOPLE_READERS)
    assert {name: may[name] for name in CHANGING} == dict.fromkeys(CHANGING, PEOPLE_KEEPERS)


async def test_a_person_is_added_and_her_code_shown_this_once(room: Room, engine: Engine) -> None:
    found = await saved(room)
    assert found["people-person-dialog"]["opened"] is False
    assert found["confirming-secret-dialog"]["opened"] is True
    assert "zoe" in json.dumps(found["confirming-secret"])
    assert count(engine, "enrolment") == 1


@pytest.mark.parametrize(
    ("changes", "wrong", "said"),
    [
        ({"name": " "}, "people-name", "Please fill this in."),
        ({"email": "x"}, "people-email", "no e-mail address"),
        ({"role": "partner"}, "people-new-role", "Partners have keys"),
        ({"role": "dpo", "areas": ["1"]}, "people-new-areas", "whole city"),
        ({"areas": ["x"]}, "people-new-areas", "not in the city"),
        ({"domains": ["magic"]}, "people-new-domains", "no domain magic"),
        ({"until": "2020-01-01"}, "people-new-until", "end after today"),
        ({"role": "official", "usual": "commune_official"}, "people-new-areas", "Choose the commune"),
        ({"until": "soon"}, "people-new-until", "A day"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nobody_is_added(
    room: Room, engine: Engine, changes: dict[str, Any], wrong: str, said: str
) -> None:
    before = count(engine, "person")
    found = await saved(room, **changes)
    errors = {id_: props["error"] for id_, props in found.items() if props.get("error")}
    assert list(errors) == [wrong]
    assert said in errors[wrong]
    assert count(engine, "person") == before


async def test_what_is_asked_and_what_is_done_are_the_same(room: Room, engine: Engine, paul: int) -> None:
    asked = await answer(room, "ask_people", {"act": f"disable:{paul}", "n": 1}, "en")
    assert "Paul can no longer sign in; no session is open" in asked["confirming-sentence"]["children"]
    act = asked["confirming-act"]["data"]
    done = await answer(room, "confirm", 1, act, "en")
    assert done["confirming-dialog"]["opened"] is False
    assert count(engine, "person WHERE disabled_at IS NOT NULL") == 1


@pytest.mark.parametrize(
    "act", ["", "explode:1", "disable:", "disable:99", "revoke:-1", "session:7", "apikey:x"]
)
async def test_an_act_that_means_nothing_does_nothing(room: Room, engine: Engine, act: str) -> None:
    await answer(room, "confirm", 1, act, "en")
    assert count(engine, "person WHERE disabled_at IS NOT NULL") == 0
    assert count(engine, "access_grant WHERE revoked_at IS NOT NULL") == 0


async def test_with_the_database_away_it_is_said_and_nothing_is_changed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = open_engine("postgresql://nobody@/none?host=/nowhere")
    monkeypatch.setattr(room.city.access.people, "_engine", away)
    found = await saved(room)
    assert "Nothing is saved" in found["people-person-told"]["children"]
    shown = await answer(room, "show_people", "", "", "", "", "", "", None, None, 0, "en")
    assert "unavailable" in json.dumps(shown["people-list"])
