"""What the book of rules tells: a class with its versions, and what each would have raised in the past."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from model.alarm_rules import Rule

REASON_MOST, TITLE_MOST, ACTION_MOST = 400, 120, 600
LONGEST_BACKTEST_DAYS = 92
RULE_DRAFTS = "rule_drafts"
"""Under what a person's unsaved rules stand in what the server keeps of her views (``alarm_view``)."""


class Counted(msgspec.Struct, frozen=True):
    """An asset (or area) by external id and name, and how often it would have been in alarm."""

    asset: str
    name: str
    count: int


class Once(msgspec.Struct, frozen=True):
    """One time a rule would have raised an alarm; ``returned`` None: it lasted to the end. Epoch s."""

    asset: str
    name: str
    raised: float
    returned: float | None


class KeptDraft(msgspec.Struct, frozen=True):
    """What somebody wrote in the form of a rule and did not save: begun from ``version`` of its class (0: a
    class of its own), the fields by name as typed, when (epoch s)."""

    version: int
    values: dict[str, str | list[str] | None]
    at: float


class Backtest(msgspec.Struct, frozen=True):
    """What a rule would have raised in [t0, t1), epoch s.

    ``days`` are the city's local days with their counts; ``worst_hour`` begins at ``worst_at``; ``fleeting``
    lasted under a minute; ``standing`` lasted at t1 and were counted once. ``known_from`` is where what the
    rule looks at begins to be on record; ``read`` how many rows were looked at, in ``seconds``.
    """

    t0: float
    t1: float
    total: int
    days: tuple[tuple[str, int], ...]
    worst_at: float | None
    worst_hour: int
    assets: tuple[Counted, ...]
    distinct: int
    examples: tuple[Once, ...]
    fleeting: int
    median_s: float | None
    standing: int
    known_from: float
    read: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a class; ``on_at`` without ``off_at`` is in force."""

    version: int
    rule: Rule
    author: str
    reason: str
    made_at: datetime
    backtest: Backtest | None
    backtested_at: datetime | None
    on_at: datetime | None
    on_by: str
    off_at: datetime | None
    off_by: str
    off_why: str

    @property
    def in_force(self) -> bool:
        """Whether it is what the city watches by."""
        return self.on_at is not None and self.off_at is None


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """A class with all its versions, the newest first; ``open`` and ``lately`` count its alarms: open now,
    and put before operators in the last 30 days."""

    rule_id: int
    key: str
    domain: str
    asset_type: str
    versions: tuple[RuleVersion, ...]
    open: int = 0
    lately: int = 0

    @property
    def in_force(self) -> RuleVersion | None:
        """The version in force; None while the class is not watched."""
        return next((one for one in self.versions if one.in_force), None)
