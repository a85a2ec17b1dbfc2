"""How good the alarms of a position are, by the measures of EEMUA 191 and ISA-18.2 (field.md (d))."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """A seat in the control room: what it is answerable for; None: all. ``areas`` are codes of areas."""

    name: str
    domains: frozenset[str] | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Offender:
    """A thing and class that alarms much: how often it was put before the position, and its share of all."""

    rule_key: str
    title: dict[str, str]
    asset: str
    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What a class of alarm did to a position: how many it was shown, a day of the time watched, and of all.

    ``chattering`` counts how often three activations of one thing within a minute began, ``fleeting`` those
    over within one; ``acted`` on, ``rated`` by anybody and called ``useless`` are counts of its alarms.
    """

    rule_id: int
    key: str
    title: dict[str, str]
    alarms: int
    per_day: float
    share: float
    chattering: int
    fleeting: int
    acted: int
    rated: int
    useless: int


@dataclass(frozen=True, slots=True)
class FloodSpan:
    """A flood from the bin it began with to the end of the last before one below; ``count`` alarms in it."""

    begin: datetime
    end: datetime
    count: int
    peak: int


@dataclass(frozen=True, slots=True)
class Response:
    """How soon alarms of a priority were acknowledged, in seconds; None where none was."""

    priority: int
    count: int
    acknowledged: int
    median_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class AlarmQuality:
    """The figures of [t0, t1) for one position. Counted are alarms by when they were put before it.

    ``bins`` counts by ten minutes of the city's clock, from ``first_bin`` on. Rates and the time in flood are
    of the time the engine watched (``watched`` a share of the period) and of what began in it: ``unwatched``
    counts the others, which are in no rate. ``chattering`` are things and classes with three activations
    within a minute, ``fleeting`` alarms over within one, ``stale`` how many stood for over 24 hours on the
    local day with most; ``outcome`` and ``useless`` shares of all. ``rules`` are the classes, busiest first.
    """

    position: Position
    t0: datetime
    t1: datetime
    total: int
    first_bin: datetime
    bins: tuple[int, ...]
    watched: float
    unwatched: int
    per_ten_minutes: float
    per_hour: float
    per_day: float
    peak_bin: int
    peak_bin_at: datetime | None
    peak_hour: int
    peak_hour_at: datetime | None
    floods: tuple[FloodSpan, ...]
    in_flood: float
    by_priority: dict[int, int]
    offenders: tuple[Offender, ...]
    offenders_share: float
    chattering: tuple[Offender, ...]
    fleeting: int
    stale: int
    responses: tuple[Response, ...]
    shelved: int
    suppressed: int
    outcome: float
    useless: float
    rules: tuple[RuleFigures, ...]

    def share(self, priority: int) -> float:
        """Of all alarms, those of ``priority``; 0 when there were none."""
        return self.by_priority.get(priority, 0) / self.total if self.total else 0.0
