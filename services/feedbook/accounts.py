"""How each feed does at one instant, from the accounts the ingest keeps by minute."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.feeds import (
    HOUR_MINUTES,
    RATE_OVER,
    REPLAY,
    FeedAccount,
    FeedStatus,
    Fresh,
    Minute,
    Overview,
    Recent,
    Standing,
    Tally,
    total,
)
from services.history import day_start, local_day

DEADLINE_MS = 2_000

_STATUS = text(
    """
    SELECT feed, adapter, transport, period_s, state, detail, updated_at, state_since, last_received_at,
           last_phenomenon_time, skew_s, live, late, stale, never, spooled, dropped
    FROM feed_status ORDER BY feed
    """
)
# Names that send without ever having been declared: hopped to by the key, never by reading all minutes.
_SENDING = text(
    """
    WITH RECURSIVE sending (feed) AS (
        SELECT min(feed) FROM feed_minute
        UNION ALL
        SELECT (SELECT min(m.feed) FROM feed_minute m WHERE m.feed > s.feed)
        FROM sending s WHERE s.feed IS NOT NULL
    )
    SELECT feed FROM sending WHERE feed IS NOT NULL
    """
)
# For each feed apart, so that its key is used: there is no index by minute alone.
_MINUTES = text(
    """
    SELECT m.feed, m.minute, m.messages, m.received, m.stored, m.duplicate, m.dead, m.lag_sum, m.lag_max
    FROM unnest(CAST(:feeds AS text[])) AS f (feed)
    CROSS JOIN LATERAL (
        SELECT * FROM feed_minute WHERE feed = f.feed AND minute > :since AND minute <= :now ORDER BY minute
    ) m
    """
)
_TODAY = text(
    """
    SELECT f.feed, coalesce(t.messages, 0), coalesce(t.received, 0), coalesce(t.stored, 0),
           coalesce(t.duplicate, 0), coalesce(t.dead, 0)
    FROM unnest(CAST(:feeds AS text[])) AS f (feed)
    CROSS JOIN LATERAL (
        SELECT sum(messages)::bigint AS messages, sum(received)::bigint AS received,
               sum(stored)::bigint AS stored, sum(duplicate)::bigint AS duplicate, sum(dead)::bigint AS dead
        FROM feed_minute WHERE feed = f.feed AND minute >= :midnight AND minute <= :now
    ) t
    """
)


class _Row(NamedTuple):
    minute: Minute
    lag_sum: float
    lag_max: float


def overview(engine: Engine, now: datetime, zone: ZoneInfo) -> Overview:
    """Every feed declared or ever heard of, by name, at ``now`` (aware).

    "Today" began at midnight in ``zone``; rate and lag are of the last five whole minutes and the one under
    way. Raises Unavailable.
    """
    midnight = day_start(local_day(now, zone), zone)
    with asking(engine, DEADLINE_MS) as connection:
        statuses = {row[0]: _status(row[1:]) for row in connection.execute(_STATUS)}
        names = sorted(set(statuses) | set(connection.execute(_SENDING).scalars()))
        hours = _hours(connection, names, now)
        today = {
            feed: Tally(*counts)
            for feed, *counts in connection.execute(
                _TODAY, {"feeds": names, "midnight": midnight, "now": now}
            )
        }
    feeds = [_account(name, statuses.get(name), hours[name], today[name], now) for name in names]
    return Overview(now, midnight, tuple(feeds))


def _status(row: tuple[Any, ...]) -> FeedStatus:
    values = (*row[:10], Fresh(*row[10:14]), *row[14:])
    return FeedStatus(*values)


def _hours(connection: Connection, names: list[str], now: datetime) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = defaultdict(list)
    since = _minute_of(now) - timedelta(minutes=HOUR_MINUTES)
    for feed, at, *counts, lag_sum, lag_max in connection.execute(
        _MINUTES, {"feeds": names, "since": since, "now": now}
    ):
        found[feed].append(_Row(Minute(at, Tally(*counts)), lag_sum, lag_max))
    return found


def _account(
    name: str, status: FeedStatus | None, rows: list[_Row], today: Tally, now: datetime
) -> FeedAccount:
    if name == REPLAY:
        # Nobody's source: what is sent through again has no transport to be well or ill.
        status = None
    standing = status.standing(now) if status else Standing.UNTOLD
    return FeedAccount(name, status, standing, recent(rows, now), today, tuple(row.minute for row in rows))


def recent(rows: Iterable[_Row], now: datetime) -> Recent:
    """Rate and lag of the last minutes; the seconds counted are those the minutes span until ``now``."""
    begun = _minute_of(now) - RATE_OVER
    last = [row for row in rows if row.minute.at >= begun]
    tally = total(row.minute.tally for row in last)
    rate = tally.received / (now - begun).total_seconds()
    if not tally.stored:
        return Recent(rate=rate, tally=tally)
    return Recent(
        rate, sum(row.lag_sum for row in last) / tally.stored, max(row.lag_max for row in last), tally
    )


def _minute_of(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
