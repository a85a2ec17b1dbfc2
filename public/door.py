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
from starlette.routing import Route

from public.answers import gone
from public.component import component
from public.embeds import embed, font
from public.gallery import gallery
from public.harvest import catalogue
from public.headers import NEVER, PlainHeaders, framing_origins
from public.oembed import oembed
from public.opened import Open
from public.portal.dataset import dataset
from public.portal.datasets import datasets
from public.portal.requests import feed, requests
from public.portal.transparency import transparency
from public.shelf import Shelf
from services.last_resort import LastResort
from services.publishing import Store
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
    Way("/fonts/{file}", font, Access.ANYONE),
    Way("/datasets", datasets, Access.ANYONE),
    Way("/datasets/{name}", dataset, Access.ANYONE),
    Way("/requests", requests, Access.ANYONE),
    Way("/requests.atom", feed, Access.ANYONE),
    Way("/transparency", transparency, Access.ANYONE),
    Way("/catalogue.{form}", catalogue, Access.ANYONE),
    Way("/oembed", oembed, Access.ANYONE),
    Way("/vigie-panel.js", component, Access.ANYONE),
    Way("/healthz", health, Access.ANYONE),
)
"""Every route there is; a test compares it with the application."""


def public(settings: Settings) -> FastAPI:
    """The public application over the artefacts of ``settings.var``. BadSettings on a wrong origin."""
    store = Store(settings.var / "artefacts")
    door = Open(settings, Shelf(store), framing_origins(settings.embed_origins))
    app = FastAPI(
        title="Vigie, public door",
        routes=[_route(door, way) for way in WAYS],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

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
