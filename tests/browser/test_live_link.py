"""The live link on a real page: it never pretends, and it comes back by itself."""

import base64
import re
import time

import numpy as np
import pytest
from playwright.sync_api import Browser

from bench.wire_city import made_up_city
from model.states import Status
from tests.browser.made_up import Console, console

pytestmark = pytest.mark.browser
WITHIN_MS = 5_000
"""What is promised: said within five seconds, and well again within five seconds."""


def test_a_dead_server_is_said_within_five_seconds_and_nothing_is_lost_when_it_returns(
    browser: Browser,
) -> None:
    with console(browser) as room:
        lamp = room.first("streetlight", 9)
        room.server.stop()
        room.until("vigie.live.link.state === 'cut'", WITHIN_MS)
        banner = room.page.locator("#banner")
        room.until("document.querySelector('#banner').dataset.kind === 'cut'", 3_000)
        assert "Direct interrompu." in banner.inner_text()
        assert "INTERROMPU" in room.page.locator("#clock").inner_text().upper()
        first = room.see("document.querySelector('.banner-detail').textContent")
        room.until(f"document.querySelector('.banner-detail').textContent !== {first!r}", 6_000)
        room.wire.change([lamp], [Status.FAULT])
        # As after ten minutes of trying: the pauses between attempts have grown to their longest.
        room.see("vigie.live.connection.tries = 400")
        room.server.start()
        room.until("vigie.live.link.state === 'live'", WITHIN_MS)
        room.until(f"vigie.live.classes[{lamp}] === 4", WITHIN_MS)
        room.until("document.querySelector('#banner').dataset.kind === 'none'", 3_000)


def test_a_hung_server_is_said_within_five_seconds_though_its_socket_is_open(browser: Browser) -> None:
    with console(browser) as room:
        room.wire.silent = True
        room.until("vigie.live.link.state === 'cut'", WITHIN_MS)
        frozen = room.see("vigie.live.now() - vigie.live.link.frozen")
        assert 3 <= frozen <= WITHIN_MS / 1_000
        room.wire.silent = False
        room.until("vigie.live.link.state === 'live'", WITHIN_MS)


def test_the_retry_button_asks_at_once(browser: Browser) -> None:
    with console(browser) as room:
        room.wire.refusing = True
        room.server.stop()
        room.server.start()
        room.until("vigie.live.link.state === 'cut'", WITHIN_MS)
        # Between attempts the page waits longer and longer; a click does not.
        room.see("vigie.live.connection._later(600000)")
        room.wire.refusing = False
        room.page.locator(".banner-action").click()
        room.until("vigie.live.link.state === 'live'", 5_000)


def test_a_resync_takes_a_new_snapshot(browser: Browser) -> None:
    with console(browser) as room:
        lamp = room.first("streetlight", 11)
        room.city.codes[lamp] = Status.DEGRADED
        room.wire.tell("event: resync\ndata: {}\n\n")
        room.until(f"vigie.live.classes[{lamp}] === 3")


def test_a_frame_for_another_layout_takes_a_new_snapshot(browser: Browser) -> None:
    with console(browser) as room:
        before = room.wire.asked.count("/live/snapshot")
        packed = base64.b64encode(np.array([(999_999 << 8) | 4], "<u4").tobytes()).decode()
        room.wire.tell(f'id: 5-0\nevent: frame\ndata: {{"t": {room.wire.now()}, "c": "{packed}"}}\n\n')
        room.eventually(lambda: room.wire.asked.count("/live/snapshot") > before)


def test_the_trace_of_the_newest_frame_is_there_to_quote(browser: Browser) -> None:
    with console(browser, n=200) as room:
        packed = base64.b64encode(np.array([(3 << 8) | 4], "<u4").tobytes()).decode()
        for number, more in ((1, ', "r": "00ff00ff00ff00ff"'), (2, "")):
            room.wire.tell(
                f'id: {number}-0\nevent: frame\ndata: {{"t": {room.wire.now()}, "c": "{packed}"{more}}}\n\n'
            )
        room.until("vigie.live.connection.sequence === '2-0'")
        assert room.see("vigie.live.link.trace") == "00ff00ff00ff00ff"


def test_a_new_layout_is_drawn_without_a_reload_of_the_page(browser: Browser) -> None:
    with console(browser) as room:
        room.set_props("map", selected=390)
        room.wire.city = made_up_city(250)
        room.wire.city.version = 8
        room.wire.tell('event: reload\ndata: {"version": 8}\n\n')
        room.until("vigie.live.version === 8 && vigie.live.count === 250")
        room.until("vigie.maps.get('map').points.count === 250")
        assert not room.complaints, room.complaints


def test_frames_that_come_before_the_geometry_are_kept(browser: Browser) -> None:
    with console(browser) as room:
        lamp = room.first("streetlight", 13)
        kept = room.see(
            """async (lamp) => {
                const link = vigie.live.connection;
                const data = { c: btoa(String.fromCharCode(5, lamp & 255, lamp >> 8, 0)) };
                link.loading = true;
                link._frame("900-0", data);
                const early = vigie.live.classes[lamp];
                link.loading = false;
                link._catchUp("899-0");
                return [early, vigie.live.classes[lamp], link.sequence];
            }""",
            lamp,
        )
        assert kept == [Status.ACTIVE, Status.COMMS_LOST, "900-0"]


def test_time_is_the_servers_whatever_the_computer_believes(browser: Browser) -> None:
    with console(browser, n=200) as room:
        room.wire.clock_offset = 3_600
        room.until("vigie.live.now() - Date.now() / 1000 > 3590")
        ahead = room.see("vigie.live.now() - Date.now() / 1000")
        assert ahead == pytest.approx(3_600, abs=1)


def test_a_beat_that_waited_does_not_turn_the_clock_back(browser: Browser) -> None:
    with console(browser, n=200) as room:
        seen = room.see(
            """() => {
                let elapsed = 100;
                const clock = new vigie.ServerClock(() => elapsed);
                clock.set(5000);
                elapsed = 110;
                clock.set(5003);
                const late = clock.now();
                clock.set(4000); clock.set(4000); clock.set(4000);
                return [late, clock.now()];
            }"""
        )
        assert seen == [5010, 4000]


SHIFTED_CLOCK = """(() => {
    const RealDate = Date;
    const shift = () => window.clockShift ?? %d;
    window.Date = class extends RealDate {
        constructor(...parts) { parts.length ? super(...parts) : super(RealDate.now() + shift()); }
        static now() { return RealDate.now() + shift(); }
    };
})()"""
HOUR_MS = 3_600_000


def age_shown(room: Console) -> float:
    """The age in the banner's detail, in seconds."""
    text = room.page.locator(".banner-detail").inner_text()
    found = re.search(r"(?:(\d+) min )?(\d+) s\b", text)
    assert found, text
    minutes, seconds = found.groups()
    return int(minutes or 0) * 60 + int(seconds)


@pytest.mark.parametrize("shift", [-HOUR_MS, HOUR_MS])
def test_no_age_is_understated_with_the_computers_clock_an_hour_off(browser: Browser, shift: int) -> None:
    with console(browser, n=200, query="lang=en", first=SHIFTED_CLOCK % shift) as room:
        assert room.see("Date.now() / 1000") == pytest.approx(time.time() + shift / 1000, abs=60)
        said = room.wire.now() - 50
        room.wire.late = [{"type": "segment", "last": said, "period": 60}]
        room.until("document.querySelector('#banner').dataset.kind === 'late'")
        for _ in range(60):
            before = room.wire.now() - said
            shown = age_shown(room)
            assert before - 1 <= shown <= room.wire.now() - said + 2
            room.page.wait_for_timeout(70)


def test_a_page_that_slept_says_at_once_that_it_is_not_live_and_takes_up_again(browser: Browser) -> None:
    with console(browser, n=200, first=SHIFTED_CLOCK % 0) as room:
        room.wire.silent = True
        # The computer's clock ran on by an hour, the page's did not: so it is after a sleep.
        room.see(f"window.clockShift = {HOUR_MS}")
        room.until("vigie.live.link.state === 'cut'", 2_000)
        assert room.see("vigie.live.now()") == pytest.approx(room.wire.now() + 3_600, abs=3)
        # The server is where it was: what it says is believed, and the page is live again.
        room.wire.silent = False
        room.until("vigie.live.link.state === 'live'", WITHIN_MS)
        room.until(f"Math.abs(vigie.live.now() - {room.wire.now()}) < 30", WITHIN_MS)


def test_what_trails_behind_is_not_live(browser: Browser) -> None:
    """A stream that comes, but late, as through a buffer: its beats are as old as they are."""
    with console(browser, n=200) as room:
        room.see("vigie.live.connection._alive(vigie.live.now() - 30)")
        heard = room.see("performance.now() - vigie.live.connection.heard")
        assert heard < 3_000
        room.see("vigie.live.connection.heard = performance.now() - 60000")
        room.see("vigie.live.connection._alive(vigie.live.now() - 30)")
        assert room.see("performance.now() - vigie.live.connection.heard") == pytest.approx(30_000, abs=1_000)


def test_who_looks_again_does_not_sit_out_a_pause(browser: Browser) -> None:
    with console(browser, n=200) as room:
        room.see("vigie.live.connection._later(600000)")
        room.see("window.dispatchEvent(new Event('online'))")
        room.until("vigie.live.link.state === 'live' && !vigie.live.connection.pause", WITHIN_MS)


def test_late_feeds_and_a_lost_live_memory_are_said_in_words(browser: Browser) -> None:
    with console(browser, n=200, query="lang=en") as room:
        room.wire.late = [
            {"type": "segment", "last": room.wire.now() - 245, "period": 60},
            {"type": "camera", "last": 0, "period": 300},
        ]
        room.until("document.querySelector('#banner').dataset.kind === 'late'")
        text = room.page.locator("#banner").inner_text()
        assert "4 min 0" in text
        assert "period of 1 min" in text
        assert "1 other feed" in text
        room.wire.source = "database"
        room.until("document.querySelector('#clock .clock-state').dataset.state === 'database'")
        assert "Live memory unavailable." in room.page.locator("#banner").inner_text()
        room.wire.unfed = room.wire.now() - 130
        room.until("document.querySelector('#banner strong').textContent === 'Reception interrupted.'")
        assert "2 min 1" in room.page.locator(".banner-detail").inner_text(), "its age, counting"
        room.wire.unfed = None
        room.until("document.querySelector('#banner strong').textContent === 'Live memory unavailable.'")
        room.wire.source = "live"
        room.wire.late = []
        room.until("document.querySelector('#banner').dataset.kind === 'none'")


def test_a_page_opened_while_the_server_has_no_state_says_so_and_then_draws(browser: Browser) -> None:
    with console(browser, n=200) as room:
        room.wire.refusing = True
        room.page.goto(f"{room.server.address}/")
        room.until("document.querySelector('.map-state-broken')", WITHIN_MS)
        assert room.page.locator(".map-state .button").inner_text() == "Réessayer"
        room.wire.refusing = False
        room.until("vigie.live.ready && !document.querySelector('.map-state')")


def test_signed_out_elsewhere_the_screen_says_so_and_asks_no_more(browser: Browser) -> None:
    """The server ends the stream and says why; a stream refused later says nothing, so the page asks."""
    with console(browser) as room:
        room.wire.signed_out = True
        room.wire.tell("event: ended\ndata: {}\n\n")
        room.until("vigie.session.ended && vigie.live.link.state === 'out'", WITHIN_MS)
        room.until("document.querySelector('.clock-state').dataset.state === 'out'", 3_000)
        assert "DÉCONNECTÉ" in room.page.locator("#clock").inner_text().upper()
        asked = len(room.wire.asked)
        room.see("vigie.live.retry()")
        room.see("new Promise((done) => setTimeout(done, 400))")
        assert len(room.wire.asked) == asked
        assert room.see("vigie.live.link.state") == "out"


def test_a_refused_stream_is_told_apart_from_a_dead_server(browser: Browser) -> None:
    with console(browser) as room:
        room.wire.signed_out = True
        room.see("vigie.live.connection._open()")
        room.until("vigie.live.link.state === 'out'", WITHIN_MS)
    with console(browser) as room:
        room.wire.refusing = True
        room.see("vigie.live.connection._open()")
        room.until("vigie.live.link.state === 'cut'", WITHIN_MS)
        assert room.see("vigie.session.ended") is False
