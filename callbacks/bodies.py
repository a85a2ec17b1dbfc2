"""The bodies of requests: bounded in size and depth, and looked at before anything else reads them.

Dash answers 500 to what is malformed and takes what is nested without end (faults.md 1.2).
"""

from collections.abc import Collection
from typing import Any

import msgspec
from starlette.types import Message, Receive

BODY_LIMIT = 1_000_000
DEPTH_LIMIT = 32

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


def output_of(body: bytes) -> str:
    """The callback a body that was not refused asks for."""
    output: str = msgspec.json.decode(body)["output"]
    return output


async def read_body(receive: Receive, announced: str) -> bytes | None:
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


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body`` once, then whatever comes after (the disconnect)."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
