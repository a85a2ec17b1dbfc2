"""What the pipeline knows of its feeds, as plain values: accounts by minute, and standing.

The sum every account keeps: received = stored + duplicate + dead. Instants are aware UTC, lengths seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNTOLD_AFTER_S = 15.0
"""The ingest renews every feed's row each few seconds; a row older than this tells nothing of now."""
SILENT_PERIODS, SILENT_LEAST_S = 3, 30.0
"""Nothing for three of its periods, and at least this long, is a silent feed (faults.md 5)."""
RATE_OVER = timedelta(minutes=5)
"""What "now" means for a rate or a lag."""
HOUR_MINUTES = 60
REJECTING_SHARE = 0.1
"""More than this share of what came in the last minutes could not be taken: somebody must look."""
REPLAY = "replay"
"""Dead letters sent through again are accounted for under this name; it is nobody's source."""
SKEW_S = 5.0
"""A source whose clock differs by more is said so in colour."""


class Standing(StrEnum):
    """What may be said of a feed, gravest first."""

    REFUSED = "refused"
    AWAY = "away"
    UNTOLD = "untold"
    SILENT = "silent"
    STARTING = "starting"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Tally:
    """Items by what became of them; ``messages`` is in how many messages they came."""

    messages: int = 0
    received: int = 0
    stored: int = 0
    duplicate: int = 0
    dead: int = 0

    @property
    def difference(self) -> int:
        """Items nobody accounts for: 0, or something is wrong with the pipeline itself."""
        return self.received - self.stored - self.duplicate - self.dead

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.messages + other.messages,
            self.received + other.received,
            self.stored + other.stored,
            self.duplicate + other.duplicate,
            self.dead + other.dead,
        )


def total(tallies: Iterable[Tally]) -> Tally:
    """All of ``tallies`` together."""
    return sum(tallies, Tally())


@dataclass(frozen=True, slots=True)
class Minute:
    """The account of the minute that begins at ``at``."""

    at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Recent:
    """The last minutes of a feed: items a second, lag from phenomenon_time to receipt, seconds.

    The lags are None when nothing was stored. ``tally`` is what they rest on.
    """

    rate: float = 0.0
    lag_mean: float | None = None
    lag_max: float | None = None
    tally: Tally = Tally()


@dataclass(frozen=True, slots=True)
class Fresh:
    """How many of a feed's datastreams are live, late, stale, and were never heard of."""

    live: int = 0
    late: int = 0
    stale: int = 0
    never: int = 0

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Name and count, freshest first."""
        yield from (("live", self.live), ("late", self.late), ("stale", self.stale), ("never", self.never))

    @property
    def known(self) -> int:
        """All datastreams together."""
        return self.live + self.late + self.stale + self.never


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """What the ingest last wrote of a feed; ``state`` is its transport's: starting, ok, away, refused.

    ``skew_s`` is how far the source's clock is ahead of ours; ``spooled`` waits in the local spool,
    ``dropped`` is what the spool had to let go.
    """

    adapter: str
    transport: str
    period_s: int
    state: str
    detail: str
    updated_at: datetime
    state_since: datetime
    last_received_at: datetime | None
    last_phenomenon_time: datetime | None
    skew_s: float | None
    fresh: Fresh
    spooled: int
    dropped: int

    @property
    def heard(self) -> datetime:
        """When it last gave anything, or since when it could have."""
        return self.last_received_at or self.state_since

    @property
    def patience_s(self) -> float:
        """How long it may say nothing before it is silent."""
        return max(SILENT_PERIODS * float(self.period_s), SILENT_LEAST_S)

    def standing(self, now: datetime) -> Standing:
        """What may be said of it at ``now``: an old row is no news, whatever it says."""
        if (now - self.updated_at).total_seconds() > UNTOLD_AFTER_S:
            return Standing.UNTOLD
        if self.state in (Standing.REFUSED, Standing.AWAY):
            return Standing(self.state)
        if (now - self.heard).total_seconds() > self.patience_s:
            return Standing.SILENT
        return Standing.STARTING if self.state == Standing.STARTING else Standing.OK


@dataclass(frozen=True, slots=True)
class FeedAccount:
    """One feed at one instant. ``status`` is None for a feed that sends without ever having been declared.

    ``hour`` holds the last 60 minutes that had any item, ascending; a minute that is not there had none.
    """

    name: str
    status: FeedStatus | None
    standing: Standing
    recent: Recent
    today: Tally
    hour: tuple[Minute, ...]

    @property
    def ours(self) -> bool:
        """Whether it is what we send through again, and no source at all."""
        return self.name == REPLAY

    @property
    def told(self) -> bool:
        """Whether what its status says is of now."""
        return self.status is not None and self.standing is not Standing.UNTOLD

    @property
    def rejecting(self) -> bool:
        """Whether too much of what it sends cannot be taken."""
        return self.recent.tally.dead > REJECTING_SHARE * max(1, self.recent.tally.received)


@dataclass(frozen=True, slots=True)
class Overview:
    """Every feed at ``now``, by name; ``midnight`` is when the city's day began."""

    now: datetime
    midnight: datetime
    feeds: tuple[FeedAccount, ...]

    def named(self, name: str) -> FeedAccount | None:
        """The feed called ``name``; None when there is none."""
        return next((feed for feed in self.feeds if feed.name == name), None)

    @property
    def today(self) -> Tally:
        """All feeds since midnight."""
        return total(feed.today for feed in self.feeds)

    @property
    def sources(self) -> tuple[FeedAccount, ...]:
        """The feeds that come from somewhere."""
        return tuple(feed for feed in self.feeds if not feed.ours)

    @property
    def difference(self) -> int:
        """Items wrongly accounted for, of all feeds: too many here does not make up for too few there."""
        return sum(abs(feed.today.difference) for feed in self.feeds)

    @property
    def rate(self) -> float:
        """Items a second, all feeds whose account is kept now."""
        return sum(feed.recent.rate for feed in self.feeds if feed.told)

    @property
    def hour(self) -> tuple[Minute, ...]:
        """The last 60 minutes of all feeds together."""
        by_minute: dict[datetime, Tally] = {}
        for feed in self.feeds:
            for minute in feed.hour:
                by_minute[minute.at] = by_minute.get(minute.at, Tally()) + minute.tally
        return tuple(Minute(at, by_minute[at]) for at in sorted(by_minute))

    @property
    def ingest_away(self) -> datetime | None:
        """Since when nobody keeps the accounts of any feed; None while somebody does, or nothing is known."""
        known = [feed.status.updated_at for feed in self.feeds if feed.status]
        silent = known and all(feed.standing is Standing.UNTOLD for feed in self.feeds)
        return max(known) if silent else None


# --- what wants somebody ------------------------------------------------------------------------------


class Trouble(StrEnum):
    """What can be wrong with feeds, gravest first."""

    INGEST = "ingest"
    UNBALANCED = "unbalanced"
    DROPPED = "dropped"
    REFUSED = "refused"
    AWAY = "away"
    UNTOLD = "untold"
    SILENT = "silent"
    SPOOLING = "spooling"
    REJECTING = "rejecting"


@dataclass(frozen=True, slots=True)
class Concern:
    """One kind of trouble, and the feeds that have it."""

    trouble: Trouble
    feeds: tuple[FeedAccount, ...]


def concerns(overview: Overview) -> list[Concern]:
    """What wants somebody, gravest first; nothing when all is well."""
    if overview.ingest_away:
        return [Concern(Trouble.INGEST, overview.feeds)]
    found = {trouble: [f for f in overview.feeds if trouble in troubles(f)] for trouble in Trouble}
    return [Concern(trouble, tuple(feeds)) for trouble, feeds in found.items() if feeds]


def troubles(feed: FeedAccount) -> set[Trouble]:
    """Everything that is wrong with one feed. A replay that is rejected again is no news."""
    if feed.ours:
        return {Trouble.UNBALANCED} if feed.today.difference else set()
    status = feed.status if feed.told else None
    checks = {
        Trouble.UNBALANCED: feed.today.difference != 0,
        Trouble.DROPPED: status is not None and status.dropped > 0,
        Trouble.SPOOLING: status is not None and status.spooled > 0,
        Trouble.REJECTING: feed.rejecting,
    }
    found = {trouble for trouble, wrong in checks.items() if wrong}
    if feed.standing not in (Standing.OK, Standing.STARTING):
        found.add(Trouble(feed.standing.value))
    return found


def worst(feed: FeedAccount) -> Trouble | None:
    """The gravest thing wrong with one feed; None when it is well."""
    found = troubles(feed)
    return next((trouble for trouble in Trouble if trouble in found), None)
