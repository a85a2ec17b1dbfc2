"""What one takes away, in a real Chromium: files, charts as pictures, a replay, the report of a night."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from geodata.database import open_engine
from model.states import Status
from tests.browser.site import control_room, enter
from tests.conftest import Servers
from tests.integration.small_city import add_streams, change, keyframe, observe
from tests.live_city import lay_out
from tests.somebody import AUTHOR

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 30_000
KEEP = "Keep, annotate, take away"
SOURCE = "Source: Invented city: every position and value is generated. · licence CC0 1.0"

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@dataclass
class Site:
    """The control room of a small city whose cabinet tripped two hours before ``began``."""

    url: str
    began: datetime

    def after(self, hours: float) -> str:
        """An instant that many hours from the beginning, as addresses write it."""
        at = (self.began + timedelta(hours=hours)).replace(microsecond=0)
        return at.isoformat().replace("+00:00", "Z")


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    began = datetime.now(UTC).replace(microsecond=0)
    lay_out(engine)
    with engine.begin() as connection:
        fine = dict.fromkeys([10, 11, 12, 13, *range(101, 106)], (int(Status.ACTIVE), 2))
        keyframe(connection, began - timedelta(hours=5), fine)
        change(connection, (10, began - timedelta(hours=2), int(Status.FAULT), 3))
        add_streams(connection, (13, "power", 900))
        readings = [(began - timedelta(minutes=15 * n), 2.0 + n % 7) for n in range(1, 90) if not 20 < n < 30]
        observe(connection, 1, readings)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, began)
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1600, "height": 1000}, accept_downloads=True)
    enter(context, site.url)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    opened.on("request", lambda asked: None if ours(site, asked.url) else complaints.append(asked.url))
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()
    # The typeface is installed by a build step, which a checkout may not have had; a refusal is meant.
    meant = ("status of 404", "status of 400")
    assert [told for told in complaints if not any(part in told for part in meant)] == []


def ours(site: Site, url: str) -> bool:
    """Whether a request stays with this control room."""
    return url.startswith((site.url, "data:", "blob:"))


def downloaded(page: Page, selector: str, folder: Path) -> Path:
    """The file a click on ``selector`` saves, under the name the page gives it."""
    with page.expect_download() as waiting:
        page.locator(selector).first.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_chart_is_taken_as_a_picture_that_says_what_it_is(
    page: Page, site: Site, tmp_path: Path, theme: str
) -> None:
    page.goto(f"{site.url}/history?series=asset:M-1&p=1d&lang=en&theme={theme}")
    page.locator(".history-graph .main-svg").first.wait_for()
    png = downloaded(page, ".picture-button[data-kind=png]", tmp_path)
    assert re.fullmatch(r"vigie-demo-power-m-1-\d{8}T\d{4}-\d{8}T\d{4}\.png", png.name)
    with Image.open(png) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width >= 1_200
        # Paper: the ground is white and the line dark, whatever the screen was.
        assert picture.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
        darkest = min(picture.convert("L").getdata())
        assert darkest < 60
    svg = downloaded(page, ".picture-button[data-kind=svg]", tmp_path).read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    text = re.sub(r"<[^>]+>", " ", svg.replace("&amp;", "&"))
    for part in (SOURCE, "Power (kWh)", "M-1", "(Europe/Paris)", "coverage", "made "):
        assert part in text, part
    # The figure on the screen is left as it was.
    expect(page.locator(".history-graph .annotation")).to_have_count(0)


def test_files_of_a_series_come_with_its_label(page: Page, site: Site, tmp_path: Path) -> None:
    page.goto(f"{site.url}/history?series=asset:M-1&p=1d&lang=en")
    page.locator(".history-graph .main-svg").first.wait_for()
    sheet = downloaded(page, ".takeaway-link[data-file=csv]", tmp_path).read_text(encoding="utf-8-sig")
    assert "# source," in sheet
    places = json.loads(downloaded(page, ".takeaway-link[data-file=geojson]", tmp_path).read_text("utf-8"))
    assert places["takeaway"]["time_zone"] == "Europe/Paris"
    parquet = downloaded(page, ".takeaway-link[data-file=geoparquet]", tmp_path)
    assert parquet.read_bytes()[:4] == b"PAR1"


def test_a_refusal_is_said_on_the_spot(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/history?series=asset:M-1&p=1d&lang=en")
    page.locator(".history-graph .main-svg").first.wait_for()
    answer = {"error": {"code": "toomuch", "message": "Ask for one area."}}
    page.route("**/history/export**", lambda route: route.fulfill(status=400, json=answer))
    page.locator(".takeaway-link[data-file=csv]").click()
    expect(page.locator(".takeaway-said")).to_have_text("Ask for one area.")


def test_the_past_gives_the_instant_and_with_two_flags_what_changed(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(f"{site.url}/history?at={site.after(-1)}&lang=en")
    page.get_by_role("button", name=KEEP).click()
    expect(page.locator(".takeaway-link[data-file=report]")).to_be_hidden()
    state = downloaded(page, ".takeaway-link[data-file=csv]", tmp_path).read_text(encoding="utf-8-sig")
    assert '"A-1"' in state
    assert '"breaker_tripped"' in state
    page.keyboard.press("Escape")
    expect(page.locator("dialog.keeping[open]")).to_have_count(0)
    page.goto(
        f"{site.url}/history?at={site.after(-1)}&a={site.after(-3)}&b={site.after(-1)}&speed=10&lang=en"
    )
    page.get_by_role("button", name=KEEP).click()
    changed = downloaded(page, ".takeaway-link[data-file=csv]", tmp_path).read_text(encoding="utf-8-sig")
    assert '"new_fault"' in changed
    replay = downloaded(page, ".takeaway-link[data-file=replay]", tmp_path)
    with Image.open(replay) as picture:
        assert (picture.format, picture.is_animated) == ("WEBP", True)
    page.locator(".takeaway-link[data-file=report]").click()
    page.wait_for_url("**/report?**")
    expect(page.locator(".report-sheet h1")).to_be_visible()
    expect(page.locator(".report-table").first).to_contain_text("A-1")


def test_the_report_is_readable_for_all_and_prints_without_its_tools(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/report?t0={site.after(-4)}&t1={site.after(-1)}&lang=en&theme=dark")
    page.locator(".report-sheet h1").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", AXE_TAGS)
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []
    ground = "getComputedStyle(document.querySelector('.report-sheet')).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    expect(page.locator(".report-tools")).to_be_hidden()
    expect(page.locator(".top-bar")).to_be_hidden()
    expect(page.locator(".report-sheet h1")).to_be_visible()


def test_the_form_of_the_report_leads_to_its_address(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/report?t0={site.after(-4)}&t1={site.after(-1)}&lang=en")
    page.locator(".report-sheet h1").wait_for()
    page.locator(".report-asked input[name=a]").focus()
    page.locator(".report-asked button[type=submit]").click()
    expect(page.locator(".report-colophon")).to_contain_text(f"by {AUTHOR}")
    asked = page.evaluate("new URLSearchParams(location.search).get('t0')")
    assert datetime.fromisoformat(asked).replace(second=0) == (site.began - timedelta(hours=4)).replace(
        second=0
    )
