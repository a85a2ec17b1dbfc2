"""The panels around the map on a real page: what they count, say, and let one do without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from model.states import Status
from tests.browser.made_up import Console, console

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"]
THIN = "\u202f"


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Console]:
    with console(browser, n=1_500) as opened:
        yield opened


@pytest.fixture
def room(shared: Console) -> Iterator[Console]:
    shared.set_props("domains", domains=None)
    shared.set_props("legend", statuses=None)
    yield shared
    assert not shared.complaints, shared.complaints


def notice(room: Console, index: int, street: str = "Rue Haute") -> dict[str, object]:
    return {
        "t": room.wire.now(), "index": index, "id": f"EP-{index}", "name": f"Point {index}",
        "street": street, "type": "streetlight", "from": "active", "to": "fault", "state": "lamp_failure",
    }  # fmt: skip


def test_the_legend_counts_what_the_city_holds(room: Console) -> None:
    codes = room.city.codes
    consequences = (codes & 8) > 0
    expected = {
        "fault": np.sum(((codes & 7) == Status.FAULT) & ~consequences),
        "consequence": np.sum(consequences),
        "active": np.sum((codes & 7) == Status.ACTIVE),
    }
    for name, count in expected.items():
        shown = room.page.locator(f'[data-status="{name}"] .legend-count').inner_text()
        assert shown.replace(THIN, "") == str(count)


def test_counts_follow_a_change_and_numbers_have_thin_spaces(room: Console) -> None:
    lamp = room.first("streetlight", 3)
    before = room.page.locator('[data-status="active"] .legend-count').inner_text()
    assert THIN in before
    room.wire.change([lamp], [Status.FAULT])
    room.until(f"document.querySelector('[data-status=\"active\"] .legend-count').textContent !== '{before}'")
    room.wire.change([lamp], [Status.ACTIVE])
    room.until(f"document.querySelector('[data-status=\"active\"] .legend-count').textContent === '{before}'")


def test_the_stale_row_appears_with_the_first_stale_value(room: Console) -> None:
    lamp = room.first("streetlight", 4)
    assert room.page.locator('[data-status="stale"]').count() == 0
    room.wire.change([lamp], [Status.ACTIVE | 2 << 4])
    room.page.locator('[data-status="stale"]').wait_for()
    room.wire.change([lamp], [Status.ACTIVE])
    room.page.locator('[data-status="stale"]').wait_for(state="detached")


def test_the_last_switch_off_turns_all_on_again(room: Console) -> None:
    for name in ("traffic", "surveillance", "energy", "access"):
        room.page.locator(f'[data-domain="{name}"]').click()
    room.until("vigie.live.filters.domains && vigie.live.filters.domains.length === 1")
    assert room.output("domains", "domains") == ["lighting"]
    room.page.locator('[data-domain="lighting"]').click()
    room.until("vigie.live.filters.domains === null")


def test_the_ticker_is_newest_first_stands_still_when_paused_and_picks(room: Console) -> None:
    lamps = [room.first("streetlight", at) for at in range(40, 43)]
    room.wire.notice([notice(room, lamp) for lamp in lamps[:2]])
    row = room.page.locator(".ticker-row")
    room.until("document.querySelectorAll('.ticker-row').length >= 2")
    assert f"Point {lamps[1]}" in row.first.inner_text()
    assert "Rue Haute" in row.first.inner_text()
    room.page.locator(".ticker-pause").click()
    room.wire.notice([notice(room, lamps[2])])
    room.page.locator(".ticker-waiting").wait_for()
    room.until("document.querySelector('.ticker-waiting').textContent.includes('1')")
    assert f"Point {lamps[1]}" in row.first.inner_text()
    room.page.locator(".ticker-pause").click()
    room.until(f"document.querySelector('.ticker-row').textContent.includes('Point {lamps[2]}')")
    row.first.click()
    assert room.output("ticker", "picked")["index"] == lamps[2]
    assert room.see(f"vigie.live.names.get({lamps[2]})") == f"Point {lamps[2]}"


def test_names_are_text_never_markup(room: Console) -> None:
    lamp = room.first("streetlight", 44)
    room.wire.notice([notice(room, lamp) | {"name": "<img src=x onerror=window.fired=1>"}])
    room.until("document.querySelector('.ticker-row').textContent.includes('onerror')")
    assert room.see("document.querySelectorAll('.ticker img').length") == 0
    assert room.see("window.fired") is None


def test_the_pulse_rises_only_when_what_is_abnormal_changes(room: Console) -> None:
    room.until("outputs.pulse && outputs.pulse.link === 'live' && outputs.pulse.version === 7")
    lamp = room.first("streetlight", 6)
    before = room.output("pulse", "attention")
    room.wire.change([lamp], [Status.NORMAL])
    room.until(f"vigie.live.classes[{lamp}] === 1")
    assert room.see("vigie.live.attention") == before
    room.wire.change([lamp], [Status.FAULT])
    room.until(f"outputs.pulse.attention > {before}", 3_000)
    room.wire.change([lamp], [Status.ACTIVE])


def test_keys_do_what_their_help_says_and_leave_writers_alone(room: Console) -> None:
    room.see("document.activeElement.blur()")
    room.page.keyboard.press("2")
    room.until("vigie.live.filters.domains && !vigie.live.filters.domains.includes('traffic')")
    room.page.keyboard.press("2")
    room.until("vigie.live.filters.domains === null")
    room.page.keyboard.press("?")
    room.page.locator("dialog.keys[open]").wait_for()
    assert room.page.locator(".keys-rows kbd").count() >= 10
    room.page.keyboard.press("Escape")
    room.page.locator("dialog.keys[open]").wait_for(state="detached")
    room.see("document.body.append(Object.assign(document.createElement('input'), {id: 'typing'}))")
    room.page.locator("#typing").focus()
    room.page.keyboard.press("2")
    assert room.see("document.getElementById('typing').value") == "2"
    assert room.see("vigie.live.filters.domains") is None
    room.see("document.getElementById('typing').remove()")


def test_the_loupe_shows_the_selection_and_goes_with_it(browser: Browser) -> None:
    with console(browser, n=1_500, width=1_400, height=900) as room:
        cabinet = next(int(i) for i in room.city.parents if room.city.codes[i] == Status.FAULT)
        assert room.page.locator(".loupe").count() == 0
        room.set_props("loupe", selected=cabinet)
        room.page.locator(".loupe canvas").wait_for()
        fault = room.see("vigie.look.themes.dark.fault.match(/\\w\\w/g).map((part) => parseInt(part, 16))")
        room.until(
            f"""(() => {{
                const canvas = document.querySelector('.loupe canvas');
                const px = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                const [red, green, blue] = {fault};
                for (let at = 0; at < px.length; at += 4)
                    if (px[at] === red && px[at + 1] === green && px[at + 2] === blue) return true;
                return false;
            }})()"""
        )
        room.set_props("loupe", selected=None)
        room.page.locator(".loupe").wait_for(state="detached")


@pytest.mark.parametrize(
    ("query", "width", "height"), [("theme=dark", 1_400, 900), ("theme=light&lang=en", 390, 844)]
)
def test_axe_finds_nothing_to_complain_of(browser: Browser, query: str, width: int, height: int) -> None:
    with console(browser, n=300, query=query, width=width, height=height) as room:
        room.wire.late = [{"type": "segment", "last": room.wire.now() - 245, "period": 60}]
        room.until("document.querySelector('#banner').dataset.kind === 'late'")
        room.see(AXE.read_text(encoding="utf-8"))
        found = room.see(
            "(tags) => window.axe.run(document, {runOnly: {type: 'tag', values: tags}})"
            ".then(({violations}) => violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))]))",
            AXE_TAGS,
        )
        assert found == []
        assert room.see("document.documentElement.scrollWidth") <= width


def test_nothing_moves_for_those_who_asked_for_stillness(browser: Browser) -> None:
    with console(browser, n=300, reduced_motion="reduce") as room:
        junction = room.first("junction", 0)
        room.wire.change([junction], [Status.FAULT])
        room.until(f"vigie.live.classes[{junction}] === 4")
        room.until("document.querySelectorAll('.map-news').length === 0", 1_000)
        room.set_props("map", command={"fly": [5.0, 47.3, 15], "n": 1})
        room.until("outputs.map.viewport.zoom === 15", 1_000)
