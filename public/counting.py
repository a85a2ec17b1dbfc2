"""How often what is published is asked for: a line a time, its kind and its name, and nothing of who asked.

For the door without a proxy in front of it: nginx writes the same lines (``deploy/nginx``), since it sees
what its cache answers too. The publisher counts them; see ``services/publishing/use.py``.
"""

import logging
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

NAME = r"([a-z0-9-]{1,64})"
WAYS = tuple(
    (re.compile(path), kind)
    for path, kind in (
        (f"/datasets/{NAME}", "view"),
        (f"/embed/{NAME}", "view"),
        (rf"/data/{NAME}\.(?:csv|json|geojson|parquet|fgb)", "download"),
        (rf"/embed/{NAME}\.(?:csv|json|svg)", "download"),
        (f"/api/collections/{NAME}/(?:items|series)", "query"),
        (f"/api/collections/{NAME}/items/[^/]+", "query"),
    )
)
"""What is counted as what, by path."""

_ROBOT = re.compile(rb"bot|crawl|spider|slurp", re.IGNORECASE)
"""What robots call themselves. It is looked at in passing, so that they are not counted, and never kept."""

_ANSWERED = (200, 304)


def asked_for(path: str) -> tuple[str, str] | None:
    """The kind of use and the publication ``path`` asks for; None for what is not counted."""
    for way, kind in WAYS:
        if found := way.fullmatch(path):
            return kind, found[1]
    return None


class Tally:
    """Lines added to ``folder``, a file a day (UTC). A full disk costs the count and no answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._day: date | None = None
        self._file = -1

    def add(self, kind: str, name: str) -> None:
        """One more of ``kind`` for ``name``."""
        try:
            os.write(self._of(datetime.now(UTC).date()), f"{kind} {name}\n".encode())
        except OSError as error:
            log.warning("this use is not counted: %s", error.strerror)

    def _of(self, day: date) -> int:
        if day != self._day:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"use-{day.isoformat()}.log"
            fresh = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            if self._file >= 0:
                os.close(self._file)
            self._day, self._file = day, fresh
        return self._file


class Counting:
    """ASGI: adds to ``tally`` what was answered of what is counted."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self._app = app
        self._tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = asked_for(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if asked is None or _is_robot(scope):
            await self._app(scope, receive, send)
            return

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_answer(message["status"], scope):
                self._tally.add(*asked)
            await send(message)

        await self._app(scope, receive, counting)


def _is_answer(status: int, scope: Scope) -> bool:
    """Whether it was answered; of a file read in parts the first part counts."""
    if status != 206:
        return status in _ANSWERED
    return any(name == b"range" and value.startswith(b"bytes=0-") for name, value in scope["headers"])


def _is_robot(scope: Scope) -> bool:
    return any(name == b"user-agent" and _ROBOT.search(value) for name, value in scope["headers"])
