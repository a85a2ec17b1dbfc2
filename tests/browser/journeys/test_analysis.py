"""The analysis pages in a browser: each view draws in both languages, by keyboard too, uncomplaining."""

import pytest

from model.analysis import DOMAINS_SHOWN, panels_of
from model.texts import words
from tests.browser.journeys.conftest import OpenPage, until

pytestmark = [pytest.mark.browser, pytest.mark.servers]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("domain", DOMAINS_SHOWN)
def test_each_view_draws_its_panels(open_page: OpenPage, domain: str, language: str) -> None:
    watched = open_page(f"/analysis?domain={domain}&p=7d&lang={language}")
    page, say = watched.page, words(language)
    panels = panels_of(domain)
    until(page, f"document.querySelectorAll('.analysis-panel').length === {len(panels)}")
    for panel in panels:
        section = page.locator(f"#analysis-{panel.key}")
        assert say(f"analysis.{panel.key}.title") in section.inner_text()
        assert say(f"analysis.{panel.key}.decision") in section.inner_text()
    drawn = "document.querySelectorAll('.analysis-graph .main-svg').length"
    until(page, f"{drawn} >= document.querySelectorAll('.analysis-graph').length && {drawn} > 0")
    assert "⟦" not in page.locator("#page").inner_text()
    assert watched.errors == []
    assert watched.elsewhere == []


def test_what_is_chosen_is_in_the_address_and_comes_back(open_page: OpenPage) -> None:
    watched = open_page("/analysis?domain=traffic&p=30d&lang=en")
    page = watched.page
    until(page, "document.querySelectorAll('.analysis-panel').length > 0")
    page.get_by_text("7 d", exact=True).click()
    until(page, "location.search.includes('p=7d') && location.search.includes('domain=traffic')")
    again = open_page("/analysis" + page.evaluate("location.search")).page
    until(again, "document.querySelector('#analysis-period input:checked')?.value === '7d'")
    page.get_by_role("navigation", name="Domains").get_by_text("Energy").click()
    until(page, "document.querySelector('#analysis-consumption') !== null")
    assert page.evaluate("location.search").startswith("?domain=energy&p=7d")
    assert watched.errors == []


def test_the_figures_open_as_a_table_by_keyboard(open_page: OpenPage) -> None:
    watched = open_page("/analysis?domain=access&p=7d&lang=en")
    page = watched.page
    until(page, "document.querySelector('#analysis-openings .chart-table') !== null")
    page.locator("#analysis-openings .chart-table summary").first.focus()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#analysis-openings .chart-table').open")
    assert page.locator("#analysis-openings .chart-table").first.locator("tbody tr").count() == 24
    assert watched.errors == []


def test_the_phone_reads_without_scrolling_sideways(open_page: OpenPage) -> None:
    page = open_page("/analysis?domain=lighting&p=7d", width=390, height=844).page
    until(page, "document.querySelectorAll('.analysis-panel').length > 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
