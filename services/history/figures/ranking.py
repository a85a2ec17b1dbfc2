"""Which assets or areas have the highest or lowest figure over a period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking, statement
from model.answers import Of, Ranked, Ranking
from model.domains.declaration import Property
from model.errors import BadRequest
from model.series import Asked, Used
from services.history.calendar import day_hours, days_between
from services.history.figures.buckets import SHARES, checked_period, local_days, property_of
from services.history.figures.estimating import check_summed

HOURS_UP_TO = timedelta(days=3)
"""Shorter periods are ranked by their hours, longer ones by the whole local days they touch."""
MOST_PLACES = 1_000

_BY_DAY = "day >= :first AND day <= :last"
_DAY_LENGTH = """extract(epoch FROM ((day + 1)::timestamp AT TIME ZONE :zone)
                 - (day::timestamp AT TIME ZONE :zone)) / 3600"""
_BY_HOUR = "bucket >= :t0 AND bucket < :t1"

_ASSETS = """
    SELECT a.id, a.name, sum(r.n), sum(r.sum), sum(r.coverage * ({length})), count(*)
    FROM datastream d JOIN asset a ON a.id = d.asset_id JOIN {table} r ON r.datastream_id = d.id
    WHERE a.asset_type = :asset_type AND d.observed_property = :property AND {period}
      AND (CAST(:area AS integer) IS NULL OR :area IN (a.commune_id, a.district_id)
           OR (:area = 0 AND a.commune_id IS NULL))
    GROUP BY a.id, a.name
"""
_AREAS = """
    SELECT r.area_id, coalesce(p.name, ''), sum(r.n), sum(r.sum), sum(r.coverage * ({length})), count(*)
    FROM {table} r LEFT JOIN area p ON p.id = r.area_id
    WHERE r.asset_type = :asset_type AND r.observed_property = :property AND {period}
      AND (CAST(:area AS integer) IS NULL OR r.area_id = :area)
    GROUP BY r.area_id, p.name
"""
_DAYS = {"period": _BY_DAY, "length": _DAY_LENGTH}
_HOURS = {"period": _BY_HOUR, "length": "1"}
_QUESTIONS = {
    ("asset", "day"): ("rollup_day", _ASSETS, _DAYS),
    ("asset", "hour"): ("rollup_hour", _ASSETS, _HOURS),
    ("area", "day"): ("area_day", _AREAS, _DAYS),
    ("area", "hour"): ("area_hour", _AREAS, _HOURS),
}
_STREAMS = text(
    """
    SELECT count(*) FROM datastream d JOIN asset a ON a.id = d.asset_id
    WHERE a.asset_type = :asset_type AND d.observed_property = :property AND a.removed_at IS NULL
      AND (CAST(:area AS integer) IS NULL OR :area IN (a.commune_id, a.district_id)
           OR (:area = 0 AND a.commune_id IS NULL))
    """
)
_PLACES = text(
    """
    SELECT count(DISTINCT area_id) FROM area_day WHERE asset_type = :asset_type
      AND observed_property = :property AND (CAST(:area AS integer) IS NULL OR area_id = :area)
    """
)


def ranked(engine: Engine, zone: ZoneInfo, asked: Asked, of: Of, most: int, *, lowest: bool) -> Ranking:
    """The ``most`` assets (or areas) of ``asked`` with the highest or ``lowest`` figure.

    The figure of a quantity that adds up is its sum, of others the mean over the values received, of shares
    percent. Periods of more than three days are the whole local days they touch, up to the last that is
    over. Equal figures are ordered by id. Raises BadRequest, TooBroad (ask for areas, or a shorter period),
    Unavailable.
    """
    checked_period(asked.t0, asked.t1)
    if not 0 < most <= MOST_PLACES:
        raise BadRequest(f"a ranking has between 1 and {MOST_PLACES} places")
    declared = property_of(str(asked.asset_type), asked.observed_property)
    if of == "asset" and declared.name in SHARES:
        raise BadRequest(f"{declared.name} is a figure of areas, not of single assets")
    step = "hour" if asked.t1 - asked.t0 <= HOURS_UP_TO else "day"
    table, question, parts = _QUESTIONS[of, step]
    with asking(engine) as connection:
        bounds, hours = _bounds(asked, zone)
        total = _how_many(connection, of, bounds)
        if of == "asset":
            check_summed(int(total * hours / (24 if step == "day" else 1)), hours / 24, asked.t1, of="area")
        asked_now = statement(question, table=table, **parts)
        wanted = {name: bounds[name] for name in asked_now.compile().params}
        rows = connection.execute(asked_now, wanted).all()
    return _ranking(rows, declared, total, hours, table, most, lowest=lowest)


def _bounds(asked: Asked, zone: ZoneInfo) -> tuple[dict[str, Any], float]:
    """What the questions are bound to, and how many hours the period has."""
    first, last = local_days(asked, zone)
    by_day = asked.t1 - asked.t0 > HOURS_UP_TO
    hours = float(sum(day_hours(day, zone) for day in days_between(first, last))) if by_day else _hours(asked)
    bounds = {
        "asset_type": asked.asset_type, "property": asked.observed_property, "area": asked.area_id,
        "first": first, "last": last, "t0": asked.t0, "t1": asked.t1, "zone": zone.key,
    }  # fmt: skip
    return bounds, hours


def _hours(asked: Asked) -> float:
    def hour(moment: datetime) -> int:
        return -int(-moment.timestamp() // 3600)

    return float(max(1, hour(asked.t1) - hour(asked.t0)))


def _how_many(connection: Connection, of: Of, bounds: dict[str, Any]) -> int:
    question = _STREAMS if of == "asset" else _PLACES
    wanted = {name: bounds[name] for name in ("asset_type", "property", "area")}
    return int(connection.scalar(question, wanted) or 0)


def _ranking(
    rows: Sequence[Any],
    declared: Property,
    total: int,
    hours: float,
    table: str,
    most: int,
    *,
    lowest: bool,
) -> Ranking:
    scale = 100 if declared.name in SHARES else 1
    found = [
        Ranked(
            id=row[0],
            name=row[1],
            value=float(row[3] if declared.adds_up else row[3] / row[2]) * scale,
            n=int(row[2]),
            coverage=min(1.0, float(row[4]) / hours),
        )
        for row in rows
    ]
    found.sort(key=lambda place: (place.value if lowest else -place.value, place.id))
    covered = float(np.sum([place.coverage for place in found]))
    return Ranking(
        tuple(found[:most]), len(found), max(0, total - len(found)), declared.unit, declared.decimals,
        min(1.0, covered / max(total, len(found), 1)), Used((table,), sum(int(row[5]) for row in rows)),
    )  # fmt: skip
