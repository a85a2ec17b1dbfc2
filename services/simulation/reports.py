"""One observation on its way to the intake, in the words of its wire."""

from datetime import UTC, datetime
from typing import Any, NamedTuple


class Report(NamedTuple):
    """What one asset says: ``value`` a number or the name of a state; ``at`` seconds since 1970."""

    asset: str
    property: str
    value: float | str
    at: float

    def wire(self) -> dict[str, Any]:
        """As the intake takes it."""
        return {
            "asset": self.asset,
            "property": self.property,
            "value": self.value,
            "phenomenon_time": datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds"),
        }
