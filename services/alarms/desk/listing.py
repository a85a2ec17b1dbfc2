"""The alarm list: causes ranked over the whole set in one statement, a page of rows with their true totals.

On the list stands every open alarm that was put before the operator, is not hidden on purpose and is not
explained by another she sees. Ranked: critical first, then what nobody acknowledged, priority, the newest; a
cause counts for the most urgent of its group. While a flood lasts, causes with the most behind them come
first among equals.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from geodata.asking import statement
from model.alarms import AlarmList, ListQuery
from services.alarms.desk.flood import FloodSettings, read_flood
from services.alarms.desk.rows import COLUMNS, JOINS, row_of

PAGE_MOST = 200
TEXT_MOST = 80

# A consequence whose cause closed a moment ago waits for the engine to free it or to end it, else eighty
# lamps flash over the list with every cabinet that recovers; after a minute without the engine it stands.
# What no root leads to explains itself in a ring, and is shown rather than lost.
LINKED = """
    WITH RECURSIVE linked AS MATERIALIZED (
        SELECT a.id, a.cause_id, a.priority, a.raised_at, a.acknowledged_at, a.returned_at, a.annunciated_at,
               a.domain, a.commune_id, a.district_id, a.area_id, a.asset_id, a.assigned_to_id,
               h.kind AS hiding,
               c.id IS NOT NULL AND c.closed_at IS NULL AS under,
               c.closed_at > CAST(:at AS timestamptz) - interval '60 s' AS waits
        FROM alarm a LEFT JOIN alarm c ON c.id = a.cause_id LEFT JOIN alarm_hidden(:at) h ON h.alarm_id = a.id
        WHERE a.closed_at IS NULL
    )
"""
# Only alarms that explain others are walked (``middle``): they are few, however many consequences there are.
TREE = """
    parents AS MATERIALIZED (
        SELECT l.cause_id AS id, count(*) AS members,
               min(l.priority) FILTER (WHERE l.returned_at IS NULL) AS worst
        FROM linked l WHERE l.under GROUP BY 1
    ), middle AS MATERIALIZED (
        SELECT l.id, l.under, l.cause_id, p.members, p.worst FROM linked l JOIN parents p ON p.id = l.id
    ), tree (root, id) AS (
        SELECT id, id FROM middle WHERE NOT under
        UNION ALL
        SELECT t.root, m.id FROM tree t JOIN middle m ON m.cause_id = t.id AND m.under
    ), grouped AS (
        SELECT t.root, sum(m.members) AS consequences, min(m.worst) AS worst
        FROM tree t JOIN middle m ON m.id = t.id GROUP BY t.root
    ), causes AS MATERIALIZED (
        SELECT l.*, coalesce(g.consequences, 0) AS consequences, coalesce(g.worst, l.priority) AS worst
        FROM linked l LEFT JOIN grouped g ON g.root = l.id LEFT JOIN tree t ON t.id = l.cause_id
        WHERE (NOT l.under AND NOT coalesce(l.waits, false) OR l.under AND t.id IS NULL)
              AND l.hiding IS NULL AND (l.annunciated_at IS NOT NULL OR l.cause_id IS NOT NULL)
    )
"""
"""What stands under what, of any rows ``linked``: the list of a past instant is made of the same."""
# What is put together here are constants; what is asked for is bound.
RANKED = """
    fit AS MATERIALIZED (
        SELECT c.*, least(c.worst, c.priority) AS urgency FROM causes c
        LEFT JOIN asset s ON :text <> '' AND s.id = c.asset_id
        LEFT JOIN area r ON :text <> '' AND r.id = coalesce(
            c.area_id, CASE WHEN :by_district THEN c.district_id ELSE c.commune_id END)
        WHERE (CAST(:domains AS text[]) IS NULL OR c.domain = ANY(:domains))
          AND (CAST(:area AS int) IS NULL OR :area IN (c.commune_id, c.district_id, c.area_id))
          AND (CAST(:handling AS text[]) IS NULL
               OR 'unacknowledged' = ANY(:handling) AND c.acknowledged_at IS NULL
               OR 'acknowledged' = ANY(:handling) AND c.acknowledged_at IS NOT NULL
               OR 'returned' = ANY(:handling) AND c.returned_at IS NOT NULL
               OR 'mine' = ANY(:handling) AND c.assigned_to_id = :person)
          AND (:text = '' OR lower(concat_ws(' ', s.external_id, s.name, s.street, r.name))
                             LIKE ALL (CAST(:words AS text[])))
    ), wanted AS MATERIALIZED (
        SELECT * FROM fit WHERE CAST(:priorities AS int[]) IS NULL OR priority = ANY(:priorities)
    ), page AS MATERIALIZED (
        SELECT id, consequences, worst, row_number() OVER (
            ORDER BY urgency = 1 DESC, acknowledged_at IS NULL DESC, urgency,
                     CASE WHEN :flood THEN consequences ELSE 0 END DESC, raised_at DESC, id DESC) AS rank
        FROM wanted ORDER BY rank LIMIT :limit OFFSET :offset
    ), facts AS (
        SELECT (SELECT count(*) FROM wanted) AS total,
               (SELECT coalesce(sum(consequences), 0) FROM wanted) AS behind,
               (SELECT jsonb_object_agg(priority, n) FROM (
                   SELECT priority, count(*) AS n FROM fit GROUP BY 1) x) AS by_priority,
               (SELECT jsonb_object_agg(priority, n) FROM (
                   SELECT priority, count(*) AS n FROM fit WHERE acknowledged_at IS NULL GROUP BY 1
               ) x) AS unacknowledged,
               (SELECT count(*) FROM linked WHERE hiding IS NOT NULL) AS hidden,
               (SELECT count(*) FROM causes) AS all_causes,
               (SELECT coalesce(sum(consequences), 0) FROM causes) AS all_behind,
               (SELECT looked_at FROM alarm_engine) AS watched_until
    )
"""
_LIST = statement(
    """
    {linked}, {tree}, {ranked}
    SELECT {columns}, g.consequences, g.worst, f.*
    FROM facts f LEFT JOIN (page g JOIN alarm a ON a.id = g.id {joins}) ON true ORDER BY g.rank
    """,
    linked=LINKED,
    tree=TREE,
    ranked=RANKED,
    columns=COLUMNS,
    joins=JOINS,
)


def read_list(
    connection: Connection, query: ListQuery, person_id: int, at: datetime, zone: ZoneInfo,
    settings: FloodSettings, *, by_district: bool = False,
) -> AlarmList:  # fmt: skip
    """The list as ``connection`` sees it at ``at`` (now, aware), through ``query``, for whom ``person_id``'s
    own assignments are ``mine``."""
    flood = read_flood(connection, at, zone, settings)
    values = values_of(query) | {
        "at": at, "person": person_id, "by_district": by_district, "flood": flood.on
    }  # fmt: skip
    found = connection.execute(_LIST, values).all()
    facts = found[0]
    return AlarmList(
        rows=tuple(row_of(row) for row in found if row.id is not None),
        total=facts.total,
        by_priority=by_priority(facts.by_priority),
        unacknowledged=by_priority(facts.unacknowledged),
        consequences=int(facts.behind),
        hidden=facts.hidden,
        flood=replace(flood, causes=facts.all_causes, consequences=int(facts.all_behind)),
        watched_until=facts.watched_until and facts.watched_until.astimezone(UTC),
    )


def by_priority(found: dict[str, int] | None) -> dict[int, int]:
    """``found`` with a count, 0 at least, of each priority."""
    return {priority: (found or {}).get(str(priority), 0) for priority in range(1, 5)}


def values_of(query: ListQuery) -> dict[str, Any]:
    """What ``query`` binds in ``RANKED``."""
    words = query.text.lower().split()[:6]
    return {
        "domains": None if query.domains is None else sorted(query.domains),
        "priorities": None if query.priorities is None else sorted(query.priorities),
        "handling": None if query.handling is None else sorted(query.handling),
        "area": query.area,
        "text": " ".join(words)[:TEXT_MOST],
        "words": [f"%{_plain(word)}%" for word in words],
        "offset": max(0, query.offset),
        "limit": max(0, min(query.limit, PAGE_MOST)),
    }


def _plain(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
