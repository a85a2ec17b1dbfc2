"""One headless Chromium for every browser test, drawing WebGL in software.

Browser tests are synchronous: Playwright keeps a loop running in this thread as long as it is open, so it
is opened for this folder alone and closed before the asynchronous tests of the others begin.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from bench.chromium import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; each test opens a context of its own in it."""
    with chromium() as opened:
        yield opened
