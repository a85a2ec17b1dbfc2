"""Figures of citizens' letters: how many came, how soon they were answered, how many within their month.

A letter is due one month after it came, two where the answer was extended (``model/voices.py``), and counts
for the day it was due: one that is left lying is seen.
"""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, local

_SINCE = f"SELECT min({local('received_at')}) FROM citizen_letter"
_DURING = """{instant} >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
  AND {instant} < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone"""
_EVERY_DAY = "UNION ALL SELECT 0, day, 0, {bottom}, 1, 1, {n}, NULL FROM day"


def _came(_kpi: Kpi) -> str:
    return f"""WITH {DAY}
SELECT 0 AS area_id, {local("received_at")} AS day, 1 AS top, 0 AS bottom, 0 AS weight, 0 AS coverage, 0 AS n,
       CAST(NULL AS float8) AS one
FROM citizen_letter WHERE {_DURING.format(instant="received_at")}
{_EVERY_DAY.format(bottom=1, n=1)}"""


def _answered(_kpi: Kpi) -> str:
    return f"""WITH {DAY}
SELECT 0 AS area_id, {local("c.at")} AS day,
       extract(epoch FROM c.at - l.received_at) / 86400.0 AS top,
       1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n,
       extract(epoch FROM c.at - l.received_at) / 86400.0 AS one
FROM citizen_letter_act c JOIN citizen_letter l ON l.id = c.letter_id
WHERE c.kind IN ('answered', 'refused') AND {_DURING.format(instant="c.at")}
{_EVERY_DAY.format(bottom=0, n=0)}"""


def _in_time(_kpi: Kpi) -> str:
    return f"""WITH {DAY},
due AS (
    SELECT l.id, ({local("l.received_at")} + CASE WHEN EXISTS (
               SELECT FROM citizen_letter_act e WHERE e.letter_id = l.id AND e.kind = 'extended')
               THEN interval '2 months' ELSE interval '1 month' END)::date AS day
    FROM citizen_letter l
    WHERE l.received_at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
      AND l.received_at >= (CAST(:first AS date) - 70)::timestamp AT TIME ZONE :zone
      AND NOT (l.kind <> 'request' AND EXISTS (
          SELECT FROM citizen_letter_act h WHERE h.letter_id = l.id AND h.kind = 'hidden'))
)
SELECT 0 AS area_id, d.day, EXISTS (
           SELECT FROM citizen_letter_act c WHERE c.letter_id = d.id AND c.kind IN ('answered', 'refused')
             AND {local("c.at")} <= d.day)::int AS top, 1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n,
       CAST(NULL AS float8) AS one
FROM due d WHERE d.day >= :first AND d.day <= :last
{_EVERY_DAY.format(bottom=0, n=0)}"""


CAME = Recipe(_came, lambda _: _SINCE)
ANSWERED = Recipe(_answered, lambda _: _SINCE)
ANSWERED_IN_TIME = Recipe(_in_time, lambda _: _SINCE)
