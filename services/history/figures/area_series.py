"""The series of an asset type in an area or the whole city, by hour or by local day."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine

from geodata.asking import asking
from model.domains.declaration import Property
from model.series import Asked, Series, Step, Used
from services.history.calendar import HOUR_S, day_hours, day_start, hour_starts
from services.history.figures.areas import DayFigure, HourFigure, area_days, area_hours
from services.history.figures.buckets import bucketed, checked_period, local_days, property_of


def area_series(engine: Engine, zone: ZoneInfo, asked: Asked) -> Series:
    """The series of ``asked.asset_type`` in ``asked.area_id`` (None: the city), by hour or by local day.

    Quantities that add up are sums, others means over the values received; shares are percent.
    """
    checked_period(asked.t0, asked.t1)
    declared = property_of(str(asked.asset_type), asked.observed_property)
    return (_area_days if asked.step == "day" else _area_hours)(engine, zone, asked, declared)


def _area_hours(engine: Engine, zone: ZoneInfo, asked: Asked, declared: Property) -> Series:
    with asking(engine) as connection:
        figures = area_hours(
            connection, str(asked.asset_type), asked.observed_property, asked.t0, asked.t1, asked.area_id
        )
    grid = hour_starts(asked.t0, asked.t1).astype("f8")
    rows = [(figure.at.timestamp(), *_figures(figure)) for figure in figures]
    found = bucketed(rows, grid, np.ones(len(grid)), asked, "hour", declared, HOUR_S)
    return replace(found, used=Used(("area_hour",), len(rows)))


def _area_days(engine: Engine, zone: ZoneInfo, asked: Asked, declared: Property) -> Series:
    first, last = local_days(asked, zone)
    found = area_days(engine, str(asked.asset_type), asked.observed_property, first, last, asked.area_id)
    grid = np.array([day_start(figure.day, zone).timestamp() for figure in found], "f8")
    lengths = np.array([day_hours(figure.day, zone) for figure in found], "f8")
    rows = [(at, *_figures(figure)) for at, figure in zip(grid, found, strict=True) if figure.n]
    series = bucketed(rows, grid, lengths, asked, "day", declared, HOUR_S)
    return replace(series, used=Used(("area_day",), len(rows)))


def _figures(figure: DayFigure | HourFigure) -> tuple[float, ...]:
    return figure.n, figure.sum, figure.min, figure.max, figure.coverage


def steps_for(t0: datetime, t1: datetime) -> Step:
    """The step a chart of an area takes: hours up to two weeks, then days."""
    return "hour" if t1 - t0 <= timedelta(days=14) else "day"
