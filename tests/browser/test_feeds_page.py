"""The feeds page in a real Chromium, on a real database: rows, one feed, one item, a replay, no mouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from tests.browser.site import control_room, enter
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.made_feeds import lay_out_feeds

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
LETTERS = "/feeds?lang=en&feed=lighting-mqtt&reason=malformed"

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@dataclass
class Site:
    """The control room of a small city with ten feeds, and its database in the tests' hand."""

    url: str
    engine: Engine

    def write(self, statement: str, **values: Any) -> None:
        """What the ingest would write."""
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    lay_out_feeds(engine, datetime.now(UTC))
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine)
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    site.write("UPDATE feed_status SET updated_at = now() + interval '10 minutes'")
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    enter(context, site.url)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()
    # The typeface is installed by a build step, which a checkout may not have had.
    assert [text_ for text_ in complaints if "404" not in text_] == []


def opened(page: Page, site: Site, path: str) -> Page:
    """The page at ``path``, once it shows its feeds."""
    page.goto(site.url + path)
    page.locator(".feeds-table").wait_for(state="attached")
    return page


def redrawn(page: Page, site: Site, rate: int) -> None:
    """Let ``rate`` items arrive in the minute under way, and wait until the list shows the new sum."""
    before = page.locator(".feeds-head .account").inner_text()
    site.write(
        "UPDATE feed_minute SET received = received + :n, stored = stored + :n WHERE feed = 'parking-push' "
        "AND minute = (SELECT max(minute) FROM feed_minute WHERE feed = 'parking-push')",
        n=rate,
    )
    expect(page.locator(".feeds-head .account")).not_to_have_text(before, timeout=PATIENCE_MS)


def test_ten_feeds_are_shown_and_their_ages_count(page: Page, site: Site) -> None:
    opened(page, site, "/feeds?lang=en")
    assert page.locator(".feeds-table tbody tr").count() == 10
    expect(page.locator(".feeds-alarm")).to_contain_text("noise-push")
    age = page.locator("tr.feed-ok .col-last .cell-first .age").first
    expect(age).not_to_have_text("–")
    first = age.inner_text()
    expect(age).not_to_have_text(first, timeout=PATIENCE_MS)


def test_a_feed_opens_by_its_row_and_the_way_back_closes_it(page: Page, site: Site) -> None:
    opened(page, site, "/feeds?lang=en")
    row = page.locator("tr.feed", has_text="noise-push")
    row.locator(".col-fresh").click()
    expect(page.locator(".feeds-detail h2")).to_have_text("noise-push")
    assert page.url.endswith("/feeds?feed=noise-push")
    expect(page.locator("tr.chosen .feed-link")).to_have_text("noise-push")
    page.go_back()
    expect(page.locator(".feeds-detail h2")).to_have_text("All feeds together")


def test_a_refresh_keeps_focus_scroll_and_what_was_unfolded(page: Page, site: Site) -> None:
    opened(page, site, "/feeds?lang=en&feed=lighting-mqtt")
    page.locator(".hour .chart-table summary").click()
    link = page.locator(".letter-row").nth(12)
    link.focus()
    scroll = "document.querySelector('.feeds-detail').scrollTop"
    before = page.evaluate(scroll)
    assert before > 0
    held = page.evaluate("(window.held = document.activeElement).getAttribute('href')")
    redrawn(page, site, 7)
    assert page.evaluate("document.activeElement === window.held && window.held.isConnected")
    assert page.evaluate("document.activeElement.getAttribute('href')") == held
    assert page.evaluate(scroll) == before
    assert page.locator(".hour .values").is_visible()


def test_an_item_is_read_a_replay_confirmed_and_its_outcome_shown(page: Page, site: Site) -> None:
    opened(page, site, LETTERS)
    page.locator(".letter-row").first.click()
    expect(page.locator(".item")).to_contain_text("000000  00 9f 92 96")
    page.locator(".letter-read .confirmed summary").click()
    expect(page.locator(".letter-read .confirm")).to_contain_text("as if it came now")
    page.locator(".letter-read .confirm button").click()
    expect(page.locator(".told")).to_contain_text("1 asked for")
    expect(page.locator(".letter.open .letter-outcome")).to_have_text("replay asked")
    assert page.locator(".letter-read .confirmed").count() == 0
    site.write(
        "UPDATE dead_letter SET replayed_at = now(), outcome = 'stored' "
        "WHERE replay_asked_at IS NOT NULL AND replayed_at IS NULL"
    )
    expect(page.locator(".letter.open .letter-outcome")).to_have_text("stored", timeout=PATIENCE_MS)


def test_everything_can_be_done_by_keyboard(page: Page, site: Site) -> None:
    opened(page, site, "/feeds?lang=en")
    page.locator("tr.feed", has_text="lighting-mqtt").locator(".feed-link").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".feeds-detail h2")).to_have_text("lighting-mqtt")
    assert page.evaluate("document.activeElement.textContent") == "lighting-mqtt"
    reached = tabs(page, 40)
    assert any("The same figures as a table" in one for one in reached)
    assert any("Unknown unit" in one for one in reached)
    page.locator(".reasons a", has_text="Unknown unit").focus()
    page.keyboard.press("Enter")
    summary = page.locator(".reason-chosen summary")
    summary.wait_for()
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").startswith("Replay the 41 open"):
            break
    assert page.evaluate("document.activeElement.textContent").startswith("Replay the 41 open")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_contain_text("41 asked for")


def tabs(page: Page, most: int) -> list[str]:
    """What the next ``most`` presses of Tab reach."""
    reached = []
    for _ in range(most):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent") or "")
    return reached


def test_an_ingest_that_stops_is_said(page: Page, site: Site) -> None:
    opened(page, site, "/feeds?lang=en")
    site.write("UPDATE feed_status SET updated_at = now() - interval '1 minute'")
    expect(page.locator(".feeds-alarm")).to_contain_text("The ingest is away.", timeout=PATIENCE_MS)
    expect(page.locator("tr.feed").first).to_contain_text("no account since")
    assert page.locator(".feeds-table .freshness").count() == 0


@pytest.mark.parametrize(
    ("path", "width", "height"),
    [
        ("/feeds?lang=fr&theme=dark", 1920, 1080),
        (LETTERS + "&theme=light", 1366, 768),
        ("/feeds?lang=fr&theme=light", 390, 844),
        ("/feeds?lang=en&theme=dark&feed=lighting-mqtt&item=1", 390, 844),
    ],
)
def test_axe_finds_nothing_to_complain_of(page: Page, site: Site, path: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    opened(page, site, path)
    page.locator(".detail").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => window.axe.run(document, {runOnly: {type: 'tag', values: tags}})"
        ".then(({violations}) => violations.flatMap("
        "    v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)))",
        AXE_TAGS,
    )
    assert "\n".join(found) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
