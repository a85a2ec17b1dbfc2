"""Lighting: lit by day and dark at night, burning hours, load by cabinet (formulas: docs/analysis.md)."""

from dataclasses import replace

import numpy as np

from model.analysis import Content, Daily, Fact, Floats, Hours, Ints, Ranking, Read, Row, View, over
from services.analysis import lamps
from services.analysis.asking import Asking
from services.analysis.cabinets import cabinet_load
from services.analysis.calendar import ENOUGH, by_day
from services.analysis.hours import HOUR_S, area_hours, read_of
from services.analysis.sky import Sky, skies, within
from services.analysis.states import Members, instant, members, stretches
from services.history import read_gaps

NIGHTS = 7
"""Lamp by lamp the last week of a period is read; by area all of it."""
SHOWN = 50
_LAMP_COLUMNS = (
    ("area", "", 0),
    ("dark_days", "", 0),
    ("dark_hours", "h", 1),
    ("lit_days", "", 0),
    ("lit_hours", "h", 1),
)


def lighting(asking: Asking) -> View:
    """The lighting view: every panel's content."""
    sun = skies(asking.lon, asking.lat, asking.zone, asking.asked.first, asking.asked.last)
    lit = area_hours(asking.connection, asking.areas, "streetlight", "lit_share", asking.asked)
    cabinets = members(asking.connection, ["control_cabinet"], asking.asked, asking.area_kind)
    return {
        "deviations": _deviations(asking, sun[-NIGHTS:]),
        "compliance": _compliance(asking, sun, lit),
        "burning": _burning(asking, sun, lit, cabinets),
        "cabinet_load": cabinet_load(asking, sun, cabinets),
    }


def _deviations(asking: Asking, sun: list[Sky]) -> Content:
    """The last nights lamp by lamp; kept apart, for every period that ends on the same day shows them."""
    if not sun:
        return Content(Read("states", None, None, 0.0, 0), why="no_lamps")
    key = ("deviations", asking.asked.area_id, sun[0].day, sun[-1].day)
    return asking.once(key, lambda: _followed(asking, sun))


def _followed(asking: Asking, sun: list[Sky]) -> Content:
    connection = asking.connection
    asked = replace(asking.asked, t0=instant(sun[0].rise), t1=instant(sun[-1].next_rise))
    everybody = members(connection, ["streetlight"], asked, asking.area_kind, declared=False)
    if not len(everybody.ids):
        return Content(Read("states", None, None, 0.0, 0), why="no_lamps")
    end = min(instant(sun[-1].next_rise), asking.now)
    gaps = read_gaps(connection, instant(sun[0].rise), end)
    sun = [sky for sky in sun if lamps.known_share([sky], gaps, end.timestamp())[0] > 0]
    if not sun:
        return Content(Read("states", None, None, 0.0, 0), why="no_states")
    ids, sun = lamps.followed(asking, everybody.ids, sun, end, gaps)
    place = np.searchsorted(everybody.ids, ids)
    cut, _ = stretches(connection, asking.history, ids, instant(sun[0].rise - HOUR_S), end)
    found = lamps.wrong(cut, len(ids), sun, lamps.part_night(asking, ids), asking)
    known = lamps.known_share(sun, gaps, end.timestamp())
    read = Read("states", instant(sun[0].rise), end, float(known.mean()), max(1, len(cut.place)))
    return _told(everybody, place, found, sun, read, known)


def _told(
    everybody: Members, place: Ints, found: lamps.Wrong, sun: list[Sky], read: Read, known: Floats
) -> Content:
    dark, lit = found.at_night >= lamps.LEAST_S, found.by_day >= lamps.LEAST_S
    concerned = np.flatnonzero(dark.any(axis=1) | lit.any(axis=1))
    hours = (found.at_night * dark + found.by_day * lit).sum(axis=1)
    order = concerned[np.argsort(-hours[concerned], kind="stable")]
    rows = tuple(
        Row(
            everybody.external_ids[place[i]],
            everybody.names[place[i]],
            (
                everybody.areas[place[i]],
                float(dark[i].sum()),
                float((found.at_night[i] * dark[i]).sum() / HOUR_S),
                float(lit[i].sum()),
                float((found.by_day[i] * lit[i]).sum() / HOUR_S),
            ),
        )
        for i in order[:SHOWN].tolist()
    )
    days = tuple(sky.day for sky in sun)
    told = np.where(known >= ENOUGH, 1.0, np.nan)
    counts = {"dark_at_night": dark.sum(axis=0) * told, "lit_by_day": lit.sum(axis=0) * told}
    return Content(
        read,
        (
            Fact("dark_lamps", float(dark.any(axis=1).sum())),
            Fact("lit_lamps", float(lit.any(axis=1).sum())),
            Fact("lamps", float(len(everybody.ids))),
        ),
        daily=Daily(days, counts, known, np.full(len(days), 24.0)),
        ranking=Ranking(_LAMP_COLUMNS, rows, len(concerned)),
        second=_by_area(everybody, [place[i] for i in concerned.tolist()]),
    )


def _by_area(everybody: Members, concerned: list[int]) -> Ranking:
    """Lamps concerned by area, and of a thousand there; the worst first."""
    every: dict[str, int] = {}
    for area in everybody.areas:
        every[area] = every.get(area, 0) + 1
    here: dict[str, int] = {}
    for at in concerned:
        here[everybody.areas[at]] = here.get(everybody.areas[at], 0) + 1
    worst = sorted(every, key=lambda area: (-here.get(area, 0) / every[area], area))
    rows = tuple(
        Row(
            "", area, (float(here.get(area, 0)), float(every[area]), 1000.0 * here.get(area, 0) / every[area])
        )
        for area in worst
    )
    return Ranking((("concerned", "", 0), ("in_place", "", 0), ("per_thousand", "", 1)), rows, len(rows))


def _compliance(asking: Asking, sun: list[Sky], lit: Hours) -> Content:
    """Shares of lamp-hours by local day, over the hours wholly inside certain night and certain day."""
    read = read_of(lit)
    if read.empty:
        return Content(read)
    night = within(lit.at, HOUR_S, [sky.dark for sky in sun])
    light = within(lit.at, HOUR_S, [sky.light for sky in sun])
    on = np.nan_to_num(lit.total)
    dark_share = _share(night, lit.n - on, lit.n, len(sun))
    lit_share = _share(light, on, lit.n, len(sun))
    whole = by_day(lit, lit.mean, asking.zone, asking.asked.first, asking.asked.last, "")
    covered = whole.coverage[[(sky.day - asking.asked.first).days for sky in sun]]
    inside, outside = night >= 0, light >= 0
    failed = float((lit.n - on)[inside].sum())
    return Content(
        read,
        (
            Fact("compliance", 100 * (1 - failed / max(1.0, float(lit.n[inside].sum()))), "%", 2),
            Fact("dark_lamp_hours", failed, "h"),
            Fact("lit_lamp_hours", float(on[outside].sum()), "h"),
        ),
        daily=Daily(
            tuple(sky.day for sky in sun),
            {"dark_at_night": dark_share, "lit_by_day": lit_share},
            covered,
            np.full(len(sun), 24.0),
        ),
    )


def _share(place: Floats, part: Floats, whole: Floats, count: int) -> Floats:
    inside = place >= 0
    top = np.bincount(place[inside], part[inside], count)
    bottom = np.bincount(place[inside], whole[inside], count)
    return 100 * over(top, bottom)


def _burning(asking: Asking, sun: list[Sky], lit: Hours, cabinets: Members) -> Content:
    """Hours a day lamps burned, the same weighted by dimming, and how long the sun was down."""
    read = read_of(lit)
    if read.empty:
        return Content(read)
    first, last = asking.asked.first, asking.asked.last
    on = by_day(lit, lit.mean, asking.zone, first, last, "on_time")
    energy = area_hours(asking.connection, asking.areas, "control_cabinet", "energy", asking.asked)
    rated = float(np.nansum(cabinets.number("rated_kw")))
    kwh = np.where(energy.n > 0, energy.total, np.nan)
    weighted = by_day(energy, kwh, asking.zone, first, last, "dim_weighted")
    equal = weighted.series["dim_weighted"] / rated if rated else np.full(len(on.days), np.nan)
    lengths = {sky.day: sky for sky in sun}
    down = np.array([_down(lengths.get(day), h) for day, h in zip(on.days, on.lengths, strict=True)], "f8")
    whole = np.minimum(on.coverage, weighted.coverage)
    series = {"on_time": on.series["on_time"], "dim_weighted": equal, "sun_down": down}
    return Content(
        read,
        (
            *(
                _rate(f"year_{name}", values, on.coverage if name == "on_time" else weighted.coverage)
                for name, values in (("on_time", series["on_time"]), ("dim_weighted", equal))
            ),
            Fact("mean_day", _mean(series["on_time"], on.coverage), "h", 2),
            Fact("whole_days", float((on.coverage >= ENOUGH).sum())),
        ),
        daily=Daily(on.days, series, whole, on.lengths),
    )


def _down(sky: Sky | None, hours: float) -> float:
    return float("nan") if sky is None else hours - (sky.fall - sky.rise) / HOUR_S


def _mean(values: Floats, coverage: Floats) -> float:
    told = values[(coverage >= ENOUGH) & np.isfinite(values)]
    return float(told.mean()) if len(told) else float("nan")


def _rate(name: str, values: Floats, coverage: Floats) -> Fact:
    """The mean of the sufficiently covered days as a year of 365 of them."""
    return Fact(name, 365 * _mean(values, coverage), "h/yr")
