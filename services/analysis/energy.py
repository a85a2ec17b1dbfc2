"""Energy of public buildings: kWh against degree days, base load, weekend share (field.md (e))."""

import numpy as np

from model.analysis import Cloud, Content, Daily, Fact, Floats, Hours, Read, View
from services.analysis.asking import Asking
from services.analysis.calendar import ENOUGH, by_day, local_hours, week_of
from services.analysis.hours import area_hours, areas_of, read_of

BASE_C = 18.0
YEAR_DAYS = 360
FEWEST = 10
NIGHT = (1, 5)
"""Local hours whose mean load is called the base load: the buildings are empty."""


def energy(asking: Asking) -> View:
    """The energy view: every panel's content."""
    kwh = area_hours(asking.connection, asking.areas, "meter", "energy", asking.asked)
    # The weather is the city's, whatever area is looked at.
    everywhere = areas_of(asking.connection, None)
    warmth = area_hours(asking.connection, everywhere, "building", "outdoor_temperature", asking.asked)
    used = by_day(
        kwh, np.where(kwh.n > 0, kwh.total, np.nan), asking.zone, asking.asked.first, asking.asked.last, "kwh"
    )
    degrees = degree_days(asking, warmth, used)
    return {
        "consumption": _consumption(kwh, used, degrees),
        "signature": _signature(asking, kwh, used, degrees, read_of(warmth)),
        "load_profile": _load_profile(asking, kwh),
    }


def degree_days(asking: Asking, warmth: Hours, used: Daily) -> Floats:
    """Degree days base 18 of each day: max(0, 18 - (Tmin + Tmax) / 2), Tmin and Tmax of its hourly means.

    NaN on a day of which less than ENOUGH of the hours has a temperature.
    """
    place = local_hours(warmth.at, asking.zone).day - used.days[0].toordinal()
    mean, found = warmth.mean, np.full(len(used.days), np.nan)
    for at in range(len(used.days)):
        told = mean[(place == at) & np.isfinite(mean)]
        if len(told) >= ENOUGH * used.lengths[at]:
            found[at] = max(0.0, BASE_C - (float(told.min()) + float(told.max())) / 2)
    return found


def signature(x: Floats, y: Floats) -> tuple[float, float, float] | None:
    """Slope, intercept and R2 of the least-squares line of ``y`` on ``x``; None under ten points or one x."""
    if len(x) < FEWEST or np.ptp(x) == 0:
        return None
    slope, intercept = np.polyfit(x, y, 1)
    spread = float(((y - y.mean()) ** 2).sum())
    left = float(((y - intercept - slope * x) ** 2).sum())
    return float(slope), float(intercept), 1 - left / spread if spread else 1.0


def _weekend_share(used: Daily) -> float:
    """kWh of Saturdays and Sundays over all kWh, of sufficiently covered days, in percent."""
    values = used.series["kwh"]
    there = np.isfinite(values) & (used.coverage >= ENOUGH)
    weekend = np.array([day.weekday() >= 5 for day in used.days]) & there
    whole = float(values[there].sum())
    return 100 * float(values[weekend].sum()) / whole if whole else float("nan")


def _consumption(kwh: Hours, used: Daily, degrees: Floats) -> Content:
    read = read_of(kwh)
    if read.empty:
        return Content(read)
    series = {"kwh": used.series["kwh"]} | ({"degree_days": degrees} if np.isfinite(degrees).any() else {})
    whole = used.coverage >= ENOUGH
    facts = (
        Fact("total_kwh", float(np.nansum(used.series["kwh"])), "kWh"),
        Fact("day_kwh", _mean(used.series["kwh"][whole]), "kWh"),
        Fact("weekend_share", _weekend_share(used), "%", 1),
        Fact(
            "degree_days", float(np.nansum(degrees)) if np.isfinite(degrees).any() else float("nan"), "°C·d"
        ),
    )
    return Content(read, facts, daily=Daily(used.days, series, used.coverage, used.lengths))


def _mean(values: Floats) -> float:
    told = values[np.isfinite(values)]
    return float(told.mean()) if len(told) else float("nan")


def _signature(asking: Asking, kwh: Hours, used: Daily, degrees: Floats, weather: Read) -> Content:
    values = used.series["kwh"]
    there = np.isfinite(values) & np.isfinite(degrees) & (used.coverage >= ENOUGH)
    read = read_of(kwh)
    if read.empty or weather.empty:
        return Content(
            Read("area_hour", None, None, 0.0, 0), why="no_temperature" if weather.empty else "nothing"
        )
    x, y = degrees[there], values[there]
    fit = signature(x, y)
    if fit is None:
        return Content(Read("area_hour", None, None, 0.0, 0), why="few_days")
    slope, base, r2 = fit
    facts = (
        Fact("slope", slope, "kWh/°C·d"),
        Fact("base_kwh", base, "kWh"),
        Fact("r2", r2, "", 2),
        Fact("days_fitted", float(len(x))),
        Fact("corrected_kwh", corrected(asking, x, y, fit), "kWh"),
    )
    covered = Read(read.source, read.t0, read.t1, min(read.coverage, weather.coverage), read.n)
    return Content(covered, facts, clouds=(Cloud(x, y, "degree_days", "kwh", fit),))


def corrected(asking: Asking, x: Floats, y: Floats, fit: tuple[float, float, float]) -> float:
    """kWh of the year in a reference climate: base part as it is, heating part x DD reference / DD year.

    NaN for less than a year, or when the city declares no reference (threshold ``degree_days``).
    """
    given = asking.thresholds.get("degree_days", {}).get("target")
    if len(x) < YEAR_DAYS or not isinstance(given, int | float) or not x.sum():
        return float("nan")
    per_year = 365 / len(x)
    base = fit[1] * len(x)
    heating = max(0.0, float(y.sum()) - base)
    return (base * per_year) + heating * float(given) / float(x.sum())


def _load_profile(asking: Asking, kwh: Hours) -> Content:
    """kW of all meters by weekday and hour: an hour's kWh is its mean kW."""
    read = read_of(kwh)
    if read.empty:
        return Content(read)
    told = kwh.n > 0
    load = Hours(kwh.at, told.astype("f8"), np.where(told, kwh.total, np.nan), kwh.coverage)
    week = week_of(load, asking.zone)
    hour = local_hours(kwh.at, asking.zone).hour
    night = (hour >= NIGHT[0]) & (hour < NIGHT[1])
    base, mean = _mean(load.total[night]), _mean(load.total)
    facts = (
        Fact("base_kw", base, "kW"),
        Fact("mean_kw", mean, "kW"),
        Fact("peak_kw", float(np.nanmax(load.total)), "kW"),
        Fact("base_share", 100 * base / mean if mean else float("nan"), "%"),
    )
    return Content(read, facts, week=week)
