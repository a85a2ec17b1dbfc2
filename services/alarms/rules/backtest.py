"""A rule tried against the past: the same evaluator, fed with what is on record, stretch after stretch."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import ask_once
from geodata.assets import Columns
from model.alarm_rules import INFERRED, Rule, Silent
from model.errors import BadField
from model.rule_book import LONGEST_BACKTEST_DAYS, Backtest
from services.alarms.rules import counting
from services.alarms.rules.ahead import Span, ahead
from services.alarms.rules.past_changes import PastChanges, Taken
from services.alarms.rules.past_readings import OF_READINGS, READ_MS, known_from, past_readings
from services.alarms.watching import Sky, Watcher
from services.alarms.watching.rows import Rows, Times
from services.history import History

STRETCH = timedelta(days=3)
Found = TypeVar("Found")
_AREAS = "SELECT id, code, name FROM area WHERE id = ANY(%(ids)s)"


class Past(Protocol[Found]):
    """What a rule needs of the past: fetched by stretches in any order, taken one after another."""

    def stand(self, state: npt.NDArray[np.uint8]) -> None:
        """What each asset is in, u1 (n), when it begins."""

    def fetch(self, t0: datetime, t1: datetime) -> Found:
        """What is on record of a stretch; from several threads. Raises Unavailable."""

    def take(self, found: Found) -> Taken:
        """What of the next stretch the evaluator is shown."""


def backtest(
    engine: Engine, history: History, columns: Columns, sky: Sky, zone: ZoneInfo, rule: Rule,
    t0: datetime, t1: datetime,
) -> Backtest:  # fmt: skip
    """What ``rule`` would have raised in [t0, t1) (aware). Causes and hidings play no part: it counts what it
    would have said, before anything explained it.

    Raises BadField for a period that is empty or longer than three months, for a rule nothing reports
    (one that is concluded from others, or silence, which is not on record), and for one that names what there
    is not; Unavailable, TooBroad.
    """
    began = time.perf_counter()
    told, read = turned(engine, history, columns, sky, rule, t0, t1)
    known = known_of(engine, rule, t0, t1)
    return _counted(engine, columns, told, zone, (t0, t1), (known, read, began))


def turned(
    engine: Engine, history: History, columns: Columns, sky: Sky, rule: Rule, t0: datetime, t1: datetime
) -> tuple[Rows, int]:
    """What ``rule`` would have turned on in [t0, t1), and off since (TURNS), and how many rows were read.

    Raises as ``backtest`` does.
    """
    _checked(rule, t0, t1)
    past = _past(engine, history, columns, rule, t0, t1)
    watcher = Watcher([rule], columns, sky)
    told, read = told_of(watcher, past, history, columns, t0, t1)
    within = (told["time"] >= t0.timestamp()) & (told["time"] < t1.timestamp())
    return told[within | ~told["active"]], read


def known_of(engine: Engine, rule: Rule, t0: datetime, t1: datetime) -> float:
    """Where what the rule looks at begins to be on record: of states, all of the time (epoch s)."""
    of_readings = isinstance(rule.condition, OF_READINGS)
    return known_from(engine, t0, t1) if of_readings else t0.timestamp()


def on_record(rule: Rule) -> bool:
    """Whether the past tells what the rule looks at: silence, and what is concluded, it does not."""
    return not isinstance(rule.condition, (Silent, *INFERRED))


def _checked(rule: Rule, t0: datetime, t1: datetime) -> None:
    if not t0 < t1 or t1 - t0 > timedelta(days=LONGEST_BACKTEST_DAYS):
        raise BadField("period", "out_of_range", least=1, most=LONGEST_BACKTEST_DAYS)
    if not on_record(rule):
        raise BadField("condition", "not_on_record")


def _past(
    engine: Engine, history: History, columns: Columns, rule: Rule, t0: datetime, t1: datetime
) -> Past[Any]:
    try:
        if isinstance(rule.condition, OF_READINGS):
            return past_readings(engine, history, columns, rule, t0, t1)
        return PastChanges(history, columns, rule)
    except (KeyError, ValueError) as error:
        raise BadField("condition", "not_declared", which=str(error)) from error


def told_of(
    watcher: Watcher, past: Past[Any], history: History, columns: Columns, t0: datetime, t1: datetime
) -> tuple[Rows, int]:
    """TURNS of ``past`` in [t0, t1), and how many rows were looked at. Raises Unavailable."""
    status, state, since = _stood(history, columns, t0)
    past.stand(state)
    turns, read = [watcher.begin(t0.timestamp(), status, state, since)], 0
    for (_, end), found in ahead(past.fetch, _stretches(t0, t1)):
        changes, readings, looked_at = past.take(found)
        turns.append(watcher.take(changes, readings, end.timestamp()))
        read += looked_at
    return np.concatenate(turns), read


def _stretches(t0: datetime, t1: datetime) -> Iterator[Span]:
    at = t0
    while at < t1:
        end = min(at + STRETCH, t1)
        yield at, end
        at = end


def _stood(
    history: History, columns: Columns, t0: datetime
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], Times]:
    """Status, state and since when, of every asset at ``t0``: what was in alarm then is counted when it began
    later, never here."""
    state = history.state_at(t0)
    at = np.searchsorted(columns.ids, state.asset_ids)
    at = np.minimum(at, max(len(columns) - 1, 0))
    known = columns.ids[at] == state.asset_ids if len(columns) else np.zeros(len(state.asset_ids), "?")
    status, code = np.zeros(len(columns), "u1"), np.zeros(len(columns), "u1")
    since = np.zeros(len(columns))
    status[at[known]] = state.records["status"][known]
    code[at[known]] = state.records["state"][known]
    since[at[known]] = np.minimum(state.records["time"][known], t0.timestamp())
    return status, code, since


def _counted(
    engine: Engine, columns: Columns, told: Rows, zone: ZoneInfo, span: tuple[datetime, datetime],
    how: tuple[float, int, float],
) -> Backtest:  # fmt: skip
    def named(keys: set[counting.Key]) -> dict[counting.Key, tuple[str, str]]:
        return _named(engine, columns, keys)

    found, (known, read, began) = counting.episodes(told), how
    worst_at, worst_hour = counting.worst_hour(found.raised)
    assets, distinct = counting.most_often(found, named)
    fleeting, median_s, standing = counting.lasted(found)
    return Backtest(
        t0=span[0].timestamp(), t1=span[1].timestamp(), total=len(found),
        days=counting.by_day(found.raised, zone), worst_at=worst_at, worst_hour=worst_hour, assets=assets,
        distinct=distinct, examples=counting.examples(found, named), fleeting=fleeting, median_s=median_s,
        standing=standing, known_from=known, read=read, seconds=time.perf_counter() - began,
    )  # fmt: skip


def _named(engine: Engine, columns: Columns, keys: set[counting.Key]) -> dict[counting.Key, tuple[str, str]]:
    """External id and name of each asset and area of ``keys``."""
    names = {
        (index, area): (str(columns.external_ids[index]), str(columns.names[index]))
        for index, area in keys
        if index >= 0
    }
    if areas := sorted(area for index, area in keys if index < 0):
        names |= {(-1, row[0]): (row[1], row[2]) for row in ask_once(engine, _AREAS, {"ids": areas}, READ_MS)}
    return names
