"""Every public panel in a real Chromium: axe, widths, held still, of one commune, as an element."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from public.door import public
from services.publishing.panels import PANELS
from services.settings import read_settings
from tests import published_tables as made
from tests.browser.site import listening
from tests.browser.test_public_panel import Host, violations
from tests.published import published

NAMES = [panel.name for panel in PANELS]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A site of somebody else's that the city approved."""
    site = Host(tmp_path_factory.mktemp("host") / "site")
    yield site
    site.close()


@pytest.fixture(scope="module")
def door(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The public door with every panel, really serving; its address."""
    var = tmp_path_factory.mktemp("var")
    made.publish(published(var), *NAMES)
    settings = read_settings(var=var, embed_origins=host.url)
    with listening(public(settings)) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 420, "height": 600})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_is_cut(page: Page, door: str, name: str) -> None:
    for theme, language, width in (("light", "fr", 320), ("dark", "en", 768), ("light", "en", 1280)):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(f"{door}/embed/{name}?lang={language}&theme={theme}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#as-table").check(force=True)
        expect(page.locator("table")).to_be_visible()
        expect(page.locator(".drawing")).to_be_hidden()
        assert violations(page) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_breaks_no_policy_and_asks_nobody_else(page: Page, door: str, name: str) -> None:
    spoken: list[str] = []
    asked: list[str] = []
    page.on("console", lambda line: spoken.append(line.text))
    page.on("request", lambda request: asked.append(request.url))
    for form in ("", ".svg", ".json"):
        page.goto(f"{door}/embed/{name}{form}", wait_until="networkidle")
    assert spoken == []
    assert all(url.startswith((door, "data:")) for url in asked)


def test_what_moves_can_be_held_and_keeps_the_view(page: Page, door: str) -> None:
    page.clock.install()
    page.goto(f"{door}/embed/road-traffic")
    hold = page.locator("#hold")
    expect(hold).to_have_text("Figer")
    hold.click()
    expect(hold).to_have_attribute("aria-pressed", "true")
    expect(hold).to_have_text("Reprendre")
    page.evaluate("document.hasFocus = () => false; window.mark = 1")
    page.clock.run_for(120_000)
    assert page.evaluate("window.mark") == 1, "held: it does not come anew"
    hold.click()
    page.locator("#as-table").check(force=True)
    with page.expect_event("load"):
        page.clock.run_for(60_000)
    assert page.evaluate("window.mark") is None
    expect(page.locator("table")).to_be_visible()


def test_what_changes_once_a_day_does_not_move(page: Page, door: str) -> None:
    page.goto(f"{door}/embed/availability")
    assert page.locator("#hold").count() == 0


def test_the_gallery_shows_one_commune_and_gives_its_lines(page: Page, door: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    page.goto(f"{door}/?lang=en")
    article = page.locator("article", has_text="Traffic now")
    article.get_by_label("Commune").select_option("21231")
    frame = article.frame_locator("iframe")
    expect(frame.locator(".domain")).to_have_text("Traffic · Valmont, Valmont-sur-Arce")
    assert "theme=light&amp;area=21231" in article.locator("textarea.frame").input_value()
    assert 'area="21231"' in article.locator("textarea.element").input_value()
    article.get_by_label("Commune").select_option("")
    assert "area" not in article.locator("textarea.element").input_value()


def test_the_element_is_as_tall_as_its_panel_and_follows_the_readers_theme(
    page: Page, door: str, host: Host
) -> None:
    (host.folder / "element.html").write_text(
        f"<!doctype html><html lang='en'><title>host</title>"
        f"<script src='{door}/vigie-panel.js' defer></script>"
        "<vigie-panel name='road-traffic' area='21231' title='Traffic in Valmont'></vigie-panel>"
    )
    page.goto(f"{host.url}/element.html")
    frame = page.frame_locator("vigie-panel iframe")
    expect(frame.locator("h1")).to_have_text("Traffic now")
    expect(page.locator("vigie-panel iframe")).to_have_attribute("title", "Traffic in Valmont")
    assert frame.locator("html").get_attribute("data-theme") == "light"
    page.wait_for_function("parseInt(document.querySelector('iframe').style.height) != 590")
    page.emulate_media(color_scheme="dark")
    expect(page.frame_locator("vigie-panel iframe").locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("document.querySelector('vigie-panel').setAttribute('area', '21355')")
    expect(page.frame_locator("vigie-panel iframe").locator(".domain")).to_contain_text("Longeray")
