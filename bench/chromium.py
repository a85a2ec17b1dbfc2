"""Chromium for the benches: headless, drawing WebGL in software, its memory read from the kernel.

With ``FLAGS`` the whole page too is put together by an emulated graphics card: that is how the map's pictures
are counted. ``AS_IT_IS`` leaves that to the browser, which on a machine without a card composes pages itself
and emulates a card for WebGL alone; no desk works with the other, and what it costs is no page's doing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    "--use-angle=swiftshader",
]
AS_IT_IS = [flag for flag in FLAGS if not flag.startswith("--use-angle")]
WIDTH, HEIGHT = 1280, 900


@contextmanager
def chromium(flags: Sequence[str] = FLAGS) -> Iterator[Browser]:
    """A browser started with ``flags``; it is closed again."""
    program = next(p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(flags))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page at ``address`` with nothing cached; what it complains of ends the bench."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    opened = context.new_page()
    opened.set_default_timeout(240_000)
    opened.on("pageerror", lambda error: _stop(str(error)))
    try:
        opened.goto(address)
        yield opened
    finally:
        context.close()


def _stop(complaint: str) -> None:
    raise SystemExit(f"the page failed: {complaint}")


def renderer_mb(browser: Browser) -> float:
    """Resident memory of the largest renderer process, MB: the page's own."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(_resident_mb(int(p["id"])) for p in found if p["type"] == "renderer")


def heap_mb(opened: Page) -> float:
    """What the page's JavaScript holds after a collection, MB."""
    session = opened.context.new_cdp_session(opened)
    session.send("HeapProfiler.collectGarbage")
    used = float(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used / 1e6


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
