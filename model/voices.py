"""Letters of citizens: what they are about, how they stand, and until when each is to be answered.

A letter's standing is what its acts say. A request for data is to be answered within one month: the silence
of one month is a refusal (CADA). Feedback is given the same month as a goal.
"""

import hashlib
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from model.datasets import BY_NAME

WORDS_MOST, USE_MOST, ANSWER_MOST = 4_000, 1_000, 4_000
NAME_MOST, EMAIL_MOST = 80, 120
"""The longest texts taken, in characters."""
MONTHS = 1
"""Until an answer is due, and by how many one notice extends that."""


class LetterKind(StrEnum):
    """What a letter is; ``request`` asks for data, the others are feedback."""

    WRONG = "wrong"
    MISSING = "missing"
    OTHER = "other"
    REQUEST = "request"


class LetterAct(StrEnum):
    """What happened to a letter. Each has its words in the catalogues (``voices.act_<value>``)."""

    RECEIVED = "received"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXTENDED = "extended"


class Hiding(StrEnum):
    """Why a letter is not published."""

    PERSONAL = "personal"
    INSULT = "insult"
    SECURITY = "security"
    OFF_TOPIC = "off_topic"
    ADVERTISING = "advertising"
    REPEATED = "repeated"


class Refusal(StrEnum):
    """Why data is not given, by articles of the Code des relations entre le public et l'administration."""

    SECRET = "l311_5"  # noqa: S105 - the article's number
    PRIVACY = "l311_6"
    UNFINISHED = "l311_2"
    ABUSIVE = "l311_2_abuse"
    ALREADY_PUBLIC = "l311_2_public"
    RIGHTS_OF_OTHERS = "l321_2"
    NOT_HELD = "l300_2"


class LetterState(StrEnum):
    """How a letter stands: the one thing that matters most about it."""

    WAITING = "waiting"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    ANSWERED = "answered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter as it is taken in; ``subject`` is ``dataset:<name>``, ``panel:<name>`` or empty."""

    kind: LetterKind
    subject: str
    language: str
    words: str
    use: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to a letter; ``by`` is None where its sender did it. Times are aware UTC."""

    kind: LetterAct
    at: datetime
    by: str | None = None
    reason: str = ""
    words: str = ""
    appeal: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter with its acts, oldest first; ``name`` and ``email`` are empty once erased."""

    id: int
    reference: str
    kind: LetterKind
    subject: str
    domain: str | None
    language: str
    words: str
    use: str
    received_at: datetime
    acts: tuple[Act, ...] = ()
    name: str = ""
    email: str = ""

    @property
    def state(self) -> LetterState:
        """How it stands."""
        return state_of([act.kind for act in self.acts])

    @property
    def moderated(self) -> LetterAct | None:
        """Whether it was published or hidden last; None: neither yet."""
        return moderation_of([act.kind for act in self.acts])

    @property
    def closed(self) -> bool:
        """Whether nothing is left to be done about it."""
        return is_over(self.kind, self.state)

    @property
    def extended(self) -> bool:
        """Whether more time was taken, which is done once."""
        return any(act.kind is LetterAct.EXTENDED for act in self.acts)

    def due(self, zone: ZoneInfo) -> date:
        """The last local day on which an answer is in time."""
        return due_day(self.received_at, zone, extended=self.extended)


def moderation_of(kinds: Sequence[LetterAct]) -> LetterAct | None:
    """The last of ``kinds`` that published or hid; None without one."""
    shown = (LetterAct.PUBLISHED, LetterAct.HIDDEN)
    return next((kind for kind in reversed(kinds) if kind in shown), None)


def state_of(kinds: Sequence[LetterAct]) -> LetterState:
    """How a letter with acts of these ``kinds``, oldest first, stands."""
    for kind in (LetterAct.ANSWERED, LetterAct.REFUSED):
        if kind in kinds:
            return LetterState(kind.value)
    moderated = moderation_of(kinds)
    return LetterState(moderated.value) if moderated else LetterState.WAITING


def is_over(kind: LetterKind, state: LetterState) -> bool:
    """Whether it was answered or refused, or is feedback that was hidden: a request is owed its answer."""
    if state is LetterState.HIDDEN:
        return kind is not LetterKind.REQUEST
    return state in (LetterState.ANSWERED, LetterState.REFUSED)


def months_after(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_day(received_at: datetime, zone: ZoneInfo, *, extended: bool = False) -> date:
    """The last local day of the month that began when the letter came, of two months where it was extended.

    Counted from the day it came each time, so that 31 January is due on 28 February and, extended, on
    31 March.
    """
    return months_after(received_at.astimezone(zone).date(), MONTHS * 2 if extended else MONTHS)


def days_left(due: date, now: datetime, zone: ZoneInfo) -> int:
    """Days from the local day of ``now`` to ``due``: 0 on the last day, negative once it is over."""
    return (due - now.astimezone(zone).date()).days


def digest_of(reference: str) -> str:
    """Under what the standing of an unpublished letter is told: it names the letter to whoever has it."""
    return hashlib.sha256(f"letter {reference}".encode()).hexdigest()[:32]


DATASET, PANEL = "dataset:", "panel:"


def dataset_of(subject: str) -> str:
    """The dataset a letter is about; empty when it is about something else."""
    return subject.removeprefix(DATASET) if subject.startswith(DATASET) else ""


def panel_of(subject: str) -> str:
    """The panel a letter is about; empty when it is about something else."""
    return subject.removeprefix(PANEL) if subject.startswith(PANEL) else ""


def domain_of_dataset(name: str) -> str | None:
    """The domain of the registered dataset ``name``; None for one there is not."""
    return BY_NAME[name].domain if name in BY_NAME else None
