"""Figures of alarms put before operators, by the day they were, were acknowledged, or were closed.

Coverage is the share of the day in which alarms were watched at all (``alarm_watch``).
"""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, area_of, local

_SINCE = f"SELECT min({local('began_at')}) FROM alarm_watch"
_WATCHED = f"""{DAY},
watched AS (
    SELECT d.day, d.hours, coalesce(
               sum(extract(epoch FROM least(w.ended_at, d.t1) - greatest(w.began_at, d.t0))), 0) / 3600
               AS heard
    FROM (SELECT day, hours, day::timestamp AT TIME ZONE :zone AS t0,
                 (day + 1)::timestamp AT TIME ZONE :zone AS t1 FROM day) d
    LEFT JOIN alarm_watch w ON w.began_at < d.t1 AND w.ended_at > d.t0
    GROUP BY d.day, d.hours
),
cell AS (
    SELECT a.id AS area_id, w.day, w.hours AS weight, least(1, w.heard / w.hours) AS coverage
    FROM watched w CROSS JOIN (SELECT id FROM area WHERE kind = :kind UNION ALL SELECT -1) a
)"""


def _during(instant: str) -> str:
    return f"""al.annunciated_at IS NOT NULL
      AND {instant} >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
      AND {instant} < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone"""


def _shown(_kpi: Kpi) -> str:
    return f"""WITH {_WATCHED}
SELECT {area_of("al")} AS area_id, {local("al.annunciated_at")} AS day, 1 AS top, 0 AS bottom, 0 AS weight,
       0 AS coverage, 0 AS n, CAST(NULL AS float8) AS one
FROM alarm al WHERE {_during("al.annunciated_at")}
UNION ALL SELECT area_id, day, 0, 1, weight, coverage, 1, NULL FROM cell"""


def _acknowledged(_kpi: Kpi) -> str:
    return f"""WITH {_WATCHED}
SELECT {area_of("al")} AS area_id, {local("al.acknowledged_at")} AS day,
       extract(epoch FROM al.acknowledged_at - al.annunciated_at) / 60.0 AS top, 1 AS bottom, 0 AS weight,
       0 AS coverage, 1 AS n, extract(epoch FROM al.acknowledged_at - al.annunciated_at) / 60.0 AS one
FROM alarm al WHERE {_during("al.acknowledged_at")}
UNION ALL SELECT area_id, day, 0, 0, weight, coverage, 0, NULL FROM cell"""


def _with_outcome(_kpi: Kpi) -> str:
    return f"""WITH {_WATCHED}
SELECT {area_of("al")} AS area_id, {local("al.closed_at")} AS day, (al.confirmed_at IS NOT NULL)::int AS top,
       1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n, CAST(NULL AS float8) AS one
FROM alarm al WHERE {_during("al.closed_at")}
UNION ALL SELECT area_id, day, 0, 0, weight, coverage, 0, NULL FROM cell"""


SHOWN = Recipe(_shown, lambda _: _SINCE)
ACKNOWLEDGED = Recipe(_acknowledged, lambda _: _SINCE)
WITH_OUTCOME = Recipe(_with_outcome, lambda _: _SINCE)
