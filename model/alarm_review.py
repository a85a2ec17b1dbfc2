"""What the queue of reviews tells: a rule called useless, by whom, what it does, what change is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from model.alarm_quality import RuleFigures
from model.alarm_rules import Rule

TRIED_FOR = timedelta(days=1)
"""How long a trial is believed before it is made again: more happens every day."""
Grounds = Literal["chattering", "returning", "fleeting", "useless"]
"""Why a field is changed: three activations in a minute, over and back within minutes, over within a minute,
or mostly called useless while it lasts."""


class Change(msgspec.Struct, frozen=True):
    """One field of a rule (durations in seconds) from ``before`` to ``after``; ``count`` of the ``of`` that
    were looked at say so."""

    field: Literal["on_delay_s", "off_delay_s", "deadband", "priority"]
    before: float
    after: float
    grounds: Grounds
    count: int
    of: int


def changed(rule: Rule, changes: Sequence[Change]) -> Rule:
    """``rule`` with ``changes`` made."""
    for one in changes:
        if one.field == "deadband":
            condition = msgspec.structs.replace(rule.condition, deadband=one.after)
            rule = msgspec.structs.replace(rule, condition=condition)
        else:
            value = int(one.after) if one.field == "priority" else one.after
            rule = msgspec.structs.replace(rule, **{one.field: value})
    return rule


class Trial(msgspec.Struct, frozen=True):
    """Both versions over [t0, t1), epoch s: how often each would have raised an alarm.

    ``acted`` counts the real alarms somebody acted on that the present version raises again, ``kept`` those
    of them the proposed one raises too. ``known_from`` is where what the rule looks at begins to be on
    record.
    """

    t0: float
    t1: float
    present: int
    proposed: int
    acted: int
    kept: int
    known_from: float


class Proposal(msgspec.Struct, frozen=True):
    """``rule`` as it would read, made from ``version`` by ``changes``; ``trial`` None: silence, and what is
    concluded from other alarms, is not on record and cannot be tried."""

    version: int
    rule: Rule
    changes: tuple[Change, ...]
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody called an alarm useless: who, in which role, when, of what (``asset`` an external id or the
    code of an area), with which words."""

    alarm_id: int
    name: str
    role: str
    at: datetime
    asset: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """An open review: the rule (``version`` 0: none is in force, ``rule`` the newest), what was said of it,
    newest first, and what it did in the last month.

    ``changes`` are what its figures propose now; ``proposal`` is what was tried at ``proposed_at``, of the
    version in force; ``drafted`` the version somebody wrote because of it.
    """

    id: int
    rule_id: int
    key: str
    asset_type: str
    version: int
    rule: Rule
    opened_at: datetime
    figures: RuleFigures
    said: tuple[Said, ...]
    changes: tuple[Change, ...]
    proposal: Proposal | None
    proposed_at: datetime | None
    drafted: int | None
    drafted_by: str

    @property
    def people(self) -> int:
        """How many persons called it useless."""
        return len({one.name for one in self.said})

    @property
    def proposed(self) -> Rule | None:
        """The rule as its figures propose it now; None where they propose nothing."""
        return changed(self.rule, self.changes) if self.changes else None

    def due(self, now: datetime) -> bool:
        """Whether what is proposed should be tried: it never was, is another now, or was a day ago."""
        if self.proposed is None:
            return False
        if self.proposal is None or self.proposed_at is None:
            return True
        return self.proposal.rule != self.proposed or now - self.proposed_at > TRIED_FOR
