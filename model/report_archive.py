"""What the archive of monthly reports holds, and who is sent them."""

from dataclasses import dataclass
from datetime import date, datetime

EMAIL_MOST, NAME_MOST, REASON_MOST = 120, 80, 300
"""The longest texts taken, in characters."""


@dataclass(frozen=True, slots=True)
class Archived:
    """One file of one version of a report, without its bytes; times are aware.

    ``area_id`` 0 is the whole city; ``sha256`` of the bytes; ``reason`` why it was made anew, empty where it
    was due.
    """

    id: int
    area_id: int
    area_name: str
    month: date
    language: str
    format: str
    version: int
    size: int
    sha256: str
    inputs: str
    computed_at: datetime | None
    made_at: datetime
    made_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A report asked for anew; ``done_at`` None while it waits, ``error`` why it could not be made."""

    id: int
    area_id: int
    month: date
    reason: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is sent a report, and what became of the newest letter to her (all None: none yet)."""

    id: int
    email: str
    name: str
    language: str
    area_id: int
    added_by: str
    added_at: datetime
    month: date | None
    version: int | None
    sent_at: datetime | None
    given_up_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class SubscriberDraft:
    """What somebody typed of a new subscriber."""

    email: str
    name: str
    language: str
    area_id: int
