"""The devices' door: what a city's sources push, publish or answer comes in, and citizens' letters.

An answer of 200 means durable. Nothing a device sends reaches an error message but its own words, cut.
"""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from geodata.database import open_engine
from geodata.profiles import read_profile
from intake.body import NotTaken, read_body
from intake.voice import Letters, taken
from model.domains import DOMAINS
from model.errors import BadRequest, BadSettings, Unavailable, VigieError, http_status
from services.access import Rates
from services.last_resort import AlwaysHeaders, LastResort
from services.live import Ingest, Parsed, Receipt, Receiving, Source, read_sources
from services.metrics import Metrics
from services.settings import Settings

log = logging.getLogger(__name__)

KEY_SHORTEST = 16
REJECTS_TOLD = 20
RETRY_AFTER_S = "2"
SOON_READ = 32_768
"""Bytes that are read faster than another thread takes over."""
HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}
"""On every answer, errors too: there is nothing here for a browser but the answer to a letter."""
LINES = ("application/x-ndjson", "application/jsonl")
"""Media types of one item a line."""


class Access(StrEnum):
    """Who may use a route of this process."""

    ANYONE = "anyone"
    KEY = "key"
    PROBE = "probe"


@dataclass
class Open:
    """What is open while the process serves."""

    engine: Engine
    ingest: Ingest
    receiving: Receiving
    metrics: Metrics
    letters: Letters


@dataclass(frozen=True)
class Way:
    """One way in: method and path, what answers, and for whom."""

    method: str
    path: str
    answer: Callable[[Open, Request], Awaitable[Response]]
    may: Access


async def pushed(door: Open, request: Request) -> Response:
    """Take in what a source pushes to its path; 200 with what became of it, once that is durable."""
    source = door.receiving.pushed.get(request.path_params["path"])
    if source is None:
        return _error(404, "NotFound", "there is no such door")
    payload = await read_body(request, source.max_bytes)
    fields = _fields(request)
    if len(payload) > SOON_READ:
        parsed = await asyncio.to_thread(_read, source, payload, fields)
    else:
        parsed = _read(source, payload, fields)
    return JSONResponse(_told(await door.ingest.submit(source.name, parsed)))


def _fields(request: Request) -> dict[str, str]:
    """What the request knows of its payload beside what it holds."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    received = {"received_at": datetime.now(UTC).isoformat()}
    return received | ({"format": "ndjson"} if kind in LINES else {})


def _read(source: Source, payload: bytes, fields: dict[str, str]) -> Parsed:
    """What the source's adapter makes of it; an adapter's own fault is a bad request, and in the log."""
    try:
        return source.feed.parse(payload, source.read(fields))
    except VigieError:
        raise
    except Exception as error:
        log.exception("adapter %s of source %s failed", source.feed.name, source.name)
        raise BadRequest(f"the adapter {source.feed.name} failed on it: {type(error).__name__}") from error


async def say(door: Open, request: Request) -> Response:
    """A citizen's letter, from the form of the public site; see ``intake/voice.py``."""
    return await taken(door.letters, request)


async def healthz(_door: Open, _request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"alive": True})


async def readyz(door: Open, _request: Request) -> Response:
    """200 when a batch would be accepted now; else 503 with what is away."""
    parts = {"database": door.ingest.ready, "broker": door.receiving.connected}
    away = [name for name, there in parts.items() if not there]
    told = {"ready": not away, "away": away, "why": door.ingest.why, "spooled": door.ingest.spooled}
    return JSONResponse(told, 503 if away else 200)


async def metrics(door: Open, _request: Request) -> Response:
    """What this process counts of itself, for Prometheus."""
    body, content_type = door.metrics.render()
    return Response(body, media_type=content_type)


WAYS = (
    Way("POST", "/ingest/{path}", pushed, Access.KEY),
    Way("POST", "/say", say, Access.ANYONE),
    Way("GET", "/healthz", healthz, Access.PROBE),
    Way("GET", "/metrics", metrics, Access.KEY),
    Way("GET", "/readyz", readyz, Access.PROBE),
)
"""Every route there is; a test compares it with the application."""


def intake(settings: Settings) -> FastAPI:
    """The intake of ``settings``; BadSettings without addresses or a key of 16 characters or more."""
    key = _key(settings)
    door = _open(settings)
    app = FastAPI(
        title="Vigie, devices' door",
        lifespan=_lifespan(door),
        routes=[_route(door, way, key) for way in WAYS],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_exception_handler(VigieError, refused)
    app.add_exception_handler(HTTPException, not_here)
    app.add_middleware(LastResort)
    app.add_middleware(AlwaysHeaders, headers=HEADERS)
    app.state.door = door
    return app


def _key(settings: Settings) -> bytes:
    key = settings.intake_key.get_secret_value() if settings.intake_key else ""
    if len(key) < KEY_SHORTEST:
        raise BadSettings(f"VIGIE_INTAKE_KEY: give a key of at least {KEY_SHORTEST} characters")
    return key.encode()


def _open(settings: Settings) -> Open:
    """Everything of the door; nothing connects before the lifespan begins."""
    for name in ("database_url", "redis_url"):
        if not getattr(settings, name):
            raise BadSettings(f"VIGIE_{name.upper()} is not set")
    profile = read_profile(settings.city)
    engine = open_engine(str(settings.database_url), statement_ms=5_000, pool=2)
    domains = ingest_domains(settings)
    part = "-".join(sorted(domains)) if domains else ""
    metrics = Metrics()
    ingest = Ingest(
        engine,
        str(settings.redis_url),
        area_kind=profile.area_kind,
        shard=profile.name,
        bounds=profile.bounds,
        spool=settings.var / "spool" / f"{'-'.join(filter(None, (profile.name, part)))}.sqlite",
        domains=domains,
        metrics=metrics,
    )
    sources = read_sources(profile, settings.simulator_port)
    receiving = Receiving(sources, ingest, city=profile.name, mqtt_url=settings.mqtt_url, instance=part)
    letters = Letters(engine, Rates(str(settings.redis_url)), settings, profile.time_zone)
    return Open(engine, ingest, receiving, metrics, letters)


def ingest_domains(settings: Settings) -> frozenset[str] | None:
    """The domains this process writes; None for all. BadSettings names one that does not exist."""
    wanted = frozenset(settings.ingest_domains.split())
    unknown = wanted - {domain.name for domain in DOMAINS}
    if unknown:
        known = ", ".join(domain.name for domain in DOMAINS)
        raise BadSettings(f"VIGIE_INGEST_DOMAINS: no domain {', '.join(sorted(unknown))}; known are {known}")
    return wanted or None


def _lifespan(door: Open) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await door.ingest.start()
        await door.receiving.start()
        try:
            yield
        finally:
            await door.receiving.stop()
            await door.ingest.stop()
            await door.letters.rates.close()
            door.engine.dispose()

    return lifespan


def _route(door: Open, way: Way, key: bytes) -> Route:
    async def endpoint(request: Request) -> Response:
        if way.may is Access.KEY and not _holds(request, key):
            return _error(401, "NoKey", "send the intake key as Authorization: Bearer <key>")
        return await way.answer(door, request)

    return Route(way.path, endpoint, methods=[way.method], name=way.answer.__name__)


def _holds(request: Request, key: bytes) -> bool:
    """Whether the request carries the key; compared in constant time."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), key)


def _told(receipt: Receipt) -> dict[str, object]:
    told = sorted(receipt.rejects, key=lambda reject: reject.row)[:REJECTS_TOLD]
    return {
        "received": receipt.received,
        "stored": receipt.stored,
        "duplicate": receipt.duplicate,
        "rejected": receipt.rejected,
        "spooled": receipt.spooled,
        "trace": receipt.trace,
        "rejects": [{"row": r.row, "reason": r.reason, "detail": printable(r.detail)} for r in told],
    }


def printable(text: str) -> str:
    """``text`` as an answer may carry it: no control or formatting characters, no lone surrogate."""
    kept = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return kept.encode("utf-8", "replace").decode()


async def refused(_request: Request, error: Exception) -> Response:
    """Errors Vigie raises on purpose, in the one public shape."""
    if isinstance(error, NotTaken):
        return _error(error.status, type(error).__name__, str(error))
    status = http_status(error) if isinstance(error, VigieError) else 500
    response = _error(status, type(error).__name__, printable(str(error)))
    if isinstance(error, Unavailable):
        response.headers["retry-after"] = RETRY_AFTER_S
    return response


async def not_here(_request: Request, error: Exception) -> Response:
    """No such path, or not by that method."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _error(status, "NotFound" if status == 404 else "Refused", "there is no such door")


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
