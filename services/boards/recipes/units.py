"""Figures of metered energy over what each meter serves: floor area, rated power. Meter by meter.

A meter whose building or cabinet does not say its size is left out of both sides, and counts as not covered.
"""

from collections.abc import Mapping
from typing import Any

from geodata.profiles import CityProfile
from model.kpis import Kpi
from services.boards.recipes.asking import Recipe, days_after
from services.boards.recipes.ground import DAY, PRICE, SINCE_SEEN, TARIFF, area_of, local, tariffs
from services.boards.recipes.weather import BASE, DEGREE_DAY, HOURS_OF_DAYS

YEAR = 365
SITE = f"""site AS (
    SELECT m.stream, m.area_id, m.since, m.gone, m.size / count(*) OVER (PARTITION BY m.owner) AS size
    FROM (
        SELECT d.id AS stream, {area_of("a")} AS area_id,
               {local("greatest(a.installed_at, o.installed_at)")} AS since,
               {local("least(a.removed_at, o.removed_at)")} AS gone, o.id AS owner,
               CASE WHEN jsonb_typeof(o.attributes -> :size) = 'number'
                    THEN (o.attributes ->> :size)::float8 END AS size
        FROM asset a JOIN datastream d ON d.asset_id = a.id
        JOIN asset o ON o.id = CASE WHEN :own THEN a.id ELSE a.parent_id END
        WHERE a.asset_type = ANY (CAST(:types AS text[]))
          AND d.observed_property = ANY (CAST(:names AS text[]))
    ) m
)"""
"""Every meter with the size of what it serves; several meters of one building share its size."""


def _metered(days: str) -> str:
    return f"""received AS MATERIALIZED (
    SELECT r.* FROM site s JOIN rollup_day r ON r.datastream_id = s.stream
    WHERE r.day >= (SELECT min(day) FROM {days}) AND r.day <= :last
),
metered AS (
    SELECT s.stream, s.area_id, d.day, d.hours, s.size, r.sum, coalesce(r.n, 0) AS n,
           CASE WHEN s.size > 0 THEN coalesce(r.coverage, 0) ELSE 0 END AS coverage
    FROM site s JOIN {days} d ON (s.since IS NULL OR s.since <= d.day) AND (s.gone IS NULL OR s.gone > d.day)
    LEFT JOIN received r ON r.datastream_id = s.stream AND r.day = d.day
)"""


def _by_size(kpi: Kpi) -> str:
    """Energy (or its cost) of each day over the size it was used for."""
    price = f" * {PRICE}" if kpi.money else ""
    tariff = f"{TARIFF},\n" if kpi.money else ""
    return f"""WITH {tariff}{DAY},
{SITE},
{_metered("day")}
SELECT area_id, day, CASE WHEN size > 0 THEN coalesce(sum, 0) ELSE 0 END{price} AS top,
       CASE WHEN size > 0 THEN size ELSE 0 END AS bottom, hours AS weight, coverage,
       CASE WHEN size > 0 THEN n ELSE 0 END AS n, CAST(NULL AS float8) AS one
FROM metered"""


def _heating(_kpi: Kpi) -> str:
    """Energy above the base of days without heating, over floor area and degree days."""
    return f"""WITH wide AS (
    SELECT d::date AS day, 24.0 AS hours
    FROM generate_series(CAST(:first AS timestamp) - interval '{YEAR} days', CAST(:last AS timestamp),
                         interval '1 day') d
),
{SITE},
{_metered("wide")},
{HOURS_OF_DAYS.format(first=f"CAST(:first AS date) - {YEAR}")},
{DEGREE_DAY},
{BASE}
SELECT area_id, day, CASE WHEN degree_days > 0 THEN energy - base ELSE 0 END AS top,
       CASE WHEN degree_days > 0 THEN size * degree_days ELSE 0 END AS bottom, weight, coverage,
       CASE WHEN degree_days > 0 THEN n ELSE 0 END AS n, CAST(NULL AS float8) AS one
FROM based WHERE day >= :first AND base IS NOT NULL"""


def _sized(kpi: Kpi, profile: CityProfile) -> Mapping[str, Any]:
    owner, size = kpi.per.split(".")
    meters = {kind for kind, name in kpi.sources if name == "energy"}
    bound = {"types": sorted(meters), "names": ["energy"], "size": size, "own": owner in meters}
    return bound | (dict(tariffs(kpi, profile)) if kpi.money else {})


BY_SIZE = Recipe(_by_size, lambda _: SINCE_SEEN, _sized)
HEATING = Recipe(_heating, lambda _: SINCE_SEEN, _sized, days_after(YEAR))
