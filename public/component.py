"""The element ``<vigie-panel>``: one script of ours that puts a panel into a page, as tall as it says."""

import hashlib
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from public.answers import TEMPLATES
from public.headers import unchanged
from public.opened import Open

HOURLY = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400"


async def component(_door: Open, request: Request) -> Response:
    """The script, the same for every panel; it asks nobody but this door."""
    body, etag = _script()
    headers = {"etag": etag, "cache-control": HOURLY, "access-control-allow-origin": "*"}
    if unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="text/javascript")


@cache
def _script() -> tuple[bytes, str]:
    body = (TEMPLATES / "vigie-panel.js").read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
