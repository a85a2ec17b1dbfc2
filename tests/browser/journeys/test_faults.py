"""Killing and hanging parts under a live page: the state is said within five seconds, and heals by itself."""

import os
import signal

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.launch.servers import Server
from tests.browser.journeys.conftest import OpenPage, until
from tests.browser.journeys.stack import Stack, wait_until
from tests.browser.journeys.test_operator import CODE, lamps, live

pytestmark = pytest.mark.browser
SAID_MS = 5_000
HEALED_MS = 5_000
"""Both are promised: said within five seconds, and well again five seconds after the part is."""


def banner(page: Page, kind: str, patience_ms: int) -> None:
    """Wait until the stale banner is of ``kind``: ``none``, ``late`` or ``cut``."""
    expect(page.locator("#room-banner")).to_have_attribute("data-kind", kind, timeout=patience_ms)


def kill(server: Server) -> None:
    """kill -9 of the server itself."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def still_live(stack: Stack, page: Page, which: int) -> None:
    """A new fault still reaches the map."""
    external_id, index = lamps(stack, 12)[which]
    stack.send({"asset": external_id, "property": "state", "value": "flickering"})
    until(page, f"({CODE})({index}) === 3", HEALED_MS)


def test_the_web_process_killed(stack: Stack, open_page: OpenPage) -> None:
    page = live(open_page("/").page)
    web = stack.workers["web"]
    assert web.process is not None
    web.process.kill()
    web.process.wait()
    banner(page, "cut", SAID_MS)
    stack.restart("web")
    until(page, "vigie.store('live').link.state === 'live'", HEALED_MS)
    still_live(stack, page, 6)


def test_the_web_process_hung(stack: Stack, open_page: OpenPage) -> None:
    page = live(open_page("/").page)
    web = stack.workers["web"].process
    assert web is not None
    os.kill(web.pid, signal.SIGSTOP)
    try:
        banner(page, "cut", SAID_MS)
    finally:
        os.kill(web.pid, signal.SIGCONT)
    until(page, "vigie.store('live').link.state === 'live'", HEALED_MS)
    still_live(stack, page, 7)


def test_redis_killed_and_empty(stack: Stack, open_page: OpenPage) -> None:
    page = live(open_page("/").page)
    kill(stack.servers["redis"])
    until(page, "vigie.store('live').link.state !== 'live'", SAID_MS)
    banner(page, "late", SAID_MS)
    external_id, index = lamps(stack, 12)[8]
    receipt = stack.send({"asset": external_id, "property": "state", "value": "lamp_failure"})
    assert receipt["stored"] == 1
    stack.servers["redis"].start()
    until(page, "vigie.store('live').link.state === 'live'", HEALED_MS)
    until(page, f"({CODE})({index}) === 4", HEALED_MS)


def test_postgres_killed(stack: Stack, open_page: OpenPage) -> None:
    page = live(open_page("/").page)
    external_id, index = lamps(stack, 12)[9]
    kill(stack.servers["postgres"])
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        stack.send({"asset": external_id, "property": "state", "value": "lamp_failure"})
    page.goto(stack.room + f"/?asset={external_id}")
    expect(page.locator("#room-panel .state-card, #room-panel .state-broken").first).to_be_visible(
        timeout=15_000
    )
    stack.servers["postgres"].start()
    wait_until(lambda: stack.ready("ingest") and stack.ready("web"), 30, "doors ready again")
    stack.send({"asset": external_id, "property": "state", "value": "lamp_failure"})
    until(page, f"({CODE})({index}) === 4", HEALED_MS)
