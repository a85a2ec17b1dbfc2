"""What the address of the feeds page asks for: ``?feed=…&reason=…&page=…&item=…``. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PATH = "/feeds"


@dataclass(frozen=True)
class Shown:
    """One view of the page: the feed opened (empty: all), the reason, the page of letters, the item read."""

    feed: str = ""
    reason: str = ""
    page: int = 1
    item: int = 0

    @property
    def href(self) -> str:
        """The address that shows this."""
        page = self.page if self.page > 1 else ""
        asked = {"feed": self.feed, "reason": self.reason, "page": page, "item": self.item or ""}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{PATH}?{query}" if query else PATH

    def with_reason(self, reason: str) -> "Shown":
        """The first page of the letters of ``reason``; all reasons when it is the one shown."""
        return Shown(self.feed, "" if reason == self.reason else reason)

    def on_page(self, page: int) -> "Shown":
        """Another page of the same letters."""
        return replace(self, page=page, item=0)

    def reading(self, item: int) -> "Shown":
        """The same with item ``item`` open; closed again when it is the one open."""
        return replace(self, item=0 if item == self.item else item)


def read_shown(address: Mapping[str, str]) -> Shown:
    """The view an address asks for; what makes no sense asks for nothing."""
    feed = address.get("feed", "")
    if not feed:
        return Shown()
    return Shown(feed, address.get("reason", ""), max(1, _number(address, "page")), _number(address, "item"))


def _number(address: Mapping[str, str], name: str) -> int:
    text = address.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
