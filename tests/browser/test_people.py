"""A small city's people set up in a real Chromium without a mouse, then each of them signs in."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.people import GrantDraft, PersonDraft
from model.roles import Role
from model.viewer import Viewer
from services.access import People
from tests.browser.site import control_room
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import sign_in

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
MOST_TABS = 160
PASSWORD = "quatre-lampes-rue-haute"

pytestmark = [pytest.mark.browser, pytest.mark.servers]
KEEPER = Viewer(0, "anne", "Anne", Role.ADMINISTRATOR)


@dataclass
class Site:
    """The control room of a small city, and its database in the tests' hand."""

    url: str
    engine: Engine

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question))]


@pytest.fixture
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine)
    engine.dispose()
    servers.drop_database(database)


def context_of(browser: Browser, width: int = 1920, height: int = 1080) -> BrowserContext:
    """A browser of its own."""
    return browser.new_context(viewport={"width": width, "height": height})


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of an administrator, whose complaints end the test."""
    context = context_of(browser)
    sign_in(site.engine, Role.ADMINISTRATOR).enter(context, site.url)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()
    assert complaints == []


# --- without a mouse ----------------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what ``selector`` means has the focus."""
    page.locator(selector).first.wait_for()
    for _ in range(MOST_TABS):
        if page.evaluate("s => !!document.activeElement && document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def press_on(page: Page, selector: str) -> None:
    """Go to ``selector`` by Tab and press Enter."""
    tab_to(page, selector)
    page.keyboard.press("Enter")


def write(page: Page, selector: str, words: str) -> None:
    """Go to the field ``selector`` by Tab and type."""
    tab_to(page, selector)
    typed(page, words)


def typed(page: Page, words: str) -> None:
    """Type into what has the focus. A field hands its value on by a timer of no length, which a browser puts
    off as long as keys come: it is over when two more are, one after a picture was drawn."""
    page.keyboard.type(words)
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)))"
    )


def choose(page: Page, selector: str, label: str) -> None:
    """Open the choice ``selector`` with the arrow, go down to ``label``, and take it."""
    tab_to(page, selector)
    option = page.locator("[role=option][data-combobox-selected]")
    for _ in range(20):
        page.keyboard.press("ArrowDown")
        if option.count() and option.inner_text() == label:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"there is no choice {label}")


def typed_day() -> str:
    """A day some months ahead as its digits are typed. Its day and month are the same number: which of them
    a browser wants first is not said by the language of the page."""
    days = (datetime.now(UTC) + timedelta(days=ahead) for ahead in range(60, 200))
    return next(f"{day:%d%m%Y}" for day in days if day.day == day.month)


def opened(page: Page, site: Site, path: str) -> Page:
    page.goto(site.url + path)
    page.locator(".people-table, .state-empty").first.wait_for()
    return page


def add(page: Page, usual: str, name: str, area: str = "") -> str:
    """Add a person by the form and her usual template; the code to hand over."""
    press_on(page, "[data-act=add]")
    choose(page, "#people-template", usual)
    write(page, "#people-name", name)
    if area:
        write(page, "#people-new-areas", area)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".mantine-MultiSelect-pill")).to_contain_text(area)
        typed(page, "")
    press_on(page, "#people-person-save")
    code = page.locator(".secret").inner_text()
    assert re.fullmatch(r"([0-9A-Z]{4}-){2}[0-9A-Z]{4}", code)
    press_on(page, ".dialog-ends [data-close-dialog='confirming-secret-dialog']")
    expect(page.locator(".secret")).to_have_count(0)
    expect(page.locator("[data-act=add]")).to_be_focused()
    return code


PEOPLE = (
    ("Operator of the room", "Olga Test", ""),
    ("Supervisor of the room", "Samir Test", ""),
    ("Official of one commune", "Odile Test", "Val"),
    ("Contractor for lighting", "Lumen Test", ""),
    ("Data protection officer", "Dora Test", ""),
    ("Wall display", "North wall", ""),
)


def test_an_administrator_sets_up_a_small_city_by_keyboard_and_each_sees_what_she_should(
    page: Page, browser: Browser, site: Site
) -> None:
    began = time.monotonic()
    opened(page, site, "/people?lang=en")
    codes = {name: add(page, usual, name, area) for usual, name, area in PEOPLE}
    clear_for_video(page, "Olga Test")
    took = time.monotonic() - began
    assert took < 600, f"ten minutes: it took {took:.0f} s"
    made = site.rows(
        "SELECT p.name, g.role, g.areas, g.domains, g.valid_until IS NULL FROM access_grant g "
        "JOIN person p ON p.id = g.person_id WHERE g.reason <> 'tests' ORDER BY g.id"
    )
    assert made == [
        ("Olga Test", "operator", None, None, True),
        ("Samir Test", "supervisor", None, None, True),
        ("Odile Test", "official", [1], None, True),
        ("Lumen Test", "field_agent", None, ["lighting"], False),
        ("Dora Test", "dpo", None, None, True),
        ("North wall", "wall_display", None, None, True),
    ]
    for name, code in codes.items():
        signs_in(browser, site, name, code)
    assert site.rows("SELECT count(*) FROM session WHERE ended_at IS NULL") == [(7,)]


def clear_for_video(page: Page, name: str) -> None:
    """Open somebody's sheet by her link and write down that she is named and cleared."""
    page.locator(".account-link", has_text=name).focus()
    page.keyboard.press("Enter")
    press_on(page, "[data-act^='video:']")
    write(page, "#people-video-authority", "Prefecture")
    write(page, "#people-video-until", typed_day())
    press_on(page, "#people-video-save")
    expect(page.locator(".sheet")).to_contain_text("named by Prefecture")
    expect(page.locator("[data-act^='video:']")).to_be_focused()


SEES = {
    "Olga Test": ("/", "/history", "/people"),
    "Samir Test": ("/", "/feeds", "/people"),
    "Odile Test": ("/boards/city", "/boards/city", "/history"),
    "Lumen Test": ("/", "/history", "/feeds"),
    "Dora Test": ("/audit", "/people", "/history"),
    "North wall": ("/", "/history", "/people"),
}
"""Where each comes out, one page in her top bar and one that is not."""


def signs_in(browser: Browser, site: Site, name: str, code: str) -> None:
    """Take a code as she does, in a browser of her own, and look at what is there."""
    context = context_of(browser)
    hers = context.new_page()
    hers.set_default_timeout(PATIENCE_MS)
    hers.goto(f"{site.url}/signin/code?lang=en")
    write(hers, "[name=once]", code.lower().replace("-", " "))
    hers.keyboard.press("Enter")
    if name != "North wall":
        write(hers, "[name=new]", PASSWORD)
        write(hers, "[name=again]", PASSWORD)
        hers.keyboard.press("Enter")
    path, there, absent = SEES[name]
    hers.locator(f"nav.nav a[href='{there}']").wait_for()
    assert hers.locator(f"nav.nav a[href='{absent}']").count() == 0
    assert hers.evaluate("location.pathname") == path
    if name == "Dora Test":
        only_reads(hers, site)
    elif path == "/":
        assert hers.goto(f"{site.url}/people").status == 403  # type: ignore[union-attr]
        expect(hers.locator(".state-refused")).to_be_visible()
    context.close()


def only_reads(page: Page, site: Site) -> None:
    """The DPO reads everything about people and finds nothing to press."""
    page.goto(f"{site.url}/people?lang=en&person=1")
    expect(page.locator(".sheet")).to_be_visible()
    expect(page.locator(".people-head")).to_contain_text("change nothing")
    assert page.locator("[data-act]").count() == 0
    page.locator(".did a").click()
    page.locator(".audit-table tbody tr").first.wait_for()


# --- what ends says so first --------------------------------------------------------------------------


@pytest.fixture
def paul(site: Site) -> int:
    """An operator with two open sessions."""
    people = People(site.engine)
    made = people.make(KEEPER, PersonDraft("Paul"), GrantDraft(Role.OPERATOR))
    grant = people.sheet(made).grants[0].id
    for token in ("a", "b"):
        with site.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO session (token_hash, person_id, grant_id, csrf, method, expires_at, idle_s, "
                    "agent) VALUES (sha256(CAST(:t AS bytea)), :p, :g, 'c', 'local', now() + '1 hour', 3600, "
                    "'Firefox')"
                ),
                {"t": token, "p": made, "g": grant},
            )
    return made


def test_what_ends_is_told_first_and_cancel_has_the_focus(page: Page, site: Site, paul: int) -> None:
    opened(page, site, f"/people?lang=en&person={paul}")
    disable = f"[data-act='disable:{paul}']"
    press_on(page, disable)
    expect(page.locator(".confirm-sentence")).to_contain_text("ends 2 open sessions at once")
    expect(page.locator("[data-close-dialog='confirming-dialog']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".confirm-sentence")).to_have_count(0)
    assert site.rows("SELECT count(*) FROM person WHERE disabled_at IS NOT NULL") == [(0,)]
    expect(page.locator(disable)).to_be_focused()
    press_on(page, disable)
    press_on(page, "#confirming-do")
    expect(page.locator(".sheet")).to_contain_text("Disabled")
    expect(page.locator(".sheet")).to_contain_text("No session is open")
    assert site.rows("SELECT DISTINCT ended_why FROM session WHERE ended_at IS NOT NULL") == [("disabled",)]


def test_sessions_are_ended_one_by_one_or_all_of_somebody(page: Page, site: Site, paul: int) -> None:
    opened(page, site, "/sessions?lang=en")
    expect(page.locator(".people-head")).to_contain_text("3 open sessions of 2 accounts")
    press_on(page, "[data-act^='session:']:not([aria-label*='Ada'])")
    expect(page.locator(".confirm-sentence")).to_contain_text("Ends the session of Paul (Firefox")
    press_on(page, "#confirming-do")
    expect(page.locator(".people-head")).to_contain_text("2 open sessions")
    press_on(page, "[data-act^='session:'][aria-label*='Ada']")
    expect(page.locator(".confirm-sentence")).to_contain_text("your own session")
    page.keyboard.press("Escape")
    expect(page.locator(".confirm-sentence")).to_have_count(0)


def test_the_last_administrator_stays_and_is_told_why(page: Page, site: Site) -> None:
    opened(page, site, "/people?lang=en&person=1")
    press_on(page, "[data-act^='revoke:']")
    press_on(page, "#confirming-do")
    expect(page.locator("#confirming-told")).to_contain_text("one’s own account or right as administrator")
    assert site.rows("SELECT count(*) FROM access_grant WHERE revoked_at IS NOT NULL") == [(0,)]


def test_a_list_is_checked_line_by_line_and_then_added_whole(page: Page, site: Site) -> None:
    opened(page, site, "/people?lang=en")
    press_on(page, "[data-act=import]")
    write(page, "#people-import-list", "Zoe;;;king")
    press_on(page, "#people-import-check")
    expect(page.locator(".import-table")).to_contain_text("“king” is no role")
    expect(page.locator("#people-import-save")).to_be_disabled()
    page.locator("#people-import-list").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("Zoe;;;operator\nYan;;;Field agent;Val;Lighting;;lot 2")
    typed(page, "")
    press_on(page, "#people-import-check")
    expect(page.locator("#people-import-save")).to_have_text("Add 2 people")
    press_on(page, "#people-import-save")
    expect(page.locator(".import-table .secret")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(".people-table")).to_contain_text("Yan")
    assert site.rows("SELECT areas, domains FROM access_grant WHERE reason = 'lot 2'") == [
        ([1], ["lighting"])
    ]


def test_filters_narrow_the_list_and_stand_in_the_address(page: Page, site: Site, paul: int) -> None:
    opened(page, site, "/people?lang=en")
    expect(page.locator(".account")).to_have_count(2)
    write(page, "#people-search", "pau")
    expect(page.locator(".account")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=pau"))
    choose(page, "#people-state", "Open accounts")
    page.reload()
    expect(page.locator(".account")).to_have_count(1)
    expect(page.locator("#people-search")).to_have_value("pau")


def test_an_agreement_and_its_key_are_made_and_the_key_ends(page: Page, site: Site) -> None:
    opened(page, site, "/partners?lang=en")
    press_on(page, "[data-act=add]")
    expect(page.locator("#partners-partner")).to_be_focused()
    typed(page, "Lumen SAS")
    write(page, "#partners-purpose", "Rounds")
    write(page, "#partners-contact", "ops@lumen.example")
    for field, label in (("datasets", "Lighting: equipment and status"), ("fields", "id")):
        choose(page, f"#partners-{field}", label)
        page.keyboard.press("Escape")
        page.locator("#partners-partner").wait_for()
    write(page, "#partners-until", typed_day())
    press_on(page, "#partners-save")
    expect(page.locator(".partners-table")).to_contain_text("Lumen SAS")
    page.locator(".account-link", has_text="Lumen SAS").focus()
    page.keyboard.press("Enter")
    press_on(page, "[data-act^='key:']")
    expect(page.locator("#partners-label")).to_be_focused()
    typed(page, "server")
    press_on(page, "#partners-key-save")
    key = page.locator(".secret").inner_text()
    assert re.fullmatch(r"vgp_[\w-]{43}", key)
    headers = {"authorization": f"Bearer {key}"}
    told = page.request.get(f"{site.url}/partner/v1/lighting-assets", headers=headers)
    assert {tuple(item) for item in told.json()["items"]} == {("id",)}
    press_on(page, ".dialog-ends [data-close-dialog='confirming-secret-dialog']")
    expect(page.locator(".secret")).to_have_count(0)
    press_on(page, "[data-act^='apikey:']")
    expect(page.locator(".confirm-sentence")).to_contain_text("stops answering at once")
    press_on(page, "#confirming-do")
    expect(page.locator(".held .gone")).to_have_count(1)
    told = page.request.get(f"{site.url}/partner/v1/datasets", headers=headers)
    assert (told.status, told.json()["error"]["code"]) == (403, "key_revoked")


# --- for everybody ------------------------------------------------------------------------------------


def complaints(page: Page, inside: str = "#page") -> str:
    """What axe finds wrong inside ``inside``."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([inside, tags]) => window.axe.run(inside, {runOnly: {type: 'tag', values: tags}})"
        ".then(({violations}) => violations.flatMap("
        "    v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)))",
        [inside, AXE_TAGS],
    )
    return "\n".join(found)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    page: Page, site: Site, paul: int, theme: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for path in (
        "/people?", f"/people?person={paul}", "/people?view=privileged", "/people?view=rights", "/sessions?",
        "/partners?",
    ):  # fmt: skip
        page.goto(f"{site.url}{path}&lang=en&theme={theme}")
        page.locator(":is(.people-table, .rights-table, .state-empty, .sheet):visible").first.wait_for()
        assert complaints(page) == "", path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


OPENINGS = (
    ("/people?", "[data-act=add]", "#people-name"),
    ("/people?", "[data-act=import]", "#people-import-list"),
    ("/people?person={paul}", "[data-act^='grant:']", "#people-grant-reason"),
    ("/people?person={paul}", "[data-act^='video:']", "#people-video-authority"),
    ("/people?person={paul}", "[data-act^='change:']", "#people-change-name"),
    ("/people?person={paul}", "[data-act^='disable:']", ".confirm-sentence"),
    ("/partners?", "[data-act=add]", "#partners-partner"),
)


@pytest.mark.parametrize(("width", "height", "theme"), [(1920, 1080, "dark"), (390, 844, "light")])
def test_axe_finds_nothing_in_any_dialog(
    page: Page, site: Site, paul: int, width: int, height: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for path, opening, inside in OPENINGS:
        page.goto(f"{site.url}{path.format(paul=paul)}&lang=fr&theme={theme}")
        page.locator(opening).click()
        page.locator(inside).wait_for()
        assert complaints(page, ".mantine-Modal-content") == "", opening
        assert page.evaluate("document.documentElement.scrollWidth") <= width, opening
