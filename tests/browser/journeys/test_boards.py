"""Boards that elected officials read: the figures of the month, a commune's, and down to the observations."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from geodata.database import open_engine
from geodata.profiles import read_profile
from model.roles import Role
from services.boards import keep_kpis_once
from services.boards.declaring import begin
from tests.browser.journeys.conftest import OpenPage, until
from tests.browser.journeys.stack import Stack
from tests.signing_in import SignedIn, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]
AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def official(stack: Stack) -> SignedIn:
    """An elected official of the whole city, whose key figures are computed and whose promises are kept."""
    engine = open_engine(str(stack.settings.database_url), statement_ms=120_000)
    try:
        keep_kpis_once(engine, read_profile("demo"), datetime.now(UTC))
        begin(engine, read_profile("demo"))
        return sign_in(engine, Role.OFFICIAL)
    finally:
        engine.dispose()


@pytest.fixture
def reader(browser: Browser, stack: Stack, official: SignedIn) -> Iterator[Page]:
    """Her page: errors of its scripts fail the test."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    official.enter(context, stack.room)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def no_violations(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(({violations}) => "
        "violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)))",
        TAGS,
    )
    assert found == []


def test_a_newcomer_reads_five_figures_and_a_communes_repair_time_in_three_steps(
    reader: Page, stack: Stack
) -> None:
    """Step one: she comes in, and her page is the board."""
    reader.goto(f"{stack.room}/")
    rows = reader.locator(".figures tbody tr")
    expect(rows.first).to_be_visible(timeout=PATIENCE_MS)
    told = reader.locator(".figures .figure-value")
    expect(told.nth(4)).to_be_in_viewport()
    assert all(any(sign.isdigit() for sign in told.nth(at).inner_text()) for at in range(5))
    # Step two: the communes. Step three: hers, where the repair time stands; it is in the index already.
    reader.get_by_role("link", name="Communes", exact=True).click()
    heading = reader.locator(".commune-index thead th", has_text="Délai de réparation")
    expect(heading).to_be_visible(timeout=PATIENCE_MS)
    commune = reader.locator(".commune-index tbody .commune-name").first
    name = commune.inner_text()
    commune.click()
    expect(reader.locator(".board-sentence")).to_contain_text(name, timeout=PATIENCE_MS)
    expect(reader.locator("#figure-repair_time .col-value")).to_be_visible()
    assert reader.locator(".figures thead th").count() == 8


@pytest.mark.usefixtures("official")
def test_from_a_board_to_the_observations_in_three_clicks(open_page: OpenPage) -> None:
    watched = open_page("/boards/city?lang=en")
    page = watched.page
    page.set_default_timeout(PATIENCE_MS)
    page.locator("#figure-failure_rate .figure-name").click()
    until(page, "location.pathname === '/boards/figure/failure_rate'")
    expect(page.locator(".truth-sql")).to_contain_text("SELECT", timeout=PATIENCE_MS)
    expect(page.locator(".truth-daily tbody tr").first).to_be_visible()
    page.locator(".truth-observations a").click()
    until(page, "location.pathname === '/history'")
    page.locator(".history-graph .main-svg").first.wait_for()
    assert watched.errors == []
    assert watched.elsewhere == []


def test_an_official_reads_the_days_and_no_observation(reader: Page, stack: Stack) -> None:
    reader.goto(f"{stack.room}/boards/figure/failure_rate?lang=en")
    expect(reader.locator(".truth-daily tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
    expect(reader.locator("p.truth-observations")).to_contain_text("not open to your role")
    assert reader.locator("a[href^='/history']").count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/boards/city", "/boards/city?layout=wall", "/boards/lighting", "/boards/quality", "/boards/communes",
        "/boards/commune/{code}", "/boards/figure", "/boards/figure/failure_rate",
        "/boards/figure/repair_time?area={code}",
    ],
)  # fmt: skip
def test_axe_finds_nothing_on_any_board(reader: Page, stack: Stack, path: str) -> None:
    reader.goto(f"{stack.room}/boards/communes?lang=en")
    link = reader.locator(".commune-index tbody a.commune-name").first
    code = str(link.get_attribute("href")).split("?")[0].rsplit("/", 1)[1]
    reader.goto(stack.room + path.format(code=code))
    expect(reader.locator(".board > article h1, .wall-board h1").first).to_be_visible(timeout=PATIENCE_MS)
    until(reader, "document.documentElement.dataset.theme === 'light'")
    no_violations(reader)
    reader.set_viewport_size({"width": 390, "height": 844})
    until(reader, "document.documentElement.scrollWidth <= 390")
    no_violations(reader)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/boards/promises", ".promise-section .promise-drawing"),
        ("/boards/programmes", ".programme-table tbody tr"),
        ("/boards/reports", ".reports-body"),
    ],
)
def test_axe_finds_nothing_on_promises_programmes_and_reports(
    reader: Page, stack: Stack, path: str, shown: str
) -> None:
    reader.goto(f"{stack.room}{path}?lang=en")
    expect(reader.locator(shown).first).to_be_visible(timeout=PATIENCE_MS)
    expect(reader.locator(".board-tab.here")).to_have_count(1)
    until(reader, "document.documentElement.dataset.theme === 'light'")
    no_violations(reader)
    reader.set_viewport_size({"width": 390, "height": 844})
    until(reader, "document.documentElement.scrollWidth <= 390")
    no_violations(reader)


def test_a_link_to_a_commune_is_copied_and_prints_without_bars(
    browser: Browser, stack: Stack, official: SignedIn
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    official.enter(context, stack.room)
    page = context.new_page()
    page.goto(f"{stack.room}/boards/communes?lang=en")
    button = page.locator(".commune-index tbody .board-copy").first
    path = str(button.get_attribute("data-copy-path"))
    button.click()
    expect(button).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == stack.room + path
    page.emulate_media(media="print")
    expect(page.locator(".top-bar")).to_be_hidden()
    expect(page.locator(".board-tabs")).to_be_hidden()
    expect(page.locator(".commune-index")).to_be_visible()
    context.close()


def test_a_heading_orders_the_communes(reader: Page, stack: Stack) -> None:
    reader.goto(f"{stack.room}/boards/communes?lang=en")
    heading = reader.locator(".commune-index thead th", has_text="repair").first
    heading.locator("a").click()
    expect(heading).to_have_attribute("aria-sort", "ascending", timeout=PATIENCE_MS)
    heading.locator("a").click()
    expect(heading).to_have_attribute("aria-sort", "descending", timeout=PATIENCE_MS)
