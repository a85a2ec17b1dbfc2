"""How the API answers: packed, with a tag of its bytes, readable from any page; and how it refuses."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

import anyio.to_thread
import brotli
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from public.headers import DATA_POLICY, FRESH, NEVER, SHORT, chosen_encoding, unchanged

OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Crs, ETag, Link",
}
"""Open data may be read from any page; there is no cookie it could be read with."""

GEOJSON = "application/geo+json"
JSON = "application/json"
SCHEMA = "application/schema+json"
PAGE = "text/html"
SHEET = "text/csv"

WORTH_PACKING = 1_400
"""Bytes that fit into one packet are not worth packing."""
BESIDE_THE_LOOP = 48_000
"""From how many bytes packing is done in a thread."""


def encoded(told: Any) -> bytes:
    """``told`` as JSON."""
    return msgspec.json.encode(told)


async def answer(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    cache_control: str = FRESH,
) -> Response:
    """``body`` in the encoding the caller takes, or 304 when the caller has it."""
    accepted = request.headers.get("accept-encoding", "")
    encoding = chosen_encoding(accepted, ("br", "gzip")) if len(body) > WORTH_PACKING else ""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}{"-" + encoding if encoding else ""}"'
    told = {
        "etag": etag,
        "cache-control": cache_control,
        "vary": "Accept-Encoding, Accept",
        "content-security-policy": DATA_POLICY,
        **OPEN,
        **(headers or {}),
    }
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=told)
    if encoding:
        told["content-encoding"] = encoding
        body = await _packed(body, encoding)
    return Response(body, 200, told, media_type)


async def _packed(body: bytes, encoding: str) -> bytes:
    if len(body) < BESIDE_THE_LOOP:
        return pack(body, encoding)
    return await anyio.to_thread.run_sync(pack, body, encoding)


def pack(body: bytes, encoding: str) -> bytes:
    """``body`` packed while somebody waits: most of the gain for little of the time."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=4))
    return gzip.compress(body, 5, mtime=0)


def refusal(status: int, code: str, description: str, headers: Mapping[str, str] | None = None) -> Response:
    """What cannot be answered, as the standard's exception schema has it."""
    told = {"cache-control": SHORT if status == 404 else NEVER, **OPEN, **(headers or {})}
    return Response(encoded({"code": code, "description": description}), status, told, JSON)


def wrong(description: str) -> Response:
    """400: names the parameter, and what it should be."""
    return refusal(400, "InvalidParameterValue", description)


def unknown() -> Response:
    """404: the same for unknown, revoked and impossible."""
    return refusal(404, "NotFound", "there is nothing published of that name")


def away() -> Response:
    """503: the artefacts cannot be read now, or are being read."""
    return refusal(503, "Unavailable", "this cannot be read now; try again soon", {"retry-after": "30"})


def outdated(begin: str) -> Response:
    """410: a page of a version that is no longer kept."""
    told = "this page is of a version that is no longer kept; begin again at " + begin
    return refusal(410, "VersionGone", told)
