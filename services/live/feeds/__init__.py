"""The feeds a city may have: one file with one ``parse``, one line of this table. They do not
know each other.
"""

from collections.abc import Callable
from dataclasses import dataclass

from services.live.feeds import http_push, mqtt, rennes_traffic
from services.live.parsed import Parsed, Reading


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: its name, what reads its payload, and what the payload is (a media type)."""

    name: str
    parse: Callable[[bytes, Reading], Parsed]
    content: str


FEEDS: tuple[Feed, ...] = (
    Feed("http_push", http_push.parse, "application/json"),
    Feed("mqtt", mqtt.parse, "application/json"),
    Feed("rennes_traffic", rennes_traffic.parse, "text/csv"),
)
