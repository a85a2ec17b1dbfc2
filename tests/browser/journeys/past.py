"""What the journeys into the past share: what is shown, what the database holds, how to go somewhere."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import psycopg
from playwright.sync_api import Page

from tests.browser.journeys.conftest import SHOWN, until
from tests.browser.journeys.stack import Stack

PARIS = ZoneInfo("Europe/Paris")
AT = "vigie.clock.at"
ADDRESS = "new URLSearchParams(location.search)"


def rows(stack: Stack, query: str, **values: object) -> list[tuple[object, ...]]:
    """What the database holds."""
    with psycopg.connect(stack.servers["postgres"].url) as connection:
        return connection.execute(query, values).fetchall()


def go(page: Page, at: datetime) -> None:
    """Type an instant, and wait until it is shown."""
    field = page.locator(".timeline-field")
    field.fill(f"{at.astimezone(PARIS):%d/%m/%Y %H:%M:%S}")
    field.press("Enter")
    until(page, f"{AT} === {at.timestamp()} && {SHOWN}")


def when(page: Page) -> datetime:
    """The instant shown."""
    return datetime.fromtimestamp(page.evaluate(AT), UTC)
