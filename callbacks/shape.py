"""The shape of a request: what no browser of ours would send is refused before anybody reads it.

A parameter, a header or a key given twice may be read one way by a proxy and another by us; a body packed
small may unfold to anything. Neither has a use here.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.refusing import Answer, answer

QUERY_MOST = 8_000
FIELDS_MOST = 100
_HOST = re.compile(
    r"\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?|[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(:\d{1,5})?"
)
_ONCE = (
    b"host", b"content-type", b"content-length", b"content-encoding", b"origin", b"authorization",
    b"x-csrf-token", b"x-real-ip",
)  # fmt: skip
"""Headers whose first and last value must not differ: what is decided by one is not undone by the other."""


class Shape:
    """Pure ASGI: refuses HTTP requests of a shape nobody of ours sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on as it is."""
        refusal = refusal_of(scope) if scope["type"] == "http" else None
        if refusal:
            await answer(send, *refusal)
        else:
            await self.app(scope, receive, send)


def refusal_of(scope: Scope) -> Answer | None:
    """Why the head of a request is refused, as status and code."""
    headers = scope["headers"]
    names = [name for name, _ in headers]
    if any(names.count(name) > 1 for name in _ONCE):
        return 400, "header_given_twice"
    given = dict(headers)
    host = given.get(b"host", b"").decode("latin-1")
    if host and not _HOST.fullmatch(host):
        return 400, "no_such_host"
    if given.get(b"content-encoding", b"identity").strip().lower() not in (b"identity", b""):
        return 415, "send_it_unpacked"
    if not _plain(scope["path"]):
        return 400, "malformed"
    return query_refusal(scope.get("query_string", b""))


def query_refusal(query: bytes) -> Answer | None:
    """Why a query is refused: too long, no text, or a parameter given twice."""
    if len(query) > QUERY_MOST:
        return 414, "query_too_long"
    return _pairs_refusal(query)


def form_refusal(body: bytes) -> Answer | None:
    """Why a form's body is refused: no text, or a field given twice."""
    return _pairs_refusal(body)


def _pairs_refusal(told: bytes) -> Answer | None:
    try:
        pairs = parse_qsl(
            told.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MOST
        )
    except (UnicodeDecodeError, ValueError):
        return 400, "malformed"
    if not all(_plain(name) for name, _ in pairs) or any("\0" in value for _, value in pairs):
        return 400, "malformed"
    return (400, "given_twice") if len({name for name, _ in pairs}) < len(pairs) else None


def _plain(text: str) -> bool:
    """Without control characters: they end a line in a log or a header, and a name in a file system."""
    return not any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


class GivenTwice(ValueError):
    """A key stands twice in one object."""


def has_doubled_key(body: bytes) -> bool:
    """Whether an object in the JSON ``body``, known to be well-formed and not deep, names a key twice."""
    try:
        json.loads(body, object_pairs_hook=_once)
    except GivenTwice:
        return True
    return False


def _once(pairs: Iterable[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise GivenTwice
