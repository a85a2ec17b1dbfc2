"""One running Vigie and one Chromium for all journeys; each journey gets a watched page of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.journeys.stack import Stack, start_stack, stop_stack, wait_until
from tests.conftest import enterable


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with enterable() as folder:
        running = start_stack(folder)
        try:
            yield running
        finally:
            stop_stack(running)


@dataclass
class Watched:
    """A page and what it did that it should not: script errors, CSP violations, requests elsewhere."""

    page: Page
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def until(page: Page, expression: str, patience_ms: float = 30_000) -> None:
    """Wait until the JavaScript ``expression`` holds. Asked from outside: the page's CSP forbids eval."""
    wait_until(lambda: bool(page.evaluate(expression)), patience_ms / 1000, expression)


OpenPage = Callable[..., Watched]
SHOWN = "vigie.past.link.state === 'past' && vigie.past.at === vigie.time.iso(vigie.clock.at)"
"""The instant of the clock is on the map, as the server or the film tells it."""


@pytest.fixture
def open_page(browser: Browser, stack: Stack) -> Iterator[OpenPage]:
    """``open_page("/history", lang="en", theme="light", width=390, height=844)`` gives a watched page."""
    contexts = []

    def opened(path: str, *, width: int = 1920, height: int = 1080, base: str | None = None) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        stack.operator.enter(context, stack.room)
        page = context.new_page()
        watched = Watched(page)
        origin = base or stack.room
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on(
            "console",
            lambda message: watched.errors.append(message.text) if message.type == "error" else None,
        )
        page.on("request", lambda request: _note_elsewhere(watched, request.url, origin))
        page.goto(origin + path)
        return watched

    yield opened
    for context in contexts:
        context.close()


def _note_error(watched: Watched, message: ConsoleMessage) -> None:
    if message.type == "error":
        watched.errors.append(message.text)


def _note_elsewhere(watched: Watched, url: str, origin: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.netloc != urlsplit(origin).netloc:
        watched.elsewhere.append(url)


@pytest.fixture
def past(open_page: OpenPage) -> Iterator[Watched]:
    """The room of yesterday noon (UTC), shown."""
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    watched = open_page(f"/history?at={noon:%Y-%m-%dT%H:%M:%SZ}&lang=fr")
    until(watched.page, f"window.vigie && vigie.clock && {SHOWN}")
    yield watched
    assert watched.errors == []
    assert watched.elsewhere == []
