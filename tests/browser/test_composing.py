"""The map for officials and composed boards in a real Chromium: by pointer, by keyboard, and read by axe."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.composed import Audience, Kind, Sees, Tile
from model.roles import Role
from model.viewer import Viewer
from services.boards import KPI_BY_KEY
from services.composing import Compositions
from services.publishing.register import Publications
from tests.browser.site import control_room
from tests.browser.test_people import PATIENCE_MS, complaints, context_of
from tests.conftest import Servers
from tests.figures_kept import ENERGY, RATE, VIDEO, keep_figures
from tests.live_city import lay_out
from tests.signing_in import NAME, sign_in
from tests.somebody import settled

pytestmark = [pytest.mark.browser, pytest.mark.servers]
TILES = (
    Tile("t1", Kind.FIGURE, RATE),
    Tile("t2", Kind.TREND, RATE, width=2),
    Tile("t3", Kind.MAP, RATE),
    Tile("t4", Kind.BARS, ENERGY),
    Tile("t5", Kind.TEXT, text="À lire d’abord."),
    Tile("t6", Kind.FIGURE, VIDEO),
)
AREA = "path.choroplethlocation"
DRAWN_MS = 60_000
"""Until a map is there: its reader's browser first loads what draws it, once."""


@dataclass
class Site:
    """The control room of a city with kept figures, and its database in the tests' hand."""

    url: str
    engine: Engine

    @property
    def boards(self) -> Compositions:
        return Compositions(self.engine, KPI_BY_KEY, Publications(self.engine))


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    keep_figures(engine)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, engine)
    engine.dispose()
    servers.drop_database(database)


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Enter]:
    """``enter(Role.OFFICIAL, width=390, areas=[1])``: a page of somebody signed in; no script may fail on it,
    and it asks nothing of another site."""
    contexts, wrong = [], []

    def entered(role: Role = Role.OFFICIAL, width: int = 1920, **scope: list[int] | list[str]) -> Page:
        context = context_of(browser, width)
        contexts.append(context)
        sign_in(site.engine, role, **scope).enter(context, site.url)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((site.url, "data:", "blob:")) else wrong.append(asked.url)
            ),
        )
        return page

    yield entered
    for context in contexts:
        context.close()
    assert wrong == []


def author_of(site: Site) -> Viewer:
    """The person who signed in last, who is on the page."""
    with site.engine.connect() as connection:
        newest = connection.scalar(text("SELECT person_id FROM session ORDER BY id DESC LIMIT 1"))
    return Viewer(int(str(newest)), "ada", NAME, Role.OFFICIAL)


# --- the map ----------------------------------------------------------------------------------------------


def test_the_map_shows_what_is_missing_as_missing_and_is_walked_by_keyboard(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(f"{site.url}/boards/map?kpi={RATE}&lang=en")
    expect(page.locator(AREA)).to_have_count(4, timeout=DRAWN_MS)
    rows = page.locator(".area-table tbody tr")
    expect(rows.locator("th")).to_have_text(["Bois", "Val", "Clos", "Dombes"])
    expect(rows.nth(2)).to_contain_text("below 90%")
    expect(rows.nth(3)).to_contain_text("nothing is measured")
    first = page.locator(f'{AREA}[tabindex="0"]')
    expect(first).to_have_count(1)
    first.focus()
    expect(page.locator(".kpi-reading")).to_contain_text("Bois: 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".kpi-reading")).to_contain_text("Clos: coverage of 40%")
    fill = page.locator(f'{AREA}[data-area="3"]').evaluate("path => getComputedStyle(path).fill")
    assert fill in ("rgba(0, 0, 0, 0)", "rgb(0, 0, 0, 0)"), "no shade: the hatching under it is seen"
    expect(page.locator('.area-table tr[data-area="3"]')).to_have_class("missing met")
    assert complaints(page) == ""


def test_the_address_of_a_map_shows_the_same_map(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(f"{site.url}/boards/map?kpi={RATE}&lang=en")
    expect(page.locator(AREA)).to_have_count(4, timeout=DRAWN_MS)
    page.get_by_text("12 months", exact=True).click()
    expect(page.locator(AREA)).to_have_count(48, timeout=DRAWN_MS)
    page.locator(".area-table thead button").first.click()
    expect(page.locator(".area-table tbody th").first).to_have_text("Bois")
    expect(page).to_have_url(re.compile("view=months.*sort=name"))
    other = enter()
    other.goto(page.url)
    expect(other.locator(AREA)).to_have_count(48, timeout=DRAWN_MS)
    expect(other.locator(".area-table tbody th").first).to_have_text("Bois")
    assert complaints(other) == ""


def test_a_reader_of_one_commune_sees_the_others_as_hatched(enter: Enter, site: Site) -> None:
    page = enter(areas=[1])
    page.goto(f"{site.url}/boards/map?kpi={RATE}&lang=en")
    told = page.locator(".area-table tbody tr:not(.missing) th")
    expect(told).to_have_text(["Val"])


# --- composing --------------------------------------------------------------------------------------------


def order(page: Page) -> list[str]:
    return page.locator("[data-tile]").evaluate_all("tiles => tiles.map(tile => tile.dataset.tile)")


def test_a_board_is_made_arranged_by_pointer_and_keyboard_and_kept(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(f"{site.url}/boards/own?lang=en")
    page.locator("[data-act='new:0']").click()
    page.locator("#composing-new-title").fill("My month")
    page.locator("#composing-new-save").click()
    expect(page.locator("#composing-title")).to_have_value("My month")
    for count, kind in enumerate(("Figure", "Trend", "Text"), 1):
        page.locator("#composing-kind").click()
        page.get_by_role("option", name=kind, exact=True).click()
        page.locator("#composing-add").click()
        expect(page.locator("[data-tile]")).to_have_count(count)
    page.locator("[data-tile=t3] textarea").fill("Read me first.")
    page.locator("[data-tile=t3] .tile-bar").drag_to(
        page.locator("[data-tile=t1]"), target_position={"x": 10, "y": 20}
    )
    expect(page.locator("[data-tile]").first).to_have_attribute("data-tile", "t3")
    page.locator("[data-tile=t1] .tile-grip").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tile]").last).to_have_attribute("data-tile", "t1")
    expect(page.locator("[data-tile=t1] .tile-grip")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="place 3 of 3")).to_be_attached()
    page.locator("[data-tile=t1] [data-part=widen]").press("Enter")
    assert complaints(page) == ""
    page.locator("#composing-save").click()
    expect(page.locator(".arranger-above")).to_contain_text("saved", use_inner_text=True)
    expect(page.locator(".arranger-above")).not_to_contain_text("not saved")
    page.reload()
    expect(page.locator("[data-tile]")).to_have_count(3)
    assert order(page) == ["t3", "t2", "t1"]
    expect(page.locator("[data-tile=t1]")).to_have_class("tile kind-figure tile-2")
    page.locator(".tools-end a").click()
    expect(page.locator(".tile-text")).to_have_text("Read me first.")
    assert complaints(page) == ""


def test_two_editors_at_once_lose_nothing(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(f"{site.url}/boards/own?lang=en")
    expect(page.locator("[data-act='new:0']")).to_be_visible()
    author = author_of(site)
    made = site.boards.make(author, "Shared", TILES)
    page.goto(f"{site.url}/boards/own?board={made}&edit=1&lang=en")
    expect(page.locator("#composing-title")).to_have_value("Shared")
    site.boards.save(author, made, 1, "From elsewhere", TILES[:1])
    page.locator("#composing-title").fill("From here")
    page.locator("#composing-save").click()
    conflict = page.locator(".composed-conflict")
    expect(conflict).to_contain_text("saved version 2")
    conflict.locator("[data-act^='copy:']").click()
    expect(page.locator("#composing-title")).to_have_value("From here (copy)")
    assert site.boards.open(author, made).title == "From elsewhere"
    assert [len(one.tiles) for one in site.boards.list(author)] == [6, 1]


@pytest.mark.parametrize("width", [1920, 390])
def test_a_reader_of_a_part_sees_his_part_and_is_told_where_there_is_more(
    enter: Enter, site: Site, width: int
) -> None:
    author = settled(site.engine, "Hélène", Role.OFFICIAL)
    made = site.boards.make(author, "For all", TILES)
    page = enter(Role.OPERATOR, width, areas=[1], domains=["lighting"])
    page.goto(f"{site.url}/boards/own?board={made}&lang=en")
    expect(page.locator(".state-card")).to_contain_text("not shared with you")
    site.boards.share(author, made, Audience(Sees.READERS))
    page.reload()
    expect(page.locator("[data-tile]")).to_have_count(6)
    expect(page.locator("[data-tile=t6]")).to_contain_text("Outside what you may see")
    expect(page.locator("[data-tile=t4] .tile-rows tbody th")).to_have_text(["Val"])
    expect(page.locator(".board-when")).to_contain_text("only what you may see")
    expect(page.locator("[data-act^='share:']")).to_have_count(0)
    assert complaints(page) == ""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
