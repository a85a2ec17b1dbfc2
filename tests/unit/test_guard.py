"""The guard: this machine only, declared doors only, bodies looked at before Dash sees them."""

import json
from typing import Any

import pytest

from callbacks.guard import Guard, callback_refusal, host_of

OUTPUTS = {"room-list.rows"}


async def reached(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = (await receive())["body"] if scope["method"] == "POST" else b""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"reached:" + body})


def guard() -> Guard:
    return Guard(
        reached, known=lambda path: path in {"/", "/_dash-update-component"}, outputs=lambda: OUTPUTS
    )


async def ask(
    path: str = "/",
    *,
    client: tuple[str, int] | None = ("127.0.0.1", 9),
    host: str = "localhost:8050",
    method: str = "GET",
    body: bytes = b"",
    kind: str = "application/json",
    headers: tuple[tuple[bytes, bytes], ...] = (),
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
        "client": client,
        "headers": [(b"host", host.encode()), (b"content-type", kind.encode()), *headers],
    }
    await guard()(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


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
    body = callback_body(inputs=[{"id": "x", "property": "y", "value": "é" * 100_000}])
    status, answer = await ask("/_dash-update-component", method="POST", body=body)
    assert (status, answer) == (200, b"reached:" + body)


async def test_a_body_over_one_megabyte_is_refused_announced_or_not() -> None:
    large = b" " * 1_000_001
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
        (callback_body(output=7), (404, "no_such_callback")),
        (callback_body(output=["room-list.rows"]), (404, "no_such_callback")),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", (400, "too_deep")),
        (b"[" * 100_000 + b"]" * 100_000, (400, "malformed")),
    ],
)
def test_what_is_wrong_with_a_callback_is_named(body: bytes, expected: tuple[int, str] | None) -> None:
    assert callback_refusal(body, OUTPUTS) == expected
