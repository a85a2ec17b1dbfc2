"""The book of the feeds: every item in its feed's account, and how each feed is doing now.

received = stored + duplicate + dead, by feed and minute of receipt, written in the transaction that stores
the items themselves: the book is right after any crash.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from services.live.letters import storable
from services.live.plan import Plan, Refusals

_ACCOUNT = """
INSERT INTO feed_minute AS m
    (feed, minute, messages, received, stored, duplicate, dead, lag_sum, lag_max)
VALUES (%s, date_trunc('minute', to_timestamp(%s)), %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (feed, minute) DO UPDATE SET
    messages = m.messages + excluded.messages, received = m.received + excluded.received,
    stored = m.stored + excluded.stored, duplicate = m.duplicate + excluded.duplicate,
    dead = m.dead + excluded.dead, lag_sum = m.lag_sum + excluded.lag_sum,
    lag_max = greatest(m.lag_max, excluded.lag_max)
"""
_COUNT_REJECT = """
INSERT INTO reject (source, reason, count, excerpt, first_seen, last_seen)
VALUES (%s, %s, %s, %s, now(), now())
ON CONFLICT (source, reason) DO UPDATE SET
    count = reject.count + excluded.count, excerpt = excluded.excerpt, last_seen = excluded.last_seen
"""
_STATUS = """
INSERT INTO feed_status AS s
    (feed, adapter, transport, period_s, state, detail, updated_at, state_since, last_received_at,
     last_phenomenon_time, skew_s, live, late, stale, never, spooled, dropped)
VALUES (%(feed)s, %(adapter)s, %(transport)s, %(period_s)s, %(state)s, %(detail)s, now(),
        to_timestamp(%(since)s), to_timestamp(%(received)s), to_timestamp(%(phenomenon)s), %(skew)s,
        %(live)s, %(late)s, %(stale)s, %(never)s, %(spooled)s, %(dropped)s)
ON CONFLICT (feed) DO UPDATE SET
    adapter = excluded.adapter, transport = excluded.transport, period_s = excluded.period_s,
    state = excluded.state, detail = excluded.detail, updated_at = excluded.updated_at,
    state_since = CASE WHEN s.state = excluded.state THEN s.state_since ELSE excluded.state_since END,
    last_received_at = coalesce(excluded.last_received_at, s.last_received_at),
    last_phenomenon_time = coalesce(excluded.last_phenomenon_time, s.last_phenomenon_time),
    skew_s = excluded.skew_s, live = excluded.live, late = excluded.late, stale = excluded.stale,
    never = excluded.never, spooled = excluded.spooled, dropped = excluded.dropped
"""
_FORGET = """
DELETE FROM feed_status WHERE NOT feed = ANY(%s) AND updated_at < now() - interval '1 hour'
"""
NOT_STORABLE = "not_storable"
FRESH = ("live", "late", "stale", "never")


def store_accounts(
    cursor: psycopg.Cursor[Any], plan: Plan, repeated: Sequence[int], refused: Sequence[tuple[int, str]]
) -> None:
    """Enter ``plan`` in the book: ``repeated`` rows were known, ``refused`` ones were not taken."""
    again = _by_account(plan, repeated)
    for place, account in enumerate(plan.accounts):
        known = account.duplicate + int(again[place])
        not_taken = [why for row, why in refused if plan.owner[row] == place]
        dead = account.dead + len(not_taken)
        stored = account.received - known - dead
        cursor.execute(
            _ACCOUNT,
            (
                account.feed, plan.received_at, account.messages, account.received, stored, known, dead,
                account.lag_sum, account.lag_max,
            ),
        )  # fmt: skip
        if not_taken:
            _count(cursor, Refusals(account.feed, NOT_STORABLE, len(not_taken), not_taken[-1]))
    for refusals in plan.refusals:
        _count(cursor, refusals)


def _count(cursor: psycopg.Cursor[Any], one: Refusals) -> None:
    cursor.execute(_COUNT_REJECT, (one.feed, one.reason, one.count, storable(one.excerpt)))


def _by_account(plan: Plan, rows: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.bincount(plan.owner[np.array(rows, "i8")], minlength=len(plan.accounts))


@dataclass
class FeedState:
    """How one feed is doing, as the process that takes it in sees it. Times are epoch seconds."""

    adapter: str
    transport: str
    period_s: int
    state: str = "starting"
    detail: str = ""
    since: float = field(default_factory=time.time)
    received: float | None = None
    skew: float | None = None


class FeedBook:
    """The feeds a process takes in. ``declare`` and ``report`` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeds: dict[str, FeedState] = {}

    @property
    def names(self) -> list[str]:
        """The feeds in the order they were first heard of: a feed's place is its number in the watch."""
        return list(self._feeds)

    def declare(self, feed: str, adapter: str, transport: str, period_s: int) -> None:
        """A feed the city has, heard or not."""
        with self._lock:
            before = self._feeds.get(feed)
            self._feeds[feed] = FeedState(adapter, transport, period_s)
            if before:
                self._feeds[feed].received = before.received

    def report(self, feed: str, state: str, detail: str = "") -> None:
        """The state of its transport changed: ``starting``, ``ok``, ``away`` or ``refused``."""
        with self._lock:
            known = self._feeds.setdefault(feed, FeedState("", "push", 60))
            if known.state != state:
                known.since = time.time()
            known.state, known.detail = state, detail[:500]
            if state == "ok" and known.transport == "poll":
                # Asked and answered, if only that nothing is new: that is not silence.
                known.received = time.time()

    def known(self, feed: str) -> tuple[int, bool]:
        """The number of ``feed``, and whether other ingest processes of the city hear it too."""
        return self.number(feed), self._feeds[feed].transport in ("mqtt", "poll")

    def number(self, feed: str) -> int:
        """The number of ``feed``; one nobody declared is noted as pushed."""
        with self._lock:
            if feed not in self._feeds:
                self._feeds[feed] = FeedState("", "push", 60)
            return min(list(self._feeds).index(feed), 254)

    def heard(self, feed: str, received: float, ahead_s: float | None) -> None:
        """Something came at ``received``; its newest time was ``ahead_s`` before the server's clock."""
        with self._lock:
            known = self._feeds[feed]
            known.received = received
            known.skew = ahead_s if ahead_s is not None and ahead_s > 0 else None
            if known.transport == "push":
                known.state = "ok"

    def store(
        self,
        connection: psycopg.Connection[Any],
        counts: npt.NDArray[np.int64],
        newest: npt.NDArray[np.float64],
        spooled: int,
        dropped: dict[str, int],
    ) -> None:
        """Write every feed's row: ``counts`` i8 (feeds, 4) datastreams by freshness, ``newest`` f8 (feeds)
        phenomenon times in epoch s (0 none), items ``spooled`` in all, and items ``dropped`` by feed."""
        with self._lock:
            rows = [
                _status_row(name, one)
                | dict(zip(FRESH, counts[at].tolist(), strict=True))
                | {"phenomenon": float(newest[at]) or None, "dropped": dropped.get(name, 0)}
                | {"spooled": spooled}
                for at, (name, one) in enumerate(self._feeds.items())
                # What nobody declared (a replay) is in the book by its items alone.
                if one.adapter
            ]
        with connection.cursor() as cursor:
            cursor.executemany(_STATUS, rows)
            # Another process of the city may have feeds of its own; what nobody renews is configured no more.
            cursor.execute(_FORGET, ([row["feed"] for row in rows],))


def _status_row(name: str, one: FeedState) -> dict[str, Any]:
    return {
        "feed": name,
        "adapter": one.adapter,
        "transport": one.transport,
        "period_s": one.period_s,
        "state": one.state,
        "detail": storable(one.detail),
        "since": one.since,
        "received": one.received,
        "skew": one.skew,
    }
