"""A proposed version beside the present one over the last month, and what became of what people acted on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Engine

from geodata.asking import ask_once
from geodata.assets import Columns
from geodata.profiles import CityProfile
from model.alarm_review import Trial
from model.alarm_rules import Rule
from services.alarms.rules.backtest import known_of, turned
from services.alarms.rules.counting import episodes
from services.alarms.rules.trial import TRIED_OVER, sky_over
from services.history import History

READ_MS = 8_000

_ACTED = """
SELECT coalesce(a.asset_id, -1), coalesce(a.area_id, 0), extract(epoch FROM a.raised_at)::float8,
       coalesce(extract(epoch FROM a.returned_at)::float8, 'infinity')
FROM alarm a JOIN alarm_rule r ON r.id = a.rule_id
WHERE r.key = %(key)s AND a.annunciated_at >= %(t0)s AND a.annunciated_at < %(t1)s
  AND (a.confirmed_at IS NOT NULL OR a.assigned_to IS NOT NULL
       OR EXISTS (SELECT FROM alarm_rating g WHERE g.alarm_id = a.id AND NOT g.useless))
"""

Thing = tuple[int, int]
Span = tuple[float, float]
Trying = Callable[[Rule, Rule], Trial]


def side_by_side(
    engine: Engine, history: History, columns: Columns, profile: CityProfile, now: datetime
) -> Trying:
    """What tries two versions of a rule over the 30 days before ``now`` (aware): the present, the proposed.

    It raises as ``backtest`` does: BadField for what is not on record, Unavailable, TooBroad.
    """
    t0, sky = now - TRIED_OVER, sky_over(profile)

    def trying(present: Rule, proposed: Rule) -> Trial:
        raised = [
            _spans(columns, turned(engine, history, columns, sky, rule, t0, now)[0])
            for rule in (present, proposed)
        ]
        asked = {"key": present.key, "t0": t0, "t1": now}
        acted = [
            ((row[0], 0 if row[0] >= 0 else row[1]), (row[2], row[3]))
            for row in ask_once(engine, _ACTED, asked, READ_MS)
        ]
        again = [one for one in acted if _meets(raised[0], one)]
        return Trial(
            t0=t0.timestamp(), t1=now.timestamp(),
            present=sum(map(len, raised[0].values())), proposed=sum(map(len, raised[1].values())),
            acted=len(again), kept=sum(_meets(raised[1], one) for one in again),
            known_from=known_of(engine, present, t0, now),
        )  # fmt: skip

    return trying


def _spans(columns: Columns, told: Any) -> dict[Thing, list[Span]]:
    """From when to when each asset (id, 0) or area (-1, id) would have been in alarm."""
    found: dict[Thing, list[Span]] = {}
    times = episodes(told)
    ended = np.where(np.isnan(times.returned), np.inf, times.returned)
    for place, span in enumerate(zip(times.raised.tolist(), ended.tolist(), strict=True)):
        index, area = times.key(place)
        thing = (int(columns.ids[index]), 0) if index >= 0 else (-1, area)
        found.setdefault(thing, []).append(span)
    return found


def _meets(spans: dict[Thing, list[Span]], one: tuple[Thing, Span]) -> bool:
    thing, (raised, returned) = one
    return _overlaps(spans.get(thing, ()), raised, returned)


def _overlaps(spans: Sequence[Span], begin: float, end: float) -> bool:
    return any(first <= end and last >= begin for first, last in spans)
