"""A version of a rule written, tried and put in force from its page, in a real Chromium by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from services.alarms.rules import seed_rules
from tests.browser.site import control_room, enter
from tests.conftest import Servers
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
RULE = "meter.voltage_high"

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[tuple[str, Engine]]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    with engine.begin() as connection:
        seed_rules(connection.connection.driver_connection)  # type: ignore[arg-type]
    with control_room(database, servers.redis.url) as url:
        yield url, engine
    engine.dispose()
    servers.drop_database(database)


def opened(browser: Browser, url: str, role: Role) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    enter(context, url, role)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page


@pytest.fixture
def page(browser: Browser, site: tuple[str, Engine]) -> Iterator[Page]:
    page = opened(browser, site[0], Role.SUPERVISOR)
    yield page
    page.context.close()


def handed_on(page: Page) -> None:
    """Wait until a field has handed its value on, which it does by a timer of no length."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)))"
    )


def typed(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)
    handed_on(page)


def test_a_version_is_written_tried_put_in_force_and_taken_out(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/rules?lang=en&rule={RULE}")
    page.get_by_role("button", name="New version").press("Enter")
    expect(page.get_by_label("Upper limit")).to_have_value("253")
    typed(page, "Upper limit", "high")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(page.get_by_text("Write a number")).to_be_visible()
    typed(page, "Upper limit", "251.5")
    typed(page, "Reason", "Warned too late")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(page.get_by_text("Warned too late")).to_be_visible()
    expect(page.get_by_role("button", name="Try over 30 days: version 2")).to_be_visible()
    expect(page.get_by_role("button", name="Put version 2 in force")).to_have_count(0)
    page.get_by_role("button", name="Try over 30 days: version 2").press("Enter")
    page.get_by_role("button", name="Put version 2 in force").press("Enter")
    expect(page.locator("#alarm-rules-on-what")).to_contain_text("2")
    page.locator("#alarm-rules-on").press("Enter")
    expect(page.get_by_role("button", name="Put version 1 in force")).to_have_count(0)
    expect(page.locator("#alarm-rules-on")).to_have_count(0)
    page.get_by_role("button", name="Take out of force").first.press("Enter")
    typed(page, "Reason", "Meters replaced")
    page.locator("#alarm-rules-off").press("Enter")
    expect(page.get_by_role("button", name="Take out of force")).to_have_count(0)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT version, declaration #>> '{condition,above}', on_at IS NOT NULL, off_at IS NOT NULL"
                " FROM alarm_rule_version JOIN alarm_rule ON id = rule_id WHERE key = :key ORDER BY version"
            ),
            {"key": RULE},
        ).all()
    assert [tuple(row) for row in found] == [(1, "253", True, True), (2, "251.5", True, True)]


def test_an_operator_reads_the_rule_and_changes_nothing(browser: Browser, site: tuple[str, Engine]) -> None:
    page = opened(browser, site[0], Role.OPERATOR)
    page.goto(f"{site[0]}/alarms/rules?lang=en&rule=meter.voltage_high")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("[data-act]")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_violations(page: Page, site: tuple[str, Engine], theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site[0]}/alarms/rules?lang=fr&theme={theme}&rule={RULE}")
    page.get_by_role("button", name="Nouvelle version").click()
    expect(page.get_by_label("Raison")).to_be_focused()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
