"""A small server that speaks the browser's wire contract for a made-up city, and does as it is told.

The benches measure the page against it, and the browser tests make it stall, forget and come back.
"""

import asyncio
import gzip
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dash
import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from bench.wire_city import WireCity
from layouts import live_labels
from model.texts import words
from model.tokens import css_variables
from services.launch.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path(__file__).parent / "page"
BEAT_S = 1.0
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@dataclass
class Wire:
    """The made-up city's live link: what it sends, and how it misbehaves when asked to.

    ``silent`` stops every word on open streams, as a hung server does; ``refusing`` answers 503 to all of
    ``/live``, ``signed_out`` 401. ``frames`` are kept for those who come back.
    """

    city: WireCity
    source: str = "live"
    late: list[dict[str, Any]] = field(default_factory=list)
    unfed: float | None = None
    silent: bool = False
    refusing: bool = False
    signed_out: bool = False
    clock_offset: float = 0.0
    frames: list[tuple[int, str]] = field(default_factory=list)
    listeners: set[asyncio.Queue[str]] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None
    asked: list[str] = field(default_factory=list)
    number: int = 0

    def beat(self) -> dict[str, Any]:
        """What a heartbeat says: the time, where states come from, since when nothing is received."""
        return {"t": self.now(), "source": self.source, "unfed": self.unfed, "late": self.late}

    def now(self) -> float:
        """The server's clock."""
        return time.time() + self.clock_offset

    def change(self, indices: list[int], codes: list[int]) -> None:
        """Give these assets these display codes and tell every listener; from any thread."""
        packed = self.city.frame(np.array(indices, "i8"), np.array(codes, "u1"))
        self.number += 1
        text = _event("frame", {"t": self.now(), "c": packed}, f"{self.number}-0")
        self.frames.append((self.number, text))
        self.tell(text)

    def move(self, index: int, line: str, bearing: float | None, speed: float | None, *fix: float) -> None:
        """Put a bus at ``fix`` (epoch s, lon, lat); without one it is out of duty. From any thread."""
        row = [index, line, bearing, speed, list(fix)]
        before = self.city.moves.pop(index, None)
        if fix:
            self.city.moves[index] = [*row[:4], [*(before[4] if before else []), *fix]]
        self.tell(_event("moves", {"t": self.now(), "m": [row]}))

    def notice(self, rows: list[dict[str, Any]]) -> None:
        """Send notices of state changes."""
        self.tell(_event("notices", rows))

    def tell(self, text: str) -> None:
        """Hand one event to every listener, from any thread."""
        if self.loop is None:
            return
        for queue in list(self.listeners):
            self.loop.call_soon_threadsafe(queue.put_nowait, text)

    async def events(self, since: str) -> AsyncIterator[str]:
        """One client's stream: what it missed, then beats and whatever comes."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.listeners.add(queue)
        try:
            yield "retry: 60000\n\n"
            for text in self._missed(since):
                yield text
            while True:
                if not self.silent:
                    yield _event("beat", self.beat())
                async for text in _until(queue, BEAT_S):
                    if not self.silent:
                        yield text
        finally:
            self.listeners.discard(queue)

    def _missed(self, since: str) -> Iterator[str]:
        last = int(since.split("-")[0]) if since else 0
        if self.silent:
            return
        for number, text in self.frames:
            if number > last:
                yield text


async def _until(queue: asyncio.Queue[str], seconds: float) -> AsyncIterator[str]:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            yield await asyncio.wait_for(queue.get(), left)
        except TimeoutError:
            return


def _event(kind: str, data: Any, event_id: str = "") -> str:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data)}\n\n"


def page_html(
    language: str, components: list[dict[str, Any]], theme: str = "dark", more: tuple[str, ...] = ()
) -> str:
    """A page that draws ``components`` (``{"type", "props", "slot"?}``) with React and no Dash."""
    deps = Path(dash.__file__).parent / "deps"
    react = sorted(deps.glob("react@18*.min.js"))[0].name
    dom = sorted(deps.glob("react-dom@18*.min.js"))[0].name
    scripts = [f"/deps/{react}", f"/deps/{dom}", *asset_addresses(".js"), *more, "/page/page.js"]
    styles = [*asset_addresses(".css"), "/page/page.css"]
    tags = "".join(f'<script src="{address}"></script>' for address in scripts)
    links = "".join(f'<link rel="stylesheet" href="{address}">' for address in styles)
    data = json.dumps(components).replace("<", "\\u003c")
    return (
        f'<!DOCTYPE html><html lang="{language}" data-theme="{theme}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>Vigie</title>'
        f'<link rel="icon" href="data:,"><style>{css_variables()}</style>{links}</head>'
        f'<body><main id="page"></main><script type="application/json" id="components">{data}</script>'
        f"{tags}</body></html>"
    )


def asset_addresses(suffix: str) -> list[str]:
    """Our own assets in the order Dash loads them: the folder's files by name, then each subfolder's."""
    files = [p for p in (ROOT / "assets").rglob(f"*{suffix}") if "vendor" not in p.parts]
    files.sort(key=lambda path: (str(path.parent), path.name))
    return [f"/assets/{path.relative_to(ROOT / 'assets')}" for path in files]


def wire_app(
    wire: Wire, components: Callable[[str], list[dict[str, Any]]], more: tuple[str, ...] = ()
) -> FastAPI:
    """The server: pages of ``components(language)`` with ``more`` scripts, our assets, link and base map."""
    app = FastAPI(openapi_url=None)
    app.mount("/assets", StaticFiles(directory=ROOT / "assets"))
    app.mount("/page", StaticFiles(directory=PAGE))
    app.mount("/deps", StaticFiles(directory=Path(dash.__file__).parent / "deps"))
    _live_routes(app, wire)
    _map_routes(app, wire)

    @app.get("/")
    async def page(request: Request) -> Response:
        asked = request.query_params
        html = page_html(
            asked.get("lang", "fr"), components(asked.get("lang", "fr")), asked.get("theme", "dark"), more
        )
        return HTMLResponse(html, headers={"content-security-policy": CSP})

    return app


def _live_routes(app: FastAPI, wire: Wire) -> None:
    @app.middleware("http")
    async def refuse(request: Request, call_next: Any) -> Response:
        wire.asked.append(request.url.path)
        if wire.refusing and request.url.path.startswith("/live"):
            return Response(status_code=503)
        if wire.signed_out and request.url.path.startswith(("/live", "/session")):
            return Response(status_code=401)
        return await call_next(request)  # type: ignore[no-any-return]

    @app.get("/live/snapshot")
    async def snapshot() -> Response:
        shot = wire.city.snapshot(f"{wire.number}-0", wire.now(), wire.source)
        return JSONResponse(shot, headers={"cache-control": "no-store"})

    @app.get("/live/geometry/{name}")
    async def geometry(name: str) -> Response:
        return _zipped(wire.city.geometry(), "application/octet-stream")

    @app.get("/live/stream")
    async def stream(since: str = "") -> Response:
        wire.loop = asyncio.get_running_loop()
        return StreamingResponse(
            wire.events(since), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    @app.get("/history/state")
    async def state(at: str) -> Response:
        return JSONResponse(wire.city.snapshot("0-0", wire.now()) | {"at": at, "known": 0.93})


def _map_routes(app: FastAPI, wire: Wire) -> None:
    @app.get("/map/streets/{name}")
    async def streets(name: str) -> Response:
        return _zipped(json.dumps(wire.city.streets).encode(), "application/geo+json")

    @app.get("/map/areas/{name}")
    async def areas(name: str) -> Response:
        return _zipped(json.dumps(wire.city.area_shapes).encode(), "application/geo+json")


def _zipped(body: bytes, media_type: str) -> Response:
    return Response(gzip.compress(body, 6), media_type=media_type, headers={"content-encoding": "gzip"})


class Serving:
    """A wire server on its own thread; it dies by ``stop`` and returns by ``start``, on the same port."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve; returns when it answers."""
        config = uvicorn.Config(
            self.app, port=self.port, log_level="critical", timeout_graceful_shutdown=0, lifespan="off"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)

    def stop(self) -> None:
        """Close every connection and the port."""
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(10)


@contextmanager
def serving(app: FastAPI) -> Iterator[Serving]:
    """Serve ``app`` for a while."""
    server = Serving(app)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def room_components(language: str, city: WireCity, **map_props: Any) -> list[dict[str, Any]]:
    """The live components of the control room, as its page places them."""
    say = words(language)
    common = {"language": language, "zone": "Europe/Paris"}
    west, south, east, north = city.box
    return [
        _component("DomainSwitches", "domains", "top", labels=live_labels.switch_labels(say), **common),
        _component("Clock", "clock", "top", labels=live_labels.clock_labels(say), **common),
        _component("StaleBanner", "banner", "banner", labels=live_labels.banner_labels(say), **common),
        _component(
            "CityMap", "map", "map",
            labels=live_labels.map_labels(say), bounds=[west, south, east, north],
            attribution="Exemple : positions et états inventés.", **common, **map_props,
        ),
        _component("Legend", "legend", "map", labels=live_labels.legend_labels(say), **common),
        _component("Loupe", "loupe", "map", labels=live_labels.loupe_labels(say), **common),
        _component("Ticker", "ticker", "side", labels=live_labels.ticker_labels(say), **common),
        _component("Pulse", "pulse", "side"),
        _component("Keys", "keys", "side", labels=live_labels.keys_labels(say)),
    ]  # fmt: skip


def _component(kind: str, name: str, slot: str, **props: Any) -> dict[str, Any]:
    return {"type": kind, "slot": slot, "props": {"id": name, **props}}
