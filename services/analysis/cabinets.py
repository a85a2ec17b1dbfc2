"""Load by cabinet: measured against what nominal power, sun and programme let expect."""

from datetime import timedelta

import numpy as np

from model.analysis import ByHour, Content, Fact, Floats, Ranking, Read, Row, over
from services.analysis import lamps
from services.analysis.asking import Asking
from services.analysis.calendar import local_hours
from services.analysis.hours import HOUR_S, area_hours, read_of
from services.analysis.sky import Sky, night_share, skies
from services.analysis.states import Members, instant
from services.analysis.streams import Table, table

SHOWN = 50
_CABINET_COLUMNS = (
    ("area", "", 0),
    ("measured", "kW", 2),
    ("expected", "kW", 2),
    ("nominal", "kW", 2),
    ("of_expected", "%", 0),
    ("now", "kW", 2),
    ("expected_now", "kW", 2),
)


def _kept(cabinets: Members) -> Floats:
    """The share of the light each cabinet's programme keeps at night: 1 where it says nothing."""
    return np.nan_to_num(cabinets.number("dimming_percent"), nan=100.0) / 100


def _level(asking: Asking, at: Floats, sun: list[Sky]) -> tuple[Floats, Floats]:
    """For hours ``at``: the share that is night at full light, and that is night under the programme."""
    night = night_share(at, HOUR_S, sun)
    hour = local_hours(at, asking.zone).hour
    late = (hour >= lamps.DIM_FROM) | (hour < lamps.DIM_TO)
    return night * ~late, night * late


def cabinet_load(asking: Asking, sun: list[Sky], cabinets: Members) -> Content:
    """kW by hour of day over the period, and every cabinet of the last night by its deviation."""
    if not len(cabinets.ids):
        return Content(Read("rollup_hour", None, None, 0.0, 0), why="no_cabinets")
    night = _last_night(asking, sun, cabinets)
    profile, found = _by_hour(asking, sun, cabinets)
    read = night.read if not night.read.empty else found
    ranking = _worst_cabinets(asking, sun, cabinets, night)
    measured = [row.cells[1] for row in ranking.rows]
    return Content(
        read,
        (
            Fact("cabinets", float(len(cabinets.ids))),
            Fact("heard", float(len(measured))),
            Fact("nominal_kw", float(np.nansum(cabinets.number("rated_kw"))), "kW"),
            Fact("peak_kw", float(np.nanmax(profile["measured"])) if not found.empty else float("nan"), "kW"),
        ),
        hours=ByHour(profile) if not found.empty else None,
        ranking=Ranking(_CABINET_COLUMNS, ranking.rows[:SHOWN], ranking.total) if ranking.rows else None,
        why="no_hours",
    )


def _last_night(asking: Asking, sun: list[Sky], cabinets: Members) -> Table:
    """The load of the hours wholly inside the last night of the period that has begun."""
    start, stop = sun[-1].dark if sun else (asking.asked.t0.timestamp(), asking.asked.t0.timestamp())
    first = -(-int(start) // 3600) * 3600
    last = max(first, int(min(stop, asking.now.timestamp())) // 3600 * 3600)
    return table(asking.connection, cabinets.ids, "power", instant(first), instant(last))


def _worst_cabinets(asking: Asking, sun: list[Sky], cabinets: Members, night: Table) -> Ranking:
    rated, kept = cabinets.number("rated_kw"), _kept(cabinets)
    there = np.isfinite(night.mean)
    full, late = _level(asking, night.at, sun)
    level = full[None] + late[None] * kept[:, None]
    hours = np.maximum(1, there.sum(axis=1))
    measured = np.where(there.any(axis=1), np.nansum(night.mean, axis=1) / hours, np.nan)
    expected = rated * (level * there).sum(axis=1) / hours
    ratio = 100 * over(measured, expected)
    now, expected_now = _now(asking, sun, rated, kept, cabinets)
    order = np.argsort(-np.abs(ratio - 100), kind="stable")
    rows = tuple(
        Row(
            cabinets.external_ids[i],
            cabinets.names[i],
            (
                cabinets.areas[i],
                *(float(c[i]) for c in (measured, expected, rated, ratio, now, expected_now)),
            ),
        )
        for i in order.tolist()
        if np.isfinite(ratio[i])
    )
    return Ranking(_CABINET_COLUMNS, rows, len(rows))


def _now(
    asking: Asking, sun: list[Sky], rated: Floats, kept: Floats, cabinets: Members
) -> tuple[Floats, Floats]:
    """The newest whole hour that is at most three hours old, and what was expected of it; NaN for none."""
    last = asking.now.replace(minute=0, second=0, microsecond=0)
    recent = table(asking.connection, cabinets.ids, "power", last - timedelta(hours=3), last)
    today = skies(asking.lon, asking.lat, asking.zone, last.date() - timedelta(days=1), last.date())
    full, late = _level(asking, recent.at, today)
    now, expected = np.full(len(rated), np.nan), np.full(len(rated), np.nan)
    for at in range(len(recent.at)):
        heard = np.isfinite(recent.mean[:, at])
        now[heard] = recent.mean[heard, at]
        expected[heard] = (rated * (full[at] + late[at] * kept))[heard]
    return now, expected


def _by_hour(asking: Asking, sun: list[Sky], cabinets: Members) -> tuple[dict[str, Floats], Read]:
    """kW of all cabinets by local hour of day over the period: measured, and expected of the same hours."""
    power = area_hours(asking.connection, asking.areas, "control_cabinet", "power", asking.asked)
    rated, kept = cabinets.number("rated_kw"), _kept(cabinets)
    eve = skies(
        asking.lon, asking.lat, asking.zone, asking.asked.first - timedelta(days=1), asking.asked.first
    )
    full, late = _level(asking, power.at, [*eve[:1], *sun])
    expected = full * np.nansum(rated) + late * np.nansum(rated * kept)
    there = power.n > 0
    hour = local_hours(power.at, asking.zone).hour[there]
    count = np.bincount(hour, minlength=24)

    def mean(values: Floats) -> Floats:
        return over(np.bincount(hour, values, 24), count.astype("f8"))

    measured = power.mean[there] * len(cabinets.ids)
    return {"measured": mean(measured), "expected": mean(expected[there])}, read_of(power)
