"""The guard: nobody without a session, declared doors only, by role, and bodies looked at before Dash."""

import json
from typing import Any

import pytest

from callbacks.asking import viewer_now
from callbacks.bodies import callback_refusal
from callbacks.guard import Guard, Place, host_of
from callbacks.rules import OPEN_FILES, Rules
from callbacks.wiring import Door
from model.errors import Unavailable
from model.roles import AUDITORS, PROBES, ROOM, STAFF, Role
from model.viewer import Viewer

OUTPUTS = {"room-list.rows"}
DOORS = (
    Door("route", "GET /live/snapshot", ROOM),
    Door("route", "GET /map/tiles/{z}/{x}/{y}", ROOM),
    Door("route", "POST /signout", STAFF),
    Door("route", "GET /signin", PROBES),
    Door("route", "GET /healthz", PROBES),
    Door("route", "GET /metrics", PROBES),
    Door("callback", "list_attention", ROOM, "room-list.rows"),
    Door("callback", "search_audit", AUDITORS, "audit.rows"),
    Door("clientside", "vigie_room.pick", ROOM, "room-selected.data"),
)
TOKENS = {f"token-of-{role}": Viewer(1, role, "Ada", role, csrf="proof") for role in Role}


async def find(token: str) -> Viewer | None:
    if token == "database-away":
        raise Unavailable("the database is away")
    return TOKENS.get(token)


async def reached(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = (await receive())["body"] if scope["method"] == "POST" else b""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"reached:" + body})


def guard(place: Place = Place()) -> Guard:  # noqa: B008 - a value
    return Guard(reached, Rules(DOORS, lambda path: path.endswith("/dash.js")), find, place)


async def ask(
    path: str = "/",
    *,
    query: bytes = b"",
    client: tuple[str, int] | None = ("127.0.0.1", 9),
    host: str = "localhost:8050",
    method: str = "GET",
    body: bytes = b"",
    kind: str = "application/json",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    role: str = "administrator",
    place: Place = Place(),  # noqa: B008 - a value
) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    pieces = [body[i : i + 300_000] for i in range(0, len(body), 300_000)] or [b""]

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "client": client,
        "headers": [
            (b"host", host.encode()),
            (b"content-type", kind.encode()),
            (b"cookie", f"a=b; sid=token-of-{role}; c=d".encode()),
            (b"x-csrf-token", b"proof"),
            *headers,
        ],
    }
    await guard(place)(scope, receive, send)
    location = dict(sent[0]["headers"]).get(b"location", b"")
    return sent[0]["status"], sent[1]["body"] or location


async def test_this_machine_reaches_a_declared_door() -> None:
    assert await ask() == (200, b"reached:")


@pytest.mark.parametrize("address", ["192.168.1.20", "10.1.1.1", "2001:db8::1", "not an address"])
async def test_any_other_machine_is_refused(address: str) -> None:
    status, body = await ask(client=(address, 9))
    assert status == 403
    assert json.loads(body)["error"]["code"] == "this_machine_only"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", ""])
async def test_a_foreign_host_header_is_refused(host: str) -> None:
    assert (await ask(host=host))[0] == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8050", "[::1]:8050", "[::1]"])
async def test_the_names_of_this_machine_are_taken(host: str) -> None:
    assert (await ask(host=host))[0] == 200


def test_the_host_is_read_without_its_port() -> None:
    assert [host_of(h) for h in ("a:1", "a", "[::1]:8", "[::1]")] == ["a", "a", "[::1]", "[::1]"]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/_mcp", "/_dash-ws-callback", "/_reload-hash", "/assets/..%2f"]
)
async def test_an_undeclared_path_is_not_found(path: str) -> None:
    assert (await ask(path))[0] == 404


async def test_a_websocket_is_refused_before_anything_runs() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing is read")

    await guard()({"type": "websocket", "path": "/_dash-ws-callback", "headers": []}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


def callback_body(**changes: Any) -> bytes:
    return json.dumps({"output": "room-list.rows", "inputs": [], **changes}).encode()


async def test_a_callback_body_reaches_dash_whole() -> None:
    body = callback_body(inputs=[{"id": "x", "property": "y", "value": "é" * 40_000}])
    status, answer = await ask("/_dash-update-component", method="POST", body=body)
    assert (status, answer) == (200, b"reached:" + body)


async def test_a_body_over_its_limit_is_refused_announced_or_not() -> None:
    assert (await ask("/_dash-update-component", method="POST", body=b" " * 256_001))[0] == 413
    assert (await ask("/signout", method="POST", body=b"[" + b" " * 999_000 + b"]"))[0] == 200
    large = b" " * 1_000_001
    assert (await ask("/signout", method="POST", body=large))[0] == 413
    assert (await ask("/_dash-update-component", method="POST", body=large))[0] == 413
    announced = ((b"content-length", b"1000001"),)
    assert (await ask("/_dash-update-component", method="POST", headers=announced))[0] == 413


async def test_a_form_cannot_reach_a_callback() -> None:
    status, _ = await ask("/_dash-update-component", method="POST", body=callback_body(), kind="text/plain")
    assert status == 415


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (callback_body(), None),
        (b"", (400, "malformed")),
        (b"[]", (400, "malformed")),
        (b"{", (400, "malformed")),
        (b'{"output": NaN}', (400, "malformed")),
        (b"\xff\xfe", (400, "malformed")),
        (callback_body(inputs={}), (400, "malformed")),
        (callback_body(output="other.thing"), (404, "no_such_callback")),
        (callback_body(output="room-selected.data"), (404, "no_such_callback")),
        (callback_body(output=7), (404, "no_such_callback")),
        (callback_body(output=["room-list.rows"]), (404, "no_such_callback")),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", (400, "too_deep")),
        (b"[" * 100_000 + b"]" * 100_000, (400, "malformed")),
    ],
)
def test_what_is_wrong_with_a_callback_is_named(body: bytes, expected: tuple[int, str] | None) -> None:
    assert callback_refusal(body, OUTPUTS) == expected


# --- who is asking ---------------------------------------------------------------------------------------

PAGE = ((b"accept", b"text/html,*/*"), (b"sec-fetch-mode", b"navigate"))
NOBODY = "nobody"


@pytest.mark.parametrize("path", ["/live/snapshot", "/assets/room/room.js", "/_dash-layout", "/nowhere", "/"])
async def test_without_a_session_nothing_is_told_not_even_what_there_is(path: str) -> None:
    status, body = await ask(path, role=NOBODY)
    assert status == 401
    assert json.loads(body)["error"]["code"] == "sign_in"


async def test_a_callback_needs_a_session_and_its_role() -> None:
    for output, role, status in (
        ("room-list.rows", NOBODY, 401),
        ("room-list.rows", Role.OPERATOR, 200),
        ("room-list.rows", Role.OFFICIAL, 403),
        ("audit.rows", Role.DPO, 200),
        ("audit.rows", Role.ADMINISTRATOR, 403),
        ("audit.rows", Role.PARTNER, 403),
    ):
        body = callback_body(output=output)
        found = await ask("/_dash-update-component", method="POST", body=body, role=role)
        assert found[0] == status, (output, role)


async def test_a_person_without_a_session_is_sent_to_sign_in_and_back() -> None:
    assert await ask("/", role=NOBODY, headers=PAGE) == (303, b"/signin")
    assert await ask("/history", role=NOBODY, headers=PAGE) == (303, b"/signin?next=/history")
    assert (await ask("/live/snapshot", role=NOBODY, headers=((b"accept", b"*/*"),)))[0] == 401
    script = ((b"accept", b"text/html"), (b"sec-fetch-mode", b"cors"))
    assert (await ask("/", role=NOBODY, headers=script))[0] == 401


@pytest.mark.parametrize("path", ["/signin", "/healthz", *sorted(OPEN_FILES)])
async def test_what_the_sign_in_page_needs_is_open(path: str) -> None:
    assert await ask(path, role=NOBODY) == (200, b"reached:")


async def test_every_role_of_the_staff_loads_what_pages_are_made_of() -> None:
    for path in ("/_dash-layout", "/assets/room/room.js", "/_dash-component-suites/dash/dash.js"):
        assert (await ask(path, role=Role.OFFICIAL))[0] == 200
        assert (await ask(path, role=Role.PARTNER))[0] == 403


async def test_a_route_is_for_its_roles_by_method() -> None:
    assert (await ask("/live/snapshot", role=Role.OPERATOR))[0] == 200
    assert (await ask("/live/snapshot", role=Role.DPO))[0] == 403
    assert (await ask("/map/tiles/1/2/3", role=Role.DPO))[0] == 403
    assert (await ask("/map/tiles/1/2", role=Role.OPERATOR))[0] == 404
    assert (await ask("/live/snapshot", role=Role.OPERATOR, method="HEAD"))[0] == 200
    assert (await ask("/live/snapshot", role=Role.OPERATOR, method="DELETE"))[0] == 404


async def test_a_page_of_others_is_refused_and_the_root_leads_to_ones_own() -> None:
    assert (await ask("/feeds", role=Role.OFFICIAL))[0] == 403
    assert (await ask("/boards/city", role=Role.OFFICIAL))[0] == 200
    assert await ask("/", role=Role.OFFICIAL) == (303, b"/boards/city")
    assert await ask("/", role=Role.STEWARD) == (303, b"/feeds")
    assert await ask("/", role=Role.DPO, query=b"lang=en&theme=light") == (303, b"/audit?lang=en&theme=light")


async def test_with_the_database_away_nobody_unknown_comes_in() -> None:
    cookie = ((b"cookie", b"sid=database-away"),)
    sent = await ask("/live/snapshot", role="x; sid=", headers=cookie)
    assert sent[0] == 401
    guarded: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        guarded.append(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing is read")

    for path, status in (("/live/snapshot", 503), ("/signin", 200), ("/healthz", 200)):
        guarded.clear()
        scope = {"type": "http", "method": "GET", "path": path, "client": ("127.0.0.1", 9),
                 "headers": [(b"host", b"localhost"), *cookie]}  # fmt: skip
        await guard()(scope, receive, send)
        assert guarded[0]["status"] == status, path


async def test_the_handler_knows_who_asks_and_from_where() -> None:
    seen: list[Viewer | None] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        seen.append(viewer_now())
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(_message: dict[str, Any]) -> None: ...

    place = Place("vigie.example", secure=True)
    scope = {"type": "http", "method": "GET", "path": "/live/snapshot", "client": ("127.0.0.1", 9),
             "headers": [(b"host", b"vigie.example"), (b"cookie", b"__Host-sid=token-of-operator"),
                         (b"x-real-ip", b"203.0.113.7")]}  # fmt: skip
    await Guard(app, Rules(DOORS, lambda _path: False), find, place)(scope, None, send)  # type: ignore[arg-type]
    assert [(viewer.role, viewer.address) for viewer in seen if viewer] == [(Role.OPERATOR, "203.0.113.7")]
    assert viewer_now() is None


# --- reached from elsewhere ------------------------------------------------------------------------------

ELSEWHERE = Place("vigie.example", secure=True)


async def test_elsewhere_only_the_announced_host_is_answered() -> None:
    far = ("203.0.113.7", 9)
    assert (await ask("/signin", host="vigie.example", client=far, place=ELSEWHERE))[0] == 200
    assert (await ask("/signin", host="other.example", client=far, place=ELSEWHERE))[0] == 403
    assert (await ask("/signin", host="vigie.example"))[0] == 403


async def test_counts_are_for_this_machine_and_not_for_a_proxy() -> None:
    assert (await ask("/metrics"))[0] == 200
    assert (await ask("/metrics", host="vigie.example", place=ELSEWHERE))[0] == 404
    forged = ((b"x-real-ip", b"203.0.113.7"),)
    assert (await ask("/metrics", headers=forged, place=ELSEWHERE))[0] == 404
    assert (await ask("/metrics", client=("203.0.113.7", 9), place=ELSEWHERE))[0] == 404
    assert (await ask("/healthz", host="vigie.example", place=ELSEWHERE))[0] == 200


async def test_over_https_only_the_host_cookie_counts() -> None:
    assert (await ask("/live/snapshot", host="vigie.example", place=ELSEWHERE))[0] == 401
