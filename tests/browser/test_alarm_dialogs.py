"""Every dialog about an alarm, driven by keyboard alone in a real Chromium: assigned, grouped and taken out,
rated, reset, taken out of service, disabled by two people; and its dossier, at an address of its own."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, Route, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from tests.alarms_made_up import add_alarm, add_group, add_rule, end_condition
from tests.browser.site import control_room
from tests.browser.test_alarm_work import PATIENCE_MS, no_violations
from tests.clock import began
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import SignedIn, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]

CABINET, DARK, LOOP, METER = "control_cabinet.tripped", "streetlight.dark", "junction.silent", "meter.fault"
LATCHED = "streetlight.broken"


class Site:
    """A control room, its database, and people who work in it."""

    def __init__(self, url: str, database: str, engine: Engine) -> None:
        self.url, self._database, self.engine = url, database, engine

    def somebody(self, name: str, role: Role) -> SignedIn:
        """A person of that name and role."""
        known = sign_in(self._database, role)
        with self.engine.begin() as connection:
            connection.execute(
                text("UPDATE person SET name = :name WHERE id = :id"),
                {"name": name, "id": known.viewer.person_id},
            )
        return known

    def one(self, question: str) -> object:
        """The only value of an answer."""
        with self.engine.connect() as connection:
            return connection.scalar(text(question))


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    at = began() - timedelta(minutes=11)
    with engine.begin() as connection:
        add_rule(connection, CABINET, at, priority=1)
        add_rule(connection, DARK, at)
        add_rule(connection, LOOP, at, domain="traffic", highly_managed=True)
        add_rule(connection, METER, at, domain="energy", max_shelve_s=0.0)
        add_rule(connection, LATCHED, at, latching=True)
        add_group(connection, CABINET, 10, DARK, [101, 102], at)
        for key, asset in ((DARK, 103), (LOOP, 12), (METER, 13), (CABINET, 11)):
            add_alarm(connection, key, at, asset=asset)
        latched = add_alarm(connection, LATCHED, at, asset=104, acknowledged=at)
        end_condition(connection, latched, began() - timedelta(minutes=5))
        connection.execute(
            text(
                "INSERT INTO annotation (kind, title, body, t0, t1, asset_id, author) "
                "VALUES ('works', 'Cabinet A-2 renewed', '', :t0, :t1, 11, 'Bo Test')"
            ),
            {"t0": began() + timedelta(hours=5), "t1": began() + timedelta(hours=9)},
        )
    with control_room(database, servers.redis.url) as url:
        yield Site(url, database, engine)
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def sue(browser: Browser, site: Site) -> Iterator[Page]:
    """The room as a supervisor has it before her."""
    yield from opened(browser, site, site.somebody("Sue Test", Role.SUPERVISOR))


@pytest.fixture
def ada(browser: Browser, site: Site) -> Iterator[Page]:
    """The room as an operator has it before her."""
    yield from opened(browser, site, site.somebody("Ada Test", Role.OPERATOR))


def opened(browser: Browser, site: Site, who: SignedIn) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    who.enter(context, site.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield page
    context.close()
    assert complaints == []


def sheet_of(page: Page, site: Site, asset: str) -> Locator:
    """The sheet of the alarm of ``asset``."""
    page.goto(f"{site.url}/?asset={asset}&lang=en")
    sheet = page.locator("#room-alarm-sheet")
    expect(sheet.get_by_role("heading", level=3)).to_be_visible()
    return sheet


def begin(page: Page, sheet: Locator, verb: str) -> Locator:
    """The dialog of ``verb``, behind "More" or not, opened by keys alone."""
    button = sheet.locator(f"[data-verb='{verb}']")
    if not button.is_visible():
        sheet.locator(".alarm-more summary").press("Enter")
    button.press("Enter")
    return page.get_by_role("dialog")


def finish(dialog: Locator, name: str) -> None:
    """Press the button that sends, and wait for the server to have taken it."""
    dialog.get_by_role("button", name=name, exact=True).press("Enter")
    expect(dialog).to_have_count(0)


def test_assign_rate_group_ungroup_and_reset_by_keyboard(ada: Page, site: Site) -> None:
    sheet = sheet_of(ada, site, "L-3")
    dialog = begin(ada, sheet, "assign")
    expect(dialog.get_by_label("Person").get_by_role("option", name="Ada Test")).to_have_count(1)
    dialog.get_by_label("Person").press("a")
    finish(dialog, "Assign")
    expect(sheet.locator("dl")).to_contain_text("given to Ada Test")

    dialog = begin(ada, sheet, "rate")
    expect(dialog.get_by_label("Why it was of no use")).to_be_focused()
    ada.keyboard.type("Flickers at dusk")
    finish(dialog, "Report")
    expect(sheet.get_by_role("list")).to_contain_text("Flickers at dusk")

    dialog = begin(ada, sheet, "group")
    cause = dialog.get_by_label("Cause")
    expect(cause.get_by_role("option", name="A-1")).to_have_count(1)
    dialog.get_by_role("button", name="Group", exact=True).press("Enter")
    expect(dialog.get_by_text("To be filled in")).to_be_visible()
    expect(cause).to_be_focused()
    ada.keyboard.type("A-1")
    finish(dialog, "Group")
    expect(sheet.locator("dl")).to_contain_text("A-1")
    finish(begin(ada, sheet, "ungroup"), "Take out")
    expect(sheet.locator("[data-verb='group']")).to_have_count(1)

    sheet = sheet_of(ada, site, "L-4")
    finish(begin(ada, sheet, "reset"), "Reset")
    expect(sheet).to_have_attribute("data-state", "ready")
    assert site.one("SELECT closed_at IS NOT NULL FROM alarm WHERE asset_id = 104") is True


def test_an_alarm_that_is_not_to_be_shelved_says_why(ada: Page, site: Site) -> None:
    for asset, why in (("C-1", "highly managed"), ("M-1", "lets nobody shelve it")):
        sheet = sheet_of(ada, site, asset)
        expect(sheet.locator("[data-verb='shelve']")).to_have_count(0)
        expect(sheet.locator("dl")).to_contain_text(why)
        ada.locator("body").press("s")
        expect(sheet.get_by_role("status")).to_contain_text(why)
        expect(ada.get_by_role("dialog")).to_have_count(0)
        disabling = sheet.locator("[data-verb='ask_disabling']")
        expect(disabling).to_have_count(0 if asset == "C-1" else 1)


def test_an_alarm_that_is_not_there_says_so(ada: Page, site: Site) -> None:
    ada.route("**/alarms/of.json*", lambda route: route.fulfill(json={"rows": [{"id": 999_999}]}))
    ada.goto(f"{site.url}/?asset=A-1&lang=en")
    expect(ada.locator("#room-alarm-sheet")).to_contain_text("No such alarm here")


def test_an_older_answer_does_not_take_the_place_of_a_newer(ada: Page, site: Site) -> None:
    alarm = site.one("SELECT id FROM alarm WHERE asset_id = 12")
    door = f"**/alarms/{alarm}.json*"
    sheet = sheet_of(ada, site, "C-1")
    expect(sheet).to_contain_text("To acknowledge")
    ada.wait_for_function("vigie.live.link.state === 'database' || vigie.live.link.state === 'live'")
    old = ada.request.get(f"{site.url}/alarms/{alarm}.json?lang=en").json()
    held: list[Route] = []
    ada.route(door, lambda route: held.append(route))
    for change in ("escalation = 0", "acknowledged_at = now(), acknowledged_by = 'Bo Test'"):
        with ada.expect_request(door), site.engine.begin() as connection:
            connection.execute(text(f"UPDATE alarm SET {change} WHERE id = :id"), {"id": alarm})
    while len(held) < 2:  # a request that was made has still to come to its route
        ada.evaluate("new Promise((done) => requestAnimationFrame(done))")
    held[1].continue_()
    expect(sheet).to_contain_text("Acknowledged by Bo Test")
    with suppress(Error):  # it may have been given up by now
        held[0].fulfill(json=old)
    ada.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(sheet).to_contain_text("Acknowledged by Bo Test")
    expect(sheet).to_have_attribute("data-state", "ready")


def test_out_of_service_asks_for_its_order_or_takes_announced_works(sue: Page, site: Site) -> None:
    sheet = sheet_of(sue, site, "A-2")
    dialog = begin(sue, sheet, "out_of_service")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    sue.keyboard.type("Cabinet open")
    dialog.get_by_role("button", name="Take out of service").press("Enter")
    expect(dialog.get_by_text("A window needs a work order")).to_be_visible()
    expect(dialog.get_by_label("Work order")).to_be_focused()
    works = dialog.get_by_label("Announced works")
    expect(works).to_be_enabled()
    works.focus()
    sue.keyboard.type("Cabinet")
    expect(works).not_to_have_value("")
    finish(dialog, "Take out of service")
    expect(sheet).to_contain_text("Out of service")
    kept = "SELECT reference = '' AND annotation_id IS NOT NULL FROM alarm_hiding WHERE asset_id = 11"
    assert site.one(kept) is True


def test_two_people_disable(ada: Page, sue: Page, site: Site) -> None:
    sheet = sheet_of(ada, site, "L-3")
    dialog = begin(ada, sheet, "ask_disabling")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    ada.keyboard.type("Lamp on order")
    finish(dialog, "Ask")
    expect(sheet.locator("dl")).to_contain_text("disabling asked for by Ada Test")
    assert site.one("SELECT seconded_at IS NULL FROM alarm_hiding WHERE kind = 'disabled'") is True

    sue.goto(f"{site.url}/alarms/hidden?lang=en")
    row = sue.get_by_role("row", name="Lamp on order")
    row.get_by_role("button", name="Agree · L-3").press("Enter")
    finish(sue.get_by_role("dialog"), "Agree")
    expect(row).to_contain_text("agreed by Sue Test")
    row.get_by_role("button", name="Enable · L-3").press("Enter")
    finish(sue.get_by_role("dialog"), "Enable")
    expect(row).to_have_count(0)
    expect(sue.locator(".people-head")).to_contain_text("Explained by a cause: 2.")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_dossier_has_an_address_a_plan_paper_and_a_way_back(ada: Page, site: Site, theme: str) -> None:
    sheet_of(ada, site, "A-1")
    ada.keyboard.press("d")
    dialog = ada.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="Plan of")).to_be_visible()
    ada.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    ada.keyboard.press("d")
    dialog.get_by_role("link", name="Open as a page").press("Enter")
    ada.wait_for_url("**/alarms/dossier?alarm=*")
    ada.goto(f"{ada.url}&lang=en&theme={theme}")
    page = ada.locator("#alarm-desk-dossier")
    expect(page.get_by_role("table").get_by_role("row", name="L-1")).to_be_visible()
    expect(page.locator(".plan-mark").first).to_be_attached()
    no_violations(ada)
    ada.emulate_media(media="print")
    expect(page.get_by_role("table")).to_be_visible()
    expect(ada.get_by_role("button", name="Print")).to_have_count(0)
    expect(ada.locator(".top-bar")).to_be_hidden()
    ada.emulate_media(media="screen")
    ada.locator("body").press("Escape")
    expect(ada).to_have_url(f"{site.url}/?asset=A-1")
    for wrong, words in (("999999", "No such alarm here"), ("x", "names no alarm")):
        ada.goto(f"{site.url}/alarms/dossier?alarm={wrong}&lang=en")
        expect(page.get_by_role("alert")).to_contain_text(words)
