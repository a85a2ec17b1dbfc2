"""Rules written, compared, tried and put in force from their page, in a real Chromium by keyboard."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from geodata.partitions import ensure_partitions
from model.roles import Role
from services.alarms.rules import seed_rules
from tests.browser.journeys.stack import wait_until
from tests.browser.site import control_room, opened
from tests.conftest import Servers
from tests.live_city import lay_out

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
RULE = "meter.voltage_high"
DAYS, METERS = 20, 12

pytestmark = [pytest.mark.browser, pytest.mark.servers]


def add_voltages(engine: Engine) -> None:
    """A dozen meters read every hour for some days: at noon above 251.5 V, every fourth day above 253 V."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with engine.begin() as connection:
        ensure_partitions(connection, today - timedelta(days=DAYS + 1), today + timedelta(days=2))
        connection.execute(
            text(
                "INSERT INTO asset (id, external_id, source, domain, asset_type, name, geometry, commune_id) "
                "SELECT 1000 + n, 'E-' || n, 'test', 'energy', 'meter', 'École ' || n, "
                "ST_SetSRID(ST_MakePoint(5.04 + n * 0.001, 47.34), 4326), 1 FROM generate_series(1, :n) n"
            ),
            {"n": METERS},
        )
        connection.execute(
            text(
                "INSERT INTO datastream (id, asset_id, observed_property, unit, period_s) "
                "SELECT n, 1000 + n, 'voltage', 'V', 3600 FROM generate_series(1, :n) n"
            ),
            {"n": METERS},
        )
        connection.execute(
            text(
                "INSERT INTO observation (datastream_id, phenomenon_time, result, received_at) "
                "SELECT n, at, CASE WHEN extract(hour FROM at AT TIME ZONE 'UTC') <> 12 THEN 230 "
                "WHEN d % 4 = 0 AND n < 5 THEN 255 WHEN (d + n) % 3 = 0 THEN 252 ELSE 240 END, at "
                "FROM generate_series(1, :n) n, generate_series(1, :days) d, generate_series(0, 23) h, "
                "LATERAL (SELECT CAST(:today AS timestamptz) - d * interval '1 day' + h * interval '1 hour' "
                "AS at) t"
            ),
            {"n": METERS, "days": DAYS, "today": today},
        )
        connection.execute(text("UPDATE layout SET version = version + 1"))


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[tuple[str, Engine]]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine)
    add_voltages(engine)
    with engine.begin() as connection:
        seed_rules(connection.connection.driver_connection)  # type: ignore[arg-type]
    with control_room(database, servers.redis.url) as url:
        yield url, engine
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: tuple[str, Engine]) -> Iterator[Page]:
    page = opened(browser, site[0], Role.SUPERVISOR)
    yield page
    page.context.close()


def handed_on(page: Page) -> None:
    """Wait until a field has handed its value on, which it does by a timer of no length."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)))"
    )


def typed(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)
    handed_on(page)


def chosen(page: Page, label: str, option: str) -> None:
    """Choose ``option`` by keyboard in the field called ``label``."""
    page.get_by_role("textbox", name=label, exact=True).press("Enter")
    held = page.get_by_role("option", name=option, exact=True)
    expect(held).to_be_visible()
    for _ in range(40):
        if held.get_attribute("data-combobox-selected") is not None:
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    handed_on(page)


def field(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=label, exact=True)


def refused(page: Page) -> Locator:
    """What stands at the field that was not taken."""
    return page.locator(".mantine-InputWrapper-error")


def test_a_version_is_written_tried_put_in_force_and_taken_out(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/rules?lang=en&rule={RULE}")
    page.get_by_role("button", name="New version").press("Enter")
    expect(field(page, "Upper limit")).to_have_value("253")
    expect(field(page, "Rise of at least")).to_have_count(0)
    typed(page, "Upper limit", "high")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(refused(page)).to_have_text("Write a number")
    expect(field(page, "Upper limit")).to_be_focused()
    expect(page.locator("#alarm-rules-draft-told")).to_have_text("Upper limit: Write a number")
    typed(page, "Upper limit", "251.5")
    typed(page, "Title in English", "Voltage above 251.5 V")
    typed(page, "Reason", "Warned too late")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(refused(page)).to_contain_text("Write {limit} in place of")
    expect(field(page, "Title in English")).to_be_focused()
    typed(page, "Title in English", "Voltage above {limit}")
    expect(page.locator("#alarm-rules-preview")).to_have_text(
        "Voltage above 251.5\u202fV · Voltage above 251.5\u202fV for 15 min"
    )
    page.locator("#alarm-rules-draft").press("Enter")
    expect(page.get_by_role("heading", name="Version 2: what changed from version 1")).to_be_visible()
    expect(page.locator(".rule-changes-table tbody tr")).to_have_text(
        [re.compile("Upper limit.*253.*251.5"), re.compile("Title in English.*–.*Voltage above {limit}")]
    )
    expect(page.get_by_role("button", name="Put version 2 in force")).to_have_count(0)
    page.get_by_role("button", name="Try over 30 days: version 2").press("Enter")
    expect(page.locator(".rule-trial-sum")).to_have_text(
        re.compile(r"^20 → \d\d alarms, from version 1 in force to version 2$")
    )
    expect(page.locator(".rule-trial .js-plotly-plot .bars .point").first).to_be_attached()
    page.get_by_text("The same values as a table").press("Enter")
    assert sums(page) == [
        int(n) for n in re.findall(r"\d+", page.locator(".rule-trial-sum").inner_text())[1::-1]
    ]
    expect(page.locator(".rule-most tbody tr")).to_have_count(10)
    page.get_by_role("button", name="Put version 2 in force").press("Enter")
    expect(page.locator("#alarm-rules-on-what")).to_contain_text("2")
    page.locator("#alarm-rules-on").press("Enter")
    expect(page.get_by_role("button", name="Put version 1 in force")).to_have_count(1)
    expect(page.locator("#alarm-rules-on")).to_have_count(0)
    expect(page.locator(".board-sentence")).to_contain_text("Voltage above 251.5")
    page.get_by_role("button", name="Take out of force").first.press("Enter")
    typed(page, "Reason", "Meters replaced")
    page.locator("#alarm-rules-off").press("Enter")
    expect(page.get_by_role("button", name="Take out of force")).to_have_count(0)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT version, declaration #>> '{condition,above}', on_at IS NOT NULL, off_at IS NOT NULL"
                " FROM alarm_rule_version JOIN alarm_rule ON id = rule_id WHERE key = :key ORDER BY version"
            ),
            {"key": RULE},
        ).all()
    assert [tuple(row) for row in found] == [(1, "253", True, True), (2, "251.5", True, True)]


def sums(page: Page) -> list[int]:
    """The columns of the table under the chart, added up."""
    rows = page.locator(".rule-trial .quality-twin tbody tr")
    cells = [[cell.strip() for cell in row.split("\t")[1:]] for row in rows.all_inner_texts()]
    return [sum(int(cell) for cell in column if cell != "–") for column in zip(*cells, strict=True)]


def test_an_earlier_version_is_taken_up_again_as_a_draft(page: Page, site: tuple[str, Engine]) -> None:
    page.goto(f"{site[0]}/alarms/rules?lang=en&rule={RULE}")
    page.get_by_role("link", name="Version 1: what changed").press("Enter")
    expect(page.get_by_role("heading", name="Version 1, the first")).to_be_visible()
    page.get_by_role("button", name="Take version 1 up again as a draft").press("Enter")
    expect(field(page, "Upper limit")).to_have_value("253")
    typed(page, "Reason", "As it was")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(page.get_by_role("link", name="Version 3: what changed")).to_be_visible()
    page.get_by_role("link", name="Version 3: what changed").press("Enter")
    expect(page.locator(".rule-changes-table")).to_contain_text("251.5")


def test_a_rule_of_ones_own_is_written_and_found_again_after_a_reload(
    page: Page, site: tuple[str, Engine]
) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/rules?lang=en")
    page.get_by_role("button", name="New rule").press("Enter")
    expect(field(page, "Kind of equipment")).to_be_focused()
    chosen(page, "Kind of equipment", "Meter")
    chosen(page, "Kind of condition", "Many in an area")
    expect(field(page, "How many at least")).to_be_visible()
    expect(field(page, "Upper limit")).to_have_count(0)
    chosen(page, "Kind of condition", "Rate of change")
    expect(field(page, "Rise of at least")).to_be_visible()
    chosen(page, "Property", "Voltage (V)")
    typed(page, "In less than", "an hour")
    typed(page, "Rise of at least", "20")
    typed(page, "Title in French", "Saut de {limit}")
    expect(page.locator("#alarm-rules-form")).to_be_visible()
    kept(engine, "Saut de {limit}")
    page.reload()
    page.get_by_role("button", name="Go on with the draft").press("Enter")
    expect(field(page, "Title in French")).to_have_value("Saut de {limit}")
    expect(field(page, "Kind of equipment")).to_have_value("Meter")
    expect(field(page, "Rise of at least")).to_have_value("20")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(refused(page)).to_have_text("To be filled in")
    expect(field(page, "Title in English")).to_be_focused()
    typed(page, "Title in English", "Jump of {limit}")
    typed(page, "What to do, in French", "Appeler.")
    typed(page, "What to do, in English", "Call.")
    typed(page, "Reason", "Seen last week")
    page.locator("#alarm-rules-draft").press("Enter")
    expect(refused(page)).to_have_text("Write a duration, for example 15 min")
    typed(page, "In less than", "1 h 30 min")
    chosen(page, "Who responds", "buildings")
    page.locator("#alarm-rules-draft").press("Enter")
    page.wait_for_url("**/alarms/rules?rule=meter.jump_of")
    expect(page.locator(".board-sentence")).to_have_text("Meter · Jump of 20\u202fV")
    expect(page.locator(".rule-left")).to_have_count(0)
    with engine.connect() as connection:
        declared = connection.scalar(
            text(
                "SELECT declaration FROM alarm_rule_version JOIN alarm_rule ON id = rule_id WHERE key = :key"
            ),
            {"key": "meter.jump_of"},
        )
    assert declared["condition"] == {
        "type": "rate", "observed_property": "voltage", "within_s": 5400.0, "rise": 20.0, "fall": None
    }  # fmt: skip
    assert declared["responder"] == "buildings"


def kept(engine: Engine, words: str) -> None:
    """Wait until what was typed is kept on the server."""

    def there() -> bool:
        with engine.connect() as connection:
            found = connection.scalars(text("SELECT CAST(view -> 'rule_drafts' AS text) FROM alarm_view"))
            return any(words in (one or "") for one in found)

    wait_until(there, 20, "the draft is kept")


def test_an_operator_reads_the_rule_and_changes_nothing(browser: Browser, site: tuple[str, Engine]) -> None:
    page = opened(browser, site[0], Role.OPERATOR)
    page.goto(f"{site[0]}/alarms/rules?lang=en&rule=meter.voltage_high")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("[data-act]")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_has_no_violations(page: Page, site: tuple[str, Engine], theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site[0]}/alarms/rules?lang=fr&theme={theme}&rule={RULE}&version=2")
    expect(page.locator(".rule-trial .js-plotly-plot .bars .point").first).to_be_attached()
    expect(page.locator(".rule-changes-table")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="Nouvelle version").click()
    expect(field(page, "Type d’équipement")).to_be_focused()
    clean(page)


def clean(page: Page) -> None:
    """No violation by axe, and nothing wider than the screen."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
