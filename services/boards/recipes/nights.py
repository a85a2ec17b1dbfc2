"""Base load: what is drawn from one to five in the night, against the day's mean."""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import CELL, SINCE_SEEN, pairs

FROM, UNTIL = 1, 5
"""Local hours, as the analysis page's base load (docs/analysis.md)."""


def _base_load(_kpi: Kpi) -> str:
    return f"""WITH {CELL},
hourly AS (
    SELECT coalesce(nullif(h.area_id, 0), -1) AS area_id, (h.bucket AT TIME ZONE :zone)::date AS day,
           h.sum, h.n,
           extract(hour FROM h.bucket AT TIME ZONE :zone) >= {FROM}
               AND extract(hour FROM h.bucket AT TIME ZONE :zone) < {UNTIL} AS night
    FROM area_hour h
    WHERE h.asset_type = ANY (CAST(:types AS text[])) AND h.observed_property = ANY (CAST(:names AS text[]))
      AND h.area_id IN (SELECT id FROM area UNION ALL SELECT 0)
      AND h.bucket >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
      AND h.bucket < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
)
SELECT area_id, day, avg(sum) FILTER (WHERE night) AS top, avg(sum) AS bottom, 0 AS weight, 0 AS coverage,
       sum(n) AS n, CAST(NULL AS float8) AS one
FROM hourly GROUP BY area_id, day HAVING count(*) FILTER (WHERE night) > 0
UNION ALL SELECT area_id, day, 0, 0, weight, coverage, 0, NULL FROM cell"""


BASE_LOAD = Recipe(_base_load, lambda _: SINCE_SEEN, pairs)
