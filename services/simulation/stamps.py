"""Instants as the simulated providers write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def local(at: float, zone: ZoneInfo) -> str:
    """ISO 8601 with the city's offset, to the second: ``2026-11-20T18:24:00+01:00``."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")


def utc(at: float) -> str:
    """ISO 8601 in UTC with milliseconds: ``2026-11-20T17:24:00.250Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_zone(text: str) -> str:
    """The same instant as a careless device writes it: the zone is missing."""
    return datetime.fromisoformat(text).replace(tzinfo=None).isoformat()
