"""The time machine as an operator uses it, on the demo city's own past: its storm night above all."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys.conftest import OpenPage, Watched, until
from tests.browser.journeys.past import ADDRESS, AT, SHOWN, go, rows, when
from tests.browser.journeys.stack import Stack

pytestmark = pytest.mark.browser
TRIPS = """
SELECT a.external_id, s.phenomenon_time,
       (SELECT count(*) FROM asset c WHERE c.parent_id = a.id AND c.removed_at IS NULL)
FROM state_change s JOIN asset a ON a.id = s.asset_id
WHERE a.asset_type = 'control_cabinet' AND s.status = 4
  AND s.phenomenon_time > %(t0)s AND s.phenomenon_time <= %(t1)s
"""
PEAK = """() => {
    const track = document.querySelector('.timeline-track').getBoundingClientRect();
    let best = null;
    for (const path of document.querySelectorAll('[class^=load-p]')) {
        for (const d of path.getAttribute('d').matchAll(/M([\\d.]+) ([\\d.]+)h([\\d.]+)v/g)) {
            const bar = { x: Number(d[1]) + Number(d[3]) / 2, top: Number(d[2]) };
            if (!best || bar.top < best.top) best = bar;
        }
    }
    return [track.left + best.x, track.top + 40];
}"""
LABELS = """() => {
    const { map, box } = vigie.maps.get('past-map');
    const frame = box.getBoundingClientRect();
    return map.queryRenderedFeatures({ layers: ['labels'] }).map(({ properties, geometry }) => {
        const at = map.project(geometry.coordinates);
        return { label: properties.label, sign: properties.s, x: frame.left + at.x, y: frame.top + at.y };
    });
}"""


# --- the storm night --------------------------------------------------------------------------------------


def test_an_operator_finds_the_cabinet_that_tripped_in_the_storm_night(
    stack: Stack, open_page: OpenPage
) -> None:
    watched = open_page("/?lang=fr")
    page = watched.page
    until(page, "window.vigie && vigie.store('live').link.state === 'live'")
    page.keyboard.press("t")
    until(page, f"vigie.clock && vigie.clock.view && {SHOWN}")
    for _ in range(2):
        page.keyboard.press("-")
    until(page, "vigie.clock.span > 2e6 && document.querySelector('[class^=load-p]')")
    drag_to_the_peak(page)
    for _ in range(2):
        page.keyboard.press("+")
    until(page, "Math.abs(vigie.clock.span - 86400) < 10")
    found = sweep_for_a_cabinet(page)
    trips = rows(stack, TRIPS, t0=when(page) - timedelta(hours=12), t1=when(page))
    page.mouse.click(found["x"], found["y"])
    expect(page.locator("#past-head h2")).to_contain_text("disjoncteur général déclenché", timeout=15_000)
    head = page.locator("#past-head h2").inner_text()
    until(page, f"{ADDRESS}.get('asset')")
    asset = page.evaluate(f"{ADDRESS}.get('asset')")
    fed = {name: lamps for name, _, lamps in trips}
    assert asset in fed, "the history holds its trip"
    assert f"{fed[asset]} lampes" in head.replace("\u202f", " ")
    assert str(found["label"]).endswith(f"· {fed[asset]}")
    assert watched.errors == []


def drag_to_the_peak(page: Page) -> None:
    """Take the hand with the mouse and lead it to the tallest bar of alarms."""
    until(page, "document.querySelector('.timeline-hand') && document.querySelector('[class^=load-p]')")
    hand = page.locator(".timeline-hand").bounding_box()
    assert hand
    x, y = page.evaluate(PEAK)
    page.mouse.move(hand["x"], y)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
    until(page, SHOWN)


def sweep_for_a_cabinet(page: Page) -> dict[str, object]:
    """Step through the evening until the map names a cabinet with what hangs on it; its label and place.

    Ten minutes at a time: a cabinet may be back after a quarter of an hour.
    """
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(32):
        until(page, f"{SHOWN} && Number(document.querySelector('#past-list').dataset.at) === {AT}")
        until(page, "!vigie.maps.get('past-map').later && vigie.maps.get('past-map').map.loaded()")
        for label in page.evaluate(LABELS):
            if label["label"].startswith("Armoire") and "·" in label["label"] and label["sign"] == "fault":
                named: dict[str, object] = label
                return named
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
    raise AssertionError("the map never named a tripped cabinet")


# --- playing ----------------------------------------------------------------------------------------------


def test_a_day_played_at_3600_times_drops_no_change(stack: Stack, past: Watched) -> None:
    page = past.page
    begin = when(page) - timedelta(hours=24)
    go(page, begin)
    page.locator(".timeline-select").first.select_option("3600")
    page.evaluate(f"void vigie.player.play({AT} + 86400)")
    until(page, f"vigie.clock.motion === 'still' && {AT} === {begin.timestamp() + 86_400}", 90_000)
    until(page, "vigie.past.filmed === null && vigie.past.link.state === 'past'")
    ((held,),) = rows(
        stack,
        "SELECT count(*) FROM state_change WHERE phenomenon_time > %(t0)s AND phenomenon_time <= %(t1)s",
        t0=begin, t1=begin + timedelta(days=1),
    )  # fmt: skip
    assert held
    assert page.evaluate("vigie.past.played") == held
    assert page.evaluate("vigie.past.drift") == 0, "the film ends where the server says the day ended"


def test_playing_goes_on_by_keyboard_and_the_rest_of_the_page_follows(past: Watched) -> None:
    page = past.page
    before = page.evaluate(AT)
    page.keyboard.press("l")
    assert page.evaluate("vigie.clock.speed") == 600
    page.locator("body").press("k")
    until(page, f"{AT} > {before} + 600")
    expect(page.locator("[data-do='play']")).to_have_attribute("aria-label", "Pause")
    page.locator("body").press("k")
    until(page, f"vigie.clock.motion === 'still' && {SHOWN}")
    at = page.evaluate("vigie.time.iso(vigie.clock.at)")
    until(page, f"{ADDRESS}.get('at') === '{at}'")
    assert page.evaluate("vigie.past.drift") == 0


def test_with_reduced_motion_the_city_moves_on_once_a_second(past: Watched) -> None:
    page = past.page
    page.emulate_media(reduced_motion="reduce")
    pictures = page.evaluate("vigie.past.shown")
    before = page.evaluate(AT)
    page.locator("body").press("k")
    until(page, f"{AT} >= {before} + 240")
    page.locator("body").press("k")
    assert page.evaluate("vigie.past.shown") - pictures <= 8


# --- moving the hand ---------------------------------------------------------------------------------------


def test_dragging_makes_its_pictures_here_and_the_server_agrees_at_rest(past: Watched) -> None:
    page = past.page
    track = page.locator(".timeline-track").bounding_box()
    assert track
    x, y = track["x"] + track["width"] * 0.4, track["y"] + 40
    page.mouse.move(x, y)
    until(page, "vigie.film.codesAt(vigie.clock.view.t0 + 0.45 * vigie.clock.span) !== null")
    shown = page.evaluate("vigie.past.shown")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/history/state" in request.url else None)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=10)
    assert page.evaluate("vigie.past.shown") > shown
    assert asked == []
    page.mouse.up()
    until(page, f"{SHOWN} && vigie.past.filmed === null")
    assert page.evaluate("vigie.past.drift") == 0


def test_brackets_lead_to_what_got_worse(stack: Stack, past: Watched) -> None:
    page = past.page
    before = when(page)
    page.keyboard.press("]")
    until(page, f"{AT} > {before.timestamp()} && {SHOWN}")
    worse = rows(
        stack,
        "SELECT min(phenomenon_time) FROM state_change "
        "WHERE phenomenon_time > %(at)s AND status IN (3, 4, 5)",
        at=before,
    )
    first = worse[0][0]
    assert isinstance(first, datetime)
    assert 0 <= page.evaluate(AT) - first.timestamp() < 1.001
    page.keyboard.press("[")
    until(page, f"{AT} <= {before.timestamp()} && {SHOWN}")


def test_what_is_typed_is_the_citys_time_and_what_is_none_is_said(past: Watched) -> None:
    page = past.page
    field = page.locator(".timeline-field")
    field.fill("12:34:56")
    field.press("Enter")
    until(page, f"vigie.wall.field({AT}, 'Europe/Paris').endsWith('12:34:56') && {SHOWN}")
    at = page.evaluate(AT)
    field.fill("99/99/2026")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Pas un instant passé")).to_be_visible()
    assert page.evaluate(AT) == at
