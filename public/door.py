"""The public door: its own process, serving what was published on purpose, from artefacts alone.

No Dash, no database, no Redis, no cookie, nothing but GET and HEAD. It goes on serving the last artefacts,
with the time of their data, while everything else is away.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from public.answers import gone
from public.component import component
from public.counting import Counting, Tally
from public.data import data
from public.embeds import embed, font
from public.features import doors as api
from public.features.doors import guarded
from public.features.library import Library
from public.gallery import gallery
from public.harvest import catalogue
from public.headers import NEVER, PlainHeaders, framing_origins
from public.hot import Hot
from public.keys import KeyGate, Keys
from public.mobility.gbfs import gbfs
from public.mobility.gtfs_realtime import alerts
from public.oembed import oembed
from public.opened import Open
from public.portal.dataset import dataset
from public.portal.datasets import datasets
from public.portal.programs import programs
from public.portal.requests import feed, requests
from public.portal.transparency import transparency
from public.sensorthings import doors as sta
from public.sensorthings.doors import guarded as sensing
from public.sensorthings.keeping import Worlds
from public.shelf import Clock, Shelf, utc_now
from public.use import use
from services.last_resort import LastResort
from services.publishing import followed_store
from services.settings import Settings


class Access(StrEnum):
    """Who may use a route of this process. There is only one answer: nothing here is for some."""

    ANYONE = "anyone"


@dataclass(frozen=True)
class Way:
    """One way in: its path, what answers, and for whom."""

    path: str
    answer: Callable[[Open, Request], Awaitable[Response]]
    may: Access


async def health(_door: Open, _request: Request) -> Response:
    """Alive; says nothing about the city."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": NEVER})


WAYS = (
    Way("/", gallery, Access.ANYONE),
    Way("/embed/{file}", embed, Access.ANYONE),
    Way("/data/{file}", data, Access.ANYONE),
    Way("/fonts/{file}", font, Access.ANYONE),
    Way("/datasets", datasets, Access.ANYONE),
    Way("/datasets/{name}", dataset, Access.ANYONE),
    Way("/requests", requests, Access.ANYONE),
    Way("/requests.atom", feed, Access.ANYONE),
    Way("/programs", programs, Access.ANYONE),
    Way("/transparency", transparency, Access.ANYONE),
    Way("/catalogue.{form}", catalogue, Access.ANYONE),
    Way("/use.{form}", use, Access.ANYONE),
    Way("/oembed", oembed, Access.ANYONE),
    Way("/vigie-panel.js", component, Access.ANYONE),
    Way("/api", guarded(api.landing), Access.ANYONE),
    Way("/api/", guarded(api.landing), Access.ANYONE),
    Way("/api/conformance", guarded(api.conformance), Access.ANYONE),
    Way("/api/openapi.json", guarded(api.openapi), Access.ANYONE),
    Way("/api/collections", guarded(api.collections), Access.ANYONE),
    Way("/api/collections/{name}", guarded(api.collection), Access.ANYONE),
    Way("/api/collections/{name}/queryables", guarded(api.queryables), Access.ANYONE),
    Way("/api/collections/{name}/items", guarded(api.features), Access.ANYONE),
    Way("/api/collections/{name}/items/{identity}", guarded(api.feature), Access.ANYONE),
    Way("/api/collections/{name}/series", guarded(api.timeseries), Access.ANYONE),
    Way("/gbfs/{name}/{file}", sensing(gbfs), Access.ANYONE),
    Way("/gtfs-realtime/{name}/alerts.pb", sensing(alerts), Access.ANYONE),
    Way("/sensorthings/openapi.json", sensing(sta.openapi), Access.ANYONE),
    Way("/sensorthings/v1.1", sensing(sta.service), Access.ANYONE),
    Way("/sensorthings/v1.1/", sensing(sta.service), Access.ANYONE),
    Way("/sensorthings/v1.1/{path:path}", sensing(sta.entities), Access.ANYONE),
    Way("/healthz", health, Access.ANYONE),
)
"""Every route there is; a test compares it with the application."""


class PublicDoor(FastAPI):
    """The application, with the answers it gave before in front of all its layers, and in front of these the
    count of what is asked for where it is this process's to make."""

    def __init__(self, shelf: Shelf, routes: list[BaseRoute], tally: Tally | None = None) -> None:
        super().__init__(
            title="Vigie, public door",
            routes=routes,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        # A key is counted before an answer that was kept may go out.
        gate = KeyGate(Hot(super().__call__, shelf), Keys(shelf))
        self._front = Counting(gate, tally) if tally else gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._front(scope, receive, send)


def public(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """The public application over the artefacts of ``settings``. BadSettings on a wrong origin."""
    shelf = Shelf(followed_store(settings), clock)
    library = Library(shelf, settings.api_memory_mb << 20)
    # What observations take beside their tables: at most a quarter of what these may take.
    worlds = Worlds(library, settings.public_address, settings.language, settings.api_memory_mb << 18)
    door = Open(settings, shelf, framing_origins(settings.embed_origins), library, worlds, clock)
    tally = Tally(settings.use_folder) if settings.count_use else None
    app = PublicDoor(shelf, [_route(door, way) for way in WAYS], tally)

    async def refused(_request: Request, error: Exception) -> Response:
        """404 as for a panel that is not there; 405 with what is allowed."""
        if isinstance(error, HTTPException) and error.status_code != 404:
            return PlainTextResponse(error.detail, error.status_code, error.headers)
        return gone(door.origins)

    app.add_exception_handler(HTTPException, refused)
    app.add_middleware(LastResort)
    app.add_middleware(PlainHeaders)
    return app


def _route(door: Open, way: Way) -> Route:
    async def endpoint(request: Request) -> Response:
        return await way.answer(door, request)

    return Route(way.path, endpoint, methods=["GET"], name=way.answer.__name__)
