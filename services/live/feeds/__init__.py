"""The feeds a city may have: one file with one ``parse``, one line of this table. They do not know
each other. An adapter of another package adds itself through the entry point group ``vigie.feeds``.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

import msgspec

from model.errors import NotFound
from services.live.feeds import datex2, gtfs_rt, http_push, mqtt, ngsi, rennes_traffic, table
from services.live.parsed import Parsed, Reading

log = logging.getLogger(__name__)

GROUP = "vigie.feeds"


class Undeclared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ``[reading]`` table of an adapter that has nothing to declare."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: its name, what reads its payload, and what the payload is (a media type).

    ``profile`` is what a source's ``[reading]`` table may say; None: anything, the adapter looks itself.
    """

    name: str
    parse: Callable[[bytes, Reading], Parsed]
    content: str
    profile: type[msgspec.Struct] | None = Undeclared


FEEDS: tuple[Feed, ...] = (
    Feed("http_push", http_push.parse, "application/json"),
    Feed("mqtt", mqtt.parse, "application/json", mqtt.Profile),
    Feed("ngsi", ngsi.parse, "application/ld+json", ngsi.Profile),
    Feed("datex2", datex2.parse, "application/xml", datex2.Profile),
    Feed("gtfs_rt", gtfs_rt.parse, "application/x-protobuf", gtfs_rt.Profile),
    Feed("table", table.parse, "text/csv", table.Profile),
    Feed("rennes_traffic", rennes_traffic.parse, "text/csv"),
)


def find_feed(name: str) -> Feed:
    """The adapter called ``name``: ours, else one another package registers.

    NotFound names those there are, and says why one that is registered cannot be used.
    """
    for feed in FEEDS:
        if feed.name == name:
            return feed
    for point in entry_points(group=GROUP):
        if point.name == name:
            return _loaded(point)
    raise NotFound(f"no adapter {name!r}: there are {', '.join(sorted(feed_names()))}")


def feed_names() -> Iterator[str]:
    """Names of every adapter, registered ones too; nothing of them is loaded."""
    yield from (feed.name for feed in FEEDS)
    yield from (point.name for point in entry_points(group=GROUP))


def _loaded(point: EntryPoint) -> Feed:
    """A ``Feed``, or a bare ``parse`` function, as a package registers it."""
    try:
        found = point.load()
    except Exception as error:  # another package's code: whatever it raises, this source alone is refused
        log.exception("the adapter %s (%s) cannot be loaded", point.name, point.value)
        raise NotFound(f"adapter {point.name!r} ({point.value}): {type(error).__name__}: {error}") from error
    if isinstance(found, Feed):
        return found
    if callable(found):
        return Feed(point.name, found, "application/octet-stream", None)
    raise NotFound(f"adapter {point.name!r} ({point.value}) is neither a Feed nor a function")
