"""A wall display as a browser enrols it: what its session may, how long it lasts, how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine, text

from callbacks import build
from model.roles import Role
from model.viewer import Viewer
from services.access import known_browsers
from services.city import City, open_city
from services.settings import Settings
from tests.integration.test_identity_people import person
from tests.live_city import lay_out
from tests.room import ASSETS

ADMIN = Viewer(0, "admin", "Admin", Role.ADMINISTRATOR)


@asynccontextmanager
async def browser(database_url: str, redis_url: str) -> AsyncIterator[tuple[City, httpx.AsyncClient]]:
    city = open_city(Settings(city="demo", database_url=database_url, redis_url=redis_url))
    server = build(city, assets=ASSETS)
    transport = httpx.ASGITransport(app=server, client=("127.0.0.1", 50_000))
    async with (
        server.router.lifespan_context(server),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8050") as client,
    ):
        yield city, client


@pytest.fixture
def wall(engine: Engine) -> int:
    lay_out(engine)
    device = person(engine, "mur-1", kind="device")
    with engine.begin() as connection:
        given = text(
            "INSERT INTO access_grant (person_id, role, made_by) VALUES (:id, 'wall_display', 'test')"
        )
        connection.execute(given, {"id": device})
    return device


async def test_a_wall_sees_the_city_and_does_nothing_else(
    engine: Engine, database_url: str, redis_url: str, wall: int
) -> None:
    async with browser(database_url, redis_url) as (city, client):
        code = city.access.codes.make(ADMIN, wall, "device")
        answer = await client.post("/signin/code", data={"once": code.lower()})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/live/snapshot")).status_code in (200, 503)
        for path in ("/people", "/sessions", "/audit", "/partners", "/feeds"):
            assert (await client.get(path, headers={"accept": "text/html"})).status_code == 403, path
        with engine.connect() as connection:
            row = connection.execute(text("SELECT *, expires_at - began_at AS lasts FROM session")).one()
        assert (row.method, row.idle_s, row.lasts) == ("device", 8 * 3600, timedelta(days=180))
        again = await client.post("/signin/code", data={"once": code})
        assert again.status_code == 401, "used"


async def test_a_wall_is_taken_down_from_afar(
    engine: Engine, database_url: str, redis_url: str, wall: int
) -> None:
    async with browser(database_url, redis_url) as (city, client):
        await client.post("/signin/code", data={"once": city.access.codes.make(ADMIN, wall, "device")})
        assert (await client.get("/registry/search?q=a")).status_code == 200
        (session,) = city.access.sessions.all_open()
        city.access.sessions.end(ADMIN, session.id)
        assert (await client.get("/registry/search?q=a")).status_code == 401


async def test_whoever_chose_her_password_by_a_code_is_known_in_that_browser(
    engine: Engine, database_url: str, redis_url: str
) -> None:
    ada = person(engine, "ada")
    async with browser(database_url, redis_url) as (city, client):
        await client.post("/signin/code", data={"once": city.access.codes.make(ADMIN, ada, "password")})
        new = "trois moulins au bord de l'eau"
        answer = await client.post("/signin/password", data={"new": new, "again": new})
        assert answer.status_code in (303, 403), answer.text[:200]
        with engine.connect() as connection:
            assert known_browsers.is_known(connection, client.cookies["known"], "ada")
        for number in range(200):
            await city.access.throttle.admit("ada", f"198.51.100.{number}")
        wrong = await client.post("/signin", data={"login": "ada", "password": "not her password"})
        assert wrong.status_code == 401, "no wait, in her own browser"
        right = await client.post("/signin", data={"login": "ada", "password": new})
        assert right.status_code in (303, 403)
