"""The guard in front of everything the control room answers, for HTTP and WebSocket alike.

There is no sign-in yet, so it lets this machine in and nobody else, and only to the doors that were
declared: an address nobody declared is 404, not Dash's page for everything. Bodies are bounded and looked at
before Dash sees them, which otherwise answers 500 to what is malformed (faults.md 1.2).
"""

import json
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.settings import is_loopback

BODY_LIMIT = 1_000_000
DEPTH_LIMIT = 32
CALLBACK = "/_dash-update-component"

Answer = tuple[int, str]


def _deep(value: Any, limit: int = DEPTH_LIMIT) -> bool:
    """Whether ``value`` is nested more than ``limit`` levels; walks level by level, never recursing."""
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def callback_refusal(body: bytes, outputs: Collection[str]) -> Answer | None:
    """Why a callback's ``body`` is refused, as status and code; None when Dash may have it."""
    try:
        request = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return 400, "malformed"
    if _deep(request):
        return 400, "too_deep"
    if not isinstance(request, dict) or not isinstance(request.get("inputs", []), list):
        return 400, "malformed"
    output = request.get("output")
    if not isinstance(output, str) or output not in outputs:
        return 404, "no_such_callback"
    return None


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def host_of(header: str) -> str:
    """The host of a ``Host`` header without its port: ``[::1]:8050`` gives ``[::1]``."""
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.rpartition(":")[0] if ":" in header else header


class Guard:
    """Pure ASGI: refuses before anything else runs.

    ``known(path)`` says whether a path was declared; ``outputs()`` the callbacks there are.
    """

    def __init__(
        self, app: ASGIApp, known: Callable[[str], bool], outputs: Callable[[], Collection[str]]
    ) -> None:
        self.app = app
        self.known = known
        self.outputs = outputs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": "no WebSocket here"})
        elif refusal := self._refusal(scope):
            await _answer(send, *refusal)
        elif scope["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            await self._with_body(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Answer | None:
        client = scope.get("client")
        # A unix socket has no peer address; who may open it is the file system's to say.
        if client and client[0] and not is_loopback(client[0]):
            return 403, "this_machine_only"
        if not is_loopback(host_of(_header(scope, b"host"))):
            return 403, "foreign_host"
        if not self.known(scope["path"]):
            return 404, "not_found"
        return None

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive, _header(scope, b"content-length"))
        if body is None:
            await _answer(send, 413, "too_large")
            return
        if scope["path"] == CALLBACK:
            if not _header(scope, b"content-type").startswith("application/json"):
                await _answer(send, 415, "json_only")
                return
            if refusal := callback_refusal(body, self.outputs()):
                await _answer(send, *refusal)
                return
        await self.app(scope, _replay(body, receive), send)


async def _read(receive: Receive, announced: str) -> bytes | None:
    """The whole body; None as soon as it is known to be too large."""
    if announced.isdigit() and int(announced) > BODY_LIMIT:
        return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_LIMIT:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body`` once, then whatever comes after (the disconnect)."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


async def _answer(send: Send, status: int, code: str) -> None:
    body = json.dumps({"error": {"code": code, "message": code.replace("_", " ")}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
