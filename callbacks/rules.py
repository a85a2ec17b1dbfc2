"""Which door a request is for: every address and callback with those who may, from the declarations.

What is declared nowhere has no door, and what has no door is refused (``callbacks.guard``).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from re import Pattern

from starlette.routing import compile_path

from callbacks.wiring import Door
from layouts.pages import page_at
from model.roles import STAFF

CALLBACK = "/_dash-update-component"
DASH_PATHS = ("/_dash-layout", "/_dash-dependencies", CALLBACK)
SUITES = "/_dash-component-suites/"
ASSET = re.compile(r"/assets(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered without a session; the last two to this machine alone."""
OPEN_FILES = frozenset(
    {
        "/_favicon.ico",
        "/assets/vigie.svg",
        "/assets/base.css",
        "/assets/signin/signin.css",
        "/assets/signin/signin.js",
        "/assets/vendor/source-sans-3-latin-wght-normal.woff2",
        "/assets/vendor/source-sans-3-latin-ext-wght-normal.woff2",
    }
)
"""What the sign-in page loads, one by one."""


class Rules:
    """The doors of one control room. ``is_file`` says whether a path under the component suites exists."""

    def __init__(self, doors: Iterable[Door], is_file: Callable[[str], bool]) -> None:
        self._is_file = is_file
        self._exact: dict[str, Door] = {}
        self._patterns: list[tuple[str, Pattern[str], Door]] = []
        self.callbacks: Mapping[str, Door] = {}
        self._read(list(doors))

    def _read(self, doors: list[Door]) -> None:
        self.callbacks = {door.output: door for door in doors if door.kind == "callback"}
        for door in doors:
            if door.kind == "route":
                method, path = door.name.split(" ", 1)
                if "{" in path:
                    self._patterns.append((method, compile_path(path)[0], door))
                else:
                    self._exact[door.name] = door

    def door(self, method: str, path: str) -> Door | None:
        """The door at ``path`` asked with ``method``, or None. Of an open door ``may`` is empty."""
        asked = "GET" if method == "HEAD" else method
        return self._route(asked, path) or self._other(asked, path)

    def _route(self, method: str, path: str) -> Door | None:
        if found := self._exact.get(f"{method} {path}"):
            return found
        return next(
            (door for verb, pattern, door in self._patterns if verb == method and pattern.match(path)), None
        )

    def _other(self, method: str, path: str) -> Door | None:
        if path == CALLBACK:
            return Door("dash", path, STAFF) if method == "POST" else None
        if method != "GET":
            return None
        if path in DASH_PATHS:
            return Door("dash", path, STAFF)
        if page := page_at(path):
            return Door("page", page.path, page.may)
        return self._file(path)

    def _file(self, path: str) -> Door | None:
        if path in OPEN_FILES:
            return Door("file", path, frozenset())
        if ASSET.fullmatch(path) or (path.startswith(SUITES) and self._is_file(path)):
            return Door("file", path, STAFF)
        return None
