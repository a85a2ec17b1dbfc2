"""Killing and hanging parts under a live page: the state is said within five seconds, and heals by itself."""

import os
import signal

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys.conftest import OpenPage, until
from tests.browser.journeys.stack import Stack, wait_until
from tests.browser.journeys.test_operator import CODE, lamps, live
from tests.faults import kill, signal_all

pytestmark = pytest.mark.browser
SAID_MS = 5_000
HEALED_MS = 5_000
"""Both are promised: said within five seconds, and well again five seconds after the part is."""


def banner(page: Page, kind: str, patience_ms: int) -> None:
    """Wait until the stale banner is of ``kind``: ``none``, ``late`` or ``cut``."""
    expect(page.locator("#room-banner")).to_have_attribute("data-kind", kind, timeout=patience_ms)


def faults_of(stack: Stack, external_id: str) -> int:
    """How many faults the history holds of an asset in the last minutes."""
    with psycopg.connect(stack.servers["postgres"].url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM state_change s JOIN asset a ON a.id = s.asset_id "
            "WHERE a.external_id = %s AND s.state = 4 AND s.phenomenon_time > now() - interval '5 minutes'",
            (external_id,),
        ).fetchone()
    return int(row[0]) if row else 0


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


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_the_intake_killed_or_hung(stack: Stack, open_page: OpenPage, sign: signal.Signals) -> None:
    page = live(open_page("/").page)
    intake = stack.workers["ingest"].process
    assert intake is not None
    os.kill(intake.pid, sign)
    try:
        banner(page, "late", SAID_MS)
        title = page.locator("#room-banner strong")
        expect(title).to_have_text("Réception interrompue.", timeout=SAID_MS)
    finally:
        if sign == signal.SIGKILL:
            intake.wait()
            stack.restart("ingest")
        else:
            os.kill(intake.pid, signal.SIGCONT)
    until(page, "vigie.store('live').link.state === 'live'", HEALED_MS)


def test_redis_hung(stack: Stack, open_page: OpenPage) -> None:
    page = live(open_page("/").page)
    signal_all(stack.servers["redis"], signal.SIGSTOP)
    try:
        banner(page, "late", SAID_MS)
    finally:
        signal_all(stack.servers["redis"], signal.SIGCONT)
    until(page, "vigie.store('live').link.state === 'live'", HEALED_MS)
    still_live(stack, page, 5)


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
    receipt = stack.send({"asset": external_id, "property": "state", "value": "lamp_failure"})
    assert receipt["spooled"], "durable on the intake's own disk"
    until(page, f"({CODE})({index}) === 4", HEALED_MS)
    page.goto(stack.room + f"/?asset={external_id}")
    expect(page.locator("#room-panel .state-card, #room-panel .state-broken").first).to_be_visible(
        timeout=15_000
    )
    stack.servers["postgres"].start()
    wait_until(lambda: stack.ready("ingest") and stack.ready("web"), 30, "doors ready again")
    wait_until(lambda: faults_of(stack, external_id) == 1, 30, "what was spooled is in the database")
    until(page, f"({CODE})({index}) === 4", HEALED_MS)
