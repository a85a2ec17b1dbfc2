"""The monthly report's HTML file in a real Chromium: for everybody, on a desk and on a phone, from a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.unit.test_monthly_report import drawn

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]


@pytest.mark.parametrize(("commune", "language"), [(False, "fr"), (True, "en")])
def test_the_file_is_for_everybody_and_asks_nothing(
    browser: Browser, tmp_path: Path, commune: bool, language: str
) -> None:
    """No violation by axe, nothing wider than the screen, and no request beside the file itself."""
    file = tmp_path / "report.html"
    file.write_text(drawn(language, commune).page, encoding="utf-8")
    for width in (1280, 390):
        # Its own policy lets no script run: the one that looks is let in past it.
        context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
        page, asked = context.new_page(), []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(file.as_uri())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", AXE_TAGS)
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        context.close()
