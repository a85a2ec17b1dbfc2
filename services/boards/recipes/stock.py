"""Figures of what stands in the city: shares and means over the assets in place at the end of each day."""

from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import DAY, STEPS, area_of, local

OLD = "25 years"
"""From this age on a light point counts as old (field.md (e), after FNTP)."""

_SINCE = local("a.installed_at")
PARTS: dict[str, tuple[str, str, str]] = {
    "led_share": ("a.attributes ? 'source'", "(a.attributes ->> 'source' = 'LED')::int::float8", _SINCE),
    "old_lamps": ("a.installed_at IS NOT NULL", "1.0", f"({_SINCE} + interval '{OLD}')::date"),
    "lamp_power": (
        "jsonb_typeof(a.attributes -> 'power_w') = 'number'", "(a.attributes ->> 'power_w')::float8", _SINCE
    ),
    "bus_priority": (
        "a.attributes ? 'bus_priority'", "(a.attributes ->> 'bus_priority' = 'true')::int::float8", _SINCE,
    ),
}  # fmt: skip
"""By figure: whether an asset says it, what it adds to the part once it does, and from which day on."""


def _stock(kpi: Kpi) -> str:
    known, part, since = PARTS[kpi.key]
    kinds = ", ".join(f"'{source[0]}'" for source in kpi.sources)
    return f"""WITH {DAY},
thing AS (
    SELECT {area_of("a")} AS area_id, {_SINCE} AS since, {local("a.removed_at")} AS gone,
           ({known})::int AS amount, CASE WHEN {known} THEN {part} ELSE 0 END AS part, {since} AS part_since
    FROM asset a WHERE a.asset_type IN ({kinds})
),
{STEPS}
SELECT area_id, day, part AS top, amount AS bottom, everything AS weight,
       amount / everything::float8 AS coverage,
       amount AS n, CAST(NULL AS float8) AS one
FROM standing WHERE everything > 0"""


def _since(kpi: Kpi) -> str:
    kinds = ", ".join(f"'{source[0]}'" for source in kpi.sources)
    return (
        "SELECT least((SELECT min(day) FROM area_day), min(a.created_at AT TIME ZONE :zone)::date) "
        f"FROM asset a WHERE a.asset_type IN ({kinds})"
    )


STOCK = Recipe(_stock, _since)
