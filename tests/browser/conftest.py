"""One headless Chromium for every browser test, drawing WebGL in software.

Browser tests are synchronous: Playwright keeps a loop running in this thread as long as it is open, so it
is opened for this folder alone and closed before the asynchronous tests of the others begin.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    "--use-angle=swiftshader",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser; each test opens a context of its own in it."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()
