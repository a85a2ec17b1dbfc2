"""Degree days, and the base of energy that weather does not explain."""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, SINCE_SEEN, pairs

HEATED_FROM = 18.0
"""Degree days base 18, of the mean of the day's lowest and highest hour (field.md (e))."""

HOURS_OF_DAYS = """outdoor AS (
    SELECT h.bucket, (h.bucket AT TIME ZONE :zone)::date AS day, sum(h.sum) / sum(h.n) AS mean, sum(h.n) AS n
    FROM area_hour h
    WHERE h.asset_type = 'building' AND h.observed_property = 'outdoor_temperature' AND h.n > 0
      AND h.area_id IN (SELECT id FROM area UNION ALL SELECT 0)
      AND h.bucket >= ({first})::timestamp AT TIME ZONE :zone
      AND h.bucket < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
    GROUP BY h.bucket
)"""
DEGREE_DAY = f"""degree AS (
    SELECT day, greatest(0, {HEATED_FROM} - (min(mean) + max(mean)) / 2) AS degree_days,
           count(*) AS heard, sum(n) AS n
    FROM outdoor GROUP BY day
)"""
"""Over the whole city: its buildings are warmed against one weather."""

BASE = """based AS (
    SELECT e.*, d.degree_days, avg(e.energy) FILTER (WHERE d.degree_days = 0 AND e.coverage >= 0.9) OVER (
               PARTITION BY e.area_id, extract(isodow FROM e.day) >= 6 ORDER BY e.day
               RANGE BETWEEN interval '365 days' PRECEDING AND CURRENT ROW) AS base
    FROM (
        SELECT area_id, day, sum(CASE WHEN size > 0 THEN sum END) AS energy,
               sum(CASE WHEN size > 0 THEN size ELSE 0 END) AS size, sum(hours) AS weight,
               sum(coverage * hours) / sum(hours) AS coverage, sum(CASE WHEN size > 0 THEN n ELSE 0 END) AS n
        FROM metered GROUP BY area_id, day
    ) e JOIN degree d USING (day)
)"""
"""The base of an area: its mean day without degree days in the year before, weekends apart."""


def _degree_days(_kpi: Kpi) -> str:
    return f"""WITH {DAY},
{HOURS_OF_DAYS.format(first="CAST(:first AS date)")},
{DEGREE_DAY}
SELECT 0 AS area_id, day, coalesce(degree_days, 0) AS top, 1 AS bottom, hours AS weight,
       coalesce(least(1, heard / hours), 0) AS coverage, coalesce(n, 0) AS n, CAST(NULL AS float8) AS one
FROM day LEFT JOIN degree USING (day)"""


DEGREE_DAYS = Recipe(_degree_days, lambda _: SINCE_SEEN, pairs)
