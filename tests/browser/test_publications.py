"""The register of publications in a real Chromium, without a mouse: proposed, judged, approved, revoked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine

from geodata.database import open_engine
from model.datasets import BY_NAME
from model.publications import State, draft_of_all
from model.roles import Role
from model.viewer import Viewer
from services.publishing.artefacts import Store
from services.publishing.register import Publications, releases_in_force
from tests.browser.site import control_room
from tests.browser.test_people import PATIENCE_MS, complaints, context_of
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]
SOPHIE = Viewer(0, "sophie", "Sophie", Role.STEWARD)
DECIDING = ".mantine-Modal-content:has(#publications-decide-do)"
PROPOSING = ".mantine-Modal-content:has(#publications-name)"
LAMPS, METERS = "lighting-failures", "energy-by-area"


@dataclass
class Site:
    """The control room of a small city, its database and its artefacts in the tests' hand."""

    url: str
    engine: Engine
    store: Store

    @property
    def register(self) -> Publications:
        return Publications(self.engine, self.store)

    def names_out(self) -> list[str]:
        return [one.name for one in releases_in_force(self.engine, datetime.now(UTC))]


@pytest.fixture
def site(servers: Servers, tmp_path: Path) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    for name in (LAMPS, METERS):
        Publications(engine).propose(SOPHIE, draft_of_all(BY_NAME[name], "etalab-2.0", "ouvert par défaut"))
    with control_room(database, servers.redis.url, var=tmp_path) as url:
        yield Site(url, engine, Store(tmp_path / "artefacts"))
    engine.dispose()
    servers.drop_database(database)


def entered(browser: Browser, site: Site, role: Role, width: int = 1920) -> tuple[BrowserContext, Page]:
    """A browser of its own in which somebody of ``role`` is signed in."""
    context = context_of(browser, width)
    sign_in(site.engine, role).enter(context, site.url)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return context, page


@pytest.fixture
def steward(browser: Browser, site: Site) -> Iterator[Page]:
    context, page = entered(browser, site, Role.STEWARD)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def opened(page: Page, site: Site, dataset: str) -> None:
    """A dataset of the register, by its link and the keyboard."""
    page.goto(f"{site.url}/publications?lang=en")
    link = page.locator(f".account-link[href='/publications?dataset={dataset}']")
    link.focus()
    page.keyboard.press("Enter")
    page.locator(".sheet h2").wait_for()


def pressed(page: Page, name: str) -> None:
    """A button of the sheet, by the keyboard; waits for the dialog it opens."""
    page.locator(f".sheet [data-act^='{name}:']").focus()
    page.keyboard.press("Enter")


def confirmed(page: Page, why: str = "") -> None:
    """The dialog that says what will happen: the focus is on Cancel, what does it is two steps on."""
    page.locator(".confirm-sentence:visible").wait_for()
    if why:
        page.locator("#publications-decide-why").fill(why)
    page.locator("#publications-decide-do").focus()
    page.keyboard.press("Enter")
    page.locator(".confirm-sentence:visible").wait_for(state="hidden")


def test_a_steward_approves_and_revokes_without_a_mouse(steward: Page, site: Site) -> None:
    opened(steward, site, LAMPS)
    expect(steward.locator(".verdict")).to_contain_text("Nothing speaks against this publication.")
    pressed(steward, "approve")
    expect(steward.locator(".confirm-sentence")).to_contain_text("“lighting-failures”, version 1")
    confirmed(steward)
    expect(steward.locator(".publication-head")).to_contain_text("published")
    assert site.names_out() == [LAMPS]
    pressed(steward, "revoke")
    steward.locator("#publications-decide-do").click()
    expect(steward.locator(DECIDING)).to_contain_text("Please fill this in.")
    confirmed(steward, "Chiffres faux depuis lundi.")
    expect(steward.locator(".publication-head")).to_contain_text("revoked")
    assert site.names_out() == []
    steward.locator(".publication summary").click()
    history = steward.locator(".publication-history")
    expect(history).to_contain_text("version 1 revoked")
    expect(history).to_contain_text("Chiffres faux depuis lundi.")


def test_the_form_says_what_speaks_against_and_writes_what_passes(steward: Page, site: Site) -> None:
    opened(steward, site, "traffic-counts")
    pressed(steward, "propose")
    steward.locator("#publications-name").wait_for()
    steward.locator("#publications-why").fill("Ask 06 12 34 56 78")
    steward.locator("#publications-delay").fill("5")
    steward.locator("#publications-save").click()
    against = steward.locator("#publications-against")
    expect(against).to_contain_text("A delay of 5 min is too short. Choose a delay of 1 h at least.")
    expect(against).to_contain_text("a telephone number")
    assert not [one for one in site.register.list() if one.name == "traffic-counts"]
    steward.locator("#publications-delay").fill("60")
    steward.locator("#publications-why").fill("For those who plan routes.")
    steward.locator("#publications-name").fill("Not a name!")
    steward.locator("#publications-save").click()
    expect(steward.locator(PROPOSING)).to_contain_text("Small letters, digits and hyphens")
    steward.locator("#publications-name").fill("traffic-counts")
    steward.locator("#publications-save").click()
    expect(steward.locator(".publication-head")).to_contain_text("waiting")
    made = next(one for one in site.register.list() if one.name == "traffic-counts")
    assert made.versions[0].draft.delay_s == 3_600


def test_two_persons_let_out_what_has_personal_data_behind_it(browser: Browser, site: Site) -> None:
    first, officer = entered(browser, site, Role.DPO)
    opened(officer, site, METERS)
    pressed(officer, "clear")
    confirmed(officer)
    expect(officer.locator(".verdict")).to_contain_text("Waits for: the data steward.")
    expect(officer.locator(".sheet [data-act^='clear:']")).to_have_count(0)
    second, steward = entered(browser, site, Role.STEWARD)
    opened(steward, site, METERS)
    pressed(steward, "approve")
    confirmed(steward)
    expect(steward.locator(".publication-head")).to_contain_text("published")
    assert site.names_out() == [METERS]
    first.close()
    second.close()


def test_the_officer_refuses_for_a_public_reason(browser: Browser, site: Site) -> None:
    context, officer = entered(browser, site, Role.DPO)
    opened(officer, site, LAMPS)
    expect(officer.locator(".sheet [data-act^='approve:']")).to_have_count(0)
    pressed(officer, "refuse")
    confirmed(officer, "Pas sans les communes.")
    expect(officer.locator(".publication-head")).to_contain_text("refused")
    lamps = next(one for one in site.register.list() if one.name == LAMPS)
    assert lamps.versions[0].state(datetime.now(UTC)) is State.REFUSED
    context.close()


@pytest.mark.parametrize(("role", "acts"), [(Role.OPERATOR, 0), (Role.OFFICIAL, 0), (Role.ADMINISTRATOR, 1)])
def test_others_read_and_an_administrator_approves_nothing(
    browser: Browser, site: Site, role: Role, acts: int
) -> None:
    context, page = entered(browser, site, role)
    opened(page, site, METERS)
    page.locator(".verdict").wait_for()
    expect(page.locator(".sheet [data-act]")).to_have_count(acts)
    context.close()


def test_a_steward_hands_out_a_key_once_and_ends_it(steward: Page, site: Site) -> None:
    steward.goto(f"{site.url}/publications?lang=en")
    steward.locator("#open-keys-list [data-act='openkey']").press("Enter")
    # The form is filled when it opens: what is typed before that would be lost.
    expect(steward.locator("#open-keys-rate")).to_have_value("6000", timeout=PATIENCE_MS)
    steward.locator("#open-keys-holder").fill("Trajets SAS")
    steward.locator("#open-keys-save").press("Enter")
    expect(steward.get_by_role("dialog")).to_contain_text("Please fill this in.", timeout=PATIENCE_MS)
    steward.locator("#open-keys-contact").fill("api@trajets.example")
    steward.locator("#open-keys-save").press("Enter")
    shown = steward.locator("#open-keys-secret .secret")
    expect(shown).to_contain_text("vgo_", timeout=PATIENCE_MS)
    key = shown.inner_text()
    steward.locator("#open-keys-secret .primary").press("Enter")
    listed = steward.locator("#open-keys-list li")
    expect(listed).to_contain_text("Trajets SAS", timeout=PATIENCE_MS)
    assert key not in listed.inner_text()
    listed.locator("[data-act^='endkey:']").press("Enter")
    expect(steward.locator("#open-keys-end-sentence")).to_contain_text("Trajets SAS", timeout=PATIENCE_MS)
    steward.locator("#open-keys-end-do").press("Enter")
    expect(listed.locator("[data-act]")).to_have_count(0, timeout=PATIENCE_MS)
    expect(listed).to_have_class("gone")


def test_what_is_closed_says_why(steward: Page, site: Site) -> None:
    opened(steward, site, "badge-passages")
    sheet = steward.locator(".sheet")
    expect(sheet).to_contain_text("Protection of private life")
    expect(sheet).to_contain_text("no: badge identifiers")
    expect(sheet.locator("[data-act]")).to_have_count(0)
    steward.goto(f"{site.url}/publications?dataset=nothing&lang=en")
    expect(steward.locator("#publications-sheet")).to_contain_text("There is no such dataset")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    steward: Page, site: Site, theme: str, width: int, height: int
) -> None:
    steward.set_viewport_size({"width": width, "height": height})
    for path in ("?", f"?dataset={METERS}", "?dataset=doors"):
        steward.goto(f"{site.url}/publications{path}&lang=en&theme={theme}")
        steward.locator(":is(.people-table, .sheet):visible").first.wait_for()
        assert complaints(steward) == "", path
        assert steward.evaluate("document.documentElement.scrollWidth") <= width, path
    steward.goto(f"{site.url}/publications?dataset={LAMPS}&lang=fr&theme={theme}")
    for opening, inside in (("propose", "#publications-name"), ("refuse", ".confirm-sentence")):
        steward.locator(f"[data-act^='{opening}:']").click()
        steward.locator(f"{inside}:visible").wait_for()
        assert complaints(steward, f".mantine-Modal-content:has({inside})") == "", opening
        assert steward.evaluate("document.documentElement.scrollWidth") <= width, opening
        steward.keyboard.press("Escape")
        steward.locator(f"{inside}:visible").wait_for(state="hidden")
