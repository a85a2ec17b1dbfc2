"""How often which values occurred: histogram and quantiles of one asset, or of all assets of a type."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.answers import QUANTILES, Distribution
from model.domains.declaration import Property
from model.errors import BadRequest
from model.series import Asked, Floats, Series, Used
from services.history.buckets import SHARES, checked_period, local_days, property_of
from services.history.calendar import day_start
from services.history.cold import Cold
from services.history.estimating import MOST_READ, check_summed
from services.history.packed import columns_of_rows
from services.history.series import asset_series

_Of = Literal["raw", "hour", "day"]


@dataclass(frozen=True, eq=False, slots=True)
class _Values:
    values: Floats
    of: _Of
    unit: str
    decimals: int
    coverage: float
    used: Used


def distribution(
    engine: Engine, zone: ZoneInfo, asked: Asked, bins: int, cold: Cold | None = None
) -> Distribution:
    """The distribution of ``asked`` in ``bins`` classes of equal width.

    Of one asset: its raw readings, archived ones too; where these would be millions, its hourly figures. Of
    an asset type in an area (None: the city): the hourly figures of each asset, its daily ones where hours
    would be millions, TooBroad where these would be as well. Raises BadRequest, Unavailable.
    """
    checked_period(asked.t0, asked.t1)
    if not 0 < bins <= 1_000:
        raise BadRequest("a distribution has between 1 and 1,000 classes")
    found = (
        _of_asset(engine, zone, asked, cold) if asked.asset_id is not None else _of_type(engine, zone, asked)
    )
    values = found.values
    if not len(values):
        empty = np.full(len(QUANTILES), np.nan)
        return Distribution(
            np.empty(0, "f8"), np.empty(0, "i8"), empty, float("nan"), 0, found.of, found.unit,
            found.decimals, 0.0, found.used,
        )  # fmt: skip
    counts, edges = np.histogram(values, bins)
    return Distribution(
        edges, counts.astype("i8"), np.quantile(values, QUANTILES), float(values.mean()), len(values),
        found.of, found.unit, found.decimals, found.coverage, found.used,
    )  # fmt: skip


def _of_asset(engine: Engine, zone: ZoneInfo, asked: Asked, cold: Cold | None) -> _Values:
    by_hour = asset_series(engine, zone, asked, "hour")
    few = (asked.t1 - asked.t0).total_seconds() / max(by_hour.period_s, 1) <= MOST_READ
    series = asset_series(engine, zone, asked, "raw", cold) if few else by_hour
    chosen: Series = by_hour if series.empty else series
    values = chosen.values[np.isfinite(chosen.values)]
    of: _Of = "hour" if chosen is by_hour else "raw"
    return _Values(values, of, chosen.unit, chosen.decimals, chosen.coverage, chosen.used)


_STREAMS = text(
    """
    SELECT coalesce(array_agg(d.id ORDER BY d.id), ARRAY[]::integer[])
    FROM datastream d JOIN asset a ON a.id = d.asset_id
    WHERE a.asset_type = :asset_type AND d.observed_property = :property
      AND (CAST(:area AS integer) IS NULL OR :area IN (a.commune_id, a.district_id)
           OR (:area = 0 AND a.commune_id IS NULL))
    """
)


def _of_type(engine: Engine, zone: ZoneInfo, asked: Asked) -> _Values:
    declared = property_of(str(asked.asset_type), asked.observed_property)
    if declared.name in SHARES:
        raise BadRequest(f"{declared.name} is a figure of areas, not of single assets")
    first, last = local_days(asked, zone)
    with asking(engine) as connection:
        wanted = {"asset_type": asked.asset_type, "property": asked.observed_property, "area": asked.area_id}
        streams = list(connection.scalar(_STREAMS, wanted) or [])
        days = (last - first).days + 1
        if len(streams) * (asked.t1 - asked.t0) / timedelta(hours=1) <= MOST_READ:
            hours = (asked.t1 - asked.t0) / timedelta(hours=1)
            return _read(connection, declared, "hour", (streams, asked.t0, asked.t1), len(streams) * hours)
        check_summed(len(streams) * days, days, asked.t1, MOST_READ, area_id="one area")
        spans = (day_start(last + timedelta(days=1), zone) - day_start(first, zone)) / timedelta(days=1)
        return _read(connection, declared, "day", (streams, first, last), len(streams) * spans)


_ROWS: dict[_Of, str] = {
    "hour": "SELECT {figure} AS figure, coverage FROM rollup_hour "
    "WHERE datastream_id = ANY (CAST(:streams AS integer[])) AND bucket >= :first AND bucket < :last",
    "day": "SELECT {figure} AS figure, coverage FROM rollup_day "
    "WHERE datastream_id = ANY (CAST(:streams AS integer[])) AND day >= :first AND day <= :last",
}


def _read(
    connection: Connection, declared: Property, of: _Of, bounds: tuple[Any, ...], expected: float
) -> _Values:
    question = _ROWS[of].format(figure="sum" if declared.adds_up else "sum / n")
    wanted = dict(zip(("streams", "first", "last"), bounds, strict=True))
    rows = columns_of_rows(connection, question, wanted, figure="float8", coverage="float8")
    coverage = min(1.0, float(rows["coverage"].astype("f8").sum()) / max(expected, 1.0))
    values = rows["figure"].astype("f8")
    return _Values(
        values, of, declared.unit, declared.decimals, coverage, Used((f"rollup_{of}",), len(values))
    )
