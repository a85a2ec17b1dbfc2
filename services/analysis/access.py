"""Access: what went wrong at doors and bollards by hour, weekday and door, and how often they opened."""

import numpy as np
from sqlalchemy import text

from model.analysis import ByHour, Content, Daily, Fact, Floats, Hours, Ints, Ranking, Read, Row, View
from model.domains import ASSET_TYPES
from services.analysis.asking import Asking
from services.analysis.calendar import ENOUGH, by_day, local_hours, week_of
from services.analysis.hours import area_hours, read_of
from services.analysis.states import Members, instant, members
from services.history import days_between, read_gaps

KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "forced": (("access_point", "forced"),),
    "held_open": (("access_point", "held_open"),),
    "jammed": (("bollard", "jammed"),),
    "slow": (("bollard", "slow"),),
    "no_contact": (("access_point", "no_contact"), ("bollard", "no_contact")),
}
"""What the domain declares that wants somebody, by name. Refusals of badges are not among it."""
SHOWN = 50
_TYPES = ["access_point", "bollard"]
_EVENTS = text(
    """
    SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, state FROM state_change
    WHERE asset_id = ANY(:ids) AND state = ANY(:states) AND phenomenon_time >= :t0 AND phenomenon_time < :t1
    ORDER BY phenomenon_time, asset_id
    """
)


def access(asking: Asking) -> View:
    """The access view: every panel's content."""
    doors = members(asking.connection, _TYPES, asking.asked, asking.area_kind)
    place, at, kind = _events(asking, doors)
    read = _read(asking, len(at))
    if not len(doors.ids) or read.coverage == 0:
        nothing = Content(Read("states", None, None, 0.0, 0), why="no_states")
        return {"alarms": nothing, "openings": _openings(asking), "doors": nothing}
    return {
        "alarms": _alarms(asking, at, kind, read),
        "openings": _openings(asking),
        "doors": _doors(doors, place, kind, read),
    }


def _events(asking: Asking, doors: Members) -> tuple[Ints, Floats, Ints]:
    """Every change into one of KINDS: whose (place), when (epoch s), which (place in KINDS)."""
    kinds = {
        (asset_type, ASSET_TYPES[asset_type].state_named(state).code): number
        for number, pairs in enumerate(KINDS.values())
        for asset_type, state in pairs
    }
    bounds = {"ids": doors.ids.tolist(), "states": sorted({code for _, code in kinds})}
    rows = asking.connection.execute(_EVENTS, bounds | {"t0": asking.asked.t0, "t1": asking.asked.t1}).all()
    place = np.searchsorted(doors.ids, np.array([row[0] for row in rows], "i8"))
    kind = np.array(
        [kinds.get((doors.kinds[p], row[2]), -1) for p, row in zip(place.tolist(), rows, strict=True)], "i8"
    )
    kept = kind >= 0
    return place[kept], np.array([row[1] for row in rows], "f8")[kept], kind[kept]


def _read(asking: Asking, n: int) -> Read:
    """Coverage: the share of the period in which states were recorded. No event is an answer too."""
    asked = asking.asked
    gaps = read_gaps(asking.connection, asked.t0, asked.t1)
    away = sum(stop - start for start, stop in gaps)
    known = 1 - away / (asked.t1 - asked.t0).total_seconds()
    first = gaps[0][1] if gaps and gaps[0][0] <= asked.t0.timestamp() else asked.t0.timestamp()
    return Read("states", instant(first), asked.t1, max(0.0, known), max(1, n))


def _alarms(asking: Asking, at: Floats, kind: Ints, read: Read) -> Content:
    local = local_hours(at, asking.zone)
    first, last = asking.asked.first, asking.asked.last
    days = tuple(days_between(first, last))
    recorded = _recorded(asking, len(days))
    series, by_hour = {}, {}
    for number, name in enumerate(KINDS):
        mine = kind == number
        count = np.bincount(local.day[mine] - first.toordinal(), minlength=len(days)).astype("f8")
        series[name] = np.where(recorded >= ENOUGH, count, np.nan)
        by_hour[name] = np.bincount(local.hour[mine], minlength=24).astype("f8")
    facts = tuple(Fact(name, float((kind == number).sum())) for number, name in enumerate(KINDS))
    shown = {name: values for name, values in series.items() if np.nansum(values) > 0}
    hours = {name: values for name, values in by_hour.items() if values.any()}
    return Content(
        read,
        (Fact("events", float(len(at))), *facts),
        daily=Daily(days, shown, recorded, np.full(len(days), 24.0)) if shown else None,
        hours=ByHour(hours, stacked=True) if hours else None,
        second=_by_weekday(local.weekday, kind),
    )


def _recorded(asking: Asking, count: int) -> Floats:
    """The share of each local day in which states were recorded."""
    asked = asking.asked
    hours = np.arange(asked.t0.timestamp(), asked.t1.timestamp(), 3600.0)
    gaps = read_gaps(asking.connection, asked.t0, asked.t1)
    away = sum(
        (np.clip(np.minimum(hours + 3600, b) - np.maximum(hours, a), 0, 3600) for a, b in gaps),
        np.zeros(len(hours)),
    )
    known = Hours(hours, np.ones(len(hours)), np.zeros(len(hours)), 1 - away / 3600)
    return by_day(known, known.total, asking.zone, asked.first, asked.last, "").coverage[:count]


def _by_weekday(weekday: Ints, kind: Ints) -> Ranking:
    rows = tuple(
        Row(
            "",
            f"@weekday.{day}",
            tuple(float(((weekday == day) & (kind == k)).sum()) for k in range(len(KINDS))),
        )
        for day in range(7)
    )
    return Ranking(tuple((name, "", 0) for name in KINDS), rows, 7)


def _openings(asking: Asking) -> Content:
    """Openings of doors and bollards together, as openings an hour by weekday and hour of day."""
    parts = [area_hours(asking.connection, asking.areas, t, "openings", asking.asked) for t in _TYPES]
    read = read_of(parts[0]) if parts[0].n.any() else read_of(parts[1])
    if read.empty:
        return Content(read)
    told = (parts[0].n > 0) | (parts[1].n > 0)
    total = np.where(told, np.nan_to_num(parts[0].total) + np.nan_to_num(parts[1].total), np.nan)
    hours = Hours(parts[0].at, told.astype("f8"), total, np.maximum(parts[0].coverage, parts[1].coverage))
    week = week_of(hours, asking.zone)
    peak = int(np.nanargmax(np.where(np.isfinite(week.values), week.values, -1)))
    whole = float(np.nansum(total))
    facts = (
        Fact("openings", whole),
        Fact("openings_day", 24 * whole / max(1.0, float(told.sum()))),
        Fact("busiest_value", float(week.values.ravel()[peak])),
        Fact("busiest_hour", float(peak % 24), "oclock"),
    )
    return Content(read, facts, week=week)


def _doors(doors: Members, place: Ints, kind: Ints, read: Read) -> Content:
    """Doors and bollards by how often each kind of event was theirs, most events first."""
    count = np.zeros((len(doors.ids), len(KINDS)))
    np.add.at(count, (place, kind), 1)
    total = count.sum(axis=1)
    order = [i for i in np.argsort(-total, kind="stable").tolist() if total[i]]
    columns = (("area", "", 0), ("events", "", 0), *((name, "", 0) for name in KINDS))
    rows = tuple(
        Row(doors.external_ids[i], doors.names[i], (doors.areas[i], float(total[i]), *count[i].tolist()))
        for i in order[:SHOWN]
    )
    worst = float(total[order[0]]) if order else 0.0
    facts = (
        Fact("doors", float(len(doors.ids))),
        Fact("doors_concerned", float(len(order))),
        Fact("most_events", worst),
    )
    return Content(read, facts, ranking=Ranking(columns, rows, len(order)))
