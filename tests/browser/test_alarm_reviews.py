"""A rule called useless: tried beside a proposed version, taken as a draft, closed; and the board."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, insert, text

from geodata.database import open_engine
from geodata.partitions import ensure_partitions
from geodata.tables import state_change
from model.domains import ASSET_TYPES
from model.roles import Role
from services.alarms.desk.handling import rate
from tests.alarms_made_up import add_alarm, add_rule, end_condition
from tests.browser.site import control_room, opened
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.somebody import settled

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
CABINET, LAMP = "control_cabinet.breaker_tripped", "streetlight.lamp_failure"
TRIPPED, LIT = 3, 1
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

pytestmark = [pytest.mark.browser, pytest.mark.servers]


def trips(engine: Engine, now: datetime) -> list[int]:
    """Cabinet A-1 trips for twenty seconds once a minute; its alarms."""
    alarms, kind = [], ASSET_TYPES["control_cabinet"]
    with engine.begin() as connection:
        ensure_partitions(connection, now - 6 * DAY, now)
        for n in range(12):
            at, over = now - 5 * DAY + n * MINUTE, now - 5 * DAY + n * MINUTE + timedelta(seconds=20)
            alarms.append(add_alarm(connection, CABINET, at, asset=10, acknowledged=at))
            end_condition(connection, alarms[-1], over)
            for when, code in ((at, TRIPPED), (over, LIT)):
                values = {"asset_id": 10, "phenomenon_time": when, "received_at": when, "state": code}
                status = kind.by_code[code].status
                connection.execute(insert(state_change).values(**values, status=status))
    return alarms


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[tuple[str, Engine]]:
    database, now = servers.fresh_database(), datetime.now(UTC).replace(microsecond=0)
    engine = open_engine(database)
    lay_out(engine)
    with engine.begin() as connection:
        add_rule(connection, CABINET, now - 40 * DAY, priority=3)
        add_rule(connection, LAMP, now - 40 * DAY, priority=4)
        connection.execute(
            text("INSERT INTO alarm_watch (began_at, ended_at) VALUES (:a, :b)"),
            {"a": now - 20 * DAY, "b": now},
        )
    alarms, omar = trips(engine, now), settled(engine, "Omar", Role.OPERATOR)
    with engine.begin() as connection:
        lamp = add_alarm(connection, LAMP, now - DAY, asset=101)
        add_alarm(connection, LAMP, now - 25 * DAY, asset=102)
    for alarm in (*alarms[:3], lamp):
        rate(engine, omar, alarm, useless=True, said="Retombe toute seule", now=datetime.now(UTC))
    with control_room(database, servers.redis.url) as url:
        yield url, engine
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def page(browser: Browser, site: tuple[str, Engine]) -> Iterator[Page]:
    page = opened(browser, site[0], Role.SUPERVISOR)
    yield page
    page.context.close()


def has_no_violations(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_for_everybody(page: Page, site: tuple[str, Engine], theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{site[0]}/alarms/reviews?lang=fr&theme={theme}&rule={CABINET}")
    expect(page.locator(".reviews-sentence")).to_be_visible()
    has_no_violations(page)
    page.get_by_role("button", name="Clore la revue").click()
    expect(page.get_by_label("Raison")).to_be_focused()
    has_no_violations(page)
    page.goto(f"{site[0]}/alarms/reviews?lang=fr&theme={theme}")
    expect(page.locator(".reviews-row").first).to_be_visible()
    has_no_violations(page)
    broad = page.locator(".reviews-row td:last-child").first.bounding_box()
    assert broad and broad["width"] > 150, "what is proposed can be read"
    page.goto(f"{site[0]}/alarms/quality?lang=fr&theme={theme}")
    expect(page.locator(".quality-figures tbody tr").first).to_be_visible()
    has_no_violations(page)


def test_the_queue_is_reached_from_the_board_and_ranked(page: Page, site: tuple[str, Engine]) -> None:
    page.goto(f"{site[0]}/alarms/quality?lang=en")
    expect(page.get_by_text("in no rate, begun while nobody watched: 1")).to_be_visible()
    page.get_by_role("link", name="Reviews", exact=True).press("Enter")
    rows = page.locator(".reviews-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Armoire")
    expect(rows.nth(0).locator("td").first).to_contain_text("3")
    expect(page.locator(".reviews-said")).to_contain_text("Omar")
    rows.nth(1).get_by_role("link").press("Enter")
    expect(page.locator(".reviews-sheet")).to_contain_text("Aucun changement ne découle")
    expect(page).to_have_url(f"{site[0]}/alarms/reviews?rule={LAMP}")


def test_what_is_proposed_is_tried_and_taken_as_a_draft(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/reviews?lang=en&rule={CABINET}")
    expect(page.locator(".reviews-sentence")).to_contain_text(
        "This version would have raised 0 instead of 12 alarms in 30 days. Nobody acted on any of them."
    )
    expect(page.locator(".reviews-changes")).to_contain_text("Off delay")
    page.get_by_role("link", name="Take it as a draft").press("Enter")
    expect(page.get_by_label("Off delay")).to_have_value("1 min")
    expect(page.get_by_label("On delay")).to_have_value("30 s")
    expect(page.get_by_label("Reason")).to_have_value(
        "Called useless, opinions: 3. This version would have raised 0 instead of 12 alarms in 30 days. "
        "Nobody acted on any of them."
    )
    page.locator("#alarm-rules-draft").press("Enter")
    expect(page.get_by_role("button", name="Try over 30 days: version 2")).to_be_visible()
    page.goto(f"{url}/alarms/reviews?lang=en&rule={CABINET}")
    expect(page.get_by_text("Version 2 was written by Ada Test")).to_be_visible()
    question = (
        "SELECT proposed_version FROM alarm_review w JOIN alarm_rule r ON r.id = rule_id WHERE key = :k"
    )
    with engine.connect() as connection:
        assert connection.scalar(text(question), {"k": CABINET}) == 2


def test_a_review_is_closed_with_a_reason(page: Page, site: tuple[str, Engine]) -> None:
    url, engine = site
    page.goto(f"{url}/alarms/reviews?lang=en&rule={LAMP}")
    page.get_by_role("button", name="Close the review").press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.locator("#alarm-reviews-close").press("Enter")
    expect(page.get_by_text("To be filled in")).to_be_visible()
    page.get_by_label("Reason").fill("The lamp was mended")
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)))"
    )
    page.locator("#alarm-reviews-close").press("Enter")
    expect(page.locator(".reviews-row")).to_have_count(1)
    with engine.connect() as connection:
        closed = connection.execute(text("SELECT decided_by, decision, decision_why FROM alarm_review "
                                         "WHERE decided_at IS NOT NULL")).all()  # fmt: skip
    assert [tuple(row) for row in closed] == [("Ada Test", "kept", "The lamp was mended")]


def test_an_operator_reads_the_reviews_and_decides_nothing(
    browser: Browser, site: tuple[str, Engine]
) -> None:
    page = opened(browser, site[0], Role.OPERATOR)
    page.goto(f"{site[0]}/alarms/reviews?lang=en&rule={CABINET}")
    expect(page.locator(".reviews-said")).to_contain_text("Retombe toute seule")
    expect(page.locator("[data-act], .reviews-acts")).to_have_count(0)
    page.context.close()


def test_an_official_reads_the_board_without_equipment_and_closed_pages(
    browser: Browser, site: tuple[str, Engine]
) -> None:
    page = opened(browser, site[0], Role.OFFICIAL)
    page.goto(f"{site[0]}/alarms/quality?lang=en")
    expect(page.get_by_role("heading", name="Classes that alarm most")).to_be_visible()
    expect(page.locator(".nav .nav-link.here")).to_have_text("Alarms")
    ways = page.locator(".quality-board a").evaluate_all("(all) => all.map((one) => one.pathname)")
    assert set(ways) == {"/alarms/quality"}
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").press("Enter")
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(page.locator(".top-bar")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.get_by_text("A-1", exact=True)).to_have_count(0)
    page.goto(f"{site[0]}/alarms/reviews?lang=en")
    expect(page.locator(".state-refused")).to_be_visible()
    page.context.close()
