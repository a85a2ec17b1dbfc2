"""Retention of raw values by class: past its time a reading goes, from the database and from the archive.

Which class a property's readings belong to is declared with the property; how long a class is kept stands in
``retention_rule``, from the city's profile or the migrations. Hourly and daily figures stay.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from geodata.retention import kept_since
from model.domains import ASSET_TYPES
from services.history.archive import Archive, NotEqual
from services.history.archive_file import ROW_SUM
from services.history.cold import days_out

log = logging.getLogger(__name__)
DEADLINE_MS = 600_000
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

Pair = tuple[str, str]


@dataclass(frozen=True)
class Limit:
    """Readings of these (asset type, property) ``pairs`` that are older than ``since`` (aware) must go."""

    kind: str
    since: datetime
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Purged:
    """What a class lost: readings deleted in the database, days of the archive rewritten, and the
    checksum of all deleted rows, as ``archive_file`` computes it."""

    kind: str
    since: datetime
    rows: int
    checksum: str
    days: tuple[date, ...]


@cache
def classes() -> dict[str, tuple[Pair, ...]]:
    """The declared classes of raw values, each with its (asset type, property) pairs."""
    found: dict[str, list[Pair]] = {}
    for kind in ASSET_TYPES.values():
        for declared in kind.properties:
            if declared.kept:
                found.setdefault(declared.kept, []).append((kind.name, declared.name))
    return {name: tuple(pairs) for name, pairs in found.items()}


def limits(connection: Connection, now: datetime) -> list[Limit]:
    """The limits in force at ``now`` (aware); a class without a rule has none."""
    since = {kind: kept_since(connection, kind, now) for kind in classes()}
    return [Limit(kind, at, classes()[kind]) for kind, at in since.items() if at is not None]


def columns_of(some: Sequence[Limit]) -> dict[str, list[object]]:
    """``some`` as three columns to bind: ``types``, ``names``, ``sinces``; one row a pair."""
    rows = [(kind, name, limit.since) for limit in some for kind, name in limit.pairs]
    return {
        "types": [row[0] for row in rows],
        "names": [row[1] for row in rows],
        "sinces": [row[2] for row in rows],
    }


_STREAMS = text(
    """
    SELECT d.id FROM datastream d JOIN asset a ON a.id = d.asset_id
    JOIN unnest(CAST(:types AS text[]), CAST(:names AS text[])) AS wanted (asset_type, observed_property)
      ON (wanted.asset_type, wanted.observed_property) = (a.asset_type, d.observed_property)
    ORDER BY d.id
    """
)
_DELETE = statement(
    """
    WITH gone AS (
        DELETE FROM observation
        WHERE datastream_id = ANY (CAST(:streams AS integer[])) AND phenomenon_time < :since RETURNING *
    )
    SELECT count(*), coalesce(sum({row_sum}), 0) FROM gone
    """,
    row_sum=ROW_SUM,
)
_NOT_COUNTED = text(
    "SELECT EXISTS (SELECT FROM dirty_batch WHERE bucket < :since AND streams && CAST(:streams AS integer[]))"
)


def purge(engine: Engine, archive: Archive, now: datetime) -> list[Purged]:
    """Delete every raw reading past its class's time at ``now`` (aware); what each class lost.

    A class some of whose old hours are still to be counted waits until they are. Days of the archive that
    hold such readings come back, lose them, and are archived anew. Each deletion is logged with its count
    and checksum. Raises Unavailable when the database is away.
    """
    done = []
    with asking(engine) as connection:
        some = limits(connection, now)
    for limit in some:
        purged = _purged(engine, archive, limit)
        if purged and (purged.rows or purged.days):
            log.info(
                "retention of %s: %s readings before %s deleted, checksum %s; archived days rewritten: %s",
                purged.kind, purged.rows, purged.since.isoformat(), purged.checksum, len(purged.days),
            )  # fmt: skip
            done.append(purged)
    return done


def _purged(engine: Engine, archive: Archive, limit: Limit) -> Purged | None:
    columns = columns_of([limit])
    with asking(engine, DEADLINE_MS) as connection:
        wanted = {"types": columns["types"], "names": columns["names"]}
        streams = list(connection.scalars(_STREAMS, wanted))
        if not streams or connection.scalar(_NOT_COUNTED, {"since": limit.since, "streams": streams}):
            return None
        out = days_out(connection, _EVER, limit.since)
    held = _held(archive, out, streams, limit.since)
    back = [day for day in held if _came_back(archive, day)]
    with asking(engine, DEADLINE_MS) as connection:
        rows, checksum = connection.execute(_DELETE, {"streams": streams, "since": limit.since}).one()
        connection.commit()
    for day in back:
        archive.archive(day)
        archive.forget(out[day])
    return Purged(limit.kind, limit.since, int(rows), str(int(checksum)), tuple(back))


def _held(archive: Archive, out: dict[date, str], streams: list[int], since: datetime) -> list[date]:
    """The archived days that hold readings of ``streams`` before ``since``."""
    if not out:
        return []
    found = archive.cold.readings(
        "SELECT DISTINCT us // 86400000000 AS day FROM reading",
        list(out.values()), _EVER, since, streams, deadline_s=120.0,
    )  # fmt: skip
    days = [(_EVER + timedelta(days=int(day))).date() for day in found["day"]]
    return sorted(day for day in days if day in out)


def _came_back(archive: Archive, day: date) -> bool:
    try:
        return archive.restore(day) > 0
    except NotEqual as error:
        log.error("%s holds readings past their time and cannot be opened: %s", day, error)
        return False
