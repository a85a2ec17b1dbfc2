"""Which lamps were lit by day or dark at night: states against sunset, sunrise and the programme.

Only lamps that can be concerned are followed in full. Nearly all switch within the tolerance of every sunset
and sunrise; those are told apart in the database, and the few others' states are read and measured.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from sqlalchemy import text

from model.analysis import Floats, Ints
from model.domains.lighting import STREETLIGHT
from services.analysis.asking import Asking
from services.analysis.sky import TOLERANCE_S, Sky, Span
from services.analysis.states import Stretches, instant

LIT = tuple(STREETLIGHT.state_named(name).code for name in ("on", "dimmed", "lit_by_day"))
DARK = tuple(STREETLIGHT.state_named(name).code for name in ("off", "lamp_failure", "no_supply"))
_OFF = DARK[0]
_ODD = (STREETLIGHT.state_named("lit_by_day").code, *DARK[1:])
LEAST_S = 600.0
"""A lamp counts for a day when it was wrong for ten minutes of it: shorter is a test or a late report."""

MOST = 90_000
"""Lamps times nights that are followed switching by switching."""

_LAMP = "JOIN asset a ON a.id = s.asset_id AND a.asset_type = 'streetlight'"
_SWITCHED = text(
    f"""
    SELECT s.asset_id, bit_or(1::bigint << (w.i - 1)::int)
    FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) WITH ORDINALITY AS w (a, b, i)
    JOIN state_change s ON s.phenomenon_time >= w.a AND s.phenomenon_time <= w.b AND s.state = ANY(:states)
    {_LAMP}
    GROUP BY s.asset_id
    """  # noqa: S608 - a constant
)
_ANY_IN = text(
    f"""
    SELECT DISTINCT s.asset_id
    FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) AS w (a, b)
    JOIN state_change s ON s.phenomenon_time > w.a AND s.phenomenon_time < w.b AND s.state = ANY(:states)
    {_LAMP}
    """  # noqa: S608 - a constant
)
_PART_NIGHT = text(
    """
    SELECT l.id FROM asset l JOIN asset c ON c.id = l.parent_id
    WHERE l.asset_type = 'streetlight' AND (c.attributes ->> 'dimming_percent')::float8 = 0
    """
)
DIM_FROM, DIM_TO = 23, 5
"""Local hours between which a cabinet's programme keeps ``dimming_percent`` of the light; 0 is a cut."""


def suspects(asking: Asking, ids: Ints, sun: list[Sky], end: datetime, gaps: list[Span]) -> Ints:
    """The lamps of ``ids`` (ascending) that may have been lit by day or dark at night (ids ascending).

    ``gaps`` are when nothing was recorded: that no switching is on record there says nothing.
    """
    connection, now = asking.connection, end.timestamp()
    edges = (sun[0].rise, *(sky.next_rise for sky in sun))
    dawns = [(at - TOLERANCE_S, at + TOLERANCE_S) for at in edges]
    dusks = [(sky.fall - TOLERANCE_S, sky.fall + TOLERANCE_S) for sky in sun]
    found = [np.empty(0, "i8")]
    for spans, states in ((dusks, LIT), (dawns, (_OFF,))):
        over = [span for span in spans if span[1] <= now and not _touched(span, gaps)]
        rows = connection.execute(_SWITCHED, _bounds(over, states)).all()
        every = (1 << len(over)) - 1
        regular = np.array([row[0] for row in rows if row[1] == every], "i8")
        found.append(np.setdiff1d(ids, regular))
    nights, days = [sky.dark for sky in sun], [sky.light for sky in sun]
    whole = [(min(days[0][0], nights[0][0]), now)]
    for spans, states in ((nights, (_OFF,)), (days, LIT[:2]), (whole, _ODD)):
        rows = connection.execute(_ANY_IN, _bounds(spans, states)).all()
        found.append(np.intersect1d(np.array([row[0] for row in rows], "i8"), ids))
    return np.unique(np.concatenate(found))


def _touched(span: Span, gaps: list[Span]) -> bool:
    return any(start < span[1] and stop > span[0] for start, stop in gaps)


def followed(
    asking: Asking, ids: Ints, sun: list[Sky], end: datetime, gaps: list[Span]
) -> tuple[Ints, list[Sky]]:
    """The suspects and the last nights of ``sun`` they can be followed over in good time.

    When very many lamps are concerned fewer nights are looked at, and the answer says which.
    """
    found = suspects(asking, ids, sun, end, gaps)
    while len(found) * len(sun) > MOST and len(sun) > 1:
        sun = sun[-(len(sun) // 2) :]
        found = suspects(asking, ids, sun, end, gaps)
    return found, sun


def known_share(sun: list[Sky], gaps: list[Span], end: float) -> Floats:
    """The share of each day's light and night (n) that something was recorded of, until ``end``."""
    shares = []
    for sky in sun:
        start, stop = sky.light[0], sky.dark[1]
        away = sum(max(0.0, min(stop, b) - max(start, a)) for a, b in [*gaps, (end, max(end, stop))])
        shares.append(max(0.0, 1 - away / (stop - start)))
    return np.array(shares, "f8")


def _bounds(spans: list[Span], states: tuple[int, ...]) -> dict[str, object]:
    return {
        "starts": [instant(start) for start, _ in spans],
        "ends": [instant(stop) for _, stop in spans],
        "states": list(states),
    }


@dataclass(frozen=True, eq=False, slots=True)
class Wrong:
    """Seconds each lamp (n) was wrong in each day's light and in the night after it: (n, days) twice."""

    by_day: Floats
    at_night: Floats


def wrong(cut: Stretches, count: int, sun: list[Sky], cut_off: Ints, asking: Asking) -> Wrong:
    """How long each of ``count`` lamps was lit in ``light`` and not lit in ``dark``, by day.

    ``cut_off`` are places of lamps whose programme is off between DIM_FROM and DIM_TO: dark is right then.
    """
    lit, dark = cut.where(np.isin(cut.state, LIT)), cut.where(np.isin(cut.state, DARK))
    partly = np.isin(dark.place, cut_off)
    by_day, at_night = np.zeros((count, len(sun))), np.zeros((count, len(sun)))
    for number, sky in enumerate(sun):
        by_day[:, number] = overlap(lit, count, sky.light)
        at_night[:, number] = overlap(dark.where(~partly), count, sky.dark)
        for span in _lit_parts(sky, asking):
            at_night[:, number] += overlap(dark.where(partly), count, span)
    return Wrong(by_day, at_night)


def overlap(cut: Stretches, count: int, span: Span) -> Floats:
    """Seconds of each asset's stretches within ``span``."""
    seconds = np.clip(np.minimum(cut.end, span[1]) - np.maximum(cut.start, span[0]), 0, None)
    return np.bincount(cut.place, seconds, count).astype("f8")


def _lit_parts(sky: Sky, asking: Asking) -> list[Span]:
    """The parts of a night a lamp cut at DIM_FROM has to be lit in."""
    off = datetime.combine(sky.day, time(DIM_FROM), asking.zone).timestamp()
    back = datetime.combine(sky.day + timedelta(days=1), time(DIM_TO), asking.zone).timestamp()
    start, stop = sky.dark
    return [span for span in ((start, min(off, stop)), (max(back, start), stop)) if span[1] > span[0]]


def part_night(asking: Asking, ids: Ints) -> Ints:
    """Places in ``ids`` (ascending) of lamps whose cabinet's programme cuts the light in the night."""
    rows = asking.connection.execute(_PART_NIGHT).all()
    return np.flatnonzero(np.isin(ids, np.array([row[0] for row in rows], "i8")))
