"""Dash's list of callbacks, for each role its own: what somebody may not call, her browser never hears of."""

from dash import Dash
from dash._utils import to_json
from fastapi import FastAPI, Request, Response

from callbacks.asking import viewer_now
from callbacks.wiring import doors, route
from model.roles import STAFF, Role
from services.city import City

PATH = "/_dash-dependencies"


def callbacks_of(server: FastAPI, role: Role) -> list[object]:
    """The callbacks ``role`` may call, as Dash tells them."""
    app: Dash = server.state.dash
    may = {door.output: door.may for door in doors(server) if door.output}
    return [entry for entry in app._callback_list if role in may.get(entry["output"], ())]


async def dependencies(_city: City, request: Request) -> Response:
    """The callbacks the viewer may call."""
    viewer = viewer_now()
    told = callbacks_of(request.app, viewer.role) if viewer else []
    return Response(to_json(told), media_type="application/json", headers={"cache-control": "no-store"})


def routes(server: FastAPI, city: City) -> None:
    """Declare it, before Dash declares its own for everybody."""
    route(server, city, PATH, dependencies, may=STAFF)
