"""Alarms put before a position by fixed ten minutes, and when that is a flood (EEMUA 191, ISA-18.2).

Bins are aligned to the clock of the city. A flood begins with the bin that holds more than ten (the texts
differ between *ten* and *more than ten*; the profile says which) and lasts until the first bin below five.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from model.alarms import Flood
from model.errors import BadProfile

BIN = timedelta(minutes=10)
LOOKED_BACK = timedelta(hours=24)
"""Whether a flood lasts is judged from so far back; one that lasts longer keeps a bin that begins it."""


@dataclass(frozen=True, slots=True)
class FloodSettings:
    """When a flood begins and ends: the keys of the profile's table ``[alarms]``."""

    begins: int = 10
    comparison: Literal["more_than", "at_least"] = "more_than"
    ends_below: int = 5

    def is_flood(self, count: int) -> bool:
        """Whether ``count`` alarms in one bin begin a flood."""
        return count > self.begins if self.comparison == "more_than" else count >= self.begins


def flood_settings(table: Mapping[str, Any]) -> FloodSettings:
    """The settings in a profile's ``[alarms]``: ``flood_begins``, ``flood_comparison``, ``flood_ends_below``.

    BadProfile names what cannot be.
    """
    begins, ends = table.get("flood_begins", 10), table.get("flood_ends_below", 5)
    comparison = table.get("flood_comparison", "more_than")
    if not isinstance(begins, int) or not isinstance(ends, int) or not 1 <= ends <= begins:
        raise BadProfile("[alarms] flood_ends_below is a whole number from 1 to flood_begins")
    if comparison not in ("more_than", "at_least"):
        raise BadProfile(f"[alarms] flood_comparison is more_than or at_least, not {comparison!r}")
    return FloodSettings(begins, comparison, ends)


def bin_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Where the bin that holds ``at`` (aware) begins, in UTC, by the clock of ``zone``.

    Counted from local midnight: clocks are changed by whole bins, so that a bin never spans a change and the
    hour that comes twice has twelve of them.
    """
    origin = midnight(at, zone)
    return origin + (at - origin) // BIN * BIN


def midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning in UTC of the local day of ``at``."""
    return datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)


def flood_of(bins: Mapping[datetime, int], now: datetime, zone: ZoneInfo, settings: FloodSettings) -> Flood:
    """Whether a flood lasts at ``now`` (aware), from counts by bin start (UTC); bins that lack hold nothing.

    A running bin may begin a flood, and ends none: it is not over yet.
    """
    current = bin_start(now, zone)
    at, since = min(bins, default=current), None
    while at <= current:
        count = bins.get(at, 0)
        if since is None and settings.is_flood(count):
            since = at
        elif since is not None and count < settings.ends_below and at < current:
            since = None
        at += BIN
    return Flood(since is not None, bins.get(current, 0), settings.begins, since)


_COUNT = text(
    """
    SELECT date_bin('10 minutes', annunciated_at, :origin) AS bin, count(*) AS n FROM alarm
    WHERE annunciated_at >= :since AND annunciated_at <= :now GROUP BY 1
    """
)


def read_flood(connection: Connection, now: datetime, zone: ZoneInfo, settings: FloodSettings) -> Flood:
    """The flood of the position whose scope ``connection`` sees, at ``now`` (aware)."""
    values = {"origin": midnight(now, zone), "since": bin_start(now - LOOKED_BACK, zone), "now": now}
    bins = {row.bin.astimezone(UTC): int(row.n) for row in connection.execute(_COUNT, values)}
    return flood_of(bins, now, zone, settings)
