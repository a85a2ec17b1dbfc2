"""Figures of what the city publishes, as it stood at the end of each day, and how long approval took."""

from collections.abc import Mapping
from typing import Any

from geodata.profiles import CityProfile
from model.datasets import DATASETS
from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, local

_SINCE = f"SELECT min({local('proposed_at')}) FROM publication_version"


def _open(_kpi: Kpi) -> str:
    return f"""WITH {DAY},
stood AS (
    SELECT d.day, p.dataset, bool_or(s.act = 'approved' AND v.valid_until >= d.t1) AS open
    FROM (SELECT day, (day + 1)::timestamp AT TIME ZONE :zone AS t1 FROM day) d
    CROSS JOIN publication p JOIN publication_version v ON v.name = p.name
    JOIN LATERAL (
        SELECT a.act FROM publication_act a
        WHERE a.name = v.name AND a.version = v.version AND a.at < d.t1
          AND a.act IN ('approved', 'refused', 'replaced', 'revoked')
        ORDER BY a.id DESC LIMIT 1
    ) s ON true
    WHERE p.dataset = ANY (CAST(:datasets AS text[])) GROUP BY d.day, p.dataset
)
SELECT 0 AS area_id, day, count(*) FILTER (WHERE open) AS top,
       cardinality(CAST(:datasets AS text[])) AS bottom,
       1 AS weight, 1 AS coverage, cardinality(CAST(:datasets AS text[])) AS n, CAST(NULL AS float8) AS one
FROM day LEFT JOIN stood USING (day) GROUP BY day"""


def _approval(_kpi: Kpi) -> str:
    return f"""WITH {DAY}
SELECT 0 AS area_id, {local("a.at")} AS day,
       extract(epoch FROM a.at - v.proposed_at) / 86400.0 AS top,
       1 AS bottom, 0 AS weight, 0 AS coverage, 1 AS n,
       extract(epoch FROM a.at - v.proposed_at) / 86400.0 AS one
FROM publication_act a JOIN publication_version v ON v.name = a.name AND v.version = a.version
WHERE a.act = 'approved' AND a.at >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
  AND a.at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
UNION ALL SELECT 0, day, 0, 0, 1, 1, 0, NULL FROM day"""


def _publishable(_kpi: Kpi, _profile: CityProfile) -> Mapping[str, Any]:
    """The datasets of the register that may be open at all."""
    return {"datasets": sorted(dataset.name for dataset in DATASETS if dataset.publishable)}


OPEN = Recipe(_open, lambda _: _SINCE, _publishable)
APPROVAL = Recipe(_approval, lambda _: _SINCE)
