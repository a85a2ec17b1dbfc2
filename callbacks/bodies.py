"""The bodies of requests: bounded in size and depth, and looked at before anything else reads them.

Dash answers 500 to what is malformed and takes what is nested without end (faults.md 1.2).
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Message, Receive

from callbacks.refusing import Answer
from callbacks.shape import form_refusal, has_doubled_key

BODY_LIMIT = 1_000_000
CALLBACK_LIMIT = 256_000
"""A callback carries the values of a few controls; what is larger is no control of ours."""
FORM_LIMIT = 64_000
DEPTH_LIMIT = 32
FIELDS_MOST = 100
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


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


def body_refusal(kind: str, body: bytes) -> Answer | None:
    """Why the ``body`` of a route is refused: ``kind`` is its media type, a form's or JSON's."""
    bare = kind.partition(";")[0].strip().lower()
    if bare == FORM:
        return (413, "too_large") if len(body) > FORM_LIMIT else form_refusal(body)
    if bare == JSON:
        return _json(body)[1]
    return (415, "form_or_json_only") if body else None


def _json(body: bytes) -> tuple[Any, Answer | None]:
    """What ``body`` holds, and why it is refused."""
    try:
        request = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None, (400, "malformed")
    if _deep(request):
        return None, (400, "too_deep")
    return request, (400, "given_twice") if has_doubled_key(body) else None


def callback_refusal(body: bytes, outputs: Collection[str]) -> Answer | None:
    """Why a callback's ``body`` is refused, as status and code; None when Dash may have it."""
    request, refusal = _json(body)
    if refusal:
        return refusal
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


def form_field(body: bytes, name: str) -> str:
    """The first field ``name`` of a form's ``body``; empty without one, and for what is no form."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError:
        return ""
    return next((value for found, value in pairs if found == name), "")


async def read_body(receive: Receive, announced: str, most: int = BODY_LIMIT) -> bytes | None:
    """The whole body; None as soon as it is known to be over ``most`` bytes."""
    if announced.isdigit() and int(announced[:20]) > most:
        return None
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
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
