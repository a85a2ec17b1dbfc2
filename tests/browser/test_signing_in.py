"""Signing in with a real browser: by keyboard, without scripts, on a telephone, and out again."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from services.access import Credentials
from services.settings import ROOT
from tests.browser.site import control_room, enter
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import person_of

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"];
    const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}"""
PASSWORD = "three green apples fall"


@dataclass
class Site:
    """A control room, its database, and somebody who may sign in there with two rights."""

    url: str
    engine: Engine
    login: str


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    person, _ = person_of(engine, Role.SUPERVISOR, name="Marc Aubry")
    Credentials(engine, b"x" * 32).set_password(person, PASSWORD)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO access_grant (person_id, role, areas, made_by) VALUES (:id, :role, '{1}', 'x')"
            ),
            {"id": person, "role": "operator"},
        )
        login = connection.scalar(text("SELECT login FROM person WHERE id = :id"), {"id": person})
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine, str(login))
    engine.dispose()
    servers.drop_database(database)


def opened(browser: Browser, width: int = 1280, height: int = 900, **options: object) -> Page:
    """A page of a browser nobody used yet."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return page


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(AXE_RUN)
    return found


def test_in_by_keyboard_alone_without_scripts_and_a_right_is_chosen(browser: Browser, site: Site) -> None:
    page = opened(browser, java_script_enabled=False)
    page.goto(f"{site.url}/boards/city?lang=en")
    assert "/signin?next=/boards/city" in page.url
    page.goto(page.url + "&lang=en")
    expect(page.get_by_label("Login")).to_be_focused()
    page.keyboard.type(site.login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Choose a role")).to_be_visible()
    page.get_by_role("button", name="Operator").press("Enter")
    page.wait_for_url("**/boards/city?lang=en")
    assert {cookie["name"] for cookie in page.context.cookies()} >= {"sid", "csrf", "known"}
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_pages_before_the_door_fit_and_axe_finds_nothing(
    browser: Browser, site: Site, width: int, theme: str
) -> None:
    page = opened(browser, width)
    for path in ("/signin", "/signin/code", "/signin?told=late"):
        joint = "&" if "?" in path else "?"
        page.goto(f"{site.url}{path}{joint}theme={theme}&lang=fr")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert violations(page) == [], path
    page.context.close()


def test_the_account_its_menu_and_the_way_out(browser: Browser, site: Site) -> None:
    page = opened(browser, 390, 844)
    enter(page.context, site.url, Role.OFFICIAL)
    page.goto(f"{site.url}/account?lang=en")
    expect(page.locator(".account-part").first).to_contain_text("Official")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    menu = page.locator(".account-menu summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()
    assert page.locator(".account-pages a[href='/']").count() == 0, "the room is not hers"
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.goto(f"{site.url}/account")
    assert "/signin" in page.url
    page.context.close()


def test_a_page_of_another_role_says_so_and_shows_the_way(browser: Browser, site: Site) -> None:
    page = opened(browser)
    enter(page.context, site.url, Role.OFFICIAL)
    answer = page.goto(f"{site.url}/feeds?lang=en")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("Page not open to your role")).to_be_visible()
    page.get_by_role("link", name="Go to my page").click()
    page.wait_for_url("**/boards/city")
    page.goto(f"{site.url}/")
    assert page.url.endswith("/boards/city")
    page.context.close()


def test_a_session_ended_elsewhere_is_said_on_an_open_page(browser: Browser, site: Site) -> None:
    page = opened(browser)
    enter(page.context, site.url, Role.OPERATOR)
    page.goto(f"{site.url}/?lang=en")
    expect(page.locator(".clock-state")).not_to_contain_text("Connecting")
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE session SET ended_at = now() WHERE ended_at IS NULL"))
    box = page.locator("#signed-out")
    expect(box).to_contain_text("You are signed out.")
    expect(page.locator(".clock-state")).to_contain_text("Signed out")
    box.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_label("Login")).to_be_visible()
    page.context.close()
