"""Figures of what was measured, or of shares of states, by area and day."""

from collections.abc import Mapping
from typing import Any

from geodata.profiles import CityProfile
from model.kpis import Kpi
from services.boards.recipes.asking import Recipe
from services.boards.recipes.ground import (
    CELL,
    PRICE,
    SINCE_SEEN,
    STEPS,
    TARIFF,
    area_of,
    local,
    pairs,
    tariffs,
)

_COLUMNS = "weight, coverage, n, CAST(NULL AS float8) AS one"


def _mean(_kpi: Kpi) -> str:
    return f"WITH {CELL}\nSELECT area_id, day, sum AS top, n AS bottom, {_COLUMNS} FROM cell"


def _by_length_of_day(_kpi: Kpi) -> str:
    return f"WITH {CELL}\nSELECT area_id, day, sum * hours AS top, n AS bottom, {_COLUMNS} FROM cell"


def _received(_kpi: Kpi) -> str:
    return (
        f"WITH {CELL}\nSELECT area_id, day, coverage * weight AS top, weight AS bottom, weight, "
        "1.0 AS coverage, ceil(weight) AS n, CAST(NULL AS float8) AS one FROM cell"
    )


PEOPLE = """thing AS (
    SELECT id AS area_id, CAST(NULL AS date) AS since, CAST(NULL AS date) AS gone, population AS amount,
           0.0 AS part, CAST(NULL AS date) AS part_since
    FROM area WHERE kind = :kind AND population > 0
)"""
THINGS = f"""thing AS (
    SELECT {area_of("a")} AS area_id, {local("a.installed_at")} AS since, {local("a.removed_at")} AS gone,
           1 AS amount, 0.0 AS part, CAST(NULL AS date) AS part_since
    FROM asset a WHERE a.asset_type = :counted
)"""


def _shared_out(kpi: Kpi) -> str:
    """The sum of what was received over what stood there that day, or the people who live there."""
    top = f"sum * {PRICE}" if kpi.money else "sum"
    tariff = f"{TARIFF},\n" if kpi.money else ""
    thing = PEOPLE if kpi.per == "population" else THINGS
    return f"""WITH {tariff}{CELL},
{thing},
{STEPS}
SELECT area_id, day, {top} AS top, 0 AS bottom, {_COLUMNS} FROM cell
UNION ALL SELECT area_id, day, 0, amount, 0, 0, 0, NULL FROM standing WHERE amount > 0"""


def _counted(kpi: Kpi, profile: CityProfile) -> Mapping[str, Any]:
    bound = dict(pairs(kpi, profile))
    if kpi.per != "population":
        bound["counted"] = kpi.per
    return bound | (dict(tariffs(kpi, profile)) if kpi.money else {})


MEAN = Recipe(_mean, lambda _: SINCE_SEEN, pairs)
BY_LENGTH_OF_DAY = Recipe(_by_length_of_day, lambda _: SINCE_SEEN, pairs)
RECEIVED = Recipe(_received, lambda _: SINCE_SEEN, pairs)
SHARED_OUT = Recipe(_shared_out, lambda _: SINCE_SEEN, _counted)
