"""The addresses of the SensorThings service: what is asked is found in a world, and told as it wants it."""

from collections.abc import Awaitable, Callable

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from model.errors import NotFound, Unavailable
from public.features.answering import JSON, OPEN, answer, away, encoded, outdated, refusal, unknown, wrong
from public.features.asked import BadParameter, given_in
from public.headers import FRESH, SHORT
from public.opened import Open
from public.sensorthings.conformance import CONFORMANCE
from public.sensorthings.filters.tree import NotOffered
from public.sensorthings.keeping import Outdated
from public.sensorthings.openapi import openapi as described
from public.sensorthings.options import NAMES, Options, options_of
from public.sensorthings.parts import Document
from public.sensorthings.paths import REFERENCE, VALUE, Found, dug, find
from public.sensorthings.telling import Teller
from public.sensorthings.world import OBSERVATIONS, SETS, World

ROOT = "/sensorthings/v1.1"
OF_AN_ENTITY = ("$select", "$expand")
OF_OBSERVATIONS = "$resultFormat"
Way = Callable[[Open, Request], Awaitable[Response]]


def guarded(find_answer: Way) -> Way:
    """``find_answer`` as a way in: what it refuses is answered as the standard says, never as a failure."""

    async def way(door: Open, request: Request) -> Response:
        try:
            return await find_answer(door, request)
        except BadParameter as error:
            return wrong(str(error))
        except NotOffered as error:
            return refusal(501, "NotImplemented", str(error))
        except NotFound:
            return unknown()
        except Outdated:
            return outdated(f"{door.settings.public_address}{request.url.path}")
        except Unavailable:
            return away()

    way.__name__ = find_answer.__name__
    return way


async def service(door: Open, request: Request) -> Response:
    """``/sensorthings/v1.1``: the sets there are, and what the service conforms to."""
    given_in(request.url.query, set())
    await door.worlds.now()
    root = door.settings.public_address + ROOT
    document = {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in SETS],
        "serverSettings": {"conformance": list(CONFORMANCE)},
    }
    return await answer(request, encoded(document), JSON)


async def openapi(door: Open, request: Request) -> Response:
    """``/sensorthings/openapi.json``"""
    given_in(request.url.query, set())
    document = described(door.settings.public_address + ROOT, door.settings.language)
    return await answer(request, encoded(document), "application/vnd.oai.openapi+json;version=3.0")


async def entities(door: Open, request: Request) -> Response:
    """Everything below the root."""
    options = options_of(given_in(request.url.query, set(NAMES)))
    world = await (door.worlds.at(options.token) if options.token else door.worlds.now())
    return await _told(door, request, world, options)


async def _told(door: Open, request: Request, world: World, options: Options) -> Response:
    root, path = door.settings.public_address + ROOT, request.path_params["path"]
    found = find(world, path)
    _fitting(found, options)
    if found.property:
        return await _property(request, world, found)
    # The address as it was sent, for the links to the next page: an id may hold what an address cannot.
    raw = (
        request.scope.get("raw_path", request.url.path.encode()).decode("ascii", "replace").partition("?")[0]
    )
    address = root + raw.partition(ROOT)[2]
    # In a thread: a filter may look at every observation there is, and others must be answered meanwhile.
    document = await anyio.to_thread.run_sync(_document, world, root, found, options, address)
    # A page of a version before stays as it is, and ends with that version.
    return await answer(request, encoded(document), JSON, cache_control=SHORT if options.token else FRESH)


def _document(world: World, root: str, found: Found, options: Options, address: str) -> Document:
    teller = Teller(world, root)
    if found.single:
        place = found.places[0] if found.places else None
        if place is None:
            raise NotFound("there is nothing published at this address")
        return teller.entity(found.name, int(place), options)
    if found.ending == REFERENCE:
        return teller.references(found.name, found.places, options, address)
    if options.array:
        return teller.array(found.places, options, address)
    return teller.listed(found.name, found.places, options, address)


def _fitting(found: Found, options: Options) -> None:
    """Refuse options that mean nothing for what was found."""
    given = {name for name, _ in options.raw}
    allowed = set(NAMES)
    if found.property:
        allowed = set()
    elif found.single:
        allowed = {*OF_AN_ENTITY}
    elif found.ending == REFERENCE:
        allowed -= {*OF_AN_ENTITY, OF_OBSERVATIONS}
    elif found.name != OBSERVATIONS:
        allowed -= {OF_OBSERVATIONS}
    elif options.array:
        allowed -= {"$expand"}
    for name in sorted(given - allowed):
        raise BadParameter(name, "means nothing at this address")


async def _property(request: Request, world: World, found: Found) -> Response:
    """One property as JSON, or its value as text; 204 where it has none."""
    assert found.places is not None  # noqa: S101 - a property is of one entity
    place = int(found.places[0])
    entity = world.entity(found.name, place) | {"id": world.identity(found.name, place)}
    value = dug(entity, found.property)
    if value is None:
        return Response(status_code=204, headers={"cache-control": FRESH, **OPEN})
    if found.ending != VALUE:
        return await answer(request, encoded({found.property[-1]: value}), JSON)
    plain = not isinstance(value, dict | list)
    body = str(value).encode() if plain else encoded(value)
    return await answer(request, body, "text/plain; charset=utf-8" if plain else JSON)
