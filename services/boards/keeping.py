"""The keeper of the key figures: a loop beside the rollups. What changed is computed again.

Whoever changes what figures are made of says so in ``kpi_dirty`` (triggers of migration 0016). Only local
days that are over are computed.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from model.errors import Unavailable
from model.kpis import Kpi
from services.boards.catalogue import CITY_BOARD, KPIS
from services.boards.engine import (
    ONE_AT_A_TIME,
    Asked,
    asked,
    compute,
    enrol,
    first_day,
    oldest_day,
    write_days,
    write_values,
)
from services.history import local_day

log = logging.getLogger(__name__)

EVERY_S = 60.0
IN_ORDER: tuple[Kpi, ...] = tuple(sorted(KPIS, key=lambda kpi: kpi.key not in CITY_BOARD))
"""Those of the city board first: of a city just built they are looked for first."""
DEADLINE_MS = 120_000
NEAR = timedelta(days=7)
"""Changed days no farther apart are computed together: asking for some costs little more than for one."""

_KNOWN = text("SELECT key, definition, until FROM kpi")
_COMPUTED = text("UPDATE kpi SET until = :until WHERE key = :kpi")
_WAITING = text("SELECT id FROM kpi_dirty")
_LET_GO = (
    text("DELETE FROM kpi_day WHERE kpi = ANY (:keys)"),
    text("DELETE FROM kpi_value WHERE kpi = ANY (:keys)"),
    text("DELETE FROM kpi WHERE key = ANY (:keys)"),
)
_TAKE = text(
    """
    WITH gone AS (
        DELETE FROM kpi_dirty RETURNING id, source, coalesce(day, (at AT TIME ZONE :zone)::date) AS day),
    later AS (
        INSERT INTO kpi_dirty (source, day) SELECT DISTINCT source, day FROM gone WHERE day > :yesterday)
    SELECT source, day, array_agg(id) FROM gone WHERE day IS NULL OR day <= :yesterday GROUP BY source, day
    """
)
"""What waits of days that are over; of the day going on one row each is left."""


@dataclass(frozen=True)
class Dirt:
    """A source that changed on a local day (None: for all time), and the ids of the rows that said so."""

    source: str
    day: date | None
    ids: frozenset[int]


def keep_kpis_once(
    engine: Engine, profile: CityProfile, now: datetime, kpis: Sequence[Kpi] = IN_ORDER
) -> int:
    """Bring every figure to the last complete local day at ``now`` (aware); how many were computed.

    Raises Unavailable when the database is away; what was done by then stays done.
    """
    yesterday = local_day(now, profile.zone) - timedelta(days=1)
    everything = [asked(kpi, profile) for kpi in kpis]
    with asking(engine, DEADLINE_MS) as connection:
        waiting = frozenset(connection.scalars(_WAITING))
    fresh = _catch_up(engine, everything, yesterday)
    done = _mend(engine, profile, everything, yesterday, fresh, waiting)
    return len(fresh | done)


def _catch_up(engine: Engine, everything: Sequence[Asked], yesterday: date) -> set[str]:
    """Begin figures that are new or declared anew, and add the days that are over since; those begun."""
    with asking(engine, DEADLINE_MS) as connection:
        known = {key: (definition, until) for key, definition, until in connection.execute(_KNOWN)}
    _let_go(engine, sorted(set(known) - {one.kpi.key for one in everything}))
    fresh: set[str] = set()
    for one in everything:
        definition, until = known.get(one.kpi.key, ("", None))
        if definition == one.definition and until is not None and until >= yesterday:
            continue
        with asking(engine, DEADLINE_MS) as connection:
            connection.execute(ONE_AT_A_TIME)
            if definition != one.definition:
                enrol(connection, one)
                until = None
            if _add_days(connection, one, until, yesterday) and until is None:
                fresh.add(one.kpi.key)
            connection.commit()
    return fresh


def _add_days(connection: Connection, one: Asked, until: date | None, yesterday: date) -> bool:
    """Add the days after ``until``; whether there were any. Nothing on record: looked for the next time."""
    first = until + timedelta(days=1) if until else first_day(connection, one)
    if first is None or first > yesterday:
        return False
    first, _ = one.question.reach(first, yesterday)
    write_days(connection, one, first, yesterday)
    # Begun anew, it may stand on days that were stored before anything it asks for was on record.
    oldest = None if until else oldest_day(connection, one.kpi)
    write_values(connection, one.kpi, min(first, oldest or first), yesterday, yesterday)
    connection.execute(_COMPUTED, {"kpi": one.kpi.key, "until": yesterday})
    return True


def _let_go(engine: Engine, keys: list[str]) -> None:
    """Forget figures the catalogue no longer has."""
    if not keys:
        return
    with asking(engine, DEADLINE_MS) as connection:
        for forget in _LET_GO:
            connection.execute(forget, {"keys": keys})
        connection.commit()


def _mend(
    engine: Engine,
    profile: CityProfile,
    everything: Sequence[Asked],
    yesterday: date,
    fresh: set[str],
    waiting: frozenset[int],
) -> set[str]:
    """Compute again what changed; keys of the figures that had days computed.

    What ``waiting`` said before figures were begun is in those that are ``fresh`` already.
    """
    mended: set[str] = set()
    with asking(engine, DEADLINE_MS) as connection:
        connection.execute(ONE_AT_A_TIME)
        rows = connection.execute(_TAKE, {"zone": profile.zone.key, "yesterday": yesterday})
        dirt = [Dirt(source, day, frozenset(ids)) for source, day, ids in rows]
        for one in everything if dirt else ():
            own = [d for d in dirt if concerns(one.kpi, d.source)]
            if one.kpi.key in fresh:
                own = [d for d in own if not d.ids <= waiting]
            if own:
                _mend_one(connection, one, own, yesterday)
                mended.add(one.kpi.key)
        connection.commit()
    return mended


def _mend_one(connection: Connection, one: Asked, dirt: Sequence[Dirt], yesterday: date) -> None:
    since = first_day(connection, one)
    if since is None:
        return
    if any(d.day is None for d in dirt):
        spans = [(since, yesterday)]
    else:
        spans = joined(one.question.reach(day, day) for day in sorted({d.day for d in dirt if d.day}))
    for first, last in spans:
        if max(first, since) <= min(last, yesterday):
            compute(connection, one, max(first, since), min(last, yesterday), yesterday)


def concerns(kpi: Kpi, source: str) -> bool:
    """Whether a change of ``source`` changes ``kpi``: an asset type or a table it reads, its assets."""
    kinds = {kind for kind, _ in kpi.sources}
    if source == "asset":
        return not kinds <= {"alarm", "feed_minute", "publication", "citizen_letter"}
    return source in kinds


def joined(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Spans of days in order of their beginning, those near each other as one."""
    found: list[tuple[date, date]] = []
    for first, last in spans:
        if found and first <= found[-1][1] + NEAR:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


async def keep_kpis(
    engine: Engine, profile: CityProfile, stop: asyncio.Event, *, every_s: float = EVERY_S
) -> None:
    """Keep the key figures until ``stop`` is set, every ``every_s``; an outage is logged and waited out."""
    while not stop.is_set():
        try:
            await asyncio.to_thread(keep_kpis_once, engine, profile, datetime.now(UTC))
        except Unavailable as away:
            log.warning("key figures wait: %s", away)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)
