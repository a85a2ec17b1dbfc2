"""Search as one types: assets by name, id or street, with what each is doing now."""

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.wiring import route
from model.domains import ASSET_TYPES
from model.registry import Found
from model.roles import STAFF
from model.states import CONSEQUENCE_BIT, Status
from model.texts import words
from services.city import City


async def find_assets(city: City, request: Request) -> Response:
    """``GET /registry/search?q=&lang=``: at most 12 assets, each with glyph, status key and type in words."""
    query = request.query_params.get("q", "")
    say = words(request.query_params.get("lang", city.settings.language), city.profile.time_zone)
    found = await asyncio.to_thread(city.registry.search, query)
    return JSONResponse(
        [_row(city, item, say(f"type.{item.asset_type}")) for item in found],
        headers={"cache-control": "no-store"},
    )


def _row(city: City, item: Found, kind: str) -> dict[str, Any]:
    return {
        **asdict(item),
        "kind": kind,
        "glyph": ASSET_TYPES[item.asset_type].glyph,
        "status": status_key(city, item.asset_id),
    }


def status_key(city: City, asset_id: int) -> str:
    """The status of ``asset_id`` by the live state, ``consequence`` where it is one."""
    columns = city.live.columns
    index = columns.index_of(asset_id) if columns is not None else -1
    if index < 0:
        return Status.UNKNOWN.key
    code = int(city.live.codes[index])
    return "consequence" if code & CONSEQUENCE_BIT else Status(code & 7).key


def routes(server: FastAPI, city: City) -> None:
    """Declare the search."""
    route(server, city, "/registry/search", find_assets, may=STAFF)
