"""A rule tried against a past says what the plain evaluation of every row says, and what a slow walk says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.alarm_rules import (
    Beyond,
    Changing,
    Condition,
    Following,
    Many,
    Rule,
    StateIs,
    Stuck,
    Unexpected,
)
from model.domains import ASSET_TYPES
from model.errors import BadField, Unavailable
from model.states import RECORD
from services.alarms.rules import counting
from services.alarms.rules.ahead import ahead
from services.alarms.rules.backtest import STRETCH, backtest, told_of
from services.alarms.rules.past_changes import PastChanges
from services.alarms.rules.past_readings import PastReadings
from services.alarms.watching import CHANGES, READINGS, TURNS, Sky, Watcher
from services.history import Changes, Raw
from services.history.past.timeline import PastState
from tests.unit.test_watching import SKY, columns

ZONE = ZoneInfo("Europe/Paris")
OVER = Sky(*SKY)
T0 = datetime(2026, 10, 22, 9, 0, tzinfo=UTC)
"""Three days before the clocks change, and of a stretch that ends in the middle of a day."""
T1 = T0 + 2 * STRETCH + timedelta(hours=5)
LONG_S = int((T1 - T0).total_seconds())
MINUTE = 60
OFF, ON, DIMMED, FAILED, FEEDING, TRIPPED, IDLE = 1, 2, 3, 4, 2, 3, 1
CITY = columns("streetlight", "control_cabinet", "streetlight", "streetlight", "camera",
               parents=[1, -1, 1, 1, -1], areas=[1, 1, 1, 2, 1])  # fmt: skip


def lamp(condition: Condition, **more: Any) -> Rule:
    return Rule("streetlight.x", "lighting", "streetlight", condition, **more)


RULES: dict[str, Rule] = {
    "state": lamp(StateIs(("lamp_failure",))),
    "state, with delays": lamp(
        StateIs(("on", "dimmed")), on_delay_s=90 * MINUTE, off_delay_s=2 * 60 * MINUTE
    ),
    "lit by day": lamp(Unexpected("day", ("on", "dimmed"), 3_600.0), on_delay_s=30 * MINUTE),
    "dark at night": lamp(Unexpected("night", ("off", "lamp_failure")), off_delay_s=20 * MINUTE),
    "many": lamp(Many(("on", "dimmed"), least=2, within_s=6 * 3_600)),
    "after its own": lamp(Following("streetlight", ("dimmed", "on"), ("lamp_failure", "on"), 6 * 3_600)),
    "after its cabinet": lamp(
        Following("control_cabinet", ("breaker_tripped",), ("lamp_failure",), 12 * 3_600, relation="parent"),
        off_delay_s=MINUTE,
    ),
}


@dataclass
class Made:
    """A past of these (index, seconds after T0, state): what a backtest asks of the history of a city."""

    rows: Sequence[tuple[int, int, int]]
    stood: Sequence[int] = (OFF, FEEDING, ON, OFF, 1)
    reads: list[tuple[datetime, datetime]] = field(default_factory=list)

    def changes(self, t0: datetime, t1: datetime) -> Changes:
        self.reads.append((t0, t1))
        rows = sorted(((at, index, state) for index, at, state in self.rows))
        # One asset that is in no layout is on record too.
        table = np.array([(index + 1, at, state) for at, index, state in rows], "f8").reshape(-1, 3)
        times = table[:, 1] + T0.timestamp()
        state = table[:, 2].astype("u1")
        every = Changes(table[:, 0].astype("i8"), times, np.zeros(len(table), "u1"), state)
        return every.between(t0.timestamp(), t1.timestamp())

    def state_at(self, at: datetime) -> PastState:
        records = np.zeros(len(self.stood), RECORD)
        records["state"], records["time"] = self.stood, int(at.timestamp()) - 7_200
        return PastState(at, np.arange(1, len(self.stood) + 1), records, 1.0, at)


def plain(rule: Rule, past: Made) -> Any:
    """TURNS of the same past, every change of it shown to the evaluator at once and none left out."""
    n = len(CITY)
    watcher = Watcher([rule], CITY, OVER)
    stood = np.array(past.stood, "u1")
    at = T0.timestamp()
    turns = [watcher.begin(at, np.zeros(n, "u1"), stood, np.full(n, at - 7_200))]
    found = past.changes(T0, T1)
    ours = found.asset_ids <= n
    rows = np.zeros(int(ours.sum()), CHANGES)
    rows["index"], rows["time"], rows["state"] = (
        found.asset_ids[ours] - 1,
        found.times[ours],
        found.state[ours],
    )
    turns.append(watcher.take(rows, until=T1.timestamp()))
    return np.concatenate(turns)


def walked(rule: Rule, past: Made) -> list[tuple[int, float, bool]]:
    """Every turn of a rule on states, told by a walk over each lamp's own moments, without the evaluator."""
    condition = rule.condition
    assert isinstance(condition, StateIs | Unexpected)
    codes = {ASSET_TYPES["streetlight"].state_named(name).code for name in condition.states}
    t0, t1 = T0.timestamp(), T1.timestamp()
    spans = [(-np.inf, np.inf)]
    if isinstance(condition, Unexpected):
        spans = OVER.spans(condition.when, condition.margin_s, t0, t1).tolist()
    found = []
    for index in (0, 2, 3):
        own = [(t0 - 7_200, past.stood[index])]
        own += [(t0 + at, state) for who, at, state in sorted(past.rows, key=lambda r: r[1]) if who == index]
        moments = sorted(
            {at for at, _ in own} | {edge for span in spans for edge in span if edge > t0 - 7_200}
        )
        held: list[tuple[float, bool]] = []
        for at in moments:
            state = [code for when, code in own if when <= at][-1]
            on = state in codes and any(low <= at < high for low, high in spans)
            if not held or held[-1][1] != on:
                held.append((at, on))
        found += _after_delays(index, held, rule)
    return found


def _after_delays(index: int, held: list[tuple[float, bool]], rule: Rule) -> list[tuple[int, float, bool]]:
    told, found = False, []
    for (at, on), (until, _) in zip(held, [*held[1:], (np.inf, False)], strict=True):
        due = at + (rule.on_delay_s if on else rule.off_delay_s)
        if due < until and due <= T1.timestamp() and on != told:
            told = on
            found.append((index, due, on))
    return found


def told(turns: Any) -> list[tuple[int, int, float, bool]]:
    return sorted((int(t["index"]), int(t["area"]), float(t["time"]), bool(t["active"])) for t in turns)


moments = st.one_of(st.integers(1, LONG_S), st.integers(1, LONG_S // 3_600).map(lambda hour: hour * 3_600))
pasts = st.builds(
    Made,
    st.lists(
        st.tuples(st.integers(0, len(CITY)), moments, st.sampled_from((OFF, ON, DIMMED, FAILED))),
        max_size=40,
        unique_by=lambda row: row[:2],
    ),
    st.tuples(*[st.sampled_from((0, OFF, ON, DIMMED, FAILED))] * len(CITY)),
)


@pytest.mark.parametrize("kind", sorted(RULES))
@settings(max_examples=80, deadline=None)
@given(past=pasts)
def test_what_is_left_out_changes_nothing(kind: str, past: Made) -> None:
    rule = RULES[kind]
    watcher, changes = Watcher([rule], CITY, OVER), PastChanges(past, CITY, rule)  # type: ignore[arg-type]
    turns, looked_at = told_of(watcher, changes, past, CITY, T0, T1)  # type: ignore[arg-type]
    assert told(turns) == told(plain(rule, past))
    assert looked_at == sum(index < len(CITY) for index, _, _ in past.rows)


@pytest.mark.parametrize("kind", ["state", "state, with delays", "lit by day", "dark at night"])
@settings(max_examples=80, deadline=None)
@given(past=pasts)
def test_it_says_what_a_slow_walk_says(kind: str, past: Made) -> None:
    rule = RULES[kind]
    watcher, changes = Watcher([rule], CITY, OVER), PastChanges(past, CITY, rule)  # type: ignore[arg-type]
    turns, _ = told_of(watcher, changes, past, CITY, T0, T1)  # type: ignore[arg-type]
    after = [one for one in told(turns) if one[2] > T0.timestamp()]
    assert after == sorted((i, 0, at, on) for i, at, on in walked(rule, past) if at > T0.timestamp())


CABINETS = columns(*["control_cabinet"] * 3)
ON_READINGS: dict[str, Rule] = {
    name: Rule("control_cabinet.x", "lighting", "control_cabinet", condition, **delays)
    for name, condition, delays in (
        ("above", Beyond("power", above=6, deadband=2), {}),
        ("above, with delays", Beyond("power", above=6), {"on_delay_s": 3_000.0, "off_delay_s": 5_000.0}),
        ("outside", Beyond("power", above=7, below=2, deadband=1), {"off_delay_s": 60.0}),
        ("rate", Changing("power", 7_200, rise=5, fall=6), {}),
        ("stuck", Stuck("power", for_s=20_000), {"on_delay_s": 60.0}),
    )
}


@dataclass
class Measured(Made):
    """The same city with readings (stream, seconds after T0, value), NaN among them."""

    readings_: Sequence[tuple[int, int, float]] = ()

    def readings(self, streams: Sequence[int], t0: datetime, t1: datetime, _ms: int) -> Raw:
        low, high = ((at - T0).total_seconds() for at in (t0, t1))
        rows = sorted(row for row in self.readings_ if row[0] in streams and low <= row[1] < high)
        table = np.array(rows, "f8").reshape(-1, 3)
        return Raw(table[:, 0].astype("i4"), table[:, 1] + T0.timestamp(), table[:, 2], len(table), 0)


@pytest.mark.parametrize("kind", sorted(ON_READINGS))
@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 3), moments, st.sampled_from([0, 1, 2, 3, 5, 6, 7, 8, 9, float("nan")])),
        max_size=60,
        unique_by=lambda row: row[:2],
    )
)
def test_readings_that_say_the_same_again_change_nothing(
    kind: str, rows: list[tuple[int, int, float]]
) -> None:
    rule = ON_READINGS[kind]
    history = Measured([], (IDLE,) * 3, readings_=rows)
    ids, index = np.arange(1, 4), np.arange(3)
    past = PastReadings(history, rule.condition, 0, ids, index)  # type: ignore[arg-type]
    turns, looked_at = told_of(Watcher([rule], CABINETS, OVER), past, history, CABINETS, T0, T1)  # type: ignore[arg-type]
    every = np.array([(stream - 1, 0, T0.timestamp() + at, value) for stream, at, value in rows], READINGS)
    every = every[every["time"] < T1.timestamp()]
    plainly = Watcher([rule], CABINETS, OVER)
    at = T0.timestamp()
    told_plainly = [plainly.begin(at, np.zeros(3, "u1"), np.full(3, IDLE, "u1"), np.full(3, at))]
    told_plainly.append(plainly.take(readings=every, until=T1.timestamp()))
    assert told(turns) == told(np.concatenate(told_plainly))
    assert looked_at == len(every)


def test_only_what_may_turn_is_shown_to_the_evaluator() -> None:
    """A lamp that is dimmed is lit before and after; of cabinets and cameras no rule of lamps hears."""
    past = Made([(0, 10, ON), (0, 20, DIMMED), (0, 30, ON), (0, 40, OFF), (1, 50, TRIPPED), (4, 60, 3)])
    changes = PastChanges(past, CITY, RULES["lit by day"])  # type: ignore[arg-type]
    changes.stand(np.array(past.stood, "u1"))
    rows, _, looked_at = changes.take(changes.fetch(T0, T1))
    assert (rows["time"] - T0.timestamp()).tolist() == [10, 40]
    assert looked_at == 6


def test_a_city_with_ids_beyond_any_table_reads_the_same() -> None:
    rare = replace(CITY, ids=CITY.ids * 2_000_000)
    past = Made([(0, 10, ON), (2, 20, OFF), (0, 30, OFF)])

    class Rare(Made):
        def changes(self, t0: datetime, t1: datetime) -> Changes:
            found = super().changes(t0, t1)
            return Changes(found.asset_ids * 2_000_000, found.times, found.status, found.state)

    for city, history in ((CITY, past), (rare, Rare(past.rows))):
        changes = PastChanges(history, city, RULES["state, with delays"])  # type: ignore[arg-type]
        changes.stand(np.array(past.stood, "u1"))
        rows, _, looked_at = changes.take(changes.fetch(T0, T1))
        assert (rows["index"].tolist(), looked_at) == ([0, 2, 0], 3)


def test_a_rule_that_names_what_there_is_not_is_refused() -> None:
    unheard_of = lamp(StateIs(("melted",)))
    with pytest.raises(BadField) as bad:
        backtest(None, Made([]), CITY, OVER, ZONE, unheard_of, T0, T1)  # type: ignore[arg-type]
    assert (bad.value.field, bad.value.reason) == ("condition", "not_declared")


turned = st.lists(
    st.tuples(st.sampled_from([(0, 0), (1, 0), (2, 0), (-1, 4), (-1, 7)]), st.integers(0, 40), st.booleans()),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(rows=turned)
def test_times_are_counted_as_one_by_one(rows: list[tuple[tuple[int, int], int, bool]]) -> None:
    step = 1_000.0
    turns = np.array(
        [(0, index, area, T0.timestamp() + at * step, on, 0, 0.0) for (index, area), at, on in rows], TURNS
    )
    found, expected = counting.episodes(turns), _one_by_one(turns)
    assert [
        (found.key(n), raised, None if np.isnan(returned) else returned)
        for n, (raised, returned) in enumerate(zip(found.raised, found.returned, strict=True))
    ] == expected
    days = Counter(
        datetime.fromtimestamp(raised, UTC).astimezone(ZONE).date().isoformat() for _, raised, _ in expected
    )
    assert dict(counting.by_day(found.raised, ZONE)) == dict(days)
    hours = Counter(int(raised // 3_600) for _, raised, _ in expected)
    worst, most = max(hours.items(), key=lambda one: (one[1], -one[0]), default=(0, 0))
    assert counting.worst_hour(found.raised) == ((worst * 3_600.0, most) if most else (None, 0))
    often, distinct = counting.most_often(found, lambda keys: {key: (str(key), "") for key in keys})
    per = Counter(key for key, _, _ in expected)
    assert [(one.asset, one.count) for one in often] == [(str(k), n) for k, n in per.most_common()]
    assert distinct == len(per)


def _one_by_one(turns: Any) -> list[tuple[tuple[int, int], float, float | None]]:
    open_: dict[tuple[int, int], float] = {}
    found: list[tuple[tuple[int, int], float, float | None]] = []
    for turn in turns[np.argsort(turns["time"], kind="stable")].tolist():
        key = (turn[1], turn[2] if turn[1] < 0 else 0)
        if turn[4]:
            open_.setdefault(key, turn[3])
        elif key in open_:
            found.append((key, open_.pop(key), turn[3]))
    found += [(key, raised, None) for key, raised in open_.items()]
    return sorted(found, key=lambda one: one[1])


def test_what_comes_next_is_read_ahead_in_order_and_what_fails_ends_it() -> None:
    spans = [(T0 + n * STRETCH, T0 + (n + 1) * STRETCH) for n in range(6)]
    assert list(ahead(lambda t0, t1: (t0, t1), spans)) == [(span, span) for span in spans]
    begun = []

    def fetch(t0: datetime, t1: datetime) -> datetime:
        begun.append(t0)
        if t0 == spans[1][0]:
            raise Unavailable("the database is away")
        return t1

    came = ahead(fetch, spans)
    assert next(came) == (spans[0], spans[0][1])
    with pytest.raises(Unavailable):
        next(came)
    assert spans[5][0] not in begun
