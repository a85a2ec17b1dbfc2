"""Surveillance: availability of cameras by day, by area and by camera, and their outages.

Available = 1 - hours in fault or link lost / hours whose state is known (field.md (e)).
"""

import numpy as np

from model.analysis import ByHour, Content, Daily, Fact, Floats, Hours, Ranking, Read, Row, View, over
from model.domains import ASSET_TYPES
from model.states import Status
from services.analysis.asking import Asking
from services.analysis.calendar import ENOUGH, by_day, local_hours
from services.analysis.hours import HOUR_S, area_hours, read_of, totals_by_area
from services.analysis.states import Members, Stretches, instant, members, merged, stretches

SHOWN = 50
FAILED = (Status.FAULT, Status.COMMS_LOST)
_CAMERA_COLUMNS = (
    ("area", "", 0),
    ("availability", "%", 2),
    ("down_hours", "h", 1),
    ("maintenance_hours", "h", 1),
    ("outages", "", 0),
    ("longest", "h", 1),
)
_OUTAGE_COLUMNS = (("area", "", 0), ("state", "", 0), ("from", "", 0), ("to", "", 0), ("hours", "h", 1))
_AREA_COLUMNS = (
    ("availability", "%", 2),
    ("down_hours", "h", 1),
    ("known_hours", "h", 0),
    ("coverage", "%", 0),
)


def surveillance(asking: Asking) -> View:
    """The surveillance view: every panel's content."""
    failed = area_hours(asking.connection, asking.areas, "camera", "fault_share", asking.asked)
    cameras = members(asking.connection, ["camera"], asking.asked, asking.area_kind)
    asked = asking.asked
    cut, known = (
        stretches(asking.connection, asking.history, cameras.ids, asked.t0, asked.t1)
        if len(cameras.ids)
        else (None, 0.0)
    )
    found = {"availability": _availability(asking, failed), "camera_areas": _areas(asking, failed)}
    if cut is None or not len(cut.place):
        nothing = Content(Read("states", None, None, 0.0, 0), why="no_states")
        return found | {"cameras": nothing, "outages": nothing}
    read = Read("states", instant(float(cut.start.min())), asked.t1, known, len(cut.place))
    down = merged(cut.where(np.isin(cut.status, FAILED)))
    return found | {
        "cameras": _cameras(cameras, cut, down, read),
        "outages": _outages(asking, cameras, down, read),
    }


def _target(asking: Asking) -> float:
    given = asking.thresholds.get("camera_availability", {}).get("target")
    return float(given) if isinstance(given, int | float) else float("nan")


def _availability(asking: Asking, failed: Hours) -> Content:
    read = read_of(failed)
    if read.empty:
        return Content(read)
    first, last = asking.asked.first, asking.asked.last
    told = failed.n > 0
    n = by_day(failed, np.where(told, failed.n, np.nan), asking.zone, first, last, "n")
    lost = by_day(failed, np.where(told, failed.total, np.nan), asking.zone, first, last, "lost")
    share = 100 * (1 - lost.series["lost"] / n.series["n"])
    target = _target(asking)
    series = {"available": share} | ({"target": np.full(len(share), target)} if np.isfinite(target) else {})
    below = (share < target) & (n.coverage >= ENOUGH)
    facts = (
        Fact("availability", 100 * (1 - float(np.nansum(failed.total)) / float(failed.n.sum())), "%", 2),
        Fact("target", target, "%", 1),
        Fact("failed_hours", float(np.nansum(failed.total)), "h"),
        Fact("days_below", float(below.sum())),
    )
    return Content(read, facts, daily=Daily(n.days, series, n.coverage, n.lengths))


def _areas(asking: Asking, failed: Hours) -> Content:
    found = totals_by_area(asking.connection, asking.areas, "camera", "fault_share", asking.asked)
    rows = [
        Row("", name or "–", (100 * (1 - total / n), total, n, 100 * coverage))
        for _, name, n, total, coverage in found
        if n
    ]
    rows.sort(key=lambda row: row.cells[0] if isinstance(row.cells[0], float) else 0.0)
    worst = rows[0].cells[0] if rows and isinstance(rows[0].cells[0], float) else float("nan")
    facts = (Fact("worst_area", float(worst), "%", 2), Fact("areas", float(len(rows))))
    return Content(read_of(failed), facts, second=Ranking(_AREA_COLUMNS, tuple(rows), len(rows)))


def _tally(cut: Stretches, count: int) -> Floats:
    return np.bincount(cut.place, cut.seconds, count) / HOUR_S


def _cameras(cameras: Members, cut: Stretches, down: Stretches, read: Read) -> Content:
    count = len(cameras.ids)
    known, lost = _tally(cut, count), _tally(down, count)
    kept = _tally(cut.where(cut.status == Status.MAINTENANCE), count)
    times = np.bincount(down.place, minlength=count)
    longest = np.zeros(count)
    np.maximum.at(longest, down.place, down.seconds / HOUR_S)
    share = 100 * (1 - over(lost, known))
    order = [i for i in np.argsort(share, kind="stable").tolist() if lost[i] > 0]
    rows = tuple(
        Row(
            cameras.external_ids[i],
            cameras.names[i],
            (cameras.areas[i], *(float(c[i]) for c in (share, lost, kept, times, longest))),
        )
        for i in order[:SHOWN]
    )
    facts = (
        Fact("cameras", float((known > 0).sum())),
        Fact("cameras_down", float(len(order))),
        Fact("availability", 100 * (1 - float(lost.sum()) / float(known.sum())), "%", 2),
        Fact("worst_camera", float(share[order[0]]) if order else float("nan"), "%", 2),
    )
    return Content(read, facts, ranking=Ranking(_CAMERA_COLUMNS, rows, len(order)))


def _outages(asking: Asking, cameras: Members, down: Stretches, read: Read) -> Content:
    hours = down.seconds / HOUR_S
    states = ASSET_TYPES["camera"].by_code
    over = down.end < asking.asked.t1.timestamp()
    order = np.argsort(-hours, kind="stable")
    rows = tuple(
        Row(
            cameras.external_ids[down.place[i]],
            cameras.names[down.place[i]],
            (
                cameras.areas[down.place[i]],
                f"@camera.{states[int(down.state[i])].name}",
                instant(float(down.start[i])),
                instant(float(down.end[i])) if over[i] else float("nan"),
                float(hours[i]),
            ),
        )
        for i in order[:SHOWN].tolist()
    )
    begun = local_hours(down.start, asking.zone).hour
    series = {
        name: np.bincount(begun[down.status == status], minlength=24).astype("f8")
        for name, status in (("no_image", Status.FAULT), ("no_contact", Status.COMMS_LOST))
    }
    facts = (
        Fact("outages", float(len(hours))),
        Fact("failed_hours", float(hours.sum()), "h"),
        Fact("median_hours", float(np.median(hours)) if len(hours) else float("nan"), "h", 1),
        Fact("still_down", float((~over).sum())),
    )
    return Content(
        read, facts, hours=ByHour(series, stacked=True), ranking=Ranking(_OUTAGE_COLUMNS, rows, len(hours))
    )
