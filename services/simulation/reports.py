"""One observation on its way to the intake, in the words of its wire."""

from datetime import UTC, datetime
from typing import Any, NamedTuple


class Report(NamedTuple):
    """What one asset says: ``value`` a number or the name of a state; ``at`` seconds since 1970.

    ``zoned`` is False where the device forgets to say its time zone.
    """

    asset: str
    property: str
    value: float | str
    at: float
    zoned: bool = True

    def stamp(self) -> str:
        """Its instant in ISO 8601, in UTC; without the zone where it is forgotten."""
        moment = datetime.fromtimestamp(self.at, UTC)
        return (moment if self.zoned else moment.replace(tzinfo=None)).isoformat(timespec="milliseconds")

    def wire(self) -> dict[str, Any]:
        """As the intake takes it."""
        return {
            "asset": self.asset,
            "property": self.property,
            "value": self.value,
            "phenomenon_time": self.stamp(),
        }
