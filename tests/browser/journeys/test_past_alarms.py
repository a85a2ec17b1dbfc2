"""The alarms of the storm night, found again in the past: the list as it was, who knew what, read only."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from services.settings import ROOT
from tests.browser.journeys.conftest import SHOWN, OpenPage, until
from tests.browser.journeys.past import AT, rows
from tests.browser.journeys.stack import Stack

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STORM = "SELECT t0, t1 FROM annotation WHERE kind = 'storm' ORDER BY t0 DESC LIMIT 1"
TRIP = """
SELECT a.id, s.name, s.external_id, a.acknowledged_at, a.acknowledged_by
FROM alarm a JOIN asset s ON s.id = a.asset_id
WHERE a.alarm_class = 'control_cabinet.breaker_tripped' AND a.annunciated_at BETWEEN %(t0)s AND %(t1)s
ORDER BY a.annunciated_at LIMIT 1
"""


def test_the_list_of_the_storm_night_says_who_knew_what(stack: Stack, open_page: OpenPage) -> None:
    ((t0, t1),) = rows(stack, STORM)
    ((alarm, name, asset, acknowledged, by),) = rows(stack, TRIP, t0=t0, t1=t1)
    assert isinstance(acknowledged, datetime)
    at = acknowledged.replace(microsecond=0)
    watched = open_page(f"/history?at={at.isoformat().replace('+00:00', 'Z')}&lang=fr")
    page = watched.page
    until(page, f"{SHOWN} && Number(document.querySelector('#past-list').dataset.at) === {AT}")
    row = page.locator(f"#past-list [data-alarm='{alarm}']")
    expect(row).to_contain_text(str(name))
    expect(row).to_contain_text("Acquittée")
    expect(page.locator("#past-list")).to_contain_text("lecture seule")
    row.click()
    thread = page.locator(".then-alarms")
    expect(thread).to_contain_text(f"Acquittée · {by}", timeout=15_000)
    expect(thread.locator(".then-line.later").first).to_be_visible()
    expect(thread).to_contain_text("le passé ne s’acquitte pas")
    until(page, f"new URLSearchParams(location.search).get('asset') === '{asset}'")
    before = at.timestamp() - 1
    page.evaluate(f"vigie.hand.go({before})")
    until(page, f"{SHOWN} && Number(document.querySelector('#past-list').dataset.at) === {before}")
    expect(row).to_contain_text("À acquitter")
    page.locator("#past-list [role=listbox]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#past-list [role=option][aria-selected=true]").first).to_be_visible()
    assert watched.errors == []
    assert axe(page) == ""


def axe(page: Page) -> str:
    """What axe complains of in the list and in the panel."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => axe.run({include: [['#past-list'], ['.then-alarms']]},"
        " {runOnly: {type: 'tag', values: tags}}).then(({violations}) => violations.flatMap("
        "v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`)))",
        TAGS,
    )
    return "\n".join(found)
