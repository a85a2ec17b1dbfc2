"""The public panel in a real Chromium: framed elsewhere, sandboxed, without script, by keyboard, by axe."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, FrameLocator, Page

from public.door import public
from services.launch.servers import free_port
from services.publishing.panels.lighting_status import drawn
from services.publishing.rendering import rendered
from services.settings import read_settings
from tests.published import RATES, example, lighting_days, published

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PANEL = "/embed/lighting-status"

pytestmark = pytest.mark.browser


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and keeps its log to itself."""

    def log_message(self, *_: object) -> None: ...


class Host:
    """A site of somebody else's: a folder on a port of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, framed: str, sandbox: str) -> str:
        """The address of a page that frames ``framed``."""
        (self.folder / "index.html").write_text(
            f"<!doctype html><title>host</title><iframe src='{framed}' sandbox='{sandbox}' width=420 "
            "height=600></iframe><script>window.told=[];addEventListener('message',e=>told.push(e.data))"
            "</script>"
        )
        return f"{self.url}/index.html"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Host]]:
    """A site the city approved, and one it did not."""
    folder = tmp_path_factory.mktemp("hosts")
    approved, other = Host(folder / "approved"), Host(folder / "other")
    yield approved, other
    approved.close()
    other.close()


@pytest.fixture(scope="module")
def door(hosts: tuple[Host, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The public door, really serving; its address."""
    var = tmp_path_factory.mktemp("var")
    published(var)
    port = free_port()
    settings = read_settings(var=var, embed_origins=hosts[0].url, public_port=port)
    server = uvicorn.Server(uvicorn.Config(public(settings), port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 420, "height": 600})
    opened = context.new_page()
    yield opened
    context.close()


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


@pytest.mark.parametrize("sandbox", ["allow-scripts", "allow-scripts allow-popups allow-downloads", ""])
def test_a_sandboxed_frame_of_an_approved_site_shows_the_panel(
    page: Page, door: str, hosts: tuple[Host, Host], sandbox: str
) -> None:
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(hosts[0].page(door + PANEL, sandbox), wait_until="networkidle")
    panel = framed(page)
    assert panel.locator("h1").inner_text() == "Points lumineux en panne"
    assert panel.locator(".figure strong").inner_text().replace("\u00a0", " ") == "1,2 %"
    assert page.context.cookies() == []
    assert all(url.startswith((door, hosts[0].url)) for url in requests), "no third party is asked"
    assert [url for url in requests if url.endswith(".woff2")], "its typeface comes along"
    refusals = [text for text in errors if "favicon" not in text and "404" not in text]
    if sandbox:
        assert refusals == []
        assert panel.locator("#age").inner_text().startswith("il y a")


def test_a_site_that_is_not_approved_is_refused(page: Page, door: str, hosts: tuple[Host, Host]) -> None:
    with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
        page.goto(hosts[1].page(door + PANEL, "allow-scripts"))
    page.wait_for_load_state()
    assert framed(page).locator(".figure").count() == 0
    assert "Points lumineux" not in framed(page).locator("body").inner_text()


def test_the_panel_tells_its_height_and_nothing_else(page: Page, door: str, hosts: tuple[Host, Host]) -> None:
    page.goto(hosts[0].page(door + PANEL, "allow-scripts"))
    # The first heights may be those of a page without its font; the last is the panel's.
    page.wait_for_function("told.length && told.at(-1).height > 450 && told.at(-1).height < 700")
    told: list[dict[str, Any]] = page.evaluate("told")
    assert all(set(message) == {"type", "height"} for message in told)


def test_a_click_shows_the_table_also_without_script(browser: Browser, door: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.goto(door + PANEL)
    assert page.locator("svg.plot").is_visible()
    assert not page.locator("table").is_visible()
    page.get_by_text("Tableau", exact=True).click()
    assert page.locator("table").is_visible()
    assert not page.locator("svg.plot").is_visible()
    assert page.locator("tbody tr").count() == 30
    context.close()


def test_the_table_holds_what_the_json_holds(page: Page, door: str) -> None:
    page.goto(f"{door}{PANEL}?lang=en")
    rows = page.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => "
        "[row.querySelector('time').dateTime, row.cells[1].textContent, row.cells[2].textContent])"
    )
    days = json.loads(page.request.get(f"{door}{PANEL}.json").text())["rows"]
    assert [row[0] for row in reversed(rows)] == [day["day"] for day in days]
    for row, day in zip(reversed(rows), days, strict=True):
        rate = day["failure_rate_percent"]
        assert row[1] == ("not measured" if rate is None else f"{rate:.2f}%")
        assert row[2] == f"{day['coverage_percent']:.0f}%"


def test_the_table_is_few_keys_away_and_focus_is_seen(page: Page, door: str) -> None:
    page.goto(door + PANEL)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "as-chart"
    outline = page.locator("label", has_text="Graphique").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("ArrowRight")
    assert page.locator("table").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "rows"


@pytest.mark.parametrize("width", [320, 420, 768, 1280])
@pytest.mark.parametrize("path", [PANEL, "/", "/embed/unknown"])
def test_nothing_is_cut_at_any_width(page: Page, door: str, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{door}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", [PANEL, "/"])
def test_axe_finds_nothing(page: Page, door: str, path: str, language: str, theme: str) -> None:
    page.goto(f"{door}{path}?lang={language}&theme={theme}", wait_until="networkidle")
    assert violations(page) == []
    if path == PANEL:
        page.get_by_text("Tableau" if language == "fr" else "Table", exact=True).click()
        page.locator("summary").click()
        assert violations(page) == []


def test_axe_finds_nothing_on_the_page_of_a_panel_that_is_gone(page: Page, door: str) -> None:
    page.goto(f"{door}/embed/unknown")
    assert violations(page) == []


def violations(page: Page) -> list[tuple[str, str]]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags, iframes: false})", TAGS)
    return [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]]


def test_old_data_says_that_it_is_old(door: str, page: Page) -> None:
    """The data of the tests ends on 6 November 2025; the page's clock is set after it."""
    for days, word in ((0.5, ""), (2.5, "en retard"), (30, "donnée ancienne")):
        page.clock.set_fixed_time(datetime(2025, 11, 6, 23, tzinfo=UTC) + timedelta(days=days))
        page.goto(door + PANEL)
        text = page.locator("#age").inner_text()
        assert text.endswith(word) if word else "," not in text, text
        assert ("late" in (page.locator("#age").get_attribute("class") or "")) == bool(word)


def test_a_panel_without_any_measure_is_designed_too(page: Page) -> None:
    """Rendered by hand: no figure, no age, an empty axis, a sentence; and axe finds nothing."""
    empty = example(days=lighting_days((None,) * len(RATES)))
    page.set_content(rendered(drawn(empty))["panel.fr.dark.html"].body.decode())
    assert page.locator(".sentence").inner_text() == "Aucune mesure sur les 30 derniers jours."
    assert page.locator("dl").count() == 0
    assert violations(page) == []


def test_the_gallery_frames_its_panel_and_gives_the_snippet(page: Page, door: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    page.goto(door, wait_until="networkidle")
    assert framed(page).locator("h1").inner_text() == "Points lumineux en panne"
    page.get_by_role("button", name="Code à copier").click()
    page.get_by_text("Copié", exact=True).wait_for()
    snippet = page.locator("textarea.frame").input_value()
    host = page.context.new_page()
    host.set_content(snippet)
    assert (
        host.locator("iframe").get_attribute("src")
        == f"http://localhost:{door.rsplit(':')[-1]}{PANEL}?lang=fr&theme=light"
    )
    assert host.locator("iframe").get_attribute("sandbox") is not None


def test_no_page_sets_a_cookie_or_breaks_its_policy(page: Page, door: str) -> None:
    spoken: list[str] = []
    page.on("console", lambda line: spoken.append(line.text))
    for path in ("/", PANEL, f"{PANEL}.svg", f"{PANEL}?theme=dark&lang=en"):
        answer = page.goto(door + path, wait_until="networkidle")
        assert answer is not None
        assert "set-cookie" not in answer.headers
    assert spoken == []
    assert page.context.cookies() == []
