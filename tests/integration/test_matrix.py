"""Every door of the control room, tried by nobody and by every role, against the rights declared by hand.

Over real HTTP: pages, routes, callbacks and the live stream. What is refused must be refused before the code
of the door runs, what is allowed must not be, and nothing may fail with an error of ours.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from dash import Dash
from fastapi import FastAPI
from sqlalchemy import Engine

from callbacks import build
from callbacks.wiring import Door, doors
from layouts.pages import home_of
from model.partners import AgreementDraft
from model.roles import Role
from services.city import City, open_city
from services.settings import Settings
from tests.browser.journeys.stack import wait_until
from tests.browser.site import listening
from tests.live_city import lay_out
from tests.matrix import DOORS, LETTERS, roles_of
from tests.room import ASSETS
from tests.signing_in import signed_in
from tests.somebody import somebody

DECLARED = {name: roles_of(letters) for letters, names in DOORS.items() for name in names}
NOWHERE = Settings(database_url="postgresql://nobody@/none?host=/nowhere", redis_url="unix:///nowhere")
PAGE = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept": "text/html"}
ANSWERS = {("GET /readyz", 503), ("POST /signin", 401)}
"""What an open door says by itself: this room has no live city yet, and nobody signs in with nothing."""
SHARED = "clientside vigie_history.write_address"
"""Declared by several pages, each for its own readers; it runs in the browser and asks for nothing."""


def named(door: Door) -> str:
    return f"{door.kind} {door.name}"


def test_no_door_is_undeclared_and_none_is_for_others_than_it_should_be() -> None:
    server = build(open_city(NOWHERE), assets=ASSETS)
    found = {named(door): frozenset(door.may) for door in doors(server) if named(door) != SHARED}
    assert {name for name in found if name not in DECLARED} == set(), "undeclared"
    assert {name for name in DECLARED if name not in found} - {SHARED} == set(), "gone"
    assert {name for name, may in found.items() if DECLARED[name] != may} == set(), "for others"


@dataclass
class Room:
    """A control room that listens, and the headers of somebody in each role; None is nobody."""

    server: FastAPI
    city: City
    url: str
    engine: Engine
    headers: dict[Role | None, dict[str, str]]

    def headers_for(self, role: Role | None, door: Door) -> dict[str, str]:
        """The headers of somebody in ``role``; a session of its own for what might end it."""
        ends = role not in (None, Role.PARTNER) and door.name.startswith("POST")
        return signed_in(self.engine, role) if role and ends else self.headers[role]

    @property
    def dash(self) -> Dash:
        """Its Dash application."""
        app: Dash = self.server.state.dash
        return app


@pytest.fixture
def room(engine: Engine, database_url: str, redis_url: str) -> Iterator[Room]:
    lay_out(engine)
    city = open_city(Settings(city="demo", database_url=database_url, redis_url=redis_url))
    server = build(city, assets=ASSETS)
    headers = {role: signed_in(engine, role) for role in LETTERS.values()} | {Role.PARTNER: by_key(city)}
    with listening(server) as url:
        yield Room(server, city, url, engine, {None: {}, **headers})


def by_key(city: City) -> dict[str, str]:
    """The headers of a partner's program: its key, and no cookie."""
    now, keeper = datetime.now(UTC), somebody(role=Role.ADMINISTRATOR)
    draft = AgreementDraft(
        "Val Data", "public", "Éclairage", "data@val.example", ("lighting-assets",), ("status",), None, 600,
        True, now, now + timedelta(days=30),
    )  # fmt: skip
    partners = city.access.partners
    return {"authorization": f"Bearer {partners.make_key(keeper, partners.make(keeper, draft), 'tests')}"}


def asked(room: Room, door: Door) -> httpx.Request:
    """A request for ``door`` as a browser might send it, without anybody's cookies."""
    if door.kind == "callback":
        return httpx.Request(
            "POST", f"{room.url}/_dash-update-component", json=body_of(room.dash, door.output)
        )
    if door.kind == "page":
        return httpx.Request("GET", room.url + door.name, headers=PAGE)
    method, path = door.name.split(" ", 1)
    version = 1 if room.city.live.columns is None else room.city.live.columns.version
    filled = path.format_map(
        {
            "version": version,
            "layer": "streets",
            "zoom": 12,
            "x": 1,
            "y": 1,
            "dataset": "lighting-assets",
            "alarm": 1,
            "file": 1,
            "token": "none",
            "verb": "acknowledge",
        }
    )
    return httpx.Request(method, room.url + filled)


def body_of(app: Dash, output: str) -> dict[str, Any]:
    """What a browser sends for the callback of ``output`` when nothing on its page has a value yet."""
    entry = app.callback_map[output]
    outputs = [
        dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
        for part in output.strip(".").split("...")
    ]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": [{**place, "value": None} for place in entry["inputs"]],
        "state": [{**place, "value": None} for place in entry["state"]],
        "changedPropIds": [],
    }


def outcome(client: httpx.Client, request: httpx.Request, headers: dict[str, str]) -> int:
    """The status of the answer; of a stream, once its first bytes came."""
    mine = httpx.Request(
        request.method, request.url, headers={**request.headers, **headers}, content=request.content
    )
    answer = client.send(mine, stream=True)
    try:
        if answer.status_code == 200:
            next(answer.iter_bytes(), b"")
        return answer.status_code
    finally:
        answer.close()


def answered(client: httpx.Client, room: Room, door: Door, role: Role | None) -> int:
    """The status ``role`` gets at ``door``; asked again while a busy machine takes the database for away."""
    seen: list[int] = []

    def tried() -> bool:
        seen.append(outcome(client, asked(room, door), room.headers_for(role, door)))
        return seen[-1] != 503 or (door.name, 503) in ANSWERS

    wait_until(tried, 60, f"{named(door)} is not away")
    return seen[-1]


def expected(door: Door, role: Role | None) -> set[int] | None:
    """The statuses of a refusal; None where ``role`` is let in."""
    if not door.may or role in door.may:
        return None
    if role is Role.PARTNER:
        # A key opens the partners' doors, and is nobody everywhere else.
        return {303} if door.kind == "page" else {401}
    if door.name.startswith("GET /partner/"):
        # And only a key opens them: no cookie does, whosesoever.
        return {401}
    if door.kind == "page":
        return {303} if role is None or (door.name == "/" and home_of(role) != "/") else {403}
    return {401} if role is None else {403}


@pytest.mark.parametrize("role", [None, *LETTERS.values()], ids=lambda role: role or "nobody")
def test_every_door_is_tried_and_answers_as_declared(room: Room, role: Role | None) -> None:
    deviations, tried = [], 0
    with httpx.Client(timeout=30) as client:
        for door in doors(room.server):
            if door.kind == "clientside":
                continue
            status = answered(client, room, door, role)
            refused = expected(door, role)
            fits = status in refused if refused else status not in (401, 403) and status < 500
            fits |= (door.name, status) in ANSWERS
            deviations += [] if fits else [f"{named(door)}: {status}, expected {refused or 'to be let in'}"]
            tried += 1
    assert deviations == []
    assert tried > 90


@pytest.mark.parametrize("role", LETTERS.values())
def test_a_browser_hears_only_of_callbacks_its_viewer_may_call(room: Room, role: Role) -> None:
    answer = httpx.get(f"{room.url}/_dash-dependencies", headers=room.headers[role])
    if role is Role.PARTNER:
        assert answer.status_code == 401
        return
    told = sorted(entry["output"] for entry in answer.json())
    may = sorted(door.output for door in doors(room.server) if door.output and role in door.may)
    assert told == may
    layout = httpx.get(f"{room.url}/_dash-layout", headers=room.headers[role]).text
    assert "room-map" not in layout, "the shell holds no page"
    assert len(json.loads(layout)) > 0


def test_nobody_gets_a_layout_a_list_of_callbacks_or_a_file_of_the_room(room: Room) -> None:
    own = (
        "/_dash-layout",
        "/_dash-dependencies",
        "/assets/room.css",
        "/assets/live/link.js",
        "/_reload-hash",
    )
    suites = ("/_dash-component-suites/dash/deps/react@18.3.1.min.js",)
    with httpx.Client(base_url=room.url) as client:
        for path in (*own, *suites):
            assert client.get(path).status_code in (401, 404), path
