"""Going back: the map of an instant by keyboard, charts with their file, the board of a day."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.journeys.conftest import OpenPage, until

pytestmark = [pytest.mark.browser, pytest.mark.servers]
THEME = "document.documentElement.dataset.theme"


def test_the_past_is_unmistakable_and_escape_leads_back(open_page: OpenPage) -> None:
    watched = open_page("/history?at=now")
    page = watched.page
    slider = page.get_by_role("slider")
    slider.wait_for()
    until(page, f"{THEME} === 'past'")
    page.locator("#past-list .list-head").wait_for()
    until(page, "window.vigie.past.ready && window.vigie.past.link.state === 'past'")
    shown = int(float(slider.get_attribute("aria-valuenow") or 0))
    slider.focus()
    page.keyboard.press("Shift+ArrowDown")
    until(page, f"window.vigie.past.at && Date.parse(window.vigie.past.at) / 1000 === {shown - 3600}")
    until(page, f"Date.parse(new URLSearchParams(location.search).get('at')) / 1000 === {shown - 3600}")
    page.keyboard.press("Escape")
    page.locator("#room-map").wait_for()
    until(page, f"{THEME} === 'dark'")
    assert watched.errors == []
    assert watched.elsewhere == []


def test_the_address_of_an_instant_shows_the_same_again(open_page: OpenPage) -> None:
    page = open_page("/history?at=now").page
    slider = page.get_by_role("slider")
    slider.wait_for()
    until(page, "location.search.includes('T')")
    before = int(float(slider.get_attribute("aria-valuenow") or 0))
    page.locator("[data-do='back']").click()
    page.locator("[data-do='a']").click()
    until(page, f"Date.parse(new URLSearchParams(location.search).get('a')) / 1000 === {before - 3600}")
    until(page, "window.vigie.past.link.state === 'past'")
    again = open_page("/history" + page.evaluate("location.search")).page
    again.get_by_role("slider").wait_for()
    assert int(float(again.get_by_role("slider").get_attribute("aria-valuenow") or 0)) == before - 3600
    assert again.evaluate("vigie.clock.a") == before - 3600


def test_a_chart_has_its_table_and_its_file(open_page: OpenPage, tmp_path: Path) -> None:
    watched = open_page("/history?series=area:0:detector:flow&p=7d&compare=1")
    page = watched.page
    page.locator(".history-graph .main-svg").first.wait_for()
    page.locator(".chart-table summary").click()
    assert page.locator(".values tbody tr").count() in (167, 168, 169)
    with page.expect_download() as waiting:
        page.locator(".takeaway-link[data-file=csv]").click()
    file = tmp_path / "series.csv"
    waiting.value.save_as(file)
    lines = [line for line in file.read_text(encoding="utf-8-sig").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert len(rows) in (167, 168, 169)
    assert {row["source"] for row in rows} == {"hour"}
    assert watched.errors == []


def test_one_cursor_runs_over_all_charts_of_the_page(open_page: OpenPage) -> None:
    watched = open_page("/history?series=asset:EP-0001&p=7d")
    page = watched.page
    until(page, "document.querySelectorAll('.history-graph .main-svg').length > 3", 30_000)
    first = page.locator(".history-graph").first.bounding_box()
    assert first
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + 60)
    page.mouse.move(first["x"] + first["width"] / 2 + 40, first["y"] + 60, steps=4)
    graphs = page.locator(".history-graph").count()
    assert graphs > 1
    until(page, f"document.querySelectorAll('.chart-cursor:not([hidden])').length === {graphs}")
    places = page.evaluate("[...document.querySelectorAll('.chart-cursor')].map((one) => one.style.left)")
    assert len(set(places)) == 1
    page.mouse.move(5, 5)
    until(page, "document.querySelectorAll('.chart-cursor:not([hidden])').length === 0")
    assert watched.errors == []


def test_the_board_of_a_day_is_light_and_prints_without_its_bar(open_page: OpenPage) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date()
    watched = open_page(f"/boards/city?day={yesterday}")
    page = watched.page
    page.locator(".figures tbody tr").first.wait_for()
    until(page, f"{THEME} === 'light'")
    expect(page.locator(".board-day")).to_contain_text(str(yesterday.year))
    page.emulate_media(media="print")
    assert not page.locator(".top-bar").is_visible()
    assert page.locator(".board-sentence").is_visible()
    assert watched.errors == []


def test_nothing_is_wider_than_a_phone(open_page: OpenPage) -> None:
    for path, sign in (
        ("/boards/city", ".figures"),
        ("/history", ".history-controls"),
        ("/history?at=now", ".timeline-track"),
    ):
        page = open_page(path, width=390, height=844).page
        page.locator(sign).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
