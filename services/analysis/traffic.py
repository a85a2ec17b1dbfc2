"""Traffic: flow, speed and occupancy by hour, travel time index, classes, fundamental diagram.

Formulas, thresholds and their sources: docs/analysis.md.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from model.analysis import (
    ByHour,
    Cloud,
    Content,
    Fact,
    Floats,
    Hours,
    Ints,
    Ranking,
    Read,
    Row,
    View,
    Week,
    over,
)
from services.analysis.asking import Asking
from services.analysis.calendar import LocalHours, local_hours, week_of
from services.analysis.hours import area_hours, read_of
from services.analysis.states import Members, members
from services.analysis.streams import Table, table

DAYS_READ = timedelta(days=28)
"""Point by point the last four weeks of a period are read; by area all of it."""
SHOWN = 50
CONGESTED, HEAVY = 0.30, 0.70
"""Speed over limit below which a point is congested, and up to which it is heavy (Rennes, inferred)."""
LEVELS = ((0.85, "A"), (0.67, "B"), (0.50, "C"), (0.40, "D"), (0.30, "E"), (0.0, "F"))
"""Mean speed over free flow speed, above which a street has that level (HCM 2010, urban streets)."""
FREE_FLOW_PERCENTILE = 85
FEWEST = 10
_COLUMNS = (
    ("area", "", 0),
    ("free_speed", "km/h", 0),
    ("mean_speed", "km/h", 0),
    ("index", "ratio", 2),
    ("planning", "ratio", 2),
    ("mean_flow", "veh/h", 0),
)


@dataclass(frozen=True, eq=False, slots=True)
class Points:
    """Measuring points (n) over hours (m): who, when by the city's clock, and mean speed and flow (n, m)."""

    who: Members
    local: LocalHours
    speed: Floats
    flow: Floats
    occupancy: Floats
    read: Read

    @property
    def working(self) -> npt.NDArray[np.bool_]:
        """Which hours fall on Monday to Friday."""
        return self.local.weekday < 5


def traffic(asking: Asking) -> View:
    """The traffic view: every panel's content."""
    found: View = {}
    for name, scale in (("flow", 1.0), ("speed", 1.0), ("occupancy", 100.0)):
        hours = area_hours(asking.connection, asking.areas, "detector", name, asking.asked)
        found[name] = _by_week(asking, hours, scale, {"flow": "veh/h", "speed": "km/h"}.get(name, "%"))
    points = _points(asking)
    free = free_speed(points.speed, points.local)
    return found | {
        "travel_time": _travel_time(points, free),
        "classes": _classes(points, free),
        "fundamental": _fundamental(asking, points),
    }


def _by_week(asking: Asking, hours: Hours, scale: float, unit: str) -> Content:
    read = read_of(hours)
    if read.empty:
        return Content(read)
    scaled = Hours(hours.at, hours.n, hours.total * scale, hours.coverage)
    week = week_of(scaled, asking.zone)
    by_hour_of_day = _of_days(week)
    worst = int((np.nanargmin if unit == "km/h" else np.nanargmax)(by_hour_of_day))
    facts = (
        Fact("mean_value", float(np.nansum(scaled.total) / scaled.n.sum()), unit, 1),
        Fact("low_value" if unit == "km/h" else "peak_value", float(by_hour_of_day[worst]), unit, 1),
        Fact("peak_hour", float(worst), "oclock"),
    )
    return Content(read, facts, week=week)


def _of_days(week: Week) -> Floats:
    """The mean of each hour of day (24) over working days, or the weekend where no other was received."""
    days = slice(0, 5) if week.n[:5].any() else slice(5, 7)
    n = week.n[days].sum(axis=0)
    total = (np.nan_to_num(week.values[days]) * week.n[days]).sum(axis=0)
    return over(total, n)


def _points(asking: Asking) -> Points:
    asked = asking.asked
    t0 = max(asked.t0, asked.t1 - DAYS_READ)
    who = members(asking.connection, ["detector", "segment"], asked, asking.area_kind)
    speed, flow, occupancy = (
        table(asking.connection, who.ids, name, t0, asked.t1) for name in ("speed", "flow", "occupancy")
    )
    return Points(
        who, local_hours(speed.at, asking.zone), speed.mean, flow.mean, occupancy.mean, _read(who, speed)
    )


def _read(who: Members, speed: Table) -> Read:
    """What was read, the points that never sent a speed in the period left out of its coverage."""
    read = speed.read
    ever = np.isfinite(speed.mean).any(axis=1)
    covered = float(speed.coverage[ever].mean()) if ever.any() else 0.0
    return Read(read.source, read.t0, read.t1, covered, read.n)


def off_peak(local: LocalHours) -> npt.NDArray[np.bool_]:
    """Working days 9-16 h and 19-22 h, weekends 6-22 h (FHWA, Urban Congestion Report)."""
    hour, working = local.hour, local.weekday < 5
    by_day = (hour >= 9) & (hour < 16) | (hour >= 19) & (hour < 22)
    return np.asarray(np.where(working, by_day, (hour >= 6) & (hour < 22)))


def free_speed(speed: Floats, local: LocalHours) -> Floats:
    """The 85th percentile of each point's hourly off-peak speeds (n); NaN with fewer than ten."""
    free = speed[:, off_peak(local)]
    enough = np.isfinite(free).sum(axis=1) >= FEWEST
    found = np.full(len(speed), np.nan)
    if enough.any():
        found[enough] = np.nanpercentile(free[enough], FREE_FLOW_PERCENTILE, axis=1)
    return found


def travel_time_index(speed: Floats, flow: Floats, free: Floats) -> Floats:
    """By hour (m): travel time over free flow travel time, at least 1 at each point, weighed by flow.

    Over one length travel time is inverse to speed, so a point's index is free speed over speed. NaN in an
    hour without a point that has both.
    """
    ratio = np.maximum(1.0, over(np.broadcast_to(free[:, None], speed.shape), speed))
    weight = np.where(np.isfinite(ratio) & np.isfinite(flow), flow, 0.0)
    whole = weight.sum(axis=0)
    return over((np.nan_to_num(ratio) * weight).sum(axis=0), whole)


def by_hour(
    values: Floats, hour: Ints, keep: npt.NDArray[np.bool_], percentile: float | None = None
) -> Floats:
    """The mean, or a percentile, of hourly ``values`` that ``keep`` marks, by hour of day (24)."""
    found = np.full(24, np.nan)
    for at in range(24):
        told = values[(hour == at) & keep & np.isfinite(values)]
        if len(told):
            found[at] = told.mean() if percentile is None else np.percentile(told, percentile)
    return found


def _travel_time(points: Points, free: Floats) -> Content:
    index = travel_time_index(points.speed, points.flow, free)
    if not np.isfinite(index).any():
        return Content(Read(points.read.source, None, None, 0.0, 0), why="no_points")
    hour = points.local.hour
    series = {
        "working_days": by_hour(index, hour, points.working),
        "planning_time": by_hour(index, hour, points.working, 95),
        "weekend": by_hour(index, hour, ~points.working),
    }
    shown = series["working_days"] if np.isfinite(series["working_days"]).any() else series["weekend"]
    peak = int(np.nanargmax(shown))
    facts = (
        Fact("peak_index", float(shown[peak]), "", 2),
        Fact("peak_hour", float(peak), "oclock"),
        Fact("planning_index", float(series["planning_time"][peak]), "", 2),
        Fact("mean_index", float(np.nanmean(index)), "", 2),
    )
    return Content(points.read, facts, hours=ByHour(series), ranking=_slowest(points, free))


def _slowest(points: Points, free: Floats) -> Ranking:
    """Points by their own flow-weighted index over the hours they sent, worst first."""
    ratio = np.maximum(1.0, free[:, None] / np.where(points.speed > 0, points.speed, np.nan))
    told = np.isfinite(ratio) & np.isfinite(points.flow)
    weight = np.where(told, points.flow, 0.0)
    whole = weight.sum(axis=1)
    mean = over((np.nan_to_num(ratio) * weight).sum(axis=1), whole)
    order = [i for i in np.argsort(-mean, kind="stable").tolist() if np.isfinite(mean[i])]
    rows = tuple(
        Row(
            points.who.external_ids[i],
            points.who.names[i],
            (
                points.who.areas[i],
                float(free[i]),
                float(points.speed[i][told[i]].mean()),
                float(mean[i]),
                float(np.percentile(ratio[i][told[i]], 95)),
                float(points.flow[i][told[i]].mean()),
            ),
        )
        for i in order[:SHOWN]
    )
    return Ranking(_COLUMNS, rows, len(order))


def class_of(speed: Floats, limit: Floats) -> npt.NDArray[np.int64]:
    """0 free flow, 1 heavy, 2 congested, 3 no data, by speed over limit (same shapes)."""
    ratio = speed / limit
    known = np.isfinite(ratio)
    found = np.where(ratio < CONGESTED, 2, np.where(ratio <= HEAVY, 1, 0))
    return np.where(known, found, 3)


def level_of(share: float) -> str:
    """The level of service of a mean speed that is ``share`` of free flow; an en dash for NaN."""
    return next((letter for least, letter in LEVELS if share > least), "F") if np.isfinite(share) else "–"


def _classes(points: Points, free: Floats) -> Content:
    limit = points.who.number("speed_limit_kmh")
    used = np.isfinite(limit) & np.isfinite(points.speed).any(axis=1)
    if not used.any():
        return Content(Read(points.read.source, None, None, 0.0, 0), why="no_points")
    # Hours of which nothing is held at all are missing from the answer; they are no point's silence.
    held = np.isfinite(points.speed).any(axis=0)
    speed = points.speed[used][:, held]
    code = class_of(speed, np.broadcast_to(limit[used][:, None], speed.shape))
    cell = np.broadcast_to(points.local.hour[held], code.shape) * 4 + code
    count = np.bincount(cell.ravel(), minlength=96).reshape(24, 4)
    share = 100 * count / np.maximum(1, count.sum(axis=1))[:, None]
    relative = points.speed / free[:, None]
    labels = tuple(level_of(float(v)) for v in _mean_by_hour(relative, points.local.hour))
    series = {name: share[:, at] for at, name in enumerate(("free_flow", "heavy", "congested", "no_data"))}
    known = count[:, :3].sum()
    facts = (
        Fact("congested_share", 100 * float(count[:, 2].sum()) / max(1, int(known)), "%", 1),
        Fact("worst_share", float(share[:, 2].max()), "%", 1),
        Fact("peak_hour", float(share[:, 2].argmax()), "oclock"),
        Fact("points", float(used.sum())),
    )
    return Content(points.read, facts, hours=ByHour(series, stacked=True, labels=labels))


def _mean_by_hour(values: Floats, hour: Ints) -> Floats:
    there = np.isfinite(values)
    n = np.bincount(hour, there.sum(axis=0), 24)
    total = np.bincount(hour, np.where(there, values, 0).sum(axis=0), 24)
    return over(total, n)


def _fundamental(asking: Asking, points: Points) -> Content:
    """Flow against density (or occupancy where it is measured) and against speed, of one point or of all."""
    pick = asking.asked.pick
    chosen = np.array([name == pick for name in points.who.external_ids], bool)
    rows = chosen if chosen.any() else np.isfinite(points.flow).any(axis=1)
    flow, speed, occupancy = (c[rows].ravel() for c in (points.flow, points.speed, points.occupancy))
    both = np.isfinite(flow) & np.isfinite(speed) & (speed > 0)
    if not both.any():
        return Content(Read(points.read.source, None, None, 0.0, 0), why="no_points")
    dense = not chosen.any()
    seen = np.isfinite(flow) & np.isfinite(occupancy)
    first = (
        Cloud(100 * occupancy[seen], flow[seen], "occupancy", "flow", dense=dense)
        if seen.sum() >= FEWEST
        else Cloud(flow[both] / speed[both], flow[both], "density", "flow", dense=dense)
    )
    top = flow[both] >= np.percentile(flow[both], 95)
    facts = (
        Fact("most_flow", float(flow[both].max()), "veh/h"),
        Fact("speed_at_most", float(speed[both][top].mean()), "km/h"),
        Fact("pairs", float(both.sum())),
    )
    return Content(
        points.read, facts, clouds=(first, Cloud(flow[both], speed[both], "flow", "speed", dense=dense))
    )
