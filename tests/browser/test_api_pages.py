"""The API in a real Chromium: by axe in both themes and three widths, by keyboard, nothing from elsewhere."""

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from public.door import public
from services.launch.servers import free_port
from services.settings import read_settings
from tests.browser.test_public_panel import violations
from tests.open_data import COUNTS, DAYS, LIGHTS, open_data

PATHS = (
    "",
    "/conformance",
    "/openapi.json",
    "/collections",
    f"/collections/{LIGHTS}",
    f"/collections/{LIGHTS}/queryables",
    f"/collections/{LIGHTS}/items",
    f"/collections/{LIGHTS}/items/L00001",
    f"/collections/{COUNTS}/series?value=flow&by=area_code",
    f"/collections/{DAYS}/items?limit=5",
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API, really serving; its address."""
    var, port = tmp_path_factory.mktemp("var"), free_port()
    open_data(var)
    settings = read_settings(var=var, public_url=f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(public(settings), port=port, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}/api"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(page: Page, api: str, path: str, theme: str) -> None:
    asked: list[str] = []
    spoken: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: spoken.append(line.text))
    page.goto(f"{api}{path}{'&' if '?' in path else '?'}f=html&lang=en&theme={theme}")
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == [], width
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"at {width} px the page scrolls sideways"
    assert all(url.startswith(api.removesuffix("/api")) for url in asked), "no third party is asked"
    assert spoken == []
    assert page.context.cookies() == []


def test_from_the_front_to_the_next_page_by_keyboard(page: Page, api: str) -> None:
    page.goto(f"{api}?f=html&lang=en")
    for name in ("Collections", f"Title of {LIGHTS}", "Features", "Next page"):
        link = page.get_by_role("link", name=name, exact=True).last
        link.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert "cursor=" in page.url
    assert page.locator("tbody tr").count() == 100
    assert page.locator("html").get_attribute("lang") == "en"
