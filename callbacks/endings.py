"""A stream lasts no longer than its session: signed out, revoked or expired, it is told so and closed."""

import json
import time
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import Unavailable
from model.viewer import Viewer

LOOK_S = 1.0
"""How often a stream looks; it sends something at least every two seconds, so an end shows within three."""
ENDED = b"event: ended\ndata: " + json.dumps({"why": "signed_out"}).encode() + b"\n\n"


class _Over(Exception):
    """The session of this stream is over."""


async def while_it_lasts(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, find: Callable[[], Awaitable[Viewer | None]]
) -> None:
    """Answer by ``app``; a stream of events is cut when ``find`` finds its session no more."""
    watched = _Watched(send, find)
    try:
        await app(scope, receive, watched.send)
    except _Over:
        await send({"type": "http.response.body", "body": ENDED, "more_body": False})


class _Watched:
    def __init__(self, send: Send, find: Callable[[], Awaitable[Viewer | None]]) -> None:
        self._send = send
        self._find = find
        self._stream = False
        self._looked = time.monotonic()

    def send(self, message: Message) -> Awaitable[None]:
        """Hand on, unless it is a stream whose session is over.

        What need not be looked at is handed on without a step of its own: every frame of every console comes
        this way.
        """
        if self._stream and time.monotonic() - self._looked <= LOOK_S:
            return self._send(message)
        return self._look(message)

    async def _look(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kinds = (value for name, value in message["headers"] if name.lower() == b"content-type")
            self._stream = any(kind.startswith(b"text/event-stream") for kind in kinds)
        elif self._stream:
            self._looked = time.monotonic()
            if await self._over():
                raise _Over
        await self._send(message)

    async def _over(self) -> bool:
        try:
            return await self._find() is None
        except Unavailable:
            # Known from nowhere and nobody to ask: it ends, and comes back when the database does.
            return True
