"""Figures of the feeds as they came in (``feed_minute``), by the day of receipt, of the whole city."""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, local

_SINCE = f"SELECT min({local('minute')}) FROM feed_minute"


def _question(top: str, bottom: str) -> str:
    return f"""WITH {DAY},
came AS (
    SELECT {local("minute")} AS day, count(DISTINCT date_trunc('hour', minute)) AS heard, {top} AS top,
           {bottom} AS bottom, sum(received) AS n
    FROM feed_minute
    WHERE minute >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
      AND minute < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
    GROUP BY 1
)
SELECT 0 AS area_id, day, coalesce(top, 0) AS top, coalesce(bottom, 0) AS bottom, hours AS weight,
       coalesce(least(1, heard / hours), 0) AS coverage, coalesce(n, 0) AS n, CAST(NULL AS float8) AS one
FROM day LEFT JOIN came USING (day)"""


def _lag(_kpi: Kpi) -> str:
    return _question("sum(lag_sum)", "sum(stored)")


def _refused(_kpi: Kpi) -> str:
    return _question("sum(dead)", "sum(received)")


LAG = Recipe(_lag, lambda _: _SINCE)
REFUSED = Recipe(_refused, lambda _: _SINCE)
