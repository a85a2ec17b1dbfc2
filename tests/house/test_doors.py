"""Every way into the control room is declared, async, and tied to components that exist."""

import ast
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from inspect import getmembers, isclass
from pathlib import Path

import pytest
from dash import Dash
from fastapi import FastAPI
from fastapi.routing import APIRoute

from callbacks import build
from callbacks.wiring import doors, given
from layouts import ids
from model.roles import ANYBODY, PROBES
from services.city import open_city
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DASH_OWN = ("/_dash", "/_reload", "/_favicon", "/assets", "/{path:path}", "/")
ENUMS = [e for _, e in getmembers(ids, isclass) if issubclass(e, StrEnum) and e is not StrEnum]


@pytest.fixture(scope="module")
def server() -> FastAPI:
    """The control room, built and not started: nothing connects."""
    nowhere = Settings(database_url="postgresql://nobody@/none?host=/nowhere", redis_url="unix:///nowhere")
    return build(open_city(nowhere), assets=ROOT / "assets")


@pytest.fixture(scope="module")
def app(server: FastAPI) -> Dash:
    """Its Dash application."""
    dash: Dash = server.state.dash
    return dash


def test_every_route_of_ours_is_declared(server: FastAPI) -> None:
    declared = {door.name for door in doors(server) if door.kind == "route"}
    served = {
        f"{method} {route.path}"
        for route in server.routes
        if isinstance(route, APIRoute) and not route.path.startswith(DASH_OWN[:-1]) and route.path != "/"
        for method in route.methods
    }
    assert served == declared - {"GET /_dash-dependencies"}, "which takes the place of Dash's own"


def test_every_callback_is_declared(server: FastAPI, app: Dash) -> None:
    declared = [door for door in doors(server) if door.kind in ("callback", "clientside")]
    assert len(app._callback_list) == len(declared) > 0


def test_every_door_says_for_whom(server: FastAPI) -> None:
    open_to_nobody = {door.name for door in doors(server) if not door.may}
    assert open_to_nobody == {
        "GET /healthz", "GET /readyz", "GET /metrics",
        "GET /signin", "POST /signin", "GET /signin/password", "POST /signin/password",
        "GET /signin/role", "POST /signin/role", "GET /signin/code", "POST /signin/code",
        "GET /boards/reports/end/{token}", "POST /boards/reports/end/{token}",
        "POST /signin/demo", "GET /signin/oidc", "GET /signin/oidc/back", "GET /signin/oidc/out",
    }  # fmt: skip
    assert frozenset() == PROBES == ANYBODY


def test_a_sync_handler_is_refused() -> None:
    def slow(_city: object) -> None: ...

    with pytest.raises(TypeError, match="slow is not async"):
        given(None, slow, PROBES)  # type: ignore[arg-type]


def callback_ids(app: Dash) -> Iterator[str]:
    """Every component id any callback reads or writes."""
    for callback in app._callback_list:
        for dependency in (*callback["inputs"], *callback["state"]):
            yield dependency["id"]
        for output in callback["output"].strip(".").split("..."):
            # A callback without output gets a made-up one: the digest of its function.
            if output and not re.fullmatch(r"[0-9a-f]{64}.*", output):
                yield output.rsplit(".", 1)[0].replace("\\", "")


def test_every_id_of_a_callback_has_its_name(app: Dash) -> None:
    known = {str(member) for enum in ENUMS for member in enum}
    used = {json.loads(i)["type"] if i.startswith("{") else i for i in callback_ids(app)}
    assert used - known == set()


def names_in_layouts() -> set[str]:
    """``Enum.MEMBER`` names that any layout mentions."""
    names = set()
    for file in (ROOT / "layouts").glob("*.py"):
        if file.name != "ids.py":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    names.add(f"{node.value.id}.{node.attr}")
    return names


def test_every_id_is_in_a_layout() -> None:
    seen = names_in_layouts()
    missing = [f"{e.__name__}.{m.name}" for e in ENUMS for m in e if f"{e.__name__}.{m.name}" not in seen]
    assert missing == []


def test_no_id_is_written_out_by_hand() -> None:
    written = []
    for file in [*(ROOT / "layouts").glob("*.py"), *(ROOT / "callbacks").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "id" and isinstance(node.value, ast.Constant):
                written.append(f"{file.name}:{node.value.lineno}")
    assert written == []
