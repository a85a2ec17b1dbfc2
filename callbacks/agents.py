"""A browser in words, ``Firefox 131, Windows``: for lists of sessions, never for a decision."""

import re

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"), ("Opera", r"OPR/(\d+)"), ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)"), ("Safari", r"Version/(\d+).*Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("macOS", "Mac OS X"), ("ChromeOS", "CrOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str) -> str:
    """The browser and the system ``agent`` names; its first word where it names neither."""
    browser = next((f"{name} {found[1]}" for name, how in _BROWSERS if (found := re.search(how, agent))), "")
    system = next((name for name, sign in _SYSTEMS if sign in agent), "")
    told = ", ".join(filter(None, (browser, system)))
    return told or re.sub(r"[^\w./ -]", "", agent)[:40] or "–"
