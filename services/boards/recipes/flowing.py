"""Traffic as it flows: travel time against free flow, and how much of it flows freely.

Free speed is the 85th percentile of an area's hourly mean speeds off the peaks of the same month (Monday to
Friday 9-16 and 19-22, weekends 6-22; FHWA, Urban Congestion Report), so a changed hour changes its month.
"""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe, whole_months
from services.boards.recipes.ground import CELL, SINCE_SEEN, pairs

FREE_FLOW = 0.85
FEWEST_HOURS = 10
FREELY = 0.67
"""Speed over free speed above which traffic has level A or B (HCM 2010 urban streets, unverified)."""

_HOUR = f"""hourly AS MATERIALIZED (
    SELECT coalesce(nullif(h.area_id, 0), -1) AS area_id, h.at::date AS day, h.speed, h.flow, h.n,
           date_trunc('month', h.at)::date AS month,
           CASE WHEN extract(isodow FROM h.at) < 6
                THEN extract(hour FROM h.at) IN (9, 10, 11, 12, 13, 14, 15, 19, 20, 21)
                ELSE extract(hour FROM h.at) BETWEEN 6 AND 21 END AS off_peak
    FROM (
        SELECT s.area_id, s.bucket AT TIME ZONE :zone AS at, s.sum / s.n AS speed, f.sum AS flow, s.n
        FROM area_hour s JOIN area_hour f USING (area_id, asset_type, bucket)
        WHERE s.asset_type = 'detector' AND s.observed_property = 'speed' AND f.observed_property = 'flow'
          AND s.n > 0 AND f.n > 0 AND s.sum > 0
          AND s.area_id IN (SELECT id FROM area UNION ALL SELECT 0)
          AND s.bucket >= date_trunc('month', CAST(:first AS timestamp)) AT TIME ZONE :zone
          AND s.bucket < (date_trunc('month', CAST(:last AS timestamp)) + interval '1 month')
              AT TIME ZONE :zone
        OFFSET 0
    ) h
),
free AS MATERIALIZED (
    SELECT area_id, month, percentile_cont({FREE_FLOW}) WITHIN GROUP (ORDER BY speed) AS speed
    FROM hourly WHERE off_peak GROUP BY area_id, month HAVING count(*) >= {FEWEST_HOURS}
),
against AS (
    SELECT h.area_id, h.day, h.flow, h.n, h.speed, f.speed AS free
    FROM hourly h JOIN free f USING (area_id, month)
    WHERE h.day >= :first AND h.day <= :last
)"""


def _question(top: str) -> str:
    return f"""WITH {CELL},
{_HOUR}
SELECT area_id, day, {top} AS top, sum(flow) AS bottom, 0 AS weight, 0 AS coverage, sum(n) AS n,
       CAST(NULL AS float8) AS one
FROM against GROUP BY area_id, day
UNION ALL SELECT area_id, day, 0, 0, weight, coverage, 0, NULL FROM cell"""


def _travel_time(_kpi: Kpi) -> str:
    return _question("sum(flow * greatest(1, free / speed))")


def _freely(_kpi: Kpi) -> str:
    return _question(f"coalesce(sum(flow) FILTER (WHERE speed / free > {FREELY}), 0)")


TRAVEL_TIME = Recipe(_travel_time, lambda _: SINCE_SEEN, pairs, whole_months)
FREELY_FLOWING = Recipe(_freely, lambda _: SINCE_SEEN, pairs, whole_months)
