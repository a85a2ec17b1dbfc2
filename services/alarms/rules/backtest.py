"""A rule tried against the past: the same evaluator, fed with what is on record, hour after hour."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine

from geodata.asking import ask_once
from geodata.assets import Columns
from model.alarm_rules import INFERRED, Beyond, Changing, Rule, Silent, Stuck
from model.errors import BadField
from model.rule_book import LONGEST_BACKTEST_DAYS, Backtest, Counted, Once
from services.alarms.watching import CHANGES, READINGS, Sky, Watcher
from services.alarms.watching.members import slot_of
from services.alarms.watching.rows import Rows
from services.history import History

STRETCH = timedelta(days=3)
OF_READINGS = (Beyond, Changing, Stuck)
ASSETS_MOST, EXAMPLES_MOST = 20, 50
FLEETING_S = 60.0
READ_MS = 30_000

_STREAMS = """
SELECT s.id, s.asset_id FROM datastream s JOIN asset a ON a.id = s.asset_id
WHERE a.asset_type = %(kind)s AND s.observed_property = %(name)s ORDER BY s.id
"""
_FIRST_READING = """
SELECT least((SELECT min(phenomenon_time) FROM observation
              WHERE phenomenon_time >= %(t0)s AND phenomenon_time < %(t1)s),
             (SELECT min(day)::timestamp AT TIME ZONE 'UTC' FROM archived_day
              WHERE dropped_at IS NOT NULL AND day >= %(day0)s AND day <= %(day1)s))
"""


def backtest(
    engine: Engine, history: History, columns: Columns, sky: Sky, zone: ZoneInfo, rule: Rule,
    t0: datetime, t1: datetime,
) -> Backtest:  # fmt: skip
    """What ``rule`` would have raised in [t0, t1) (aware). Causes and hidings play no part: it counts what it
    would have said, before anything explained it.

    Raises BadField for a period that is empty or longer than three months, and for a rule nothing reports
    (one that is concluded from others, or silence, which is not on record); Unavailable, TooBroad.
    """
    began = time.perf_counter()
    told, read = turned(engine, history, columns, sky, [rule], t0, t1)
    names = _named(engine, columns, told)
    return _counted(
        told, names, zone, t0, t1, read, time.perf_counter() - began, known_from(engine, rule, t0, t1)
    )


def turned(
    engine: Engine, history: History, columns: Columns, sky: Sky, rules: Sequence[Rule],
    t0: datetime, t1: datetime,
) -> tuple[Rows, int]:  # fmt: skip
    """What versions of one rule would have turned on in [t0, t1), and off since (TURNS, ``rule`` its place
    among ``rules``), and how many rows were read. They look at the same, so the past is read once."""
    rule = rules[0]
    for one in rules:
        _checked(one, t0, t1)
    watcher, streams = Watcher(rules, columns, sky), _streams(engine, columns, rule)
    read = 0
    turns = [_stood(watcher, history, columns, t0)]
    at = t0
    while at < t1:
        end = min(at + STRETCH, t1)
        changes = _changes(history, columns, rule, at, end)
        readings = _readings(history, streams, at, end)
        read += len(changes) + len(readings)
        turns.append(watcher.take(changes, readings, end.timestamp()))
        at = end
    told = np.concatenate(turns)
    within = (told["time"] >= t0.timestamp()) & (told["time"] < t1.timestamp())
    return told[within | ~told["active"]], read


def on_record(rule: Rule) -> bool:
    """Whether the past tells what the rule looks at: silence, and what is concluded, it does not."""
    return not isinstance(rule.condition, (Silent, *INFERRED))


def _checked(rule: Rule, t0: datetime, t1: datetime) -> None:
    if not t0 < t1 or t1 - t0 > timedelta(days=LONGEST_BACKTEST_DAYS):
        raise BadField("period", "out_of_range", least=1, most=LONGEST_BACKTEST_DAYS)
    if not on_record(rule):
        raise BadField("condition", "not_on_record")


def _stood(watcher: Watcher, history: History, columns: Columns, t0: datetime) -> Rows:
    """Begin as things stood at ``t0``; what was in alarm then is counted when it began later, never here."""
    state = history.state_at(t0)
    at = np.searchsorted(columns.ids, state.asset_ids)
    at = np.minimum(at, max(len(columns) - 1, 0))
    known = columns.ids[at] == state.asset_ids if len(columns) else np.zeros(len(state.asset_ids), "?")
    status, code = np.zeros(len(columns), "u1"), np.zeros(len(columns), "u1")
    since = np.zeros(len(columns))
    status[at[known]] = state.records["status"][known]
    code[at[known]] = state.records["state"][known]
    since[at[known]] = np.minimum(state.records["time"][known], t0.timestamp())
    return watcher.begin(t0.timestamp(), status, code, since)


def _changes(history: History, columns: Columns, rule: Rule, t0: datetime, t1: datetime) -> Rows:
    if isinstance(rule.condition, OF_READINGS):
        return np.zeros(0, CHANGES)
    found = history.changes(t0, t1)
    at = np.minimum(np.searchsorted(columns.ids, found.asset_ids), max(len(columns) - 1, 0))
    known = columns.ids[at] == found.asset_ids if len(columns) else np.zeros(len(found), "?")
    rows = np.zeros(int(known.sum()), CHANGES)
    rows["index"], rows["time"] = at[known], found.times[known]
    rows["status"], rows["state"] = found.status[known], found.state[known]
    return rows


@dataclass(frozen=True)
class _Streams:
    """The datastreams a rule on readings looks at, by id, each with its live index."""

    ids: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    slot: int


def _streams(engine: Engine, columns: Columns, rule: Rule) -> _Streams | None:
    """None for a rule on states."""
    if not isinstance(rule.condition, OF_READINGS):
        return None
    name = rule.condition.observed_property
    rows = ask_once(engine, _STREAMS, {"kind": rule.asset_type, "name": name}, READ_MS)
    table = np.array(rows, "i8").reshape(-1, 2)
    at = np.minimum(np.searchsorted(columns.ids, table[:, 1]), max(len(columns) - 1, 0))
    known = columns.ids[at] == table[:, 1] if len(columns) else np.zeros(len(table), "?")
    return _Streams(table[known, 0], at[known].astype("i8"), slot_of(rule.asset_type, name))


def _readings(history: History, streams: _Streams | None, t0: datetime, t1: datetime) -> Rows:
    """Of [t0, t1), from the database and the archive, with the corrections in force."""
    if streams is None or not len(streams.ids):
        return np.zeros(0, READINGS)
    found = history.readings(streams.ids.tolist(), t0, t1, READ_MS)
    rows = np.zeros(len(found.times), READINGS)
    rows["index"] = streams.index[np.searchsorted(streams.ids, found.streams)]
    rows["time"], rows["value"], rows["slot"] = found.times, found.values, streams.slot
    return rows


def known_from(engine: Engine, rule: Rule, t0: datetime, t1: datetime) -> float:
    """Where what the rule looks at begins to be on record, in the database or in the archive."""
    if not isinstance(rule.condition, OF_READINGS):
        return t0.timestamp()
    last = t1 - timedelta(microseconds=1)
    asked = {"t0": t0, "t1": t1, "day0": t0.astimezone(UTC).date(), "day1": last.astimezone(UTC).date()}
    first = ask_once(engine, _FIRST_READING, asked, READ_MS)[0][0]
    return max(t0, first or t1).timestamp()


def _named(engine: Engine, columns: Columns, told: Rows) -> dict[tuple[int, int], tuple[str, str]]:
    """External id and name of every asset and area that turned."""
    names = {
        (int(index), 0): (str(columns.external_ids[index]), str(columns.names[index]))
        for index in np.unique(told["index"]).tolist()
        if index >= 0
    }
    areas = np.unique(told["area"][told["index"] < 0]).tolist()
    if areas:
        asked = "SELECT id, code, name FROM area WHERE id = ANY(%(ids)s)"
        names |= {(-1, row[0]): (row[1], row[2]) for row in ask_once(engine, asked, {"ids": areas}, READ_MS)}
    return names


def episodes_of(told: Rows) -> list[tuple[tuple[int, int], float, float | None]]:
    """((index, area), raised, returned) of each time, in order of beginning; of turns of one rule."""
    open_: dict[tuple[int, int], float] = {}
    found: list[tuple[tuple[int, int], float, float | None]] = []
    for turn in told[np.argsort(told["time"], kind="stable")].tolist():
        key = (turn[1], turn[2] if turn[1] < 0 else 0)
        if turn[4]:
            open_.setdefault(key, turn[3])
        elif key in open_:
            found.append((key, open_.pop(key), turn[3]))
    found += [(key, raised, None) for key, raised in open_.items()]
    return sorted(found, key=lambda one: one[1])


def _counted(
    told: Rows, names: dict[tuple[int, int], tuple[str, str]], zone: ZoneInfo, t0: datetime, t1: datetime,
    read: int, seconds: float, known: float,
) -> Backtest:  # fmt: skip
    episodes = episodes_of(told)
    hours = Counter(int(raised // 3600) for _, raised, _ in episodes)
    days = Counter(
        datetime.fromtimestamp(raised, UTC).astimezone(zone).date().isoformat() for _, raised, _ in episodes
    )
    worst, most = max(hours.items(), key=lambda one: (one[1], -one[0]), default=(0, 0))
    per = Counter(key for key, _, _ in episodes)
    lasted = [returned - raised for _, raised, returned in episodes if returned is not None]
    shown = episodes[:: max(1, len(episodes) // EXAMPLES_MOST)][:EXAMPLES_MOST]
    return Backtest(
        t0=t0.timestamp(), t1=t1.timestamp(), total=len(episodes), days=tuple(sorted(days.items())),
        worst_at=worst * 3600.0 if most else None, worst_hour=most,
        assets=tuple(Counted(*names[key], count) for key, count in per.most_common(ASSETS_MOST)),
        distinct=len(per),
        examples=tuple(Once(*names[key], raised, returned) for key, raised, returned in shown),
        fleeting=sum(one < FLEETING_S for one in lasted),
        median_s=float(np.median(lasted)) if lasted else None,
        standing=sum(returned is None for _, _, returned in episodes), known_from=known, read=read,
        seconds=seconds,
    )  # fmt: skip
