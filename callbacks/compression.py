"""Compression of what Dash and the assets folder serve: packed once per file, never the live stream.

Dash's bundles are megabytes that never change under one address; compressing them for each visitor costs
150 ms of this process, which also carries the live stream (design.md 8).
"""

import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDERS = ("/_dash-component-suites/", "/assets/")
DASH = ("/_dash-update-component", "/_dash-layout", "/_dash-dependencies")
TEXT = ("application/javascript", "text/", "application/json", "image/svg")
SMALLEST = 1_000
KEPT_BYTES = 24_000_000


class Compression:
    """Pure ASGI: gzip for static files (kept in memory) and for Dash's answers (made each time)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[tuple[str, bytes, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer compressed where that helps."""
        if not self._wanted(scope):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Packing(self, scope, send))

    def _wanted(self, scope: Scope) -> bool:
        if scope["type"] != "http" or not scope["path"].startswith(FOLDERS + DASH):
            return False
        return "gzip" in Headers(scope=scope).get("accept-encoding", "")

    def packed(self, scope: Scope, mark: str, body: bytes) -> bytes:
        """``body`` in gzip; kept when its address and ``mark`` (entity tag) say it is a file."""
        if not scope["path"].startswith(FOLDERS):
            return gzip.compress(body, 4, mtime=0)
        key = (scope["path"], scope["query_string"], f"{mark}:{len(body)}")
        if key not in self.kept:
            if sum(map(len, self.kept.values())) > KEPT_BYTES:
                self.kept.clear()
            self.kept[key] = gzip.compress(body, 6, mtime=0)
        return self.kept[key]


class _Packing:
    """A ``send`` that holds an answer back until it is whole, and sends it compressed."""

    def __init__(self, owner: Compression, scope: Scope, send: Send) -> None:
        self.owner, self.scope, self.send = owner, scope, send
        self.start: Message | None = None
        self.parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            if not _helps(message):
                await self.send(message)
        elif self.start is None or not _helps(self.start):
            await self.send(message)
        else:
            self.parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._whole()

    async def _whole(self) -> None:
        assert self.start is not None  # noqa: S101 - a body follows a start, says ASGI
        body = b"".join(self.parts)
        headers = MutableHeaders(scope=self.start)
        headers.add_vary_header("accept-encoding")
        if len(body) >= SMALLEST:
            body = self.owner.packed(self.scope, headers.get("etag", ""), body)
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
        await self.send(self.start)
        await self.send({"type": "http.response.body", "body": body})


def _helps(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    return start["status"] == 200 and "content-encoding" not in headers and kind.startswith(TEXT)
