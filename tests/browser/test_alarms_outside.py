"""A route of alarms to outside the room, made, tested, changed and removed in a real Chromium by keyboard."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.profiles import read_profile
from model.roles import Role
from services.alarms.outward import Sender, read_channels
from tests.browser.site import control_room, enter
from tests.conftest import Servers
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[tuple[str, Engine]]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    with control_room(database, servers.redis.url) as url:
        yield url, engine
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: tuple[str, Engine]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    enter(context, site[0], Role.SUPERVISOR)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    context.close()
    assert complaints == []


def handed_on(page: Page) -> None:
    """Wait until a field has handed its value on, which it does by a timer of no length."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)))"
    )


def test_a_route_is_made_tested_changed_and_removed_by_keyboard(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/outside?lang=en")
    expect(page.get_by_text("The alarm process knows no channel")).to_be_visible()
    sender = Sender(engine, read_profile("demo"), read_channels("duty=json://127.0.0.1:9/x odd=nothing://y"))
    sender.announce(datetime.now(UTC))
    page.get_by_role("button", name="New route").press("Enter")
    page.get_by_label("Name").fill("Night duty")
    handed_on(page)
    page.locator("#outside-save").press("Enter")
    row = page.get_by_role("row", name="Night duty")
    expect(row).to_contain_text("in service")
    expect(row).to_contain_text("raised, not acknowledged in time")
    page.get_by_role("button", name="Test Night duty").press("Enter")
    expect(row).to_contain_text("test on its way")
    sender.step(datetime.now(UTC))
    expect(row).to_contain_text("test refused: refused, or no answer")
    page.get_by_role("button", name="Change Night duty").press("Enter")
    page.get_by_label("Name").fill("")
    handed_on(page)
    page.locator("#outside-save").press("Enter")
    expect(page.get_by_text("To be filled in")).to_be_visible()
    page.get_by_label("Name").fill("Day duty")
    handed_on(page)
    page.get_by_label("In service").press("Space")
    page.locator("#outside-save").press("Enter")
    expect(page.get_by_role("row", name="Day duty")).to_contain_text("stopped")
    page.get_by_role("button", name="Remove Day duty").press("Enter")
    expect(page.locator("#outside-remove-what")).to_contain_text("Day duty")
    page.locator("#outside-remove").press("Enter")
    expect(page.get_by_text("Alarms stay in the control room.")).to_be_visible()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alarm_route WHERE removed_at IS NOT NULL")) == 1


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_violations(page: Page, site: tuple[str, Engine], theme: str, width: int) -> None:
    url, engine = site
    Sender(engine, read_profile("demo"), read_channels("duty=json://127.0.0.1:9/x")).announce(
        datetime.now(UTC)
    )
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{url}/alarms/outside?lang=fr&theme={theme}")
    page.get_by_role("button", name="Nouvel envoi").click()
    expect(page.get_by_label("Nom")).to_be_focused()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
