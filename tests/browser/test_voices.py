"""A citizen's whole way in real browsers: sent without script, answered by keyboard, read once published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.database_roles import address_for
from geodata.profiles import read_profile
from intake.door import intake
from model.roles import Role
from model.voices import LetterKind
from public.door import public
from services.launch.servers import free_port
from services.publishing import artefact_store
from services.publishing.voices import publish_voices
from services.settings import Settings
from tests.browser.site import control_room, listening
from tests.browser.test_people import PATIENCE_MS, choose, press_on, typed, write
from tests.browser.test_public_panel import violations
from tests.conftest import Servers
from tests.letters import letter
from tests.live_city import lay_out
from tests.published import published
from tests.signing_in import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.servers]

SIZES = ((1920, 1080), (390, 844))


@dataclass
class Town:
    """A control room, the devices' door and the public site on one database."""

    room: str
    site: str
    engine: Engine
    database: str
    settings: Settings

    def publish(self) -> None:
        """What the publisher does each minute."""
        reader = open_engine(str(address_for(self.database, "publish")))
        publish_voices(reader, artefact_store(self.settings), read_profile("demo"), datetime.now(UTC))
        reader.dispose()


@pytest.fixture
def town(servers: Servers, tmp_path: Path) -> Iterator[Town]:
    database, redis = servers.fresh_database(), servers.redis.url
    engine = open_engine(database)
    lay_out(engine)
    published(tmp_path)
    port = free_port()
    settings = Settings(city="demo", var=tmp_path, voice_url=f"http://127.0.0.1:{port}/say")
    with control_room(database, redis) as room, listening(public(settings)) as site:
        door = intake(
            Settings(
                city="demo", simulator_port=1, database_url=address_for(database, "ingest"), redis_url=redis,
                intake_key=SecretStr("a-key-for-tests-only"), var=tmp_path / "intake", public_url=site,
                voice_url=settings.voice_url,
            )
        )  # fmt: skip
        with listening(door, port):
            yield Town(room, site, engine, database, settings)
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def citizen(browser: Browser) -> Iterator[Page]:
    """A browser that runs no script."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def steward(browser: Browser, town: Town, width: int = 1920, height: int = 1080) -> BrowserContext:
    """A browser of the steward of lighting."""
    context = browser.new_context(viewport={"width": width, "height": height})
    sign_in(town.engine, Role.STEWARD, domains=["lighting"]).enter(context, town.room)
    return context


def test_sent_without_script_answered_by_keyboard_and_read(
    browser: Browser, town: Town, citizen: Page
) -> None:
    letter(town.engine, subject="panel:road-traffic", words="another steward’s")
    reference = sends(citizen, town)
    answers(browser, town, reference)
    town.publish()
    citizen.goto(f"{town.site}/requests?lang=en")
    citizen.locator("#reference").fill(reference.lower().replace("-", " "))
    citizen.get_by_role("button", name="Find").click()
    found = citizen.locator("#found")
    expect(found).to_contain_text("Failures by street, please")
    expect(found).to_contain_text("They are in table.csv since today.")
    expect(found).to_contain_text("Answered")
    # Her browser keeps the page she wrote on for half a minute: the other theme is another page.
    citizen.goto(f"{town.site}/datasets/lighting-failures?lang=en&theme=dark")
    expect(citizen.locator("main")).to_contain_text("They are in table.csv since today.")
    assert "jeanne@example.org" not in citizen.content()


def sends(page: Page, town: Town) -> str:
    """Fill the form of a dataset's page, wrongly first; the reference the thanks give."""
    page.goto(f"{town.site}/datasets/lighting-failures?lang=en")
    page.get_by_text("Report an error or ask for data").click()
    page.get_by_label("Request for data").check()
    page.get_by_label("Your message").fill("Failures by street, please")
    page.get_by_label("E-mail").fill("jeanne@example.org")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what the data you ask for will serve.")
    expect(page.get_by_label("Your message")).to_have_value("Failures by street, please")
    page.get_by_label("What for?").fill("A newspaper")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("h1")).to_contain_text("your letter has arrived")
    reference = page.locator("output").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", reference)
    town.publish()
    page.get_by_role("link", name="Follow this letter").click()
    expect(page.locator("#found")).to_contain_text("a person will read it")
    assert "Failures by street" not in page.content()
    return reference


def answers(browser: Browser, town: Town, reference: str) -> None:
    """Publish and answer the letter without a mouse."""
    context = steward(browser, town)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{town.room}/voices?lang=en")
    row = page.locator(".voices-table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("days to answer")
    press_on(page, ".voices-table a.account-link")
    expect(page.locator(".sheet")).to_contain_text("jeanne@example.org")
    expect(page.locator("[data-act^='answer:']")).to_have_count(0)
    press_on(page, "[data-act^='publish:']")
    expect(page.locator(".letter-acts")).to_contain_text("Published")
    press_on(page, "[data-act^='extend:']")
    press_on(page, "#voices-save")
    expect(page.locator(".dialog")).to_contain_text("Fill this in.")
    page.keyboard.press("Escape")
    press_on(page, "[data-act^='answer:']")
    expect(page.locator("#voices-words")).to_be_focused()
    typed(page, "They are in table.csv since today.")
    press_on(page, "#voices-save")
    expect(page.locator(".letter-acts")).to_contain_text("They are in table.csv since today.")
    expect(page.locator(".dialog-parts")).to_have_count(0)
    expect(page.locator(".people-head")).to_contain_text("Nothing to be dealt with")
    context.close()
    assert complaints == []
    with town.engine.connect() as connection:
        told = connection.scalars(
            text("SELECT action FROM audit_entry WHERE object = :r ORDER BY number"), {"r": reference}
        )
        assert list(told) == ["letter_published", "letter_answered"]


def test_a_request_is_refused_by_keyboard_with_its_article(browser: Browser, town: Town) -> None:
    one = letter(town.engine, language="en", words="Consumption of each household")
    context = steward(browser, town)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{town.room}/voices?lang=en&letter={one}")
    press_on(page, "[data-act^='hide:']")
    choose(page, "#voices-reason", "has nothing to do with the data")
    typed(page, "")
    press_on(page, "#voices-save")
    expect(page.locator(".letter-acts")).to_contain_text("has nothing to do with the data")
    press_on(page, "[data-act^='refuse:']")
    expect(page.locator(".letter-tell")).to_contain_text("CADA")
    choose(page, "#voices-reason", "privacy or business secrecy (CRPA, art. L311-6)")
    typed(page, "")
    write(page, "#voices-words", "Households can be told apart.")
    press_on(page, "#voices-save")
    expect(page.locator(".letter-acts")).to_contain_text("art. L311-6")
    context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_desk_breaks_no_rule_of_access(
    browser: Browser, town: Town, theme: str, width: int, height: int
) -> None:
    late = letter(town.engine, datetime.now(UTC) - timedelta(days=40))
    letter(town.engine, kind=LetterKind.WRONG, words="Faux")
    context = steward(browser, town, width, height)
    context.add_init_script(f"localStorage.setItem('vigie.theme', '{theme}')")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{town.room}/voices?lang=fr&letter={late}")
    page.locator(".sheet .letter-late").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("[data-act^='hide:']").click()
    page.locator("#voices-save").wait_for()
    assert violations(page) == []
    page.goto(f"{town.room}/voices?lang=fr")
    page.locator(".voices-table .letter-late").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_public_pages_break_no_rule_of_access(browser: Browser, town: Town, theme: str) -> None:
    letter(town.engine)
    town.publish()
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    spoken: list[str] = []
    page.on("console", lambda line: spoken.append(line.text))
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/requests", "/datasets/lighting-failures"):
            page.goto(f"{town.site}{path}?lang=fr&theme={theme}")
            if path != "/requests":
                page.locator("summary").click()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("[name=kind]").first.check()
        page.locator("#say-words").fill("Un mot")
        page.locator("#say-email").fill("un@nom")
        page.locator("form.say button").click()
        page.get_by_role("alert").wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [one for one in spoken if "400" not in one] == []
    context.close()
