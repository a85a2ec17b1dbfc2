"""Keys for higher rates: who sends one is counted by it, and who sends none is asked for none.

Open data is answered the same with and without a key. What a visitor without one may ask is counted by the
proxy, which keeps no address; with one the proxy lets more through, and this counts instead. Keys come as an
artefact of hashes, so a revoked one ends when the publisher has said so, and none could be told from here.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import Unavailable
from model.open_keys import WINDOW_S
from public.features.answering import OPEN, encoded
from public.headers import NEVER
from public.shelf import Shelf
from services.publishing import OPEN_KEYS, OPEN_KEYS_FILE

FOR_PROGRAMS = ("/api", "/sensorthings", "/gbfs", "/gtfs-realtime", "/data")
"""Addresses that are asked by programs; a key sent to any other is not looked at."""
PROBLEM = "application/problem+json"
KEPT_FOR_ONE = b"private, max-age=30"
"""Of answers to a key: what is told of its rate is nobody else's."""

Headers = list[tuple[bytes, bytes]]


class ListedKey(msgspec.Struct, frozen=True):
    """One key as the publisher lists it."""

    sha256: str
    rate_per_minute: int
    valid_until: datetime


class _Listed(msgspec.Struct, frozen=True):
    keys: tuple[ListedKey, ...]


@dataclass
class Window:
    """What is left of one key's rate, and when (on the clock) it is whole again."""

    left: int
    ends: float


class Keys:
    """The keys in force, read when their list changes, and how much of its rate each has left."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float] = time.monotonic) -> None:
        self._shelf = shelf
        self._clock = clock
        self._of = ""
        self._known: dict[str, ListedKey] = {}
        self._windows: dict[str, Window] = {}

    def of(self, key: str) -> ListedKey | None:
        """The key ``key``, if it is in force. Raises Unavailable when it cannot be known."""
        self._read()
        found = self._known.get(hashlib.sha256(key.encode()).hexdigest())
        return found if found and found.valid_until > datetime.now(UTC) else None

    def take(self, key: ListedKey) -> tuple[bool, Window]:
        """One question of ``key``: whether it may be asked, and what is left of its rate."""
        now = self._clock()
        window = self._windows.get(key.sha256)
        if window is None or window.ends <= now:
            window = self._windows[key.sha256] = Window(key.rate_per_minute, now + WINDOW_S)
        allowed = window.left > 0
        window.left -= allowed
        return allowed, window

    def seconds(self, window: Window) -> int:
        """Whole seconds until ``window`` ends, at least one."""
        return max(1, int(window.ends - self._clock()) + 1)

    def _read(self) -> None:
        manifest = self._shelf.published(OPEN_KEYS)
        file = manifest.files.get(OPEN_KEYS_FILE) if manifest else None
        version = file.sha256 if file else ""
        if version == self._of:
            return
        try:
            listed = msgspec.json.decode(self._shelf.once(file), type=_Listed) if file else _Listed(())
        except msgspec.DecodeError as error:
            raise Unavailable(f"the list of keys cannot be read: {error}") from None
        self._known = {one.sha256: one for one in listed.keys}
        self._windows = {name: one for name, one in self._windows.items() if name in self._known}
        self._of = version


class KeyGate:
    """ASGI, before everything else: judges and counts a key where one is sent, else stays out of the way."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        sent = _authorization(scope)
        if sent is None:
            await self._app(scope, receive, send)
            return
        scheme, _, key = sent.partition(" ")
        try:
            found = self._keys.of(key.strip()) if scheme.lower() == "bearer" else None
        except Unavailable:
            await _refuse(send, 503, "the keys cannot be read now", [(b"retry-after", b"30")])
            return
        if found is None:
            told = "this key is unknown, or no longer in force; the same is answered without a key"
            await _refuse(send, 401, told, [(b"www-authenticate", b'Bearer realm="open data"')])
            return
        allowed, window = self._keys.take(found)
        rates = self._rates(found, window)
        if not allowed:
            seconds = self._keys.seconds(window)
            told = f"this key may ask {found.rate_per_minute} times a minute; again in {seconds} s"
            await _refuse(send, 429, told, [*rates, (b"retry-after", str(seconds).encode())])
            return
        await self._app(scope, receive, _counted(send, rates))

    def _rates(self, key: ListedKey, window: Window) -> Headers:
        """The rate and what is left of it (draft-ietf-httpapi-ratelimit-headers)."""
        seconds = self._keys.seconds(window)
        return [
            (b"ratelimit-policy", f'"key";q={key.rate_per_minute};w={WINDOW_S}'.encode()),
            (b"ratelimit", f'"key";r={window.left};t={seconds}'.encode()),
        ]


def _authorization(scope: Scope) -> str | None:
    """What is sent as a key where keys are looked at; more than one such header is no key."""
    if scope["type"] != "http" or not for_programs(scope["path"]):
        return None
    sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    return sent[0] if len(sent) == 1 else "" if sent else None


def for_programs(path: str) -> bool:
    """Whether ``path`` is one of those asked by programs."""
    return any(path == one or path.startswith(f"{one}/") for one in FOR_PROGRAMS)


def _counted(send: Send, rates: Headers) -> Send:
    """``send``, with the rate in the head of the answer, which is kept by no shared cache."""

    async def counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*_for_one(message["headers"]), *rates]}
        await send(message)

    return counted


def _for_one(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    told: Headers = []
    for name, value in headers:
        if name == b"cache-control" and b"no-store" not in value:
            told.append((name, KEPT_FOR_ONE))
        elif name == b"vary":
            told.append((name, value + b", Authorization"))
        elif name == b"access-control-expose-headers":
            told.append((name, value + b", RateLimit, RateLimit-Policy"))
        else:
            told.append((name, value))
    return told


async def _refuse(send: Send, status: int, detail: str, headers: Headers) -> None:
    """A problem by RFC 9457, never kept."""
    titles = {401: "Unknown key", 429: "Too many questions", 503: "Unavailable"}
    body = encoded({"type": "about:blank", "title": titles[status], "status": status, "detail": detail})
    plain = [(name.encode(), value.encode()) for name, value in OPEN.items()]
    head = [
        (b"content-type", PROBLEM.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", NEVER.encode()),
        (b"vary", b"Authorization"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *plain, *headers]})
    await send({"type": "http.response.body", "body": body})
