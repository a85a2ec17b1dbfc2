"""The one way in: a callback or a route is registered here, with whom it is for, or not at all.

``on`` wires a Dash callback, ``route`` an HTTP route; both hand the handler the open city as its first
argument, narrowed to who asks, and note the declaration in ``doors(server)``, which the guard and tests walk.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Concatenate

from dash import ClientsideFunction, Dash
from fastapi import FastAPI, Request, Response

from callbacks.asking import viewer_now
from model.errors import Refused
from model.roles import Role
from services.city import City

Handler = Callable[Concatenate[City, ...], Awaitable[Any]]


@dataclass(frozen=True)
class Door:
    """One declared way in: what it is, what it answers, and for whom."""

    kind: str
    name: str
    may: frozenset[Role]
    output: str = ""
    """Of a callback: what a browser names when it asks for it."""


def doors(server: FastAPI) -> list[Door]:
    """Every door declared on ``server`` so far."""
    if not hasattr(server.state, "doors"):
        server.state.doors = []
    known: list[Door] = server.state.doors
    return known


def given(city: City, handler: Handler, may: Collection[Role]) -> Callable[..., Awaitable[Any]]:
    """``handler`` with the open city as its first argument, still a coroutine function (Dash looks).

    The city is narrowed to what the viewer may see; Refused when her role is not among those who ``may``.
    A door for nobody (probes) gets the whole city.
    """
    if not inspect.iscoroutinefunction(handler):
        raise TypeError(f"{handler.__name__} is not async: a sync callback stops every console")

    @functools.wraps(handler)
    async def called(*args: Any) -> Any:
        seen = _seen(city, may, handler.__name__)
        await seen.ready()
        return await handler(seen, *args)

    return called


def _seen(city: City, may: Collection[Role], door: str) -> City:
    if not may:
        return city
    viewer = viewer_now()
    if viewer is None:
        raise Refused(f"{door} asks for a sign-in")
    if viewer.role not in may:
        raise Refused(f"{door} is not for the role {viewer.role}")
    return city.seen_by(viewer)


def timed(city: City, handler: Handler, may: Collection[Role]) -> Callable[..., Awaitable[Any]]:
    """``handler`` with the open city, its time and its failures counted under its name."""
    called = given(city, handler, may)
    taking = city.metrics.histogram("vigie_callback_seconds").labels(handler.__name__)
    failed = city.metrics.counter("vigie_callback_errors_total").labels(handler.__name__)

    @functools.wraps(called)
    async def timing(*args: Any) -> Any:
        with taking.time(), failed.count_exceptions():
            return await called(*args)

    return timing


def on(
    app: Dash, city: City, handler: Handler, *dependencies: Any, may: Collection[Role], **options: Any
) -> None:
    """Call ``handler(city, *values)`` when an Input of ``dependencies`` changes, for those who ``may``."""
    app.callback(*dependencies, **options)(timed(city, handler, may))
    output: str = app._callback_list[-1]["output"]
    doors(app.server).append(Door("callback", handler.__name__, frozenset(may), output))


def in_browser(app: Dash, source: str, *dependencies: Any, may: Collection[Role], **options: Any) -> None:
    """A clientside callback ``"namespace.function"`` of ``assets/``, declared like any other door."""
    namespace, name = source.split(".")
    app.clientside_callback(ClientsideFunction(namespace, name), *dependencies, **options)
    output: str = app._callback_list[-1]["output"]
    doors(app.server).append(Door("clientside", source, frozenset(may), output))


def route(
    server: FastAPI, city: City, path: str, handler: Handler, *, may: Collection[Role], method: str = "GET"
) -> None:
    """Answer ``method path`` with ``handler(city, request)``, for those who ``may``."""
    doors(server).append(Door("route", f"{method} {path}", frozenset(may)))
    answer = given(city, handler, may)

    async def endpoint(request: Request) -> Response:
        response: Response = await answer(request)
        return response

    server.add_api_route(path, endpoint, methods=[method], include_in_schema=False)
