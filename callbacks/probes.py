"""Health: whether the process lives, whether it can show a live city, and what it counts of itself."""

import asyncio

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from callbacks.wiring import route
from geodata.asking import asking
from geodata.assets import read_version
from model.errors import Unavailable
from model.roles import PROBES
from services.city import City


async def healthz(_city: City, _request: Request) -> Response:
    """The process answers; it says nothing about the city."""
    return JSONResponse({"alive": True}, headers={"cache-control": "no-store"})


async def readyz(city: City, _request: Request) -> Response:
    """200 when the screens can be served whole; else 503 naming what is away."""
    away = [name for name, there in (await _parts(city)).items() if not there]
    return JSONResponse(
        {"ready": not away, "away": away},
        status_code=503 if away else 200,
        headers={"cache-control": "no-store"},
    )


async def metrics(city: City, _request: Request) -> Response:
    """Everything counted, in Prometheus' text format."""
    city.live.count()
    city.metrics.gauge("vigie_database_up").set(city.pulse.beats())
    body, content_type = city.metrics.render()
    return Response(body, media_type=content_type, headers={"cache-control": "no-store"})


async def _parts(city: City) -> dict[str, bool]:
    return {
        "database": await asyncio.to_thread(_answers, city),
        "assets": city.live.columns is not None,
        "live": city.live.source == "live",
    }


def _answers(city: City) -> bool:
    """Whether a question is answered, and the pulse felt too: without it the next question may be refused."""
    try:
        with asking(city.engine, 1_000):
            return read_version(city.engine) > 0 and city.pulse.beats()
    except Unavailable:
        return False


def routes(server: FastAPI, city: City) -> None:
    """Declare the probes."""
    route(server, city, "/healthz", healthz, may=PROBES)
    route(server, city, "/readyz", readyz, may=PROBES)
    route(server, city, "/metrics", metrics, may=PROBES)
