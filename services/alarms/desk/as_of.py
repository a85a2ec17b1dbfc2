"""The list as it was at an instant, and who knew what: what was known, what came to be known later.

The rows, their ranking and their filters are those of the list of now (``listing.py``), over alarms as they
stood then (``then.py``). Nothing later than the instant is told, but for one thing that is marked apart: what
had begun by then and was noticed later.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, text

from geodata.asking import statement
from model.alarms import AlarmEvent, AlarmList, AlarmRow, ListQuery, Recovered
from services.alarms.desk.flood import FloodSettings, read_flood
from services.alarms.desk.listing import RANKED, by_priority, values_of
from services.alarms.desk.rows import row_of
from services.alarms.desk.sheet import OF_ASSET_MOST, read_thread
from services.alarms.desk.then import COLUMNS_THEN, JOINS_THEN, OF_ASSET, THEN

LEARNT_MOST = 60
RECOVERED_MOST = 60

_LIST = statement(
    """
    {then}, {ranked}
    SELECT {columns}, g.consequences, g.worst, f.*
    FROM facts f LEFT JOIN (page g JOIN then_alarm a ON a.id = g.id {joins}) ON true ORDER BY g.rank
    """,
    then=THEN,
    ranked=RANKED,
    columns=COLUMNS_THEN,
    joins=JOINS_THEN,
)
# An alarm before anybody knew of it: begun, and nothing more. The ranges are those of the index alarm_learnt.
_LEARNT = statement(
    """
    WITH then_alarm AS (
        SELECT a.id, a.rule_id, a.rule_version, a.alarm_class, a.asset_id, a.area_id, a.commune_id,
               a.district_id, a.domain, a.asset_type, a.priority, a.severity, a.state, a.value, a.raised_at,
               a.noticed_at, a.latching, 1 AS activations, 0 AS escalation, false AS uncertain,
               CAST(NULL AS timestamptz) AS returned_at, CAST(NULL AS timestamptz) AS acknowledged_at,
               CAST(NULL AS text) AS acknowledged_by, CAST(NULL AS timestamptz) AS confirmed_at,
               CAST(NULL AS text) AS assigned_to, CAST(NULL AS bigint) AS cause_id,
               CAST(NULL AS timestamptz) AS reset_at, CAST(NULL AS timestamptz) AS closed_at
        FROM alarm a
        WHERE tstzrange(least(a.raised_at, a.noticed_at), a.noticed_at) @> CAST(:at AS timestamptz)
              AND a.annunciated_at IS NOT NULL AND (a.activations > 1 OR a.returned_at IS NULL
                                                    OR a.returned_at > :at)
              AND (CAST(:domains AS text[]) IS NULL OR a.domain = ANY(:domains))
              AND (CAST(:priorities AS int[]) IS NULL OR a.priority = ANY(:priorities))
              AND (CAST(:area AS int) IS NULL OR :area IN (a.commune_id, a.district_id, a.area_id))
    ), linked AS (SELECT id, CAST(NULL AS text) AS hiding FROM then_alarm)
    SELECT {columns}, 0 AS consequences, a.priority AS worst, count(*) OVER () AS total
    FROM then_alarm a {joins} ORDER BY a.priority, a.raised_at DESC, a.id DESC LIMIT :most
    """,
    columns=COLUMNS_THEN,
    joins=JOINS_THEN,
)
_WATCHED = text(
    """
    SELECT (SELECT max(ended_at) FROM alarm_watch WHERE began_at <= :at) AS until,
           (SELECT looked_at FROM alarm_engine) AS looked_at
    """
)


def read_as_of(
    connection: Connection, query: ListQuery, person_id: int, at: datetime, zone: ZoneInfo,
    settings: FloodSettings, *, by_district: bool = False,
) -> AlarmList:  # fmt: skip
    """The list as ``connection``'s scope had it at ``at`` (aware), through ``query``: see ``read_list``.

    ``flood`` is that of the instant, ``watched_until`` how far an engine had seen by then at most.
    """
    flood = read_flood(connection, at, zone, settings)
    values = values_of(query) | {
        "at": at, "person": person_id, "by_district": by_district, "flood": flood.on, "most": LEARNT_MOST
    }  # fmt: skip
    found = connection.execute(_LIST, values).all()
    learnt = connection.execute(_LEARNT, values).all()
    facts = found[0]
    watched = _watched(connection.execute(_WATCHED, {"at": at}).one(), at)
    return AlarmList(
        rows=tuple(row_of(row) for row in found if row.id is not None),
        total=facts.total,
        by_priority=by_priority(facts.by_priority),
        unacknowledged=by_priority(facts.unacknowledged),
        consequences=int(facts.behind),
        hidden=facts.hidden,
        flood=replace(flood, causes=facts.all_causes, consequences=int(facts.all_behind)),
        watched_until=watched,
        at=at,
        learnt=tuple(row_of(row) for row in learnt),
        learnt_total=int(learnt[0].total) if learnt else 0,
        watched=watched is not None and watched >= at,
    )


def _watched(found: Row[Any], at: datetime) -> datetime | None:
    """Up to when alarms were watched, ``at`` at most; None: never before it."""
    ends = [end.astimezone(UTC) for end in (found.until,) if end is not None]
    return min(max(ends), at) if ends else None


def read_of_asset_then(
    connection: Connection, asset_id: int, at: datetime, *, by_district: bool = False
) -> tuple[AlarmRow, ...]:
    """The alarms of one asset (the registry's id) that stood at ``at``, hidden and explained ones too."""
    values = {"asset": asset_id, "at": at, "by_district": by_district, "most": OF_ASSET_MOST}
    return tuple(row_of(row) for row in connection.execute(OF_ASSET, values))


def thread_then(
    connection: Connection, alarm_id: int, at: datetime
) -> tuple[tuple[AlarmEvent, ...], tuple[AlarmEvent, ...]]:
    """The thread of an alarm up to and including ``at``, and what was written later."""
    thread = read_thread(connection, alarm_id)
    return tuple(e for e in thread if e.at <= at), tuple(e for e in thread if e.at > at)


# --- what ended between two instants ------------------------------------------------------------------

_RECOVERED = statement(
    """
    WITH ended AS MATERIALIZED (
        SELECT DISTINCT ON (e.alarm_id) e.alarm_id, e.at AS ended_noticed
        FROM alarm_event e WHERE e.kind = 'returned' AND e.at > :a AND e.at <= :at
        AND NOT EXISTS (SELECT FROM alarm_event l WHERE l.alarm_id = e.alarm_id AND l.kind = 'raised_again'
                        AND l.id > e.id AND l.at <= :at)
        ORDER BY e.alarm_id, e.id DESC
    ), then_alarm AS (
        SELECT a.id, a.rule_id, a.rule_version, a.alarm_class, a.asset_id, a.area_id, a.commune_id,
               a.district_id, a.domain, a.asset_type, a.priority, a.severity, a.state, a.value,
               coalesce((SELECT max(g.at) FROM alarm_event g WHERE g.alarm_id = a.id
                         AND g.kind = 'raised_again' AND g.at <= d.ended_noticed), a.raised_at) AS raised_at,
               a.noticed_at, a.latching, a.activations, 0 AS escalation, false AS uncertain,
               CASE WHEN a.return_noticed_at = d.ended_noticed THEN a.returned_at ELSE d.ended_noticed
               END AS returned_at,
               CASE WHEN a.acknowledged_at <= :at THEN a.acknowledged_at END AS acknowledged_at,
               CASE WHEN a.acknowledged_at <= :at THEN a.acknowledged_by END AS acknowledged_by,
               CAST(NULL AS timestamptz) AS confirmed_at, CAST(NULL AS text) AS assigned_to,
               CAST(NULL AS bigint) AS cause_id, a.reset_at, CAST(NULL AS timestamptz) AS closed_at,
               (SELECT count(*) FROM alarm c WHERE c.cause_id = a.id) AS behind
        FROM ended d JOIN alarm a ON a.id = d.alarm_id
        WHERE a.annunciated_at <= :at
              AND (CAST(:domains AS text[]) IS NULL OR a.domain = ANY(:domains))
              AND (CAST(:priorities AS int[]) IS NULL OR a.priority = ANY(:priorities))
              AND (CAST(:area AS int) IS NULL OR :area IN (a.commune_id, a.district_id, a.area_id))
    ), linked AS (SELECT id, CAST(NULL AS text) AS hiding FROM then_alarm)
    SELECT {columns}, a.behind AS consequences, a.priority AS worst, count(*) OVER () AS total
    FROM then_alarm a {joins} ORDER BY a.returned_at DESC, a.id DESC LIMIT :most
    """,
    columns=COLUMNS_THEN,
    joins=JOINS_THEN,
)


def read_recovered(
    connection: Connection, query: ListQuery, a: datetime, b: datetime, *, by_district: bool = False
) -> tuple[tuple[Recovered, ...], int]:
    """The alarms whose end was noticed in (``a``, ``b``] and that had not begun again by ``b``, newest first,
    60 at most, and how many there are. Causes only: what was never put before anybody is left out."""
    values = values_of(query) | {"a": a, "at": b, "by_district": by_district, "most": RECOVERED_MOST}
    found = connection.execute(_RECOVERED, values).all()
    rows = [row_of(row) for row in found]
    recovered = tuple(
        Recovered(row, ended, max(0.0, (ended - row.raised_at).total_seconds()))
        for row in rows
        for ended in [row.returned_at or b]
    )
    return recovered, int(found[0].total) if found else 0
