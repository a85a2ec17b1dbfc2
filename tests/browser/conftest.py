"""One headless Chromium for every browser test, drawing WebGL in software.

Browser tests are synchronous: Playwright keeps a loop running in this thread as long as it is open, so it
is opened for this folder alone and closed before the asynchronous tests of the others begin.

A test of this folder that fails is tried once more: Chromium, the room and four servers share a machine, and
a screen may once be slower than a patient wait. The second try is told in the summary (RERUN), so that a test
which needs it often is seen and mended; what fails twice has failed. No other test is tried again.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bench.chromium import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; each test opens a context of its own in it."""
    with chromium() as opened:
        yield opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Grant the tests of this folder their second try."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.flaky(reruns=1))
