"""The guard in front of everything the control room answers, for HTTP and WebSocket alike.

Nothing is open but what is declared open: who has no session is sent to sign in, whose role is not the
door's is refused before anything else runs, an address nobody declared is 404 and not Dash's page for
everything. From another machine only the host of ``VIGIE_URL`` is answered.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from callbacks.asking import asked_by
from callbacks.bodies import (
    BODY_LIMIT,
    CALLBACK_LIMIT,
    FORM,
    body_refusal,
    callback_refusal,
    form_field,
    output_of,
    read_body,
    replay,
)
from callbacks.cookies import CSRF, CSRF_HEADER, own_path, read_cookie, session_name
from callbacks.endings import while_it_lasts
from callbacks.limiting import Pace
from callbacks.partner_keys import PREFIX as PARTNERS
from callbacks.partner_keys import bearer_of, no_key, status_of
from callbacks.refusing import Answer, answer
from callbacks.rules import CALLBACK, PROBES, Rules
from callbacks.wiring import Door
from layouts.pages import home_of
from model.errors import NotAgreed, Unavailable
from model.viewer import Viewer
from services.settings import is_loopback

HEALTH = "/healthz"
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
SIGN_IN = "/signin"

Find = Callable[[str], Awaitable[Viewer | None]]
Note = Callable[[Viewer, str, str], object]
FindKey = Callable[[str, str], Awaitable[Viewer]]


def header(scope: Scope, name: bytes) -> str:
    """The first header ``name`` of a request; empty without one."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def host_of(told: str) -> str:
    """The host of a ``Host`` header without its port: ``[::1]:8050`` gives ``[::1]``."""
    if told.startswith("["):
        return told.partition("]")[0] + "]"
    return told.rpartition(":")[0] if ":" in told else told


@dataclass(frozen=True)
class Place:
    """Where the control room is reached: on this machine, and at ``host`` from elsewhere when it has one."""

    host: str | None = None
    secure: bool = False

    def refusal(self, scope: Scope) -> Answer | None:
        """Why a request does not belong here."""
        if self.host is None and not _from_here(scope):
            return 403, "this_machine_only"
        asked = host_of(header(scope, b"host")).lower()
        if not is_loopback(asked) and asked != self.host:
            return 403, "foreign_host"
        return None

    def address(self, scope: Scope) -> str:
        """Who asks, by address: what a proxy beside us says of it, where there is one."""
        told = header(scope, b"x-real-ip") if self.host and _from_here(scope) else ""
        client = scope.get("client")
        return told[:45] or (client[0] if client and client[0] else "")

    def is_local(self, scope: Scope) -> bool:
        """Whether this machine asks for itself, not a proxy for somebody elsewhere."""
        if self.host is None:
            return True
        through_proxy = header(scope, b"x-real-ip") or not is_loopback(host_of(header(scope, b"host")))
        return _from_here(scope) and not through_proxy


def _from_here(scope: Scope) -> bool:
    client = scope.get("client")
    # A unix socket has no peer address; who may open it is the file system's to say.
    return not (client and client[0]) or is_loopback(client[0])


class Guard:
    """Pure ASGI: refuses before anything else runs. ``find`` says whose session a token is, ``find_key``
    whose a partner's key, asked with the address it comes from; ``refused`` is told who was refused which
    door, and why."""

    def __init__(
        self,
        app: ASGIApp,
        rules: Rules,
        find: Find,
        place: Place,
        find_key: FindKey = no_key,
        refused: Note = lambda *_: None,
        pace: Pace | None = None,
    ) -> None:
        self.app = app
        self.refused = refused
        self.rules = rules
        self.find = find
        self.place = place
        self.pace = pace
        self.find_key = find_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with the viewer known."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": "no WebSocket here"})
        elif refusal := self.place.refusal(scope):
            await answer(send, *refusal)
        elif scope["path"].startswith(PARTNERS):
            await self._judge_key(scope, receive, send)
        else:
            await self._judge(scope, receive, send)

    async def _judge(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self.rules.door(scope["method"], scope["path"])
        try:
            viewer = await self._viewer(scope)
        except Unavailable:
            viewer = None
            if door is None or door.may:
                await answer(send, 503, "unavailable")
                return
        if door is not None and not door.may:
            if scope["path"] in PROBES - {HEALTH} and not self.place.is_local(scope):
                await answer(send, 404, "not_found")
            else:
                await self._hand_on(scope, receive, send, viewer, door)
        elif viewer is None:
            await self._ask_to_sign_in(scope, send)
        else:
            await self._admit(scope, receive, send, viewer, door)

    async def _judge_key(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A partner's program: by its key alone, whatever cookie comes with it."""
        door, address = self.rules.door(scope["method"], scope["path"]), self.place.address(scope)
        try:
            viewer = await self.find_key(bearer_of(scope["headers"]), address)
        except NotAgreed as refusal:
            await answer(send, status_of(refusal), refusal.reason, str(refusal))
        except Unavailable:
            await answer(send, 503, "unavailable")
        else:
            if door is None or viewer.role not in door.may:
                await answer(send, 404, "not_found")
                return
            with asked_by(viewer):
                await self.app({**scope, "client": (address, 0)}, receive, send)

    def _token(self, scope: Scope) -> str:
        return read_cookie(scope["headers"], session_name(self.place.secure))

    async def _viewer(self, scope: Scope) -> Viewer | None:
        token = self._token(scope)
        viewer = await self.find(token) if token else None
        address = self.place.address(scope)
        return viewer if viewer is None or viewer.address == address else replace(viewer, address=address)

    async def _ask_to_sign_in(self, scope: Scope, send: Send) -> None:
        if not is_navigation(scope):
            await answer(send, 401, "sign_in")
            return
        query = scope.get("query_string", b"").decode("latin-1")
        wanted = own_path(scope["path"] + (f"?{query}" if query else ""))
        await redirect(send, SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='/')}")

    async def _admit(
        self, scope: Scope, receive: Receive, send: Send, viewer: Viewer, door: Door | None
    ) -> None:
        if door is None:
            await answer(send, 404, "not_found")
        elif viewer.role in door.may:
            await self._hand_on(scope, receive, send, viewer, door)
        elif door.kind == "page" and door.name == "/" and (home := home_of(viewer.role)) != "/":
            query = scope.get("query_string", b"").decode("latin-1")
            await redirect(send, f"{home}?{query}" if query else home)
        elif door.kind == "page":
            self.refused(viewer, door.name, "role")
            # The document is the same for every page and holds nothing; what it shows says so.
            await self._hand_on(scope, receive, with_status(send, 403), viewer, door)
        else:
            self.refused(viewer, door.name, "role")
            await answer(send, 403, "refused")

    async def _hand_on(
        self, scope: Scope, receive: Receive, send: Send, viewer: Viewer | None, door: Door
    ) -> None:
        if refusal := await self._too_often(scope, viewer):
            await answer(send, *refusal)
            return
        if scope["method"] in CHANGING:
            most = CALLBACK_LIMIT if scope["path"] == CALLBACK else BODY_LIMIT
            body = await read_body(receive, header(scope, b"content-length"), most)
            if body is None:
                await answer(send, 413, "too_large")
                return
            if refusal := self._body_refusal(scope, body, viewer, door):
                await answer(send, *refusal)
                return
            receive = replay(body, receive)
        # Whoever is asked further in sees who asks, not the proxy that passed it on.
        scope = {**scope, "client": (self.place.address(scope), 0)}
        token = self._token(scope)
        with asked_by(viewer):
            await while_it_lasts(self.app, scope, receive, send, lambda: self.find(token))

    async def _too_often(self, scope: Scope, viewer: Viewer | None) -> Answer | None:
        if self.pace is None:
            return None
        return await self.pace.refusal(scope["method"], scope["path"], viewer, self.place.address(scope))

    def _body_refusal(self, scope: Scope, body: bytes, viewer: Viewer | None, door: Door) -> Answer | None:
        if is_cross_site(scope) or (door.may and not _is_proven(scope, body, viewer)):
            if viewer is not None:
                self.refused(viewer, door.name, "not_from_here")
            return 403, "not_from_here"
        kind = header(scope, b"content-type")
        if scope["path"] != CALLBACK:
            return body_refusal(kind, body)
        if not kind.startswith("application/json"):
            return 415, "json_only"
        if refusal := callback_refusal(body, self.rules.callbacks):
            return refusal
        called = self.rules.callbacks[output_of(body)]
        if viewer is None or viewer.role in called.may:
            return None
        self.refused(viewer, called.name, "role")
        return 403, "refused"


def is_cross_site(scope: Scope) -> bool:
    """Whether a page of another site sent this: browsers say so with everything that may change something."""
    origin = header(scope, b"origin")
    if origin and urlsplit(origin).netloc.lower() != header(scope, b"host").lower():
        return True
    return header(scope, b"sec-fetch-site") in ("cross-site", "same-site")


def _is_proven(scope: Scope, body: bytes, viewer: Viewer | None) -> bool:
    """Whether a page of ours sent this: only those can read the token and send it back."""
    token = header(scope, CSRF_HEADER.encode())
    if not token and header(scope, b"content-type").startswith(FORM):
        token = form_field(body, CSRF)
    return bool(viewer and viewer.csrf) and hmac.compare_digest(
        token.encode(), viewer.csrf.encode() if viewer else b""
    )


def is_navigation(scope: Scope) -> bool:
    """Whether a person's browser asks for a page to show, and not a script for data."""
    mode = header(scope, b"sec-fetch-mode")
    return (
        scope["method"] in ("GET", "HEAD")
        and mode in ("", "navigate")
        and "text/html" in header(scope, b"accept")
    )


def with_status(send: Send, status: int) -> Send:
    """``send``, its answer under another status."""

    async def marked(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "status": status}
        await send(message)

    return marked  # type: ignore[return-value]


async def redirect(send: Send, path: str) -> None:
    """See ``path`` instead."""
    headers = [(b"location", path.encode()), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
