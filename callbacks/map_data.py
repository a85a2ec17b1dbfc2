"""The base map over HTTP: streets and areas, made once per layout version and kept packed in memory."""

import asyncio
from dataclasses import dataclass, field

from fastapi import FastAPI, Request, Response

from callbacks.packed import Packed, immutable, pack
from callbacks.wiring import route
from geodata.assets import read_version
from geodata.base_map import LAYERS
from model.errors import NotFound
from model.roles import STAFF
from services.city import City


@dataclass
class Shelf:
    """The packed layers of one layout version; the lock keeps two consoles from making the same one."""

    version: int = -1
    layers: dict[str, Packed] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def _shelf(request: Request) -> Shelf:
    state = request.app.state
    if not hasattr(state, "base_map"):
        state.base_map = Shelf()
    shelf: Shelf = state.base_map
    return shelf


async def base_layer(city: City, request: Request) -> Response:
    """One layer (``streets`` or ``areas``) as GeoJSON; 404 for a layout no longer in force."""
    name, asked = request.path_params["layer"], request.path_params["version"]
    if name not in LAYERS or not asked.isdigit():
        raise NotFound("the base map has the layers streets and areas")
    shelf = _shelf(request)
    async with shelf.lock:
        packed = await _layer(city, shelf, name, int(asked))
    return immutable(request, packed, "application/geo+json")


async def _layer(city: City, shelf: Shelf, name: str, asked: int) -> Packed:
    if shelf.version == asked and name in shelf.layers:
        return shelf.layers[name]
    version = await asyncio.to_thread(read_version, city.engine)
    if asked != version:
        raise NotFound("that layout is no longer in force: take a new snapshot")
    packed = await asyncio.to_thread(lambda: pack(LAYERS[name](city.engine)))
    if shelf.version != version:
        shelf.version, shelf.layers = version, {}
    shelf.layers[name] = packed
    return packed


def routes(server: FastAPI, city: City) -> None:
    """Declare the base map's routes."""
    route(server, city, "/map/{layer}/{version}.json", base_layer, may=STAFF)
