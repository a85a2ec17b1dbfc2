"""The base map over HTTP: streets and areas, made once per layout version and kept packed in memory."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response

from callbacks.packed import Packed, immutable, pack
from callbacks.wiring import route
from geodata.assets import read_version
from geodata.base_map import LAYERS
from model.errors import NotFound
from model.roles import PAST_READERS
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


async def own_tile(city: City, request: Request) -> Response:
    """One tile of the city's own PMTiles file; 204 where the file has none, which maps take for empty."""
    if city.tiles is None:
        raise NotFound("this city has no tile file")
    place = [request.path_params[name] for name in ("zoom", "x", "y")]
    if not all(part.isdigit() and len(part) < 10 for part in place):
        raise NotFound("tiles are asked for by zoom, x and y")
    body = await asyncio.to_thread(city.tiles.tile, *(int(part) for part in place))
    headers = {"cache-control": "public, max-age=86400"}
    if body is None:
        return Response(status_code=204, headers=headers)
    if city.tiles.encoding:
        headers["content-encoding"] = city.tiles.encoding
    return Response(body, media_type=city.tiles.media_type, headers=headers)


def tiles_for(city: City) -> dict[str, Any] | None:
    """What the map is told of the tiles under the streets: where they are and how to draw them."""
    if city.tiles is None:
        url = city.settings.tiles_url
        return {"url": url, "kind": "raster"} if url else None
    kind = "vector" if city.tiles.vector else "raster"
    own = {"url": "/map/tiles/{z}/{x}/{y}", "kind": kind, "layers": list(city.tiles.layers)}
    return own | {"minzoom": city.tiles.least, "maxzoom": city.tiles.most}


def routes(server: FastAPI, city: City) -> None:
    """Declare the base map's routes."""
    route(server, city, "/map/{layer}/{version}.json", base_layer, may=PAST_READERS)
    route(server, city, "/map/tiles/{zoom}/{x}/{y}", own_tile, may=PAST_READERS)
