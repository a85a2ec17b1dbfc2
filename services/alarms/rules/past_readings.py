"""The readings a rule has to be shown of the past: of the datastreams that can have come to be in alarm."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import ask_once
from geodata.assets import Columns
from model.alarm_rules import Beyond, Changing, Rule, Stuck
from services.alarms.rules.past_changes import Taken
from services.alarms.watching import CHANGES, READINGS
from services.alarms.watching.members import slot_of
from services.alarms.watching.rows import Indices, Times, begins, ends
from services.alarms.watching.values import beyond
from services.history import History, Raw, Reach

OF_READINGS = (Beyond, Changing, Stuck)
READ_MS = 30_000
_UNCHANGED = np.zeros(0, CHANGES)

_STREAMS = """
SELECT s.id, s.asset_id FROM datastream s JOIN asset a ON a.id = s.asset_id
WHERE a.asset_type = %(kind)s AND s.observed_property = %(name)s ORDER BY s.id
"""
_FIRST_ARCHIVED = """
SELECT min(day)::timestamp AT TIME ZONE 'UTC' FROM archived_day
WHERE dropped_at IS NOT NULL AND day >= %(day0)s AND day <= %(day1)s
"""
_FIRST_READING = """
SELECT min(phenomenon_time) FROM observation WHERE phenomenon_time >= %(t0)s AND phenomenon_time < %(t1)s
"""
DAY = timedelta(days=1)


def past_readings(
    engine: Engine, history: History, columns: Columns, rule: Rule, t0: datetime, t1: datetime
) -> "PastReadings":
    """What ``rule`` needs of the readings of ``columns`` in [t0, t1) (aware).

    Raises KeyError for a property the type does not declare, TypeError for a rule on states; Unavailable.
    """
    condition = rule.condition
    if not isinstance(condition, OF_READINGS):
        raise TypeError(f"{rule.key} looks at no readings")
    slot = slot_of(rule.asset_type, condition.observed_property)
    every, index = _streams(engine, columns, rule.asset_type, condition.observed_property)
    reach = _reach(condition)
    ids = every if reach is None else history.can_reach(every, t0, t1, reach, READ_MS)
    return PastReadings(history, condition, slot, ids, index[np.searchsorted(every, ids)])


class PastReadings:
    """What ``condition`` needs of the datastreams ``ids`` (i8 ascending), of the assets ``index`` (i8 live
    indices, same order): those of its property, ``slot``."""

    def __init__(
        self, history: History, condition: Beyond | Changing | Stuck, slot: int, ids: Indices, index: Indices
    ) -> None:
        self._history, self._condition, self._slot = history, condition, slot
        self._ids, self._index = ids, index
        self._before = np.full(len(ids), np.nan)
        """What the last reading of each said: a value, or 1 and 0 for one beyond a limit and one inside."""

    def stand(self, state: npt.NDArray[np.uint8]) -> None:
        """States say nothing of readings."""

    def fetch(self, t0: datetime, t1: datetime) -> Raw:
        """What was read in [t0, t1), from the database and the archive, with the corrections in force; from
        several threads. Raises Unavailable."""
        if not len(self._ids):
            return Raw(np.zeros(0, "i4"), np.zeros(0), np.zeros(0), 0, 0)
        return self._history.readings(self._ids.tolist(), t0, t1, READ_MS)

    def take(self, found: Raw) -> Taken:
        """The READINGS of the next stretch that say something else than the one before; and how many were
        looked at."""
        stream = np.searchsorted(self._ids, found.streams)
        at = self._turns(stream, found.values)
        rows = np.zeros(len(at), READINGS)
        rows["index"], rows["slot"] = self._index[stream[at]], self._slot
        rows["time"], rows["value"] = found.times[at], found.values[at]
        return _UNCHANGED, rows, len(found.times)

    def _turns(self, stream: Indices, values: Times) -> Indices:
        """The places of the readings (by ``stream``, in order of time) that may turn the rule."""
        condition = self._condition
        if isinstance(condition, Changing):
            # From any reading of the time before to the newest: each of them counts.
            return np.arange(len(values))
        at, means = np.arange(len(values)), values
        if isinstance(condition, Beyond):
            on, off = beyond(condition, values)
            at = np.flatnonzero(on | off)
            means = on[at].astype("f8")
        keys = stream[at]
        before = np.empty(len(at))
        before[1:] = means[:-1]
        first, last = begins(keys), ends(keys)
        before[first] = self._before[keys[first]]
        self._before[keys[last]] = means[last]
        found: Indices = at[means != before]
        return found


def _reach(condition: Beyond | Changing | Stuck) -> Reach | None:
    """What a datastream must have come to for the condition ever to hold; None: anything may do."""
    if isinstance(condition, Beyond):
        return Reach(
            above=np.inf if condition.above is None else condition.above,
            below=-np.inf if condition.below is None else condition.below,
        )
    if isinstance(condition, Changing):
        return Reach(apart=min(one for one in (condition.rise, condition.fall, np.inf) if one is not None))
    return None


def _streams(
    engine: Engine, columns: Columns, asset_type: str, observed_property: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The datastreams of the property by id, and the live index of each."""
    rows = ask_once(engine, _STREAMS, {"kind": asset_type, "name": observed_property}, READ_MS)
    table = np.array(rows, "i8").reshape(-1, 2)
    at = np.minimum(np.searchsorted(columns.ids, table[:, 1]), max(len(columns) - 1, 0))
    known = columns.ids[at] == table[:, 1] if len(columns) else np.zeros(len(table), "?")
    return table[known, 0], at[known].astype("i8")


def known_from(engine: Engine, t0: datetime, t1: datetime) -> float:
    """Where readings begin to be on record in [t0, t1), in the database or the archive; t1 where none are."""
    last = t1 - timedelta(microseconds=1)
    days = {"day0": t0.astimezone(UTC).date(), "day1": last.astimezone(UTC).date()}
    archived = ask_once(engine, _FIRST_ARCHIVED, days, READ_MS)[0][0]
    at, end = t0, min(t1, archived or t1)
    # A day at a time: no index knows the earliest of millions, and most often it is in the first.
    while at < end:
        found = ask_once(engine, _FIRST_READING, {"t0": at, "t1": min(at + DAY, end)}, READ_MS)[0][0]
        if found is not None:
            return float(found.timestamp())
        at += DAY
    return max(t0, end).timestamp()
