"""What people add to the memory: annotations, bookmarks, corrections of readings, and how much is taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TITLE_MOST, BODY_MOST, REASON_MOST, ADDRESS_MOST = 120, 2_000, 500, 1_000
"""The longest texts taken, in characters."""
LONGEST_NOTE = timedelta(days=800)
"""The longest period an annotation may tell of: the history answers for no longer one."""
READINGS_MOST = 1_000
"""Readings corrected at once: a sensor that was wrong for longer wants a look, not a form."""
WHOLE_CITY = 0
"""The area that stands for the whole city, as in addresses."""


class NoteKind(StrEnum):
    """What an annotation tells of."""

    WORKS = "works"
    STORM = "storm"
    EVENT = "event"
    OUTAGE = "outage"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """An annotation as somebody typed it: aware instants, ``t1`` may be ``t0``; neither place: the city."""

    kind: str
    title: str
    body: str
    t0: datetime
    t1: datetime
    area_id: int | None = None
    asset_id: int | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation on record; instants aware UTC.

    ``area`` and ``asset`` are names (``asset_key`` what feeds call it); all None: the whole city.
    ``withdrawn_at`` None: in force.
    """

    id: int
    kind: str
    title: str
    body: str
    t0: datetime
    t1: datetime
    area_id: int | None
    area: str | None
    asset_id: int | None
    asset_key: str | None
    asset: str | None
    author: str
    made_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A page of the past somebody wants to find again: ``address`` is its path and query."""

    id: int
    title: str
    address: str
    author: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionDraft:
    """What somebody says of the readings of one asset's property from ``t0`` to ``t1``, both included.

    ``result`` is the right value in the declared unit; None: the reading says nothing. ``confirmed``: the
    value is meant though it lies outside the declared range.
    """

    asset_id: int
    observed_property: str
    t0: datetime
    t1: datetime
    result: float | None
    reason: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction on record, in force or withdrawn; ``at`` is the reading's phenomenon time (UTC)."""

    id: int
    at: datetime
    result: float | None
    author: str
    reason: str
    made_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One observation as it was sent, and the correction in force of it, if any.

    ``sent`` is in the declared unit, ``raw`` and ``raw_unit`` what came over the wire where the door
    converted it; ``quality`` holds the doubts too (``model.observations``).
    """

    at: datetime
    sent: float
    quality: int
    raw: float | None
    raw_unit: str | None
    correction: Correction | None

    @property
    def value(self) -> float | None:
        """What figures are made from; None when a correction says the reading says nothing."""
        return self.correction.result if self.correction else self.sent


@dataclass(frozen=True, slots=True)
class CorrectedReading:
    """One correction with what it is of, for the record: who said what of which reading."""

    correction: Correction
    asset_key: str
    asset: str
    asset_type: str
    observed_property: str
    unit: str
    sent: float | None
