"""Answers that were asked for before, kept as they went out: the same question costs a look at a manifest.

An address opts in (``keep``) by naming the publication it is an answer of. A kept answer goes out again only
while the manifest of that publication is the very file it was made from: new versions show at once, and what
is revoked is gone at once.
"""

from collections import OrderedDict
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from public.shelf import Mark, Shelf

MOST_BYTES = 48 << 20
LARGEST = 512 << 10
_OPTED_IN = "vigie.keep"
_PARTIAL = (b"if-none-match", b"range")

_Key = tuple[str, bytes, bytes, bytes]


@dataclass(frozen=True)
class _Kept:
    name: str
    mark: Mark
    start: Message
    body: Message
    size: int


def keep(request: Request, name: str) -> None:
    """Say that the answer to ``request`` is made of nothing but the publication ``name``."""
    request.scope[_OPTED_IN] = name


class Hot:
    """ASGI: answers again what was asked before, else lets ``app`` answer and keeps it where it opted in."""

    def __init__(self, app: ASGIApp, shelf: Shelf) -> None:
        self._app = app
        self._shelf = shelf
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept and self._shelf.mark(kept.name) == kept.mark:
            self._kept.move_to_end(key)
            await send(kept.start)
            await send(kept.body)
            return
        await self._asked(key, scope, receive, send)

    async def _asked(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[Message] = []

        async def noting(message: Message) -> None:
            if len(told) < 3:  # a streamed answer is longer, and is not kept
                told.append(message)
            await send(message)

        await self._app(scope, receive, noting)
        name = scope.get(_OPTED_IN)
        if name and len(told) == 2 and told[0]["status"] == 200 and not told[1].get("more_body"):
            self._keep(key, name, told[0], told[1])

    def _keep(self, key: _Key, name: str, start: Message, body: Message) -> None:
        mark, size = self._shelf.read_mark(name), len(body.get("body", b"")) + 2_000
        if mark is None or size > LARGEST:
            return
        before = self._kept.pop(key, None)
        self._kept[key] = _Kept(name, mark, start, body, size)
        self._size += size - (before.size if before else 0)
        while self._size > MOST_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size


def _key(scope: Scope) -> _Key | None:
    """What an answer depends on; None where it also depends on what the caller already has."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    encoding = accept = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            encoding += value
        elif name == b"accept":
            accept += value
        elif name in _PARTIAL:
            return None
    return scope["path"], scope["query_string"], encoding, accept
