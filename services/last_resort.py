"""What every door says when something fails that nobody foresaw: a number to quote, and no more. Plain ASGI.

A trace, a path or an address of a server never leaves: the text of an error may hold any of them.
"""

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class LastResort:
    """Answers 500 in our own words when the application raises before it answered; the log has the rest."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            reference = secrets.token_hex(3).upper()
            log.exception("%s %s failed, reference %s", scope["method"], scope["path"][:200], reference)
            if begun:
                # Half an answer is out: the server cuts the connection, which tells the caller.
                raise
            await _apologise(send, reference)


async def _apologise(send: Send, reference: str) -> None:
    message = f"this failed, and is in the log under {reference}"
    body = json.dumps({"error": {"code": "failed", "message": message, "reference": reference}}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class AlwaysHeaders:
    """Gives every answer, errors too, the ``headers`` it does not bring itself."""

    def __init__(self, app: App, headers: Mapping[bytes, bytes]) -> None:
        self.app = app
        self.headers = dict(headers)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                brought = {name.lower() for name, _ in message.get("headers", ())}
                added = [(name, value) for name, value in self.headers.items() if name not in brought]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
