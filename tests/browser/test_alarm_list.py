"""The alarm list in a real Chromium: two operators by keyboard, ten thousand alarms, sound, silence, axe."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import Engine, text

from geodata.database import open_engine
from model.roles import Role
from tests.alarms_made_up import add_alarm, add_group, add_rule, raise_again
from tests.browser.journeys.stack import wait_until
from tests.browser.site import control_room
from tests.clock import began
from tests.conftest import Servers
from tests.live_city import lay_out
from tests.signing_in import sign_in

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]
PATIENCE_MS = 20_000
LAMPS = 10_000
CABINET, DARK, LOOP = "control_cabinet.breaker_tripped", "streetlight.dark", "junction.silent"
# Counts tones instead of playing them; `running` from the start, or as a browser that wants a gesture first.
DEAF = """
window.tones = [];
window.AudioContext = class {
    constructor() {
        this.state = window.localStorage.getItem("gesture") ? "suspended" : "running";
        this.currentTime = 0;
    }
    resume() { this.state = "running"; return Promise.resolve(); }
    createOscillator() {
        const start = () => tones.push(source.frequency.value);
        const source = { frequency: {}, connect: (next) => next, start, stop() {} };
        return source;
    }
    createGain() {
        const gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
        return { gain, connect: (next) => next };
    }
};
"""

pytestmark = [pytest.mark.browser, pytest.mark.servers]


class Site:
    """A control room on a cabinet with ten thousand lamps, and hands on its alarms."""

    def __init__(self, url: str, database: str, engine: Engine) -> None:
        self.url, self.database, self.engine = url, database, engine

    def clean(self) -> None:
        """Nothing open, nothing kept."""
        with self.engine.begin() as connection:
            connection.execute(text("TRUNCATE alarm, alarm_event, alarm_hiding, alarm_view CASCADE"))
            at = began() - timedelta(days=1)
            words = {"fr": "Disjoncteur déclenché", "en": "Breaker tripped"}
            add_rule(connection, CABINET, at, priority=1, title=words)
            add_rule(connection, DARK, at, priority=4, title={"fr": "Éteint la nuit", "en": "Dark at night"})
            add_rule(connection, LOOP, at, domain="traffic", priority=3, title={"fr": "Muet", "en": "Silent"})

    def add(self, key: str, asset: int, minutes: float = 60, **said: Any) -> int:
        """An alarm raised so many minutes ago."""
        with self.engine.begin() as connection:
            return add_alarm(connection, key, ago(minutes), asset=asset, **said)

    def many(self, count: int, minutes: float = 1) -> None:
        """So many lamps, each with an alarm of its own."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO alarm (rule_id, rule_version, alarm_class, asset_id, commune_id, domain, "
                    "asset_type, priority, severity, raised_at, noticed_at, annunciated_at, last_raised_at) "
                    "SELECT r.id, 1, r.key, s.id, s.commune_id, s.domain, s.asset_type, 4, 2, CAST(:at AS "
                    "timestamptz), :at, :at, :at FROM alarm_rule r, (SELECT * FROM asset WHERE asset_type = "
                    "'streetlight' ORDER BY id LIMIT :count) s WHERE r.key = :key ON CONFLICT DO NOTHING"
                ),
                {"at": ago(minutes), "count": count, "key": DARK},
            )

    def acknowledged_by(self, alarm: int) -> str | None:
        """Who acknowledged it, as the database holds it."""
        with self.engine.connect() as connection:
            return connection.scalar(text("SELECT acknowledged_by FROM alarm WHERE id = :id"), {"id": alarm})


def ago(minutes: float) -> datetime:
    return began() - timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def whole(servers: Servers) -> Iterator[Site]:
    database = servers.fresh_database()
    engine = open_engine(database)
    lay_out(engine, lamps=LAMPS)
    with control_room(database, servers.redis.url) as url:
        yield Site(url, database, engine)
    engine.dispose()
    servers.drop_database(database)


@pytest.fixture
def site(whole: Site) -> Site:
    whole.clean()
    return whole


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, site: Site) -> Iterator[Opened]:
    """``opened("Ada Test")`` is the room as an operator of that name has it before her."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def page_of(name: str = "Ada Test", *, query: str = "", width: int = 1600, first: str = "") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.add_init_script(first + DEAF)
        known = sign_in(site.database, Role.OPERATOR)
        with site.engine.begin() as connection:
            connection.execute(
                text("UPDATE person SET name = :name WHERE id = :id"),
                {"name": name, "id": known.viewer.person_id},
            )
        known.enter(context, site.url)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.goto(f"{site.url}/?lang=en{query}")
        expect(page.locator(".alarms[data-state=ready]")).to_be_visible()
        holds(page, "vigie.live.link.state === 'database' || vigie.live.link.state === 'live'")
        holds(page, "vigie.alarmSounds.heard !== null")
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert complaints == []


def holds(page: Page, expression: str, patience_s: float = 20) -> None:
    """Wait until ``expression`` is true on the page, whose policy forbids Playwright's own way."""
    wait_until(lambda: bool(page.evaluate(expression)), patience_s, expression)


def row(page: Page, alarm: int) -> Any:
    return page.locator(f'[data-alarm="{alarm}"]')


def test_two_operators_work_through_an_alarm_by_keyboard(site: Site, opened: Opened) -> None:
    """Named back before it is done, durable before it is shown, told to the other within a second."""
    with site.engine.begin() as connection:
        cabinet, _ = add_group(connection, CABINET, 10, DARK, [101, 102, 103], ago(30))
    loop = site.add(LOOP, 12)
    ada, bob = opened("Ada Test"), opened("Bob Test")
    expect(row(ada, cabinet)).to_contain_text("A-1")
    expect(row(ada, cabinet).locator(".alarm-cons")).to_contain_text("3")
    ada.keyboard.press("a")
    expect(ada.locator(".alarm-rows")).to_be_focused()
    ada.keyboard.press("a")
    expect(row(ada, cabinet)).to_contain_text("Acknowledge A-1, breaker tripped?")
    assert site.acknowledged_by(cabinet) is None
    ada.keyboard.press("Escape")
    expect(row(ada, cabinet)).not_to_contain_text("Acknowledge A-1")
    ada.keyboard.press("ArrowRight")
    expect(ada.locator(".alarm-row.behind")).to_have_count(3)
    ada.keyboard.press("ArrowLeft")
    ada.keyboard.press("a")
    bob.keyboard.press("a")
    bob.keyboard.press("a")
    expect(row(bob, cabinet)).to_contain_text("Acknowledge A-1")
    ada.keyboard.press("a")
    expect(row(ada, cabinet).locator(".alarm-do")).to_contain_text("Acknowl. · A.T.")
    assert site.acknowledged_by(cabinet) == "Ada Test"
    # The other hears of it while she is about to do the same: what she had named back is taken from her hand.
    expect(row(bob, cabinet)).to_contain_text("Already acknowledged by Ada Test")
    expect(row(ada, loop)).to_have_class("alarm-row priority-3 calls at")
    ada.keyboard.press("a")
    ada.keyboard.press("Enter")
    expect(row(bob, loop)).to_contain_text("Acknowl. · A.T.")
    expect(row(bob, loop)).to_have_class("alarm-row priority-3 quiet news")


def test_several_are_chosen_and_named_back_together(site: Site, opened: Opened) -> None:
    alarms = [site.add(DARK, 101 + n, minutes=30 + n) for n in range(4)]
    page = opened()
    page.keyboard.press("j")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("a")
    expect(page.locator(".alarm-question")).to_contain_text("Acknowledge 3 alarms: L-1, dark at night")
    page.keyboard.press("Enter")
    expect(page.locator(".alarm-row.quiet")).to_have_count(3)
    assert [bool(site.acknowledged_by(alarm)) for alarm in alarms] == [True, True, True, False]


def test_what_cannot_be_done_says_why_at_the_row(site: Site, opened: Opened) -> None:
    alarm = site.add(CABINET, 10)
    page = opened()
    held: list[Route] = []
    answer: list[Callable[[Route], object]] = [lambda route: route.continue_()]
    # From the first: a door that is stood at late lets the next one through while it is being set up.
    page.route("**/alarms/act/acknowledge*", lambda route: answer[0](route))
    page.keyboard.press("j")
    page.keyboard.press("a")
    with site.engine.begin() as connection:
        raise_again(connection, alarm, began())
    expect(row(page, alarm)).to_contain_text("It came back meanwhile (time 2)")
    page.keyboard.press("a")
    answer[0] = lambda route: route.abort()
    page.keyboard.press("a")
    expect(row(page, alarm)).to_contain_text("the acknowledgement is not confirmed")
    answer[0] = held.append
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(row(page, alarm)).to_contain_text("under way")
    assert site.acknowledged_by(alarm) is None
    held[0].fulfill(status=503, json={"error": {"message": "The database does not answer."}})
    expect(row(page, alarm)).to_contain_text("The database does not answer.")
    page.route("**/live/**", lambda route: route.abort())
    page.evaluate("vigie.live.connection.events.close()")
    holds(page, "vigie.live.link.state === 'cut'")
    page.keyboard.press("a")
    expect(row(page, alarm)).to_contain_text("nothing can be acknowledged while the live view is cut")
    assert site.acknowledged_by(alarm) is None


def test_ten_thousand_alarms_are_never_more_than_two_hundred_rows(site: Site, opened: Opened) -> None:
    critical = site.add(CABINET, 10, minutes=50)
    site.many(LAMPS)
    page = opened()
    expect(page.locator(".alarm-flood.on")).to_contain_text("in 10 min, 10,001 causes")
    expect(page.locator(".alarm-row").first).to_have_attribute("data-alarm", str(critical))
    page.locator(".alarm-rows").focus()
    most = 0
    for key in ("PageDown", "PageDown", "End", "PageUp", "Home", "End"):
        page.keyboard.press(key)
        most = max(most, page.locator(".alarm-row").count())
    expect(page.locator('.alarm-row[aria-rowindex="10001"][data-alarm]')).to_be_visible()
    assert 10 < max(most, page.locator(".alarm-row").count()) <= 200
    with page.expect_response("**/alarms/act/keep_view*"):
        page.locator(".alarm-count[data-priority='1']").click()
    expect(page.locator(".alarm-filtered")).to_contain_text("Filter: 1 of 10,001")
    expect(page.locator(".alarm-row")).to_have_count(1)
    page.reload()
    expect(page.locator(".alarm-filtered")).to_contain_text("Filter: 1 of 10,001")


def test_a_figure_for_each_priority_once_for_a_cause_and_only_critical_in_a_flood(
    site: Site, opened: Opened
) -> None:
    site.add(LOOP, 12)
    page = opened()
    assert page.evaluate("tones.length") == 0, "what was there before is no news"
    site.add(DARK, 101)
    holds(page, "tones.length === 1")
    low = page.evaluate("tones")
    with site.engine.begin() as connection:
        add_group(connection, CABINET, 10, DARK, [102, 103, 104], ago(0.1))
    holds(page, "tones.length === 7")
    assert set(page.evaluate("tones")) > set(low)
    site.clean()
    site.many(40)
    expect(page.locator(".alarm-flood.on")).to_be_visible()
    holds(page, "vigie.alarmSounds.heard.size > 40")
    assert page.evaluate("tones.length") == 7
    site.add(CABINET, 11, minutes=0)
    holds(page, "tones.length === 13")


def test_silence_is_seen_counts_down_and_ends_with_what_is_still_critical(site: Site, opened: Opened) -> None:
    page = opened()
    page.keyboard.press("m")
    page.get_by_role("button", name="2 min").press("Enter")
    expect(page.locator(".alarm-tool.muted")).to_contain_text("Muted 1:5")
    page.evaluate("vigie.alarmSounds.mute(0.05)")
    site.add(CABINET, 10, minutes=0)
    expect(page.locator(".alarm-row")).to_have_count(1)
    holds(page, "vigie.alarmSounds.missed.length === 1")
    assert page.evaluate("tones.length") == 0
    expect(page.locator(".alarm-tool.muted")).to_have_count(0)
    holds(page, "tones.length === 6")


def test_a_browser_that_wants_a_gesture_first_is_said_to(opened: Opened) -> None:
    page = opened(first="window.localStorage.setItem('gesture', '1');")
    expect(page.get_by_role("button", name="Turn sound on")).to_be_visible()
    page.locator("body").press("x")
    expect(page.get_by_role("button", name="Turn sound on")).to_have_count(0)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1600, 390])
def test_the_list_has_no_violations(site: Site, opened: Opened, theme: str, width: int) -> None:
    with site.engine.begin() as connection:
        add_group(connection, CABINET, 10, DARK, [101, 102], ago(30))
    site.add(LOOP, 12, acknowledged=ago(10))
    site.many(60)
    page = opened(query=f"&theme={theme}", width=width)
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.keyboard.press("a") if width > 700 else None
    expect(page.locator(".alarm-row.behind")).to_have_count(2)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(tags) => axe.run('.alarms', {runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if width == 390:
        targets = "[...document.querySelectorAll('.alarm-act, .alarm-tool, .alarm-count')]"
        assert page.evaluate(f"{targets}.filter((one) => one.offsetHeight < 44).length") == 0
