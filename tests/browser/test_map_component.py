"""The live map on a real page: what it draws, hides, reports and keeps."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from geodata.assets import Columns
from model.states import Status
from services.live.geometry import raw_geometry
from tests.browser.made_up import Console, console

pytestmark = pytest.mark.browser
CONSEQUENCE = 8


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Console]:
    with console(browser) as opened:
        yield opened


@pytest.fixture
def room(shared: Console) -> Iterator[Console]:
    """The module's console, put back: everything shown, nothing selected, the whole city in view."""
    shared.set_props("map", domains=None, statuses=None, area=None, selected=None)
    shared.set_props("domains", domains=None)
    shared.set_props("legend", statuses=None)
    shared.see("vigie.maps.get('map').fit(null, 0)")
    shared.until("!vigie.maps.get('map').map.isMoving()")
    yield shared
    assert not shared.complaints, shared.complaints


def test_every_asset_is_drawn_from_our_own_origin(room: Console) -> None:
    assert room.see("vigie.live.count") == len(room.city)
    assert room.see("vigie.maps.get('map').points.count") == len(room.city)
    hosts = room.see("performance.getEntriesByType('resource').map(e => new URL(e.name).host)")
    assert set(hosts) == {room.server.address.removeprefix("http://")}


def test_positions_survive_the_wire(room: Console) -> None:
    for index in (0, 17, len(room.city) - 1):
        lon, lat = room.see(f"[vigie.live.lon[{index}], vigie.live.lat[{index}]]")
        assert lon == pytest.approx(room.city.lon[index], abs=3e-6)
        assert lat == pytest.approx(room.city.lat[index], abs=3e-6)
    assert room.see("Array.from(vigie.live.parent)") == room.city.parents.tolist()
    assert room.see("Array.from(vigie.live.area)") == room.city.areas.tolist()


def test_a_fault_is_on_the_map_within_two_seconds(room: Console) -> None:
    lamp = room.first("streetlight", 20)
    room.wire.change([lamp], [Status.FAULT])
    room.until(f"vigie.live.classes[{lamp}] === 4", 2_000)
    room.until(f"vigie.maps.get('map').inAbnormal.has({lamp})", 2_000)
    assert room.state_of(lamp) == Status.FAULT
    room.wire.change([lamp], [Status.ACTIVE])
    room.until(f"!vigie.maps.get('map').inAbnormal.has({lamp})", 2_000)
    assert room.state_of(lamp) == Status.ACTIVE


def test_the_hubs_geometry_is_read_as_it_was_written(room: Console) -> None:
    columns = Columns(
        version=3,
        ids=np.arange(4),
        external_ids=np.array(list("abcd"), "O"),
        names=np.array(list("abcd"), "O"),
        streets=np.array([""] * 4, "O"),
        lon=np.array([4.9, 5.2, 5.0, 4.95]),
        lat=np.array([47.4, 47.2, 47.3, 47.25]),
        types=np.array([1, 0, 9, 1], "u1"),
        parents=np.array([1, -1, -1, 1], "i4"),
        areas=np.array([7, 7, 0, 9], "i4"),
        periods=np.full(4, 60.0),
    )
    packed = raw_geometry(columns, [(7, "Sept"), (9, "Neuf")])
    read = room.see(
        """(packed) => {
            const g = vigie.decode.geometry(vigie.decode.bytes(packed).buffer);
            const areas = [...g.area].map((place) => (g.header.areas[place] || {}).name || null);
            return { areas, lon: [...g.lon], lat: [...g.lat], type: [...g.type], parent: [...g.parent] };
        }""",
        base64.b64encode(packed).decode(),
    )
    assert read["lon"] == pytest.approx(columns.lon, abs=1e-5)
    assert read["lat"] == pytest.approx(columns.lat, abs=1e-5)
    assert read["type"] == columns.types.tolist()
    assert read["parent"] == columns.parents.tolist()
    assert read["areas"] == ["Sept", "Sept", None, "Neuf"]


def test_a_lamp_is_a_point_of_its_state_in_pixels(room: Console) -> None:
    lamp = room.first("streetlight", 25)
    at = [float(room.city.lon[lamp]), float(room.city.lat[lamp])]
    room.see("(at) => vigie.maps.get('map').map.jumpTo({center: at, zoom: 18})", at)
    colours = room.see(
        """['lampOn', 'lamp', 'degraded'].map((name) =>
            vigie.look.themes.dark[name].match(/\\w\\w/g).map((part) => parseInt(part, 16)))"""
    )
    lit, dark, amber = colours
    room.eventually(lambda: room.shows(room.point(lamp), lit))
    room.wire.change([lamp], [Status.NORMAL])
    room.eventually(lambda: room.shows(room.point(lamp), dark))
    room.wire.change([lamp], [Status.DEGRADED])
    room.eventually(lambda: room.shows(room.point(lamp), amber))
    room.wire.change([lamp], [Status.ACTIVE])


def test_consequences_are_rings_and_their_cause_is_large_with_their_number(room: Console) -> None:
    cabinet = next(int(i) for i in room.city.parents if room.city.codes[i] == Status.FAULT)
    children = [i for i, parent in enumerate(room.city.parents) if parent == cabinet]
    assert children
    assert {room.state_of(i) for i in children} == {CONSEQUENCE}
    room.set_props("map", names=[[cabinet, "EP-7"]])
    feature = f"""vigie.features.abnormal(vigie.live, vigie.live.hider()).features
        .find(f => f.id === {cabinet}).properties"""
    room.until(f"{feature}.label === 'EP-7 · {len(children)}'")
    assert room.see(f"{feature}.major") == 1


def test_what_is_worst_is_drawn_last(room: Console) -> None:
    lamps = [room.first("streetlight", at) for at in (30, 31, 32, 33)]
    room.wire.change(lamps, [Status.FAULT, Status.MAINTENANCE, Status.DEGRADED, Status.COMMS_LOST])
    room.until(f"vigie.live.classes[{lamps[3]}] === 5")
    rank = room.see(
        """(lamps) => {
            const drawn = vigie.features.abnormal(vigie.live, vigie.live.hider()).features;
            return lamps.map((id) => drawn.find((feature) => feature.id === id).properties.rank);
        }""",
        lamps,
    )
    fault, maintenance, degraded, comms_lost = rank
    assert maintenance < comms_lost < degraded < fault
    room.wire.change(lamps, [Status.ACTIVE] * 4)


def test_a_domain_switched_off_leaves_map_and_counts_without_a_new_source(room: Console) -> None:
    camera, lamp = room.first("camera"), room.first("streetlight", 5)
    room.page.locator('[data-domain="surveillance"]').click()
    room.until("vigie.live.filters.domains !== null")
    assert room.output("domains", "domains") == ["lighting", "traffic", "energy", "access"]
    room.eventually(lambda: room.state_of(camera) == -1)
    assert room.state_of(lamp) == Status.ACTIVE
    shown = room.see("vigie.live.counts().classes.reduce((a, b) => a + b)")
    assert shown == len(room.city) - room.see(
        "vigie.live.counts().domains.find(d => d.name === 'surveillance').total"
    )


def test_a_state_switched_off_in_the_legend_is_hidden_and_said(room: Console) -> None:
    row = room.page.locator('[data-status="active"]')
    assert row.get_attribute("aria-pressed") == "true"
    row.click()
    room.until("vigie.live.filters.statuses !== null")
    assert "active" not in room.output("legend", "statuses")
    assert row.get_attribute("aria-pressed") == "false"
    lamp = room.first("streetlight", 5)
    room.eventually(lambda: room.state_of(lamp) == -1)


def test_a_click_selects_the_asset_under_it_and_escape_lets_go(room: Console) -> None:
    junction = room.first("junction", 1)
    lon, lat = float(room.city.lon[junction]), float(room.city.lat[junction])
    room.see("([lon, lat]) => vigie.maps.get('map').map.jumpTo({center: [lon, lat], zoom: 18})", [lon, lat])
    room.page.mouse.click(*room.point(junction))
    room.until("outputs.map && outputs.map.clicked")
    clicked = room.output("map", "clicked")
    assert clicked["version"] == room.city.version
    assert room.output("map", "selected") == clicked["index"] == junction
    room.page.keyboard.press("Escape")
    room.until("outputs.map.selected === null")


def test_what_is_hidden_cannot_be_hit(room: Console) -> None:
    junction = room.first("junction", 1)
    lon, lat = float(room.city.lon[junction]), float(room.city.lat[junction])
    room.set_props("domains", domains=["energy"])
    room.until("vigie.live.filters.domains !== null")
    hit = room.see("([lon, lat]) => vigie.pointing.nearest(vigie.live, {lng: lon, lat}, 18, 9)", [lon, lat])
    assert hit != junction


def test_the_pointer_over_an_asset_says_what_it_is(room: Console) -> None:
    junction = room.first("junction", 1)
    lon, lat = float(room.city.lon[junction]), float(room.city.lat[junction])
    room.see("([lon, lat]) => vigie.maps.get('map').map.jumpTo({center: [lon, lat], zoom: 18})", [lon, lat])
    room.until("!vigie.maps.get('map').map.isMoving()")
    x, y = room.point(junction)
    room.page.mouse.move(x - 3, y)
    room.page.mouse.move(x, y)
    room.page.locator(".map-tip").wait_for(state="attached")
    assert "Commune" in room.page.locator(".map-tip-what").inner_text()
    room.until(f"outputs.map.hovered && outputs.map.hovered.index === {junction}")


def test_an_area_is_drilled_down_to_and_left(room: Console) -> None:
    before = room.see("vigie.maps.get('map').map.getZoom()")
    room.set_props("map", area=112)
    room.until(f"vigie.maps.get('map').map.getZoom() > {before} + 1")
    inside = sum(1 for place in room.city.areas if place == 12)
    assert room.see("vigie.live.counts().classes.reduce((a, b) => a + b)") == inside
    outside = next(i for i, place in enumerate(room.city.areas) if place != 12)
    room.eventually(lambda: room.state_of(outside) == -1)
    room.set_props("map", area=None)
    room.until(f"vigie.maps.get('map').map.getZoom() < {before} + 0.5")


def test_a_command_flies_once_for_its_number(room: Console) -> None:
    lamp = room.first("streetlight", 40)
    target = [float(room.city.lon[lamp]), float(room.city.lat[lamp]), 16]
    room.set_props("map", command={"fly": target, "n": 1})
    room.until("Math.abs(vigie.maps.get('map').map.getZoom() - 16) < 0.01")
    room.until("outputs.map.viewport.zoom === 16")
    room.see("vigie.maps.get('map').map.jumpTo({zoom: 13})")
    room.set_props("map", command={"fly": target, "n": 1})
    room.until("outputs.map.viewport.zoom === 13")


def test_the_selection_is_bracketed_and_joined_to_what_it_feeds(room: Console) -> None:
    cabinet = next(int(i) for i in room.city.parents if room.city.codes[i] == Status.FAULT)
    children = sum(1 for parent in room.city.parents if parent == cabinet)
    room.set_props("map", selected=cabinet)
    assert room.see(f"vigie.features.links(vigie.live, {cabinet}).features.length") == children
    room.until("vigie.maps.get('map').map.querySourceFeatures('selection').length > 0")
    room.until("vigie.maps.get('map').map.querySourceFeatures('links').length > 0")


def test_another_theme_recolours_and_keeps_the_camera(room: Console) -> None:
    room.see("vigie.maps.get('map').map.jumpTo({center: [5.03, 47.33], zoom: 14.2})")
    room.see("vigie.preferences.set('theme', 'light')")
    land = "vigie.maps.get('map').map.getPaintProperty('land', 'fill-color')"
    room.until(f"{land} === vigie.look.themes.light.land")
    centre = room.see("vigie.maps.get('map').map.getCenter().toArray()")
    assert centre == pytest.approx([5.03, 47.33], abs=1e-6)
    assert room.see("vigie.maps.get('map').map.getZoom()") == pytest.approx(14.2)
    assert room.see("document.documentElement.dataset.theme") == "light"
    room.see("vigie.preferences.set('theme', 'dark')")
    room.until(f"{land} === vigie.look.themes.dark.land")


def test_the_map_moves_by_keyboard_alone(room: Console) -> None:
    room.see("vigie.maps.get('map').map.jumpTo({center: [5.03, 47.33], zoom: 14})")
    room.page.keyboard.press("v")
    assert room.see("document.activeElement.tagName") == "CANVAS"
    room.page.keyboard.press("ArrowRight")
    room.until("vigie.maps.get('map').map.getCenter().lng > 5.031")
    room.page.keyboard.press("=")
    room.until("vigie.maps.get('map').map.getZoom() > 14.9")
    assert room.see("document.activeElement.getAttribute('aria-label')") == "Carte de la ville en direct"


def test_beyond_two_thousand_only_the_worst_have_symbols(room: Console) -> None:
    counted = room.see(
        """() => {
            const n = 5000, codes = new Uint8Array(n).fill(6);
            codes[7] = 4;
            const store = new vigie.Store("live");
            store.fill(1, {
                count: n, header: vigie.live.header, lon: new Float64Array(n), lat: new Float64Array(n),
                type: new Uint8Array(n), area: new Uint8Array(n), parent: new Int32Array(n).fill(-1),
            }, codes);
            const drawn = vigie.features.abnormal(store, store.hider()).features;
            return [drawn.length, drawn.some((feature) => feature.id === 7)];
        }"""
    )
    assert counted == [2000, True]


def test_the_map_comes_back_when_the_graphics_card_was_taken_away(browser: Browser) -> None:
    with console(browser) as room:
        lamp = room.first("streetlight", 20)
        at = [float(room.city.lon[lamp]), float(room.city.lat[lamp])]
        room.see("(at) => vigie.maps.get('map').map.jumpTo({center: at, zoom: 16})", at)
        room.see(
            """() => {
                const { map } = vigie.maps.get("map");
                window.card = map.painter.context.gl.getExtension("WEBGL_lose_context");
                window.before = map;
                window.card.loseContext();
            }"""
        )
        room.see("setTimeout(() => window.card.restoreContext(), 50)")
        room.until("vigie.maps.get('map').map !== window.before && vigie.maps.get('map').built")
        room.until("vigie.maps.get('map').map.loaded()")
        assert room.see("vigie.maps.get('map').map.getZoom()") == pytest.approx(16)
        room.wire.change([lamp], [Status.FAULT])
        room.eventually(lambda: room.state_of(lamp) == Status.FAULT)
        fault = room.see("vigie.look.themes.dark.fault.match(/\\w\\w/g).map((part) => parseInt(part, 16))")
        room.eventually(lambda: room.shows(room.point(lamp), fault))
