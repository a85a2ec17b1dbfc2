"""Declared sources for tests, without files."""

from typing import Any

from services.live.feeds import find_feed
from services.live.sources import TOPICS, Source


def mqtt_source(adapter: str = "mqtt", **more: Any) -> Source:
    """The source every city has over MQTT, with ``more`` said otherwise."""
    return Source("mqtt", find_feed(adapter), "mqtt", **({"topics": TOPICS} | more))


def poll_source(url: str, adapter: str = "http_push", **more: Any) -> Source:
    """A source of this machine that is polled, of an invented city."""
    plain = {"url": url, "loopback": True, "every_s": 1.0, "max_bytes": 1_000_000}
    return Source("polled", find_feed(adapter), "poll", **(plain | more))
