"""Search as one types: assets by name, id or street, with what each is doing now."""

import asyncio
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.time_machine import asked_instant
from callbacks.wiring import route
from model.domains import ASSET_TYPES
from model.registry import Found
from model.roles import PAST_READERS
from model.states import CONSEQUENCE_BIT, Status
from model.texts import words
from services.city import City
from services.history import known_codes


async def find_assets(city: City, request: Request) -> Response:
    """``GET /registry/search?q=&lang=[&at=]``: at most 12 assets, each with glyph, status key and type in
    words. The status is that of the instant ``at``, if one is asked for."""
    query = request.query_params.get("q", "")
    say = words(request.query_params.get("lang", city.settings.language), city.profile.time_zone)
    found = await asyncio.to_thread(city.registry.search, query)
    codes = await _codes(city, request) if found else None
    return JSONResponse(
        [_row(city, item, say(f"type.{item.asset_type}"), codes) for item in found],
        headers={"cache-control": "no-store"},
    )


async def _codes(city: City, request: Request) -> npt.NDArray[np.uint8] | None:
    """The display codes u1 (n) of the instant asked for; None for now, and while the database is away."""
    if "at" not in request.query_params or city.live.columns is None:
        return None
    columns, at = city.live.columns, asked_instant(request, "at")
    return known_codes(columns, await asyncio.to_thread(city.history.state_at, at))


def _row(city: City, item: Found, kind: str, codes: npt.NDArray[np.uint8] | None) -> dict[str, Any]:
    return {
        **asdict(item),
        "kind": kind,
        "glyph": ASSET_TYPES[item.asset_type].glyph,
        "status": status_key(city, item.asset_id, codes),
    }


def status_key(city: City, asset_id: int, codes: npt.NDArray[np.uint8] | None = None) -> str:
    """The status of ``asset_id`` by ``codes`` (u1, n), by default the live ones; ``consequence`` where it
    is one."""
    columns = city.live.columns
    index = columns.index_of(asset_id) if columns is not None else -1
    if index < 0:
        return Status.UNKNOWN.key
    code = int((city.live.codes if codes is None else codes)[index])
    return "consequence" if code & CONSEQUENCE_BIT else Status(code & 7).key


def routes(server: FastAPI, city: City) -> None:
    """Declare the search."""
    route(server, city, "/registry/search", find_assets, may=PAST_READERS)
