"""The life cycle of alarms in virtual time, for a past that was never watched: as the engine would have it.

What turned (``Watcher``) is noticed look by look, explained (``explain``), held while a cause may still come,
put before somebody, answered by the demo's people. Nothing sleeps; days pass in seconds.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from model.alarm_rules import INFERRED, LostSupply, Rule, Together
from model.alarms import Happening
from services.alarms.causes import KEPT_S, Explained, Inferred, Open, Topology, blank, explain
from services.alarms.demo_past.alarm import Alarm, Hidden
from services.alarms.demo_past.answering import Answer, Answers

LOOK_S = 5.0
"""How often the city of the past is looked at where anything turned."""
RECEIVED_S = 1.0
"""From when something happened until it is received."""
ROUNDS = 6


class Living:
    """Alarms being lived through. ``gaps`` (epoch s) are times nobody watched: what turned in them is noticed
    at their end."""

    def __init__(
        self, rules: Sequence[Rule], topology: Topology, answers: Answers, gaps: Sequence[tuple[float, float]]
    ) -> None:
        self.rules, self.topology, self.answers, self.gaps = tuple(rules), topology, answers, tuple(gaps)
        self.alarms: list[Alarm] = []
        self.hidden: list[Hidden] = []
        self._open: dict[tuple[int, int, int], int] = {}
        self._play: list[int] = []
        self._book = blank(1024)
        self._due: list[tuple[float, int, Answer | None]] = []
        self._order = count()
        self._related = _related(self.rules)
        self._wait: frozenset[int] = frozenset()
        self._queued: set[float] = set()

    # --- time --------------------------------------------------------------------------------------------

    def run(self, turns: np.ndarray[Any, np.dtype[np.void]], until: float) -> None:
        """Live through ``turns`` (TURNS by time) and all that follows from them, to ``until`` (epoch s)."""
        at = np.array([self._look_at(t) for t in turns["time"].tolist()])
        order = np.argsort(at, kind="stable")
        waiting = iter(_groups(turns[order], at[order]))
        group = next(waiting, None)
        while group or self._due:
            following = min(group[0] if group else math.inf, self._due[0][0] if self._due else math.inf)
            if following > until:
                break
            if group and group[0] == following:
                self._look(following, group[1])
                group = next(waiting, None)
            else:
                self._pass(following)

    def _look_at(self, turned: float) -> float:
        """When what turned is noticed: at the next look, and not while nobody watched."""
        at = math.ceil((turned + RECEIVED_S) / LOOK_S) * LOOK_S
        return next((end for begin, end in self.gaps if begin <= at < end), at)

    def _pass(self, at: float) -> None:
        """What people do and holds that end at ``at``."""
        looks = False
        while self._due and self._due[0][0] == at:
            _, _, answer = heapq.heappop(self._due)
            if answer is None:
                looks = True
            else:
                self._answered(answer)
        self._queued.discard(at)
        if looks:
            self._look(at, (), held=True)

    def later(self, at: float, answer: Answer | None = None) -> None:
        """See to it that ``answer`` is given at ``at``; None: that there is a look."""
        if answer is None:
            at = next((end for begin, end in self.gaps if begin <= at < end), at)
            if at in self._queued:
                return
            self._queued.add(at)
        heapq.heappush(self._due, (at, next(self._order), answer))

    # --- the engine --------------------------------------------------------------------------------------

    def _look(self, now: float, turned: Sequence[Any], *, held: bool = False) -> None:
        for turn in turned:
            key = (int(turn["rule"]), int(turn["index"]), int(turn["area"]))
            (self._begun if turn["active"] else self._over)(key, turn, now)
        # Where nothing turned that has to do with anything else, nothing is explained anew.
        if held or any(self._related[int(turn["rule"])] for turn in turned):
            self._settle(now)
        self._annunciate(now)

    def _begun(self, key: tuple[int, int, int], turn: Any, now: float) -> None:
        raised = min(float(turn["time"]), now)
        standing = self._open.get(key)
        if standing is not None:
            if not self.alarms[standing].active:
                self._again(self.alarms[standing], raised, now)
            return
        value = float(turn["value"])
        self._new(
            Alarm(
                len(self.alarms) + 1, *key, state=None if turn["state"] == 255 else int(turn["state"]),
                value=None if math.isnan(value) else value, raised=raised, noticed=now, last_raised=raised,
            )
        )  # fmt: skip

    def _new(self, alarm: Alarm) -> None:
        slot = len(self.alarms)
        self.alarms.append(alarm)
        self._open[alarm.rule, alarm.index, alarm.area] = slot
        self._play.append(slot)
        if slot >= len(self._book):
            self._book = np.concatenate([self._book, blank(len(self._book))])
        row = self._book[slot]
        row["id"], row["rule"], row["index"] = alarm.id, alarm.rule, alarm.index
        row["raised"], row["noticed"], row["active"] = alarm.raised, alarm.noticed, True
        alarm.tell(alarm.noticed, Happening.RAISED, raised=alarm.raised, state=alarm.state, value=alarm.value)

    def _again(self, alarm: Alarm, raised: float, now: float) -> None:
        alarm.active, alarm.returned, alarm.return_noticed = True, None, None
        alarm.last_raised, alarm.activations = raised, alarm.activations + 1
        if self.rules[alarm.rule].latching:
            alarm.acknowledged = alarm.acknowledged_by = alarm.reset = alarm.reset_by = None
        row = self._book[alarm.id - 1]
        row["active"], row["returned"], row["raised"], row["noticed"] = True, np.nan, raised, now
        alarm.tell(now, Happening.RAISED_AGAIN, raised=raised)
        if alarm.annunciated is not None and not alarm.cause:
            self._call(alarm, now)

    def _over(self, key: tuple[int, int, int], turn: Any, now: float) -> None:
        standing = self._open.get(key)
        if standing is not None and self.alarms[standing].active:
            self._end(self.alarms[standing], float(turn["time"]), now)

    def _end(self, alarm: Alarm, returned: float, now: float) -> None:
        alarm.active, alarm.returned, alarm.return_noticed = False, min(returned, now), now
        row = self._book[alarm.id - 1]
        row["active"], row["returned"] = False, alarm.returned
        alarm.tell(now, Happening.RETURNED, returned=alarm.returned)
        self.answers.ended(self, alarm, now)
        self.close_if_done(alarm, now)

    def close_if_done(self, alarm: Alarm, now: float) -> None:
        """As the table's own trigger does it: over and dealt with, it leaves the list."""
        done = alarm.acknowledged is not None or alarm.annunciated is None or alarm.cause
        latched = self.rules[alarm.rule].latching and alarm.reset is None
        if alarm.closed is None and not alarm.active and done and not latched:
            alarm.closed = now
            alarm.tell(now, Happening.CLOSED)
            self._book[alarm.id - 1]["closed"] = True
            del self._open[alarm.rule, alarm.index, alarm.area]

    # --- causes ------------------------------------------------------------------------------------------

    def _rows(self, now: float) -> Open:
        kept = now - KEPT_S
        self._play = [s for s in self._play if (closed := self.alarms[s].closed) is None or closed > kept]
        rows: Open = self._book[self._play]
        related: Open = rows[self._related[rows["rule"]]]
        return related

    def _settle(self, now: float) -> None:
        for _ in range(ROUNDS):
            found = explain(self.topology, self.rules, self._rows(now), now)
            self._apply(found, now)
            self._wait = found.wait
            if not (found.links or found.inferred or found.ended):
                break

    def _apply(self, found: Explained, now: float) -> None:
        for number, cause in found.links.items():
            self._link(self.alarms[number - 1], cause, now)
        for number in found.ended:
            if self.alarms[number - 1].active:
                self._end(self.alarms[number - 1], now, now)
        for one in found.inferred:
            self._infer(one, now)

    def _link(self, alarm: Alarm, cause: int, now: float) -> None:
        if cause == alarm.cause:
            return
        alarm.cause, alarm.cause_since = cause, now if cause else None
        self._book[alarm.id - 1]["cause"] = cause
        if cause:
            alarm.tell(now, Happening.SUPPRESSED, cause=cause)
            self.close_if_done(alarm, now)
        else:
            alarm.tell(now, Happening.UNSUPPRESSED)
            if alarm.active and alarm.annunciated is not None and alarm.acknowledged is None:
                self._call(alarm, now)

    def _infer(self, one: Inferred, now: float) -> None:
        key = (one.rule, one.anchor, 0)
        standing = self._open.get(key)
        if standing is None:
            self._new(Alarm(len(self.alarms) + 1, *key, None, None, one.raised, now, one.raised))
        elif not self.alarms[standing].active:
            self._again(self.alarms[standing], one.raised, now)
        for member in one.members:
            self._link(self.alarms[member - 1], self._open[key] + 1, now)

    # --- before somebody ---------------------------------------------------------------------------------

    def _annunciate(self, now: float) -> None:
        for slot in self._play:
            alarm = self.alarms[slot]
            if alarm.annunciated is not None or alarm.cause or alarm.closed is not None or not alarm.active:
                continue
            if alarm.id in self._wait:
                self.later(math.ceil(alarm.noticed + self.rules[alarm.rule].hold_s + 1))
            elif (until := self._hidden_until(alarm, now)) is not None:
                self.later(math.ceil(until))
            else:
                alarm.annunciated = now
                self._book[slot]["annunciated"] = True
                alarm.tell(now, Happening.ANNUNCIATED)
                self._call(alarm, now)

    def _hidden_until(self, alarm: Alarm, now: float) -> float | None:
        """Until when people hide it; None: they do not."""
        ends = [one.until for one in self.hidden if self._hides(one, alarm) and one.begins <= now < one.until]
        return max(ends, default=None)

    def _hides(self, one: Hidden, alarm: Alarm) -> bool:
        if one.rule not in (-1, alarm.rule) or alarm.index < 0:
            return False
        above = [int(up[alarm.index]) for up in self.topology.above] if one.children else [alarm.index]
        return one.index in above

    def _call(self, alarm: Alarm, now: float) -> None:
        """It is put before somebody, who will answer."""
        alarm.calls += 1
        unanswered = sum(self.alarms[s].calls > 0 and self.alarms[s].acknowledged is None for s in self._play)
        self.answers.called(self, alarm, now, unanswered)

    def _answered(self, answer: Answer) -> None:
        alarm = self.alarms[answer.alarm - 1]
        if alarm.closed is None and answer.call == alarm.calls:
            self.answers.given(self, alarm, answer)


def _related(rules: Sequence[Rule]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which classes explain another, may be explained, or wait for that; all others stand for themselves."""
    named = {declared.by for rule in rules for declared in rule.explained}
    for rule in rules:
        condition = rule.condition
        if isinstance(condition, Together):
            named |= set(condition.of)
        elif isinstance(condition, LostSupply):
            named |= {*condition.sure, *condition.likely}
    found = [
        bool(rule.explained or rule.hold_s) or rule.key in named or isinstance(rule.condition, INFERRED)
        for rule in rules
    ]
    return np.array(found, bool)


def _groups(turns: Any, at: Any) -> Iterator[tuple[float, Any]]:
    """``turns`` by when they are noticed."""
    edges = np.flatnonzero(np.diff(at)) + 1
    for part, when in zip(np.split(turns, edges), np.split(at, edges), strict=True):
        if len(part):
            yield float(when[0]), part
