"""The live city over HTTP: the snapshot, its geometry, and the stream of frames (server-sent events)."""

from collections.abc import AsyncIterator, Iterable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from callbacks.packed import Packed, immutable
from callbacks.wiring import route
from model.errors import NotFound, Unavailable
from model.roles import ROOM
from services.city import City
from services.live import Event

RETRY_MS = 1000
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def snapshot(city: City, _request: Request) -> Response:
    """Every asset's display code, and where the stream goes on from there (wire contract)."""
    if city.live.columns is None:
        raise Unavailable("the city's assets are not read yet: the database is away")
    return JSONResponse(city.live.snapshot().document(), headers={"cache-control": "no-store"})


async def geometry(city: City, request: Request) -> Response:
    """Where every asset is, as columns; immutable for its layout version."""
    if city.live.columns is None or request.path_params["version"] != str(city.live.columns.version):
        raise NotFound("that layout is no longer in force: take a new snapshot")
    made = city.live.geometry()
    return immutable(request, Packed(made.raw, made.gz, made.br), "application/octet-stream")


async def live_stream(city: City, request: Request) -> Response:
    """Frames, heartbeats and notices as they come; resumes after ``Last-Event-ID`` or ``?since=``."""
    last = request.headers.get("last-event-id") or request.query_params.get("since")
    return StreamingResponse(
        written(city.live.subscribe(last)), media_type="text/event-stream", headers=STREAM_HEADERS
    )


async def written(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """``events`` as text/event-stream; the first line tells the browser when to try again."""
    yield f"retry: {RETRY_MS}\n\n"
    async for event in events:
        yield event_text(event.kind, event.id, event.data)


def event_text(kind: str, id_: str | None, data: str) -> str:
    """One server-sent event; ``data`` may hold line ends."""
    lines: Iterable[str] = (f"data: {line}" for line in data.splitlines() or [""])
    return "\n".join((*((f"id: {id_}",) if id_ else ()), f"event: {kind}", *lines)) + "\n\n"


def routes(server: FastAPI, city: City) -> None:
    """Declare the live routes."""
    route(server, city, "/live/snapshot", snapshot, may=ROOM)
    route(server, city, "/live/geometry/{version}.bin", geometry, may=ROOM)
    route(server, city, "/live/stream", live_stream, may=ROOM)
