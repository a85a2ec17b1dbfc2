"""What is under a figure: the question it was computed by, its days, and the corrections made of them."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geodata.profiles import CityProfile
from model.kpis import Kpi, KpiResult, Period, Truth, TruthDay
from services.boards.engine import asked
from services.boards.periods import days_of
from services.boards.reading import CITY
from services.history import days_between

PAGES = {
    "alarm": "/alarms/quality",
    "feed_minute": "/feeds",
    "publication": "/publications",
    "citizen_letter": "/voices",
}
"""Where what is no measurement is looked at, by the table a figure reads."""

_DAYS = text(
    """
    SELECT day, CASE WHEN bool_or(top IS NULL) THEN NULL ELSE sum(top) END, sum(bottom),
           coalesce(sum(coverage * weight) / nullif(sum(weight), 0), 0), sum(n)::bigint
    FROM kpi_day WHERE kpi = :kpi AND day >= :first AND day <= :last
      AND CASE WHEN CAST(:area AS integer) IS NULL THEN area_id > 0 ELSE area_id = :area END
    GROUP BY day
    """
)
_CORRECTED = text(
    """
    SELECT (c.phenomenon_time AT TIME ZONE :zone)::date AS day, count(*)
    FROM correction c JOIN datastream d ON d.id = c.datastream_id JOIN asset a ON a.id = d.asset_id
    WHERE c.withdrawn_at IS NULL AND c.phenomenon_time >= CAST(:first AS date)::timestamp AT TIME ZONE :zone
      AND c.phenomenon_time < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :zone
      AND (a.asset_type, d.observed_property) IN (
          SELECT * FROM unnest(CAST(:types AS text[]), CAST(:names AS text[])))
      AND (CAST(:area AS integer) IS NULL OR a.commune_id = :area OR a.district_id = :area)
    GROUP BY 1
    """
)


def read_truth(
    connection: Connection, profile: CityProfile, result: KpiResult, kpi: Kpi, period: Period, start: date,
    area: int | None, *, parts: bool,
) -> Truth:  # fmt: skip
    """The question and the days of ``kpi`` over a period, of ``area``, or (None) the whole city.

    With ``parts`` None means all areas the reader may see.
    """
    first, last = days_of(period, start)
    one = asked(kpi, profile)
    bound = one.bound(first, last)
    return Truth(
        result=result,
        query=one.days_sql.strip(),
        parameters=tuple((name, _said(value)) for name, value in sorted(bound.items())),
        days=_days(
            connection, profile, kpi, (first, last), area, None if parts and area is None else area or CITY
        ),
        observations=observations_of(kpi, area, first, last),
    )


def _days(
    connection: Connection,
    profile: CityProfile,
    kpi: Kpi,
    span: tuple[date, date],
    area: int | None,
    place: int | None,
) -> tuple[TruthDay, ...]:
    """Every day of the span, those without anything on record too: they are the gaps."""
    first, last = span
    bound: dict[str, Any] = {"first": first, "last": last}
    rows = {row[0]: tuple(row) for row in connection.execute(_DAYS, {"kpi": kpi.key, "area": place, **bound})}
    measured = [source for source in kpi.sources if source[1]]
    pairs = {"types": [kind for kind, _ in measured], "names": [name for _, name in measured]}
    asked_for = {"zone": profile.zone.key, "area": area, **pairs, **bound}
    corrected = {row[0]: int(row[1]) for row in connection.execute(_CORRECTED, asked_for)}
    return tuple(
        TruthDay(day, top, bottom, coverage, n, corrected.get(day, 0))
        for day in days_between(first, last)
        for _, top, bottom, coverage, n in [rows.get(day, (day, None, None, 0.0, 0))]
    )


def observations_of(kpi: Kpi, area: int | None, first: date, last: date) -> str | None:
    """The address, inside Vigie, of what was observed under a figure; None where no page shows it."""
    for kind, name in kpi.sources:
        if name:
            return f"/history?series=area:{area or CITY}:{kind}:{name}&t0={first}&t1={last}"
        if kind in PAGES:
            return PAGES[kind]
    return None


def _said(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(map(str, value)) + "}"
    return str(value)
