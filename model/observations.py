"""Observations as feeds understand them, and the instants they carry."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from model.errors import BadObservation


class Quality(IntEnum):
    """How far a value may be trusted to be right."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    ESTIMATED = 3
    MANUAL = 4


@dataclass(frozen=True, slots=True)
class Observation:
    """One value as a feed understood it, before it is judged.

    ``asset`` is the external id; ``property`` one of the asset type's observed properties or ``state``;
    ``value`` is in the unit the domain declares, and a state's is its code or its name.
    ``phenomenon_time`` is aware; a naive one is refused.
    """

    asset: str
    property: str
    value: float | str
    phenomenon_time: datetime
    quality: Quality = Quality.GOOD

    def __post_init__(self) -> None:
        """Refuse a naive time: there is never one bare timestamp in this house."""
        if self.phenomenon_time.tzinfo is None:
            raise BadObservation("time_without_zone", f"{self.asset}: {self.phenomenon_time.isoformat()}")


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware ``moment``."""
    return int(moment.timestamp())


def moment(seconds: float) -> datetime:
    """The aware UTC datetime of ``seconds`` since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
