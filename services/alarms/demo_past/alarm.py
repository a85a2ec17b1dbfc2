"""One alarm of the demo's past while it is lived through, and what is written down of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model.alarms import Happening


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo who answers alarms: the person's id, name and role."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an alarm's thread, at an instant (epoch s); ``by`` nobody: the system."""

    at: float
    kind: Happening
    by: Person | None = None
    text: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Alarm:
    """An alarm; times are epoch s, ``rule`` its place in the rules, ``index`` its live index or -1."""

    id: int
    rule: int
    index: int
    area: int
    state: int | None
    value: float | None
    raised: float
    noticed: float
    last_raised: float
    active: bool = True
    activations: int = 1
    annunciated: float | None = None
    returned: float | None = None
    return_noticed: float | None = None
    acknowledged: float | None = None
    acknowledged_by: Person | None = None
    confirmed: float | None = None
    confirmed_by: Person | None = None
    action: str = ""
    reset: float | None = None
    reset_by: Person | None = None
    assigned: float | None = None
    assigned_to: Person | None = None
    escalation: int = 0
    escalated: float | None = None
    re_alarms: int = 0
    cause: int = 0
    cause_since: float | None = None
    closed: float | None = None
    calls: int = 0
    """How often it was put before somebody: an answer is to one of these."""
    thread: list[Line] = field(default_factory=list)

    def tell(
        self, at: float, kind: Happening, by: Person | None = None, text: str = "", **details: Any
    ) -> None:
        """Write one line of the thread."""
        self.thread.append(Line(at, kind, by, text, details))


@dataclass(slots=True)
class Hidden:
    """Something hidden on purpose: a class (``rule``) on an asset, or all of its alarms (-1)."""

    kind: str
    rule: int
    index: int
    begins: float
    until: float
    by: Person
    reason: str
    reference: str = ""
    children: bool = False
    alarm: int = 0
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """Somebody said whether an alarm was of use."""

    alarm: int
    by: Person
    at: float
    useless: bool
    text: str
