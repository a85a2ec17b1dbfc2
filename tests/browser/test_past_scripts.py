"""The past's scripts that hold no page: the wall clock, typed instants, the one clock, the film."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCRIPTS = (
    "look.js", "drawing.js", "city/codes.js", "city/decode.js", "city/server_clock.js", "city/fleet.js",
    "city/store.js", "live/past.js", "past/clock.js", "past/density.js", "past/film.js",
    "past/typed_instant.js", "past/wall_clock.js",
)  # fmt: skip
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts on it."""
    opened = browser.new_page()
    for script in SCRIPTS:
        opened.add_script_tag(path=ASSETS / script)
    yield opened
    opened.close()


def seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


# --- the wall clock ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instants"),
    [
        ("2026-11-21T21:45:00", [seconds(2026, 11, 21, 20, 45)]),
        ("2026-10-25T02:30:00", [seconds(2026, 10, 25, 0, 30), seconds(2026, 10, 25, 1, 30)]),
        ("2026-03-29T02:30:00", [seconds(2026, 3, 29, 1, 30)]),
        ("nonsense", []),
    ],
)
def test_a_wall_clock_is_one_instant_or_two_and_a_left_out_hour_the_next(
    page: Page, text: str, instants: list[float]
) -> None:
    assert page.evaluate("text => vigie.wall.instants(text, 'Europe/Paris')", text) == instants


def test_the_axis_of_a_day_of_25_hours_is_labelled_where_the_clocks_showed_it(page: Page) -> None:
    page.add_script_tag(path=ASSETS / "past/timeline_draw.js")
    t0 = datetime(2026, 10, 25, tzinfo=PARIS).timestamp()
    view = {"t0": t0, "t1": t0 + 25 * 3600}
    hourly = page.evaluate("view => vigie.timelineAxis.ticks(view, 3600, 'Europe/Paris')", view)
    assert [datetime.fromtimestamp(t, PARIS).hour for t in hourly] == [0, 1, 2, 2, *range(3, 24)]
    two_hourly = page.evaluate("view => vigie.timelineAxis.ticks(view, 7200, 'Europe/Paris')", view)
    assert [datetime.fromtimestamp(t, PARIS).hour for t in two_hourly] == list(range(0, 24, 2))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("21/11/2026 21:45:07", "2026-11-21T21:45:07"),
        ("21:45", "2026-11-23T21:45:00"),
        ("21h45", "2026-11-23T21:45:00"),
        ("2.11", "2026-11-02T18:42:05"),
        ("2026-11-01 06:00", "2026-11-01T06:00:00"),
        ("31/11/2026", None),
        ("25:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_an_instant_is_understood_as_people_write_it(page: Page, typed: str, meant: str | None) -> None:
    near = datetime(2026, 11, 23, 18, 42, 5, tzinfo=PARIS).timestamp()
    assert page.evaluate("([text, at]) => vigie.typed.read(text, at, 'Europe/Paris')", [typed, near]) == meant


# --- the clock ---------------------------------------------------------------------------------------------


def test_a_is_before_b_whatever_is_set_first(page: Page) -> None:
    found = page.evaluate(
        """() => {
            const { clock } = vigie;
            const said = [];
            clock.set({ at: 1000, a: null, b: null, motion: 'still' });
            clock.flag('b', 500);
            clock.flag('a', 100);
            said.push([clock.a, clock.b]);
            clock.flag('a', 700);
            said.push([clock.a, clock.b]);
            clock.flag('b', 900);
            clock.flag('b', 600);
            said.push([clock.a, clock.b]);
            return said;
        }"""
    )
    assert found == [[100, 500], [700, None], [None, 600]]


def test_the_difference_is_shown_only_while_the_hand_rests_at_b(page: Page) -> None:
    shown = page.evaluate(
        """() => [[500, 'still'], [500, 'play'], [480, 'still']].map(([at, motion]) => {
            vigie.clock.set({ a: 100, b: 500, at, motion });
            return vigie.clock.differs;
        })"""
    )
    assert shown == [True, False, False]


def test_zooming_keeps_the_instant_under_the_pointer_and_the_future_out(page: Page) -> None:
    now = page.evaluate("vigie.clock.now")
    seen = page.evaluate(
        """(now) => {
            const { clock } = vigie;
            clock.set({ at: now - 86400 * 40 });
            clock.view = null;
            clock.look(now - 86400 * 41, 86400);
            const pivot = now - 86400 * 40.5;
            const before = (pivot - clock.view.t0) / clock.span;
            clock.zoom(3600 * 6, pivot);
            const after = (pivot - clock.view.t0) / clock.span;
            clock.zoom(1, pivot);
            const least = clock.span;
            clock.zoom(1e12, pivot);
            return [before, after, least, clock.span, clock.view.t1 - now];
        }""",
        now,
    )
    assert seen[0] == pytest.approx(seen[1])
    assert seen[2:4] == [3_600, 400 * 86_400]
    assert seen[4] <= 0.07 * 400 * 86_400


def test_nothing_to_come_can_be_shown(page: Page) -> None:
    assert page.evaluate(
        "(vigie.clock.set({ at: vigie.clock.now + 1e6 }), vigie.clock.at <= vigie.clock.now)"
    )


def test_what_is_asked_of_the_density_fits_the_route(page: Page) -> None:
    for span in (3_600, 21_600, 86_400, 604_800, 2_592_000, 34_560_000):
        asked: dict[str, Any] = page.evaluate(
            "([span, now]) => vigie.density.askedFor({ t0: now - span, t1: now }, 1240, now)",
            [span, seconds(2026, 11, 23)],
        )
        length = asked["t1"] - asked["t0"]
        assert 0 < length <= 400 * 86_400, span
        assert 1 <= asked["steps"] <= 600
        assert asked["t0"] <= seconds(2026, 11, 23) - span + length / 2


# --- the film ----------------------------------------------------------------------------------------------


def packed(offsets: list[float], index: list[int], code: list[int], changes: int) -> list[int]:
    """A chunk as the route sends it."""
    head = (
        np.array([7, len(offsets), changes, 0], "<u4").tobytes()
        + np.array([10_800.0, 21_600.0], "<f8").tobytes()
    )
    columns = np.array(offsets, "<f4").tobytes() + np.array(index, "<u4").tobytes() + bytes(code)
    return list(head + columns)


def test_any_instant_of_a_chunk_is_made_from_its_beginning_and_its_events(page: Page) -> None:
    body = packed([1.0, 1.5, 1.5, 9.0], [2, 0, 2, 1], [4, 3, 1, 5], 6)
    found = page.evaluate(
        """async (body) => {
            const { film, past } = vigie;
            window.fetch = async () => ({ ok: true, arrayBuffer: async () => Uint8Array.from(body).buffer });
            vigie.clock.set({ at: 15000 });
            Object.assign(past, { version: 7, count: 3 });
            past.read = async () => ({ codes: Uint8Array.from([1, 1, 1]) });
            await film.prepare(15000);
            const chunk = await film.read(10800, 21600);
            const at = (t) => { const codes = film.codesAt(t); return codes && [...codes]; };
            return [chunk.changes, at(10800), at(10801), at(10801.5), at(10809), at(21600), at(30000)];
        }""",
        body,
    )
    assert found == [6, [1, 1, 1], [1, 1, 4], [3, 1, 1], [3, 5, 1], [3, 5, 1], None]
