"""The audit and a protected record in a real Chromium: by keyboard, and nothing for axe to complain of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.audit import Action
from model.roles import Role
from services.access import record
from tests.browser.site import control_room
from tests.clock import began
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import SignedIn, sign_in
from tests.somebody import may_see_video, somebody

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 30_000

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@dataclass
class Site:
    """A city with one camera that was looked at sixty times, and who may read of it."""

    url: str
    engine: Engine
    dpo: SignedIn
    supervisor: SignedIn
    began: datetime


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    camera = (
        "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, commune_id) VALUES "
        "(20, 'CAM-1', 'test', 'surveillance', 'camera', 'Camera Station', "
        "ST_SetSRID(ST_MakePoint(5.05, 47.35), 4326), 1)"
    )
    with engine.begin() as connection:
        connection.execute(text(camera))
        connection.execute(text("UPDATE layout SET version = version + 1"))
        who = somebody("Claire Martin", Role.OPERATOR)
        of = {"kind": "asset", "object": "CAM-1", "asset_id": 20}
        for number in range(60):
            told = {"what": "panel", "reference": f"MC-{number}", "nested": {"rows": [1, 2]}}
            done = "refused" if number % 9 == 0 else "done"
            record(connection, who, Action.LOOKED, purpose="incident", outcome=done, details=told, **of)
        record(connection, who, Action.NOTE_MADE, kind="annotation", object="7", details={"title": "Storm"})
    dpo, supervisor = sign_in(engine, Role.DPO), sign_in(engine, Role.SUPERVISOR)
    may_see_video(engine, supervisor.viewer)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine, dpo, supervisor, began())
    engine.dispose()
    servers.drop_database(database)


def entered(browser: Browser, site: Site, who: SignedIn, width: int = 1920, height: int = 1080) -> Page:
    context = browser.new_context(viewport={"width": width, "height": height})
    who.enter(context, site.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    opened = entered(browser, site, site.dpo)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.context.close()
    assert complaints == []


def press_on(page: Page, selector: str) -> None:
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")


def typed(page: Page, text_: str) -> None:
    """Type into what has the focus. A field hands its value on by a timer of no length: that one is over."""
    page.keyboard.type(text_)
    page.evaluate("new Promise((done) => setTimeout(done, 0))")


def axe(page: Page, part: str = "html") -> str:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([part, tags]) => window.axe.run(part, {runOnly: {type: 'tag', values: tags}})"
        ".then(({violations}) => violations.flatMap("
        "    v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)}`)))",
        [part, AXE_TAGS],
    )
    return "\n".join(found)


def test_who_looked_at_this_camera_is_one_search_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/audit?lang=en")
    page.locator(".audit-table").wait_for()
    page.locator("#audit-asset").focus()
    typed(page, "CAM-1")
    page.keyboard.press("Enter")
    expect(page.locator(".audit-head h2")).to_have_text("60 entries")
    expect(page.locator(".audit-by")).to_have_text("By: Claire Martin 60, 7 of them refused")
    assert "asset=CAM-1" in page.url
    first = page.locator(".audit-table tbody tr").first
    for told in ("Claire Martin", "Operator", "Look", "Camera Station", "Incident under way", "MC-59", "UTC"):
        expect(first).to_contain_text(told)
    press_on(page, ".audit-table summary")
    expect(first.locator("dl")).to_contain_text("nested")
    press_on(page, ".audit-turning a")
    expect(page.locator(".audit-table tbody tr")).to_have_count(10)
    assert "after=" in page.url
    page.reload()
    expect(page.locator(".audit-table tbody tr")).to_have_count(10)
    expect(page.locator("#audit-asset")).to_have_value("CAM-1")


def test_a_search_that_finds_nothing_says_so_and_can_be_cleared(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/audit?lang=en&asset=nowhere&text=x")
    expect(page.locator(".audit-results")).to_contain_text("No entry")
    expect(page.locator("#audit-text")).to_be_visible()
    press_on(page, ".audit-clear")
    page.locator(".audit-table").wait_for()
    expect(page.locator("#audit-asset")).to_have_value("")


def test_the_chain_is_verified_on_the_page_and_the_file_comes(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/audit?lang=en&asset=CAM-1")
    page.locator(".audit-table").wait_for()
    # The button rests while the page asks how far the books are verified.
    expect(page.locator(".audit-chain")).not_to_be_empty()
    expect(page.locator("#audit-verify")).to_be_enabled()
    press_on(page, "#audit-verify")
    expect(page.locator("#audit-told")).to_have_text(
        re.compile("Verified: .* entries are as they were written")
    )
    expect(page.locator(".audit-chain")).to_contain_text("Verified up to entry")
    with page.expect_download() as coming:
        press_on(page, ".audit-head a")
    assert coming.value.suggested_filename.startswith("vigie-audit-demo-")
    assert coming.value.path().read_text("utf-8").count("CAM-1") >= 60


def test_a_record_is_opened_by_keyboard_and_says_for_what(browser: Browser, site: Site) -> None:
    page = entered(browser, site, site.supervisor)
    page.goto(f"{site.url}/?lang=en&asset=CAM-1")
    page.locator("#look-purpose").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#look-reference").focus()
    typed(page, "MC-2026-7")
    assert axe(page, ".protected-record") == ""
    page.keyboard.press("Enter")
    expect(page.locator(".shown-for")).to_contain_text("(MC-2026-7), until")
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE look_purpose SET valid_until = now()"))
    page.locator("#look-purpose").wait_for()
    expect(page.locator(".shown-for")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize(
    ("query", "width", "height"),
    [
        ("?lang=fr&theme=dark", 1920, 1080),
        ("?lang=en&theme=light&asset=CAM-1&text=MC", 1920, 1080),
        ("?lang=fr&theme=light", 390, 844),
        ("?lang=en&theme=dark&asset=nowhere", 390, 844),
    ],
)
def test_axe_finds_nothing_to_complain_of(
    browser: Browser, site: Site, query: str, width: int, height: int
) -> None:
    page = entered(browser, site, site.dpo, width, height)
    page.goto(f"{site.url}/audit{query}")
    page.locator(".audit-table, .audit-results .state-empty").first.wait_for()
    page.locator(".audit-chain dd").first.wait_for()
    if page.locator(".audit-table summary").count():
        press_on(page, ".audit-table summary")
    assert axe(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
