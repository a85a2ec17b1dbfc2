"""The time machine as an operator uses it, on the demo city's own past: its storm night above all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys.conftest import OpenPage, Watched, until
from tests.browser.journeys.stack import Stack

pytestmark = pytest.mark.browser
PARIS = ZoneInfo("Europe/Paris")
AT = "vigie.clock.at"
SHOWN = "vigie.past.link.state === 'past' && vigie.past.at === vigie.time.iso(vigie.clock.at)"
ADDRESS = "new URLSearchParams(location.search)"
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
    for (const d of document.querySelector('.density-fault').getAttribute('d').matchAll(
        /M([\\d.]+) ([\\d.]+)h([\\d.]+)v([\\d.]+)/g)) {
        const bar = { x: Number(d[1]) + Number(d[3]) / 2, tall: Number(d[4]) };
        if (!best || bar.tall > best.tall) best = bar;
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


def rows(stack: Stack, query: str, **values: object) -> list[tuple[object, ...]]:
    """What the database holds."""
    with psycopg.connect(stack.servers["postgres"].url) as connection:
        return connection.execute(query, values).fetchall()


def go(page: Page, at: datetime) -> None:
    """Type an instant, and wait until it is shown."""
    field = page.locator(".timeline-field")
    field.fill(f"{at.astimezone(PARIS):%d/%m/%Y %H:%M:%S}")
    field.press("Enter")
    until(page, f"{AT} === {at.timestamp()} && {SHOWN}")


@pytest.fixture
def past(open_page: OpenPage) -> Iterator[Watched]:
    """The room of yesterday noon (UTC), shown."""
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    watched = open_page(f"/history?at={noon:%Y-%m-%dT%H:%M:%SZ}&lang=fr")
    until(watched.page, f"window.vigie && vigie.clock && {SHOWN}")
    yield watched
    assert watched.errors == []
    assert watched.elsewhere == []


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
    until(page, "vigie.clock.span > 2e6 && document.querySelector('.density-fault')")
    drag_to_the_peak(page)
    for _ in range(2):
        page.keyboard.press("+")
    until(page, "Math.abs(vigie.clock.span - 86400) < 10")
    found = sweep_for_a_cabinet(page)
    trips = rows(stack, TRIPS, t0=when(page) - timedelta(hours=12), t1=when(page))
    page.mouse.click(found["x"], found["y"])
    expect(page.locator("#past-head h2")).to_contain_text("disjoncteur général déclenché", timeout=15_000)
    head = page.locator("#past-head h2").inner_text()
    asset = page.evaluate(f"{ADDRESS}.get('asset')")
    fed = {name: lamps for name, _, lamps in trips}
    assert asset in fed, "the history holds its trip"
    assert f"{fed[asset]} lampes" in head.replace("\u202f", " ")
    assert str(found["label"]).endswith(f"· {fed[asset]}")
    assert watched.errors == []


def when(page: Page) -> datetime:
    """The instant shown."""
    return datetime.fromtimestamp(page.evaluate(AT), UTC)


def drag_to_the_peak(page: Page) -> None:
    """Take the hand with the mouse and lead it to the tallest bar of faults."""
    until(page, "document.querySelector('.timeline-hand') && document.querySelector('.density-fault')")
    hand = page.locator(".timeline-hand").bounding_box()
    assert hand
    x, y = page.evaluate(PEAK)
    page.mouse.move(hand["x"], y)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.up()
    until(page, SHOWN)


def sweep_for_a_cabinet(page: Page) -> dict[str, object]:
    """Step through the evening until the map names a cabinet with what hangs on it; its label and place."""
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(14):
        until(page, f"{SHOWN} && Number(document.querySelector('#past-list').dataset.at) === {AT}")
        until(page, "!vigie.maps.get('past-map').later && vigie.maps.get('past-map').map.loaded()")
        for label in page.evaluate(LABELS):
            if label["label"].startswith("Armoire") and "·" in label["label"] and label["sign"] == "fault":
                named: dict[str, object] = label
                return named
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
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
    page.locator("#notes-bookmark-author").fill("C. Vidal")
    page.locator("#past-bookmark-save").click()
    link = page.locator("#past-bookmarks a").filter(has_text="Midi d’hier")
    expect(link).to_be_visible(timeout=15_000)
    assert link.get_attribute("href") == address
    page.keyboard.press("Escape")
    page.keyboard.press("x")
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
    page.route("**/history/state**", lambda route: route.abort())
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".map-state-broken_past")).to_be_visible(timeout=15_000)
    page.unroute("**/history/state**")
    page.locator(".map-state button").click()
    until(page, SHOWN)
    expect(page.locator(".map-state")).to_be_hidden()
    past.errors.clear()


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
