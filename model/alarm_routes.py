"""Alarms told outside the room: routes people make, channels the city has, what became of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Moment(StrEnum):
    """When a route tells of an alarm."""

    RAISED = "raised"
    ESCALATED = "escalated"
    RETURNED = "returned"
    TEST = "test"
    """Somebody pressed the test button: no alarm stands behind it."""


MOMENTS = (Moment.RAISED, Moment.ESCALATED, Moment.RETURNED)
"""What a route may ask for; a test is asked for by hand alone."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One way out, as the alarm process knows it. ``kind``: mail, webhook, cap or other; ``place``: its host.

    ``fault`` is a code, or ``code:detail``, of why it cannot be used; empty when it can.
    """

    name: str
    kind: str
    place: str
    fault: str


@dataclass(frozen=True, slots=True)
class RouteDraft:
    """What somebody asks of a route: None is all. ``areas`` are area ids, ``classes`` alarm classes."""

    name: str
    channel: str
    moments: frozenset[str]
    priorities: frozenset[int]
    domains: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    areas: frozenset[int] | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """One route, and how it does: what it told last, what waits, what could not be told and why."""

    id: int
    draft: RouteDraft
    made_by: str
    made_at: datetime
    sent: int
    waiting: int
    given_up: int
    last_sent_at: datetime | None
    last_error: str
    tested_at: datetime | None
    test_sent_at: datetime | None
    test_error: str
