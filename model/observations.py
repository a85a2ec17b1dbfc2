"""Observations and positions as feeds understand them, and the instants they carry."""

from datetime import UTC, datetime
from enum import IntEnum, IntFlag

import msgspec

from model.errors import BadObservation


class Quality(IntEnum):
    """How far a value may be trusted to be right: the low three bits of a stored quality."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    ESTIMATED = 3
    MANUAL = 4


class Doubt(IntFlag):
    """Why a value is not simply good: the bits above the quality, so that both travel as one number."""

    RANGE = 8
    """Outside the plausible range its domain declares."""
    RATE = 16
    """It moved faster than the quantity can."""
    STUCK = 32
    """Unchanged for longer than the quantity stays the same."""
    IMPUTED = 64
    """Filled in by the source, not measured."""
    LOW_SAMPLE = 128
    """Rests on too few measurements."""
    CLOCK_SKEW = 256
    """Its device's clock is ahead of the server's."""
    ZONE_ASSUMED = 512
    """It came without a time zone; the source's declared zone was added."""
    RECEIPT_TIME = 1024
    """It came without a time; the instant it was received stands for it, as its source declares."""


QUALITY_MASK = 7
"""``stored & QUALITY_MASK`` is the Quality, ``stored & ~QUALITY_MASK`` the Doubts."""


def quality_of(stored: int) -> Quality:
    """The Quality in a ``stored`` number; one we do not know is no reason to trust a value."""
    known = stored & QUALITY_MASK
    return Quality(known) if known in Quality.__members__.values() else Quality.UNCERTAIN


def doubts_of(stored: int) -> list[Doubt]:
    """The Doubts in a ``stored`` number, lowest bit first; bits we do not know are left out."""
    return [doubt for doubt in Doubt if stored & doubt]


STORED_GOOD = (Quality.GOOD, Quality.UNCERTAIN, Quality.ESTIMATED, Quality.MANUAL)
"""Qualities that count in a figure; a bad value is kept, shown as such, and left out."""


class Observation(msgspec.Struct, frozen=True, gc=False):
    """One value as a feed understood it, before it is judged.

    ``asset`` is the external id; ``property`` one of the asset type's observed properties or ``state``;
    ``value`` is in the unit the domain declares, and a state's is its code or its name.
    ``phenomenon_time`` is aware; a naive one is refused. ``quality`` is a Quality or its name in lower
    case, ``doubts`` what the source itself says against the value. Where the door converted the value,
    ``raw`` and ``raw_unit`` keep what was sent.
    """

    asset: str
    property: str
    value: float | str
    phenomenon_time: datetime
    quality: int | str = 0
    doubts: int = 0
    raw: float | None = None
    raw_unit: str = ""

    def __post_init__(self) -> None:
        """Refuse a naive time: there is never one bare timestamp in this house."""
        if self.phenomenon_time.tzinfo is None:
            raise BadObservation("time_without_zone", f"{self.asset}: {self.phenomenon_time.isoformat()}")


class Position(msgspec.Struct, frozen=True, gc=False):
    """Where a moving asset was: WGS84 degrees, ``bearing`` in degrees from north, ``speed`` in km/h.

    ``line`` names the service it runs (empty: none). ``duty`` is False outside duty: such a position is
    never shown nor stored.
    """

    asset: str
    lon: float
    lat: float
    phenomenon_time: datetime
    bearing: float | None = None
    speed: float | None = None
    line: str = ""
    duty: bool = True

    def __post_init__(self) -> None:
        """Refuse a naive time, as Observation does."""
        if self.phenomenon_time.tzinfo is None:
            raise BadObservation("time_without_zone", f"{self.asset}: {self.phenomenon_time.isoformat()}")


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware ``moment``."""
    return int(moment.timestamp())


def moment(seconds: float) -> datetime:
    """The aware UTC datetime of ``seconds`` since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
