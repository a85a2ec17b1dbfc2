"""The room of the past: what changed between two instants, what one keeps of it, the ways in and out."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.journeys.conftest import OpenPage, Watched, until
from tests.browser.journeys.past import ADDRESS, SHOWN, rows
from tests.browser.journeys.stack import Stack

pytestmark = pytest.mark.browser


# --- A and B ----------------------------------------------------------------------------------------------


def test_two_flags_show_what_changed_between_them(past: Watched) -> None:
    page = past.page
    page.keyboard.press("a")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("b")
    until(page, "vigie.difference.state === 'ready' && vigie.past.difference !== null", 30_000)
    expect(page.locator(".timeline-line")).to_contain_text("A 1")
    expect(page.locator("#past-difference [data-change='new_fault'] .legend-count")).to_have_text(
        str(page.evaluate("vigie.difference.answer.totals.new_fault"))
    )
    expect(page.locator("#past-legend")).to_be_hidden()
    listed = page.locator("#past-changed [role=option]").count()
    assert listed == page.evaluate("vigie.difference.answer.rows.length")
    page.keyboard.press("ArrowLeft")
    until(page, "vigie.past.difference === null")
    expect(page.locator("#past-legend")).to_be_visible()
    page.locator("[data-do='to_b']").click()
    until(page, "vigie.past.difference !== null")
    page.keyboard.press("x")
    until(page, "vigie.difference.state === 'none'")
    expect(page.locator("#past-changed")).to_be_empty()


# --- keeping and sending -----------------------------------------------------------------------------------


def test_an_instant_is_kept_under_a_name_and_its_bookmark_leads_back(past: Watched) -> None:
    page = past.page
    page.keyboard.press("a")
    until(page, f"{ADDRESS}.get('a') !== null")
    address = page.evaluate("location.pathname + location.search")
    page.keyboard.press("e")
    page.locator("#past-bookmark-title").fill("Midi d’hier")
    page.locator("#past-bookmark-save").click()
    link = page.locator("#past-bookmarks a").filter(has_text="Midi d’hier")
    expect(link).to_be_visible(timeout=15_000)
    assert link.get_attribute("href") == address
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog[open]')")
    page.keyboard.press("x")
    until(page, "vigie.clock.a === null")
    page.keyboard.press("e")
    link.click()
    until(page, f"window.vigie && vigie.clock && vigie.clock.a !== null && {SHOWN}")
    assert page.evaluate("location.pathname + location.search") == address


def test_the_link_that_is_copied_is_the_address_and_it_is_said(past: Watched) -> None:
    page = past.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("s")
    expect(page.locator(".timeline-keeping [role=status]")).to_have_text("Adresse copiée")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


# --- in and out --------------------------------------------------------------------------------------------


def test_selection_filters_and_area_go_into_the_past_and_back(stack: Stack, open_page: OpenPage) -> None:
    ((area,),) = rows(stack, "SELECT id FROM area WHERE kind = 'commune' ORDER BY id LIMIT 1")
    chosen = f"asset=EP-0001&domains=lighting&statuses=fault,active&area={area}"
    watched = open_page(f"/?{chosen}")
    page = watched.page
    until(page, "window.vigie && vigie.store('live').link.state === 'live'")
    until(page, f"{ADDRESS}.get('area') === '{area}'")
    page.keyboard.press("t")
    until(page, f"document.querySelector('[data-room=past]') && {SHOWN}")
    until(page, f"vigie.past.filters.area === {area} && vigie.past.filters.domains.join() === 'lighting'")
    assert page.evaluate(f"{ADDRESS}.get('asset')") == "EP-0001"
    page.locator("#past-search input").focus()
    page.keyboard.press("Escape")
    until(page, "location.pathname === '/' && document.querySelector('[data-room=room]')")
    for name, value in (part.split("=") for part in chosen.split("&")):
        until(page, f"{ADDRESS}.get('{name}') === '{value}'")
    assert watched.errors == []


def test_escape_closes_what_is_open_before_it_leaves(past: Watched) -> None:
    page = past.page
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert "Remonter le temps" not in page.locator("dialog[open]").inner_text()
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog[open]')")
    assert page.evaluate("location.pathname") == "/history"
    page.locator("#past-map canvas").first.focus()
    page.keyboard.press("Escape")
    until(page, "location.pathname === '/'")


def test_the_memory_away_is_said_and_nothing_else_is_shown_in_its_place(past: Watched) -> None:
    page = past.page
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    page.route("**/history/state**", refuse)
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".map-state-broken_past")).to_be_visible(timeout=15_000)
    assert refused
    page.unroute("**/history/state**")
    # The hand at rest asks once more by itself; whoever is sooner.
    page.evaluate("document.querySelector('.map-state button')?.click()")
    until(page, SHOWN)
    expect(page.locator(".map-state")).to_be_hidden()
    past.errors[:] = [error for error in past.errors if "net::ERR_FAILED" not in error]


def test_a_phone_has_the_whole_timeline_under_its_thumb(open_page: OpenPage) -> None:
    page = open_page("/history?at=now", width=390, height=844).page
    until(page, f"window.vigie && vigie.clock && {SHOWN}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """() => [...document.querySelectorAll('.timeline button, .timeline select, .timeline input, .tab')]
            .map((one) => [one.dataset.do || one.className, one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([name]) => name)"""
    )
    assert small == []
    for tab, part in (("list", "#past-list"), ("changes", "#past-changed"), ("map", "#past-map")):
        page.locator(f"[data-tab='{tab}']").click()
        expect(page.locator(part)).to_be_attached()
        expect(page.locator(".timeline-track")).to_be_visible()
