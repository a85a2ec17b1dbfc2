"""What moves, on a real page: it glides between fixes, leaves a trail, grows old, hides outside duty."""

import json
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from model.states import Status
from tests.browser.made_up import Console, console

pytestmark = pytest.mark.browser
LON, LAT = 5.04, 47.325
STEP = 0.0008
"""About 60 m east: what a bus does in some 15 s."""
TRACE = """(index) => {
    window.trace = [];
    const look = () => {
        window.trace.push(vigie.live.lon[index]);
        if (window.trace.length < 4000) requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Console]:
    with console(browser, buses=3) as opened:
        yield opened


@pytest.fixture
def room(shared: Console) -> Iterator[Console]:
    """The module's console with all buses out of duty, near the middle of the city."""
    shared.set_props("map", domains=None, statuses=None, area=None, selected=None)
    for index in buses(shared):
        shared.wire.move(index, "", None, None)
        shared.wire.change([index], [Status.ACTIVE])
        shared.until(f"!vigie.live.fleet.isPlaced({index}) && vigie.live.classes[{index}] === 2")
    shared.see("([lon, lat]) => vigie.maps.get('map').map.jumpTo({center: [lon, lat], zoom: 16})", [LON, LAT])
    yield shared
    assert not shared.complaints, shared.complaints


def buses(room: Console) -> list[int]:
    return [room.first("bus", at) for at in range(3)]


def put(room: Console, index: int, steps: float, ago: float = 0.0, **told: Any) -> None:
    """A fix so many steps east of the middle, of so many seconds ago."""
    fix = (time.time() - ago, LON + steps * STEP, LAT + told.pop("north", 0.0))
    told = {"line": "L1", "bearing": 90.0, "speed": 14.0} | told
    room.wire.move(index, told["line"], told["bearing"], told["speed"], *fix)


def placed(room: Console, index: int) -> None:
    room.until(f"vigie.live.fleet.isPlaced({index})")


def inked(room: Console, index: int, behind_px: float) -> int:
    """How strongly (0 to 255) the canvas of vehicles is inked so many px behind a bus that heads east."""
    return int(
        room.see(
            """([index, behind]) => {
                const view = vigie.maps.get("map");
                view.vehicles.draw();
                const at = view.map.project([vigie.live.lon[index], vigie.live.lat[index]]);
                const ratio = view.map.getPixelRatio();
                const x = Math.round((at.x - behind) * ratio) - 2, y = Math.round(at.y * ratio) - 2;
                const px = view.vehicles.context.getImageData(x, y, 4, 4).data;
                return Math.max(...px.filter((_, part) => part % 4 === 3));
            }""",
            [index, behind_px],
        )
    )


def test_a_bus_glides_between_two_fixes_and_leaves_a_trail(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0, ago=6)
    placed(room, bus)
    assert room.see(f"vigie.live.lon[{bus}]") == pytest.approx(LON)
    assert inked(room, bus, 0) > 200
    assert inked(room, bus, 40) == 0
    room.see(TRACE, bus)
    put(room, bus, 1, ago=3)
    room.until(f"vigie.live.lon[{bus}] >= {LON + STEP} - 1e-9", 15_000)
    trace = [lon for lon in room.see("window.trace") if lon is not None]
    between = {lon for lon in trace if LON < lon < LON + STEP}
    assert len(between) >= 8
    assert trace == sorted(trace)
    assert max(b - a for a, b in pairwise(trace)) < STEP / 2
    assert inked(room, bus, 40) > 20


def test_without_another_fix_it_goes_on_for_one_period_at_most(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0, ago=4)
    placed(room, bus)
    put(room, bus, 1, ago=2)
    room.until(f"vigie.live.fleet.get({bus}).progress(performance.now()) >= 2", 15_000)
    room.until(f"vigie.live.lon[{bus}] > {LON + 1.9 * STEP}")
    assert room.see(f"vigie.live.lon[{bus}]") == pytest.approx(LON + 2 * STEP, abs=STEP / 50)
    room.until("vigie.maps.get('map').vehicles._pace() === null")


def test_one_that_says_it_stands_does_not_go_on(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0, ago=4)
    placed(room, bus)
    put(room, bus, 1, ago=2, speed=0.0)
    room.until(f"vigie.live.fleet.get({bus}).progress(performance.now()) >= 2", 15_000)
    room.see("vigie.live.fleet.advance()")
    assert room.see(f"vigie.live.lon[{bus}]") == pytest.approx(LON + STEP)


def test_far_away_or_long_after_it_is_simply_there(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0, ago=20)
    placed(room, bus)
    put(room, bus, 40)
    room.until(f"vigie.live.lon[{bus}] === vigie.live.fleet.get({bus}).last.lon", 3_000)
    assert room.see(f"vigie.live.fleet.get({bus}).trail(performance.now(), vigie.live.now())") == []


def test_an_old_position_is_late_then_stale(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0, ago=30)
    placed(room, bus)
    judged = f"vigie.live.fleet.get({bus}).oldness(vigie.live.now() + %d)"
    assert [room.see(judged % later) for later in (0, 20, 40)] == [0, 1, 2]


def test_outside_duty_it_is_gone_from_page_and_payload(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0)
    placed(room, bus)
    room.set_props("map", selected=bus)
    room.wire.move(bus, "", None, None)
    room.until(f"!vigie.live.fleet.isPlaced({bus})")
    assert room.see(f"vigie.live.fleet.get({bus}) === undefined")
    at = {"lng": LON, "lat": LAT}
    assert room.see("(at) => vigie.pointing.nearest(vigie.live, at, 16, 3)", at) != bus
    shot = room.see("fetch('/live/snapshot').then((answer) => answer.json())")
    assert json.dumps(shot["moves"]) == "[]"
    assert room.see("vigie.maps.get('map').vehicles._shown(0).length") == 0


def test_a_state_out_of_service_hides_it_whatever_came_before(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0)
    placed(room, bus)
    room.wire.change([bus], [Status.OUT_OF_SERVICE])
    room.until(f"!vigie.live.fleet.isPlaced({bus})")
    room.wire.change([bus], [Status.ACTIVE])
    placed(room, bus)


def test_the_static_layers_never_draw_what_moves(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0)
    placed(room, bus)
    room.wire.change([bus], [Status.FAULT])
    room.until(f"vigie.live.classes[{bus}] === 4")
    assert room.state_of(bus) == -1
    hidden = "vigie.live.hider()"
    drawn = f"vigie.features.abnormal(vigie.live, {hidden}).features.some((one) => one.id === {bus})"
    assert room.see(drawn) is False


def test_it_is_pointed_at_where_it_is_and_tells_line_and_speed(room: Console) -> None:
    bus = buses(room)[0]
    put(room, bus, 0.3, line="L7")
    placed(room, bus)
    x, y = room.see(
        """(index) => {
            const { map, box } = vigie.maps.get("map");
            const at = map.project([vigie.live.lon[index], vigie.live.lat[index]]);
            const frame = box.getBoundingClientRect();
            return [frame.left + at.x, frame.top + at.y];
        }""",
        bus,
    )
    room.page.mouse.move(x + 2, y)
    room.until("document.querySelector('.map-tip')?.textContent.includes('ligne L7')")
    assert "14 km/h" in room.see("document.querySelector('.map-tip').textContent")
    room.page.mouse.click(x + 2, y)
    room.until(f"outputs.map.selected === {bus}")


def test_filters_and_counts_follow_it(room: Console) -> None:
    first, second, _ = buses(room)
    put(room, first, 0)
    put(room, second, 1)
    placed(room, second)
    shown = "vigie.maps.get('map').vehicles._shown(performance.now()).length"
    assert room.see(shown) == 2
    room.set_props("map", domains=["lighting"])
    room.until(f"{shown} === 0")
    room.set_props("map", domains=None)
    room.until(f"{shown} === 2")
    column = f"Math.floor((vigie.live.lon[{first}] - 4.95) / 0.18 * 5)"
    row = f"Math.floor((vigie.live.lat[{first}] - 47.27) / 0.11 * 5)"
    room.until(f"vigie.live.area[{first}] === {row} * 5 + {column}")


def test_a_bunched_pair_is_ringed_and_joined(room: Console) -> None:
    first, second, third = buses(room)
    for index, steps in ((first, 0), (second, 2.5)):
        put(room, index, steps, speed=0.0)
        placed(room, index)
    put(room, third, 2.5, line="L2", north=0.0006, speed=0.0)
    placed(room, third)
    joined = """([first, second]) => {
        const view = vigie.maps.get("map");
        view.vehicles.draw();
        const { lon, lat } = vigie.live;
        const at = view.map.project([(lon[first] + lon[second]) / 2, lat[first]]);
        const ratio = view.map.getPixelRatio();
        const px = view.vehicles.context.getImageData((at.x - 8) * ratio, (at.y - 2) * ratio, 16, 4).data;
        return Math.max(...px.filter((_, part) => part % 4 === 3));
    }"""
    pair = [first, second]
    assert room.see(joined, pair) == 0
    room.wire.change([first, second, third], [Status.DEGRADED] * 3)
    room.eventually(lambda: room.see(joined, pair) > 200)


def test_who_comes_later_sees_the_trail_at_once(room: Console) -> None:
    bus = buses(room)[0]
    for steps, ago in ((0, 50), (1, 35), (2, 20), (3, 5)):
        put(room, bus, steps, ago=ago)
    room.see("vigie.live.connection._load()")
    room.page.reload()
    room.until("vigie.live.ready && vigie.maps.get('map').loaded && vigie.maps.get('map').built")
    placed(room, bus)
    trail = room.see(f"vigie.live.fleet.get({bus}).trail(performance.now(), vigie.live.now()).length")
    assert trail == 3


def test_reduced_motion_jumps(browser: Browser) -> None:
    with console(browser, buses=1, reduced_motion="reduce") as room:
        bus = room.first("bus")
        put(room, bus, 0, ago=15)
        placed(room, bus)
        room.see(TRACE, bus)
        put(room, bus, 1)
        room.until(f"vigie.live.lon[{bus}] === vigie.live.fleet.get({bus}).last.lon", 3_000)
        assert not {lon for lon in room.see("window.trace") if lon and LON < lon < LON + STEP}
        assert room.see("vigie.maps.get('map').vehicles._pace()") is None
        assert not room.complaints
