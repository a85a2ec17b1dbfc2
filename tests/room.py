"""A running control room for tests: the real application on a small city, asked over ASGI or over a port."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from dash import Dash
from fastapi import FastAPI

from callbacks import build
from geodata.database_roles import address_for
from model.roles import Role
from services.access.sessions import _Known, token_hash
from services.city import City, open_city
from services.settings import Settings
from tests.signing_in import SignedIn, sign_in

ASSETS = Path(__file__).resolve().parents[1] / "assets"


class Room:
    """One control room: its city, its application, and a client on this machine."""

    def __init__(self, city: City, server: FastAPI, client: httpx.AsyncClient) -> None:
        self.city = city
        self.server = server
        self.client = client
        self.dash: Dash = server.state.dash

    async def call(self, handler: str, *values: Any) -> dict[str, Any]:
        """The answer to the callback ``handler``, as the browser would ask: ``{id: {property: value}}``."""
        answer = await self.client.post("/_dash-update-component", json=self.request(handler, *values))
        if answer.status_code == 204:
            return {}
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def request(self, handler: str, *values: Any) -> dict[str, Any]:
        """The body a browser sends for ``handler`` with ``values`` for its inputs, then its states."""
        output, entry = next(
            (output, entry)
            for output, entry in self.dash.callback_map.items()
            if "callback" in entry and entry["callback"].__name__ == handler
        )
        named = [*entry["inputs"], *entry["state"]]
        filled = [{**place, "value": value} for place, value in zip(named, values, strict=True)]
        outputs = [_split(part) for part in output.strip(".").split("...")]
        return {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": filled[: len(entry["inputs"])],
            "state": filled[len(entry["inputs"]) :],
            "changedPropIds": [],
        }


def _split(part: str) -> dict[str, str]:
    component, _, prop = part.rpartition(".")
    return {"id": component, "property": prop}


@asynccontextmanager
async def open_room(
    database_url: str,
    redis_url: str,
    city: str = "demo",
    role: Role = Role.ADMINISTRATOR,
    known: SignedIn | None = None,
) -> AsyncIterator[Room]:
    """A started control room on ``database_url`` and ``redis_url``, its client signed in in ``role``, or as
    somebody ``known`` from before the database went away; stopped afterwards."""
    mine = known or await asyncio.to_thread(sign_in, database_url, role)
    # As in production: a right the control room lacks must fail a test of what it does.
    own = address_for(database_url, "web")
    opened = open_city(Settings(city=city, database_url=own, redis_url=redis_url))
    server = build(opened, assets=ASSETS)
    transport = httpx.ASGITransport(app=server, client=("127.0.0.1", 50_000))
    async with (
        server.router.lifespan_context(server),
        httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8050", headers=mine.headers
        ) as client,
    ):
        if known:
            remember(opened, known)
        yield Room(opened, server, client)


def remember(city: City, known: SignedIn) -> None:
    """Let ``city`` have read the session ``known`` while the database was there."""
    city.access.sessions._known[token_hash(known.token)] = _Known(known.viewer, -1, time.monotonic())
