"""Previews on the page of a dataset: by links without script, drawn at every width, and axe finds nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from public.door import public
from services.settings import read_settings
from tests.browser.site import listening
from tests.browser.test_public_panel import violations
from tests.published import published
from tests.published_datasets import publish_dataset
from tests.published_tables import failures

pytestmark = pytest.mark.browser
DATASET = "/datasets/lighting-failures"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The public door with one dataset; its address."""
    var = tmp_path_factory.mktemp("var")
    publish_dataset(published(var), table=failures())
    with listening(public(read_settings(var=var))) as url:
        yield url


def drawn(page: Page) -> tuple[str, int]:
    """Which picture the page chose, and how wide the browser drew it."""
    picture = page.locator("img.preview")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('img.preview').complete")
    chosen: str = picture.evaluate("one => one.currentSrc")
    return chosen.rpartition("/")[2], int(picture.evaluate("one => one.naturalWidth"))


def test_forms_are_links_that_need_no_script(browser: Browser, door: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{door}{DATASET}?lang=en&theme=light")
    expect(page.get_by_role("link", name="Chart")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Map", exact=True).click()
    shown = page.get_by_role("img", name="Share out of order (%), by commune, 26 November 2026.")
    expect(shown).to_be_visible()
    page.get_by_text("The values of the picture").click()
    expect(page.get_by_role("row", name="Chenove 1.20")).to_be_visible()
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.locator("img.preview")).to_have_count(0)
    expect(page.get_by_role("cell", name="2026-11-01").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("view", ["chart", "map", "table"])
def test_axe_finds_nothing_and_nothing_is_cut(browser: Browser, door: str, view: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    for width, theme, size in ((390, "dark", "narrow"), (1920, "light", "wide")):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{door}{DATASET}?lang=fr&theme={theme}&view={view}")
        if view != "table":
            name, pixels = drawn(page)
            assert (name, pixels > 300) == (f"lighting-failures.preview.{view}.fr.{theme}.{size}.svg", True)
            page.get_by_text("Les valeurs de l’image").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
