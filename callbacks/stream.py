"""The live city over HTTP: the snapshot, its geometry, and the stream of frames (server-sent events)."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from functools import lru_cache

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Send

from callbacks.packed import Packed, immutable
from callbacks.wiring import route
from model.errors import NotFound, Unavailable
from model.roles import ROOM
from services.city import City
from services.live import Event, geometry_name
from services.metrics import Metrics

log = logging.getLogger(__name__)

RETRY_MS = 1000
STALLED_S = 15.0
"""A console that takes nothing for so long is let go; its own watchdog gave up after four."""
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def snapshot(city: City, _request: Request) -> Response:
    """Every asset's display code, and where the stream goes on from there (wire contract)."""
    if city.live.columns is None:
        raise Unavailable("the city's assets are not read yet: the database is away")
    return JSONResponse(city.live.snapshot().document(), headers={"cache-control": "no-store"})


async def geometry(city: City, request: Request) -> Response:
    """Where every asset is, as columns; immutable for its layout version and scope, which its address has."""
    columns = city.live.columns
    own = None if columns is None else geometry_name(columns.version, city.scope.key)
    if request.path_params["version"] != own:
        raise NotFound("that layout is no longer in force: take a new snapshot")
    made = city.live.geometry()
    return immutable(request, Packed(made.raw, made.gz, made.br), "application/octet-stream", private=True)


async def live_stream(city: City, request: Request) -> Response:
    """Frames, heartbeats and notices as they come; resumes after ``Last-Event-ID`` or ``?since=``."""
    last = request.headers.get("last-event-id") or request.query_params.get("since")
    dropped = city.metrics.counter("vigie_consoles_dropped_total")
    return EventStream(written(city.live.subscribe(last), city.metrics), dropped.inc, STALLED_S)


class EventStream(StreamingResponse):
    """``text/event-stream`` for a reader who may stop reading: it is let go after ``STALLED_S``.

    What a slow console has waiting is bounded (services/live/frames.py), but not nothing, and one that took
    nothing for so long has asked anew long ago. ``dropped`` is called when that happens.
    """

    def __init__(self, parts: AsyncGenerator[bytes], dropped: Callable[[], object], stalled_s: float) -> None:
        super().__init__(parts, media_type="text/event-stream", headers=STREAM_HEADERS)
        self._parts = parts
        self._dropped = dropped
        self._stalled_s = stalled_s

    async def stream_response(self, send: Send) -> None:
        """Send the parts as they come, each within ``stalled_s``."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._parts) as parts:
            async for part in parts:
                try:
                    async with asyncio.timeout(self._stalled_s):
                        await send({"type": "http.response.body", "body": part, "more_body": True})
                except TimeoutError:
                    log.info("a console that stopped reading is let go")
                    self._dropped()
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def written(events: AsyncGenerator[Event], metrics: Metrics) -> AsyncGenerator[bytes]:
    """``events`` as text/event-stream; the first line tells the browser when to try again."""
    sent, size = metrics.counter("vigie_events_sent_total"), metrics.counter("vigie_sent_bytes_total")
    yield f"retry: {RETRY_MS}\n\n".encode()
    async with aclosing(events):
        async for event in events:
            text = event_text(event.kind, event.id, event.data)
            yield text
            sent.labels(event.kind).inc()
            size.inc(len(text))


@lru_cache(maxsize=256)
def event_text(kind: str, id_: str | None, data: str) -> bytes:
    """One server-sent event; ``data`` may hold line ends. Made once, however many consoles get it."""
    lines: Iterable[str] = (f"data: {line}" for line in data.splitlines() or [""])
    return ("\n".join((*((f"id: {id_}",) if id_ else ()), f"event: {kind}", *lines)) + "\n\n").encode()


def routes(server: FastAPI, city: City) -> None:
    """Declare the live routes."""
    route(server, city, "/live/snapshot", snapshot, may=ROOM)
    route(server, city, "/live/geometry/{version}.bin", geometry, may=ROOM)
    route(server, city, "/live/stream", live_stream, may=ROOM)
