"""An alarm worked by keyboard in a real Chromium: commented, confirmed, shelved, found hidden, lifted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from tests.alarms_made_up import add_alarm, add_group, add_hiding, add_rule
from tests.browser.site import control_room, enter
from tests.clock import began
from tests.conftest import Servers
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
CABINET, DARK, METER = "control_cabinet.tripped", "streetlight.dark", "meter.fault"

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[tuple[str, Engine]]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    at = began() - timedelta(minutes=11)
    with engine.begin() as connection:
        add_rule(connection, CABINET, at, priority=1, max_shelve_s=7200)
        add_rule(connection, DARK, at)
        add_rule(connection, METER, at, domain="energy", priority=2)
        add_group(connection, CABINET, 10, DARK, [101, 102, 103], at)
        add_alarm(connection, METER, at, asset=13)
        add_alarm(connection, DARK, at, asset=104)
        add_hiding(connection, "disabled", at, key=DARK, asset=105, reason="lamp on order", by="Bo Test")
        connection.execute(
            text(
                "INSERT INTO annotation (kind, title, body, t0, t1, asset_id, author) "
                "VALUES ('works', 'Cabinet A-2 renewed', '', :t0, :t1, 11, 'Bo Test')"
            ),
            {"t0": began() + timedelta(hours=5), "t1": began() + timedelta(hours=9)},
        )
    with control_room(database, servers.redis.url) as url:
        yield url, engine
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: tuple[str, Engine]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    enter(context, site[0], Role.SUPERVISOR)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    context.close()
    assert complaints == []


def no_violations(page: Page, where: str = "body") -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([where, tags]) => axe.run(where, {runOnly: {type: 'tag', values: tags}})", [where, AXE_TAGS]
    )
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def test_an_alarm_is_worked_by_keyboard(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/?asset=M-1&lang=en")
    sheet = page.locator("#room-alarm-sheet")
    expect(sheet.get_by_role("heading", level=3)).to_be_visible()
    expect(sheet).to_contain_text("To acknowledge")

    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Comment on the alarm")
    dialog.get_by_role("button", name="Comment").press("Enter")
    expect(dialog.get_by_text("To be filled in")).to_be_visible()
    expect(dialog.get_by_label("Comment")).to_be_focused()
    page.keyboard.type("Technician called")
    # What was typed survives a dialog that was closed by mistake.
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("c")
    expect(dialog.get_by_label("Comment")).to_have_value("Technician called")
    dialog.get_by_role("button", name="Comment").press("Enter")
    expect(sheet.get_by_role("list")).to_contain_text("Technician called")

    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(sheet).to_contain_text("Acknowledged by")
    page.keyboard.press("r")
    page.keyboard.type("Breaker set back")
    page.get_by_role("dialog").get_by_role("button", name="Confirm").press("Enter")
    expect(sheet.locator("dl")).to_contain_text("Breaker set back")

    page.keyboard.press("s")
    shelve = page.get_by_role("dialog", name="Shelve the alarm")
    shelve.get_by_label("Reason").fill("Awaits the technician")
    shelve.get_by_role("button", name="Shelve").press("Enter")
    expect(sheet).to_contain_text("Shelved")
    with engine.connect() as connection:
        kept = connection.execute(
            text("SELECT reason, until - from_at AS lasts FROM alarm_hiding WHERE kind = 'shelved'")
        ).one()
    assert kept.reason == "Awaits the technician"
    assert kept.lasts == timedelta(hours=1)

    page.goto(f"{url}/alarms/hidden?lang=en")
    row = page.get_by_role("row", name="Awaits the technician")
    row.get_by_role("button", name="End · M-1").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="End it").press("Enter")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Agree · L-5").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Agree").press("Enter")
    expect(page.get_by_role("row", name="lamp on order")).to_contain_text("agreed by")


def test_of_two_alarms_of_one_lamp_the_one_that_is_shown_is_acknowledged(
    page: Page, site: tuple[str, Engine]
) -> None:
    url, engine = site
    with engine.begin() as connection:
        add_rule(connection, "streetlight.flickering", began() - timedelta(minutes=9))
        add_alarm(connection, "streetlight.flickering", began() - timedelta(minutes=9), asset=104)
    page.goto(f"{url}/?asset=L-4&lang=en")
    sheet = page.locator("#room-alarm-sheet")
    other = sheet.locator(".alarm-others button[aria-pressed='false']")
    shown = sheet.get_by_role("heading", level=3).inner_text()
    other.click()
    expect(sheet.get_by_role("heading", level=3)).not_to_have_text(shown)
    chosen = sheet.get_by_role("heading", level=3).inner_text()
    sheet.locator("[data-verb='acknowledge']").click()
    page.keyboard.press("a")
    expect(sheet).to_contain_text("Acknowledged by")
    question = "SELECT alarm_class FROM alarm WHERE asset_id = 104 AND acknowledged_at IS NOT NULL"
    with engine.connect() as connection:
        done = list(connection.scalars(text(question)))
    assert done == ["streetlight.flickering" if "Flickering" in chosen else DARK]


def test_a_refusal_of_the_server_stands_at_its_field(page: Page, site: tuple[str, Engine]) -> None:
    url, _ = site
    page.goto(f"{url}/alarms/windows?lang=en")
    page.get_by_role("button", name="Make a window · Cabinet A-2 renewed").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Equipment", exact=True)).to_have_value("A-2")
    begins, until = dialog.get_by_label("From"), dialog.get_by_label("Until")
    late = until.input_value()
    until.fill(begins.input_value())
    dialog.get_by_role("button", name="Plan").press("Enter")
    expect(dialog.locator("#alarm-error-until")).not_to_be_empty()
    expect(until).to_be_focused()
    until.fill(late)
    dialog.get_by_role("button", name="Plan").press("Enter")
    expect(page.get_by_role("table", name="To come")).to_contain_text("Cabinet A-2 renewed")
    expect(page.get_by_role("button", name="Make a window · Cabinet A-2 renewed")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1920, 390])
def test_the_screens_have_no_violations(page: Page, site: tuple[str, Engine], theme: str, width: int) -> None:
    url, _ = site
    page.set_viewport_size({"width": width, "height": 1080 if width > 700 else 844})
    for path in ("/alarms/hidden", "/alarms/windows"):
        page.goto(f"{url}{path}?lang=fr&theme={theme}")
        expect(page.locator(".alarm-page .state-loading")).to_have_count(0)
        expect(page.locator(".alarm-page").get_by_role("heading", level=2)).to_be_visible()
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    page.goto(f"{url}/?asset=A-1&lang=fr&theme={theme}")
    sheet = page.locator("#room-alarm-sheet")
    if width < 700:
        # The list has the first screen; the sheet is one line until it is asked for.
        expect(sheet.get_by_role("button", name="Dossier")).to_have_count(0)
        expect(page.locator(".alarm-row").first).to_be_visible()
        assert page.evaluate("document.querySelector('.alarm-rows').offsetHeight > window.innerHeight / 4")
        sheet.get_by_role("button", name="Détails").click()
    expect(sheet.get_by_role("button", name="Dossier")).to_be_visible()
    no_violations(page, "#room-alarm-sheet")
    sheet.get_by_role("button", name="Dossier").click()
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()
    no_violations(page, "#room-alarm-sheet")
    page.keyboard.press("Escape")
    sheet.get_by_role("button", name="Mettre en attente").click()
    expect(page.get_by_role("dialog").get_by_label("Motif")).to_be_focused()
    no_violations(page, "#room-alarm-sheet")
