"""Notes and corrections in a real Chromium on a real database: seen in every chart of the place, by keys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from services.history import roll_up_dirty
from tests.browser.site import control_room, enter
from tests.clock import began
from tests.conftest import Servers
from tests.integration.small_city import add_streams, observe
from tests.live_city import lay_out
from tests.somebody import AUTHOR

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 30_000
PARIS = ZoneInfo("Europe/Paris")
QUARTER = timedelta(minutes=15)
USUAL, WRONG = 7.0, 400.0

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@dataclass
class Site:
    """A small city whose cabinet A-1 measured power for three days, with one absurd value at ``wrong``."""

    url: str
    engine: Engine
    wrong: datetime

    def rows(self, question: str, **values: Any) -> list[tuple[Any, ...]]:
        """The answer to ``question``."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    def roll_up(self) -> None:
        """What the recorder's keeper does every half minute."""
        while roll_up_dirty(self.engine, PARIS, 100):
            pass

    def hour(self) -> tuple[Any, ...]:
        """The rollup of the hour of the absurd value: n, sum, max."""
        hour = self.wrong.replace(minute=0)
        return self.rows("SELECT n, sum, max FROM rollup_hour WHERE bucket = :hour", hour=hour)[0]


@pytest.fixture(scope="module")
def built(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    newest = began().replace(minute=began().minute // 15 * 15, second=0) - QUARTER
    wrong = newest.replace(minute=15) - timedelta(hours=5)
    with engine.begin() as connection:
        add_streams(connection, (10, "power", 900))
        instants = [newest - QUARTER * back for back in range(4 * 72)]
        observe(connection, 1, [(at, WRONG if at == wrong else USUAL) for at in instants])
    with control_room(database, servers.redis.url) as url:
        opened = Site(url, engine, wrong)
        opened.roll_up()
        yield opened
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def site(built: Site) -> Site:
    """The city as it was measured, without notes and corrections."""
    with built.engine.begin() as connection:
        connection.execute(text("TRUNCATE annotation, correction, bookmark CASCADE"))
        connection.execute(
            text("INSERT INTO dirty_batch (bucket, streams) SELECT bucket, '{1}' FROM rollup_hour")
        )
    built.roll_up()
    return built


@pytest.fixture
def page(browser: Browser, built: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    enter(context, built.url)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield opened
    context.close()
    assert [line for line in complaints if "404" not in line] == []


def charts(page: Page, site: Site, query: str) -> Page:
    """The charts of ``query``, once one is drawn."""
    page.goto(f"{site.url}/history?lang=en&{query}")
    page.locator(".history-graph .main-svg").first.wait_for()
    return page


def press_on(page: Page, selector: str) -> None:
    """Press Enter on what ``selector`` names, as a keyboard would."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")


def typed(page: Page, text_: str) -> None:
    """Type into what has the focus. A field hands its value on by a timer of no length: that one is over."""
    page.keyboard.type(text_)
    page.evaluate("new Promise((done) => setTimeout(done, 0))")


def annotate(page: Page, title: str) -> None:
    """Add a note with the keyboard alone; the period and the place are as the dialog begins."""
    press_on(page, "#notes-add")
    expect(page.locator("#notes-title")).to_be_focused()
    typed(page, title)
    page.keyboard.press("Tab")
    typed(page, "Nine cabinets down.")
    press_on(page, "#notes-save")


def test_a_note_is_added_by_keyboard_and_seen_in_two_charts_then_withdrawn(page: Page, site: Site) -> None:
    charts(page, site, "series=area:0:control_cabinet:power&p=1d")
    annotate(page, "Storm <b>& more</b>")
    expect(page.locator(".chart-notes")).to_contain_text("Storm <b>& more</b>")
    expect(page.locator("#notes-dialog .mantine-Modal-content")).to_have_count(0)
    expect(page.locator(".history-graph .annotation-text").last).to_contain_text("Storm <b>& more</b>")
    charts(page, site, "series=asset:A-1&p=1d")
    expect(page.locator(".chart-notes")).to_contain_text(AUTHOR)
    page.goto(f"{site.url}/history?lang=en&notes=1")
    expect(page.locator(".notes-found .note")).to_have_count(1)
    press_on(page, "[data-withdraw-note]")
    press_on(page, "#notes-withdraw-save")
    expect(page.locator("#notes-list")).to_contain_text("No notes")
    page.locator("label", has_text="Show what was withdrawn too").click()
    expect(page.locator(".note.gone")).to_contain_text(f"Withdrawn by {AUTHOR}")
    assert "gone=1" in page.url
    charts(page, site, "series=asset:A-1&p=1d")
    expect(page.locator(".chart-notes")).to_have_count(0)


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(page: Page, site: Site) -> None:
    charts(page, site, "series=asset:A-1&p=1d")
    annotate(page, "")
    title = page.locator("#notes-title")
    expect(title).to_have_attribute("aria-invalid", "true")
    described = str(title.get_attribute("aria-describedby"))
    said = " ".join(page.locator(f"[id='{one}']").inner_text() for one in described.split())
    assert "Please fill this in." in said
    expect(page.locator("#notes-body")).to_have_value("Nine cabinets down.")
    page.keyboard.press("Escape")
    expect(page.locator("#notes-title")).to_have_count(0)
    expect(page.locator("#notes-add")).to_be_focused()
    assert site.rows("SELECT count(*) FROM annotation") == [(0,)]


def correct(page: Page, site: Site, value: str) -> None:
    """Correct the absurd reading by keyboard, from the table of the raw series."""
    row = f"[data-correct='{site.wrong.isoformat()}']"
    press_on(page, row)
    page.locator("#correcting-result").wait_for()
    expect(page.locator("#correcting-readings")).to_contain_text("400.00")
    page.locator("#correcting-result").focus()
    typed(page, value)
    page.locator("#correcting-reason").focus()
    typed(page, "clamp fitted upside down")
    press_on(page, "#correcting-save")


def test_a_correction_changes_figure_and_rollup_and_both_go_back(page: Page, site: Site) -> None:
    before = site.hour()
    assert before[2] == WRONG
    charts(page, site, "series=asset:A-1&p=1d")
    most = page.locator(".facts div", has_text="Maximum").locator("dd")
    expect(most).to_contain_text("400.00")
    press_on(page, ".chart-table summary")
    correct(page, site, "7")
    expect(most).to_contain_text("7.00")
    row = page.locator("tr.corrected")
    expect(row).to_contain_text("400.00")
    expect(row).to_contain_text("clamp fitted upside down")
    expect(row.locator("[data-correct]")).to_be_focused()
    site.roll_up()
    assert site.hour() == (4, 4 * USUAL, USUAL)
    charts(page, site, "series=asset:A-1&p=7d")
    expect(page.locator(".facts div", has_text="Maximum").locator("dd")).to_contain_text("7.00")
    expect(page.locator(".chart-key")).to_contain_text("1 reading corrected")
    charts(page, site, "series=asset:A-1&p=1d")
    press_on(page, ".chart-table summary")
    press_on(page, "[data-withdraw-correction]")
    press_on(page, "#correcting-withdraw-save")
    expect(page.locator(".facts div", has_text="Maximum").locator("dd")).to_contain_text("400.00")
    site.roll_up()
    assert site.hour() == before


def test_an_unlikely_value_asks_first_and_a_reading_may_say_nothing(page: Page, site: Site) -> None:
    charts(page, site, "series=asset:A-1&p=1d")
    press_on(page, ".chart-table summary")
    confirm = page.locator("#correcting-confirm")
    correct(page, site, "-50")
    expect(confirm).to_be_visible()
    expect(page.locator(".mantine-Modal-content")).to_contain_text("Outside the declared range")
    assert site.rows("SELECT count(*) FROM correction") == [(0,)]
    page.locator("#correcting-nothing").focus()
    page.keyboard.press("Space")
    press_on(page, "#correcting-save")
    expect(page.locator("tr.corrected")).to_contain_text("says nothing")
    assert site.rows("SELECT result FROM correction") == [(None,)]


def test_on_the_map_of_an_instant_a_note_reaches_the_timeline_and_a_bookmark_leads_back(
    page: Page, site: Site
) -> None:
    at = site.wrong.strftime("%Y-%m-%dT%H:%M:%SZ")
    page.goto(f"{site.url}/history?lang=en&at={at}&span=86400")
    keeping = page.locator('[data-do="bookmarks"]')
    keeping.wait_for()
    keeping.click()
    page.locator("#past-bookmark-title").focus()
    typed(page, "Cabinet tripped")
    press_on(page, "#past-bookmark-save")
    expect(page.locator("#past-bookmarks")).to_contain_text("Cabinet tripped")
    press_on(page, "dialog #notes-add")
    expect(page.locator("#notes-title")).to_be_focused()
    wall = site.wrong.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")
    expect(page.locator("#notes-t0")).to_have_value(wall)
    typed(page, "Thunderstorm")
    press_on(page, "#notes-save")
    expect(page.locator(".timeline-note title")).to_contain_text("Thunderstorm")
    keeping.click()
    press_on(page, "dialog #notes-add")
    page.locator("#notes-title").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#notes-title")).to_have_count(0)
    assert "/history?" in page.url, "Escape closed the dialog and did not leave the past"
    page.goto(f"{site.url}/history?lang=en&at=now")
    keeping.wait_for()
    keeping.click()
    press_on(page, "#past-bookmarks a")
    expect(page).to_have_url(re.compile(re.escape(f"at={at}")))
    press_on(page, '[data-do="bookmarks"]')
    press_on(page, "[data-remove-bookmark]")
    expect(page.locator("[data-remove-bookmark]")).to_have_count(0)
    assert site.rows("SELECT count(*) FROM bookmark") == [(0,)]


@pytest.mark.parametrize(("width", "height", "theme"), [(1920, 1080, "dark"), (390, 844, "light")])
def test_axe_finds_nothing_in_dialogs_lists_and_tables(
    page: Page, site: Site, width: int, height: int, theme: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    charts(page, site, f"series=asset:A-1&p=1d&theme={theme}")
    annotate(page, "Works")
    expect(page.locator(".chart-notes")).to_contain_text("Works")
    press_on(page, ".chart-table summary")
    correct(page, site, "8")
    expect(page.locator("tr.corrected")).to_have_count(1)
    assert complaints(page, ".charts") == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for opening, inside in (("#notes-add", "#notes-title"), ("[data-correct]", "#correcting-result")):
        press_on(page, opening)
        page.locator(inside).wait_for()
        assert complaints(page, ".mantine-Modal-content") == ""
        page.keyboard.press("Escape")
        expect(page.locator(inside)).to_have_count(0)
    page.goto(f"{site.url}/history?notes=1&lang=en&theme={theme}")
    page.locator(".notes-found").wait_for()
    assert complaints(page, ".notes-page") == ""


def complaints(page: Page, inside: str) -> str:
    """What axe finds wrong inside ``inside``."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "([inside, tags]) => window.axe.run(inside, {runOnly: {type: 'tag', values: tags}})"
        ".then(({violations}) => violations.flatMap("
        "    v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)))",
        [inside, AXE_TAGS],
    )
    return "\n".join(found)
