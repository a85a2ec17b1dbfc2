"""The report of a night, computed: what was wrong, what changed, for how long, and what is not known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.domains.lighting import STREETLIGHT
from model.observations import moment as instant
from model.report import Concerned, Figures, NightReport, Trouble
from model.states import ABNORMAL, CONSEQUENCE_BIT, Status
from model.takeaway import Label
from services.alarms import night_alarms
from services.history import History
from services.notes import annotations_between
from services.takeaway import ground
from services.takeaway.episodes import FAILED, Stretches, causes, in_status, stretches
from services.takeaway.maps import map_of
from services.takeaway.silences import silences
from services.takeaway.state_table import Moment, state_name
from services.takeaway.states import States

WIDTH = 1000.0
"""The maps' box; streets and points are rounded to its units."""

AROUND = timedelta(hours=2)
"""Shown of a series before A and after B, so that what is normal can be seen."""

MOST_TYPES, MOST_ASSETS = 3, 3
"""Series of types and of single assets shown."""

STEPS = 100
"""Of the timeline gaps are asked with; they do not depend on it."""


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """What the report is asked of: the city's memory, the two instants and the city at both."""

    engine: Engine
    history: History
    area_kind: str
    bounds: tuple[float, float, float, float]
    a: datetime
    b: datetime
    before: Moment
    after: Moment
    now: datetime
    alarms: bool = True
    """Whether who asks sees alarms."""


def night_report(asked: Asked, label: Label) -> NightReport:
    """The report of [a, b]. Blocks for about a second; each question has its deadline. Raises Unavailable."""
    columns = asked.before.columns
    played = asked.history.played(columns, asked.a, asked.b)
    every = stretches(played, bridged=True)
    failed = in_status(every, FAILED)
    abnormal = in_status(every, ABNORMAL)
    counts, cause_of = causes(columns, failed, abnormal)
    own = abnormal.where(cause_of < 0)
    troubles = _troubles(asked, own, _counts_of(own, failed, counts))
    lines = ground.read_lines(asked.engine, asked.area_kind)
    frame = ground.frame_over(lines, asked.bounds, WIDTH)
    lists = {name: _listed(own, troubles, name) for name in ("new", "came_and_went", "recovered", "already")}
    figures = _figures(asked, stretches(played), lists)
    fresh = {trouble.external_id: trouble.consequences for trouble in lists["new"]}
    return NightReport(
        label=replace(label, coverage=figures.known), a=asked.a, b=asked.b,
        figures=figures,
        ground=ground.drawn_ground(lines, frame),
        map_a=map_of(asked.before, asked.a, frame), map_b=map_of(asked.after, asked.b, frame, fresh),
        new=lists["new"], came_and_went=lists["came_and_went"], recovered=lists["recovered"],
        already=lists["already"], degraded=_degraded(own, troubles),
        series=_concerned(asked, [*lists["new"], *lists["came_and_went"], *lists["recovered"]]),
        notes=annotations_between(asked.engine, asked.a, asked.b)[::-1],
        silences=silences(asked.engine, asked.a, asked.b), gaps=_gaps(asked),
        alarms=night_alarms(asked.engine, asked.a, asked.b) if asked.alarms else None,
    )  # fmt: skip


def _gaps(asked: Asked) -> tuple[tuple[datetime, datetime], ...]:
    """The times nothing at all was recorded."""
    found = asked.history.timeline(asked.a, asked.b, STEPS).gaps
    return tuple((instant(t0), instant(t1)) for t0, t1 in found)


def _counts_of(own: Stretches, failed: Stretches, counts: npt.NDArray[np.float64]) -> list[int]:
    """How many assets each stretch of ``own`` took with it; only a failed one takes any."""
    known = {
        (index, start): int(n)
        for index, start, n in zip(failed.index.tolist(), failed.start.tolist(), counts, strict=True)
    }
    return [
        known.get((index, start), 0)
        for index, start in zip(own.index.tolist(), own.start.tolist(), strict=True)
    ]


def _troubles(asked: Asked, own: Stretches, counts: Sequence[int]) -> list[Trouble]:
    """A Trouble of each stretch of ``own``, in its order."""
    columns, opening = asked.before.columns, own.where(own.opens)
    since = asked.history.since(
        asked.a, columns.ids[opening.index].tolist(), [int(status) for status in opening.status]
    )
    states = States(asked.engine, columns, asked.before.records, own.index, asked.a, asked.b)
    return [_trouble(asked, own, row, counts[row], since, states) for row in range(len(own))]


def _trouble(
    asked: Asked,
    own: Stretches,
    row: int,
    consequences: int,
    since: dict[int, datetime],
    states: States,
) -> Trouble:
    columns, index = asked.before.columns, int(own.index[row])
    kind = TYPE_ORDER[columns.types[index]]
    status = Status(int(own.status[row]))
    opens, closes = bool(own.opens[row]), bool(own.closes[row])
    state = states.during(index, int(status), float(own.end[row]))
    began = since.get(int(columns.ids[index])) if opens else instant(float(own.start[row]))
    ended = None if closes else instant(float(own.end[row]))
    return Trouble(
        external_id=str(columns.external_ids[index]), name=str(columns.names[index]), asset_type=kind,
        street=str(columns.streets[index]), area=asked.before.areas.get(int(columns.areas[index]), ""),
        status=status.key, state=state_name(kind, state), began=began, before=opens,
        ended=ended,
        seconds=((ended or asked.b) - (began or asked.a)).total_seconds(), consequences=consequences,
        priority=min(ASSET_TYPES[kind].priority + (status == Status.DEGRADED), 4),
    )  # fmt: skip


_ENDS = {
    "new": (False, True),
    "came_and_went": (False, False),
    "recovered": (True, False),
    "already": (True, True),
}
"""Whether a trouble was there at A, and whether it was there at B."""


def _listed(own: Stretches, troubles: Sequence[Trouble], name: str) -> tuple[Trouble, ...]:
    opens, closes = _ENDS[name]
    wanted = (own.opens == opens) & (own.closes == closes) & np.isin(own.status, FAILED)
    return _sorted([troubles[row] for row in np.flatnonzero(wanted).tolist()])


def _degraded(own: Stretches, troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    wanted = (own.status == Status.DEGRADED) & own.closes & ~own.opens
    return _sorted([troubles[row] for row in np.flatnonzero(wanted).tolist()])


def _sorted(found: list[Trouble]) -> tuple[Trouble, ...]:
    """By how urgent, then by how many it took with it, then the longest."""
    return tuple(sorted(found, key=lambda t: (t.priority, -t.consequences, -t.seconds, t.external_id)))


def _figures(asked: Asked, every: Stretches, lists: dict[str, tuple[Trouble, ...]]) -> Figures:
    """The night in figures; ``every`` with the unknown as it was, which counts for nothing."""
    columns = asked.before.columns
    lamps = columns.types == TYPE_ORDER.index(STREETLIGHT.name)
    dark = every.where((every.status == Status.FAULT) & lamps[every.index] & (every.seconds > 0))
    seen = every.where(every.status != Status.UNKNOWN)
    whole = len(columns) * (asked.b - asked.a).total_seconds()
    return Figures(
        assets=len(columns), faults_a=_faults(asked.before), faults_b=_faults(asked.after),
        **{name: len(found) for name, found in lists.items()},
        lamps=int(lamps.sum()), lamps_dark=len(np.unique(dark.index)),
        lamp_hours=float(dark.seconds.sum()) / 3600,
        known=float(seen.seconds.sum()) / whole if whole else 0.0,
    )  # fmt: skip


def _faults(moment: Moment) -> int:
    """Assets in fault of their own: consequences are their cause's."""
    return int((((moment.codes & 7) == Status.FAULT) & ((moment.codes & CONSEQUENCE_BIT) == 0)).sum())


def _concerned(asked: Asked, troubles: Sequence[Trouble]) -> tuple[Concerned, ...]:
    """The city's light first, then the shares of the types that failed, then the worst single assets."""
    t0, t1 = asked.a - AROUND, min(asked.b + AROUND, asked.now)
    kinds = list(dict.fromkeys(trouble.asset_type for trouble in troubles))[:MOST_TYPES]
    wanted = [("lit_share", STREETLIGHT.name)] if _has(asked.before.columns, STREETLIGHT.name) else []
    wanted += [("fault_share", kind) for kind in kinds]
    found = [
        Concerned(name, kind, "", asked.history.area_series(None, kind, name, t0, t1))
        for name, kind in wanted
    ]
    for trouble in list({t.external_id: t for t in troubles}.values()):
        if len(found) >= len(wanted) + MOST_ASSETS:
            break
        found += _of_asset(asked, trouble, t0, t1)
    return tuple(one for one in found if not one.series.empty)


def _has(columns: Columns, kind: str) -> bool:
    return bool((columns.types == TYPE_ORDER.index(kind)).any())


def _of_asset(asked: Asked, trouble: Trouble, t0: datetime, t1: datetime) -> list[Concerned]:
    """The first series of the asset that has values."""
    columns = asked.before.columns
    (index,) = np.flatnonzero(columns.external_ids == trouble.external_id)[:1]
    for name in ASSET_TYPES[trouble.asset_type].by_property:
        series = asked.history.series(int(columns.ids[index]), name, t0, t1)
        if not series.empty:
            return [Concerned(name, trouble.asset_type, trouble.name, series)]
    return []
