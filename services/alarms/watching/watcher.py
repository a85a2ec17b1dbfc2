"""The watcher: every rule's condition over the assets of its type, with its delays, fed piece by piece."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.alarm_rules import (
    INFERRED,
    Beyond,
    Changing,
    Following,
    Many,
    Rule,
    Silent,
    StateIs,
    Stuck,
    Unexpected,
)
from services.alarms.watching.delays import Delays
from services.alarms.watching.following import OneAfterAnother
from services.alarms.watching.many import InArea
from services.alarms.watching.members import Members
from services.alarms.watching.rows import CHANGES, RAW, READINGS, TURNS, Indices, Rows, Times
from services.alarms.watching.silence import Unheard
from services.alarms.watching.sky import Sky
from services.alarms.watching.states import InState, OutOfHours
from services.alarms.watching.values import Limit, Rate, Same

_NOTHING = np.zeros(0, CHANGES)
_UNREAD = np.zeros(0, READINGS)


class _Condition(Protocol):
    def begin(self, state: npt.NDArray[np.uint8], since: Times, at: float) -> Rows: ...

    def take(self, changes: Rows, readings: Rows, until: float) -> Rows: ...


class _Watched:
    """One rule: its condition, its members, its delays."""

    def __init__(self, place: int, rule: Rule, columns: Columns, sky: Sky) -> None:
        self.place, self.rule = place, rule
        self.members = Members.of(columns, rule.asset_type)
        self.silence: Unheard | None = None
        self.condition: _Condition | None = None
        self.areas: npt.NDArray[np.int32] | None = None
        count, held = len(self.members), rule.on_delay_s
        match rule.condition:
            case Silent() as silent:
                self.silence = Unheard(silent, self.members, columns)
            case Many() as many:
                counted = InArea(rule, many, columns)
                self.condition, self.areas, count = counted, counted.areas, len(counted.areas)
            case Stuck(for_s=for_s) as stuck:
                self.condition, held = Same(rule, stuck, self.members), for_s + held
            case other:
                self.condition = _condition(rule, other, self.members, columns, sky)
        self.delays = Delays(count, held, rule.off_delay_s)

    def turns(self, told: Rows) -> Rows:
        """What was told, by asset or area."""
        found = np.zeros(len(told), TURNS)
        found["rule"], found["time"], found["active"] = self.place, told["time"], told["on"]
        found["state"], found["value"] = told["state"], told["value"]
        if self.areas is None:
            found["index"] = self.members.indices[told["member"]]
        else:
            found["index"], found["area"] = -1, self.areas[told["member"]]
        return found


def _condition(rule: Rule, condition: object, members: Members, columns: Columns, sky: Sky) -> _Condition:
    match condition:
        case StateIs() as one:
            return InState(rule, one, members)
        case Unexpected() as one:
            return OutOfHours(rule, one, members, sky)
        case Beyond() as one:
            return Limit(rule, one, members)
        case Changing() as one:
            return Rate(rule, one, members)
        case Following() as one:
            return OneAfterAnother(rule, one, members, columns)
    raise TypeError(f"{rule.key}: no condition is called {type(condition).__name__}")


class Watcher:
    """Watches ``rules`` over the assets of ``columns``. Not for several threads.

    What is inferred from other alarms (``services/alarms/causes``) has nothing to be watched.

    KeyError where a rule names a type, state or property there is none of: rules are checked when they are
    written (``services/alarms/rules``).
    """

    def __init__(self, rules: Sequence[Rule], columns: Columns, sky: Sky) -> None:
        self.rules = tuple(rules)
        told = [
            (place, one) for place, one in enumerate(self.rules) if not isinstance(one.condition, INFERRED)
        ]
        self._watched = [_Watched(place, rule, columns, sky) for place, rule in told]

    def begin(
        self,
        at: float,
        _status: npt.NDArray[np.uint8],
        state: npt.NDArray[np.uint8],
        since: Times,
        active: Mapping[tuple[int, int], float] | None = None,
        areas: Mapping[tuple[int, int], float] | None = None,
    ) -> Rows:
        """Adopt what is known at ``at`` (epoch s): each asset's status and ``state`` u1 (n),
        ``since`` f8 (n) when it began.

        ``active`` says of (rule's place, live index) since when an alarm of it stands, ``areas`` of (rule's
        place, area id). What stands and is over by now is turned off, what began meanwhile on. TURNS.
        """
        for one in self._watched:
            self._adopt(one, active or {}, areas or {})
        told = [self._begun(one, state, since, at) for one in self._watched]
        return _sorted(told)

    def _adopt(
        self, one: _Watched, active: Mapping[tuple[int, int], float], areas: Mapping[tuple[int, int], float]
    ) -> None:
        if one.areas is None:
            standing = [
                (int(one.members.place[i]), since) for (r, i), since in active.items() if r == one.place
            ]
        else:
            at = {int(area): member for member, area in enumerate(one.areas)}
            standing = [(at.get(a, -1), since) for (r, a), since in areas.items() if r == one.place]
        known = [pair for pair in standing if pair[0] >= 0]
        members: Indices = np.array([member for member, _ in known], "i8")
        one.delays.adopt(members, True, np.array([since for _, since in known], "f8"), True)

    def _begun(self, one: _Watched, state: npt.NDArray[np.uint8], since: Times, at: float) -> Rows:
        if one.condition is None:
            return np.zeros(0, TURNS)
        rows = one.condition.begin(state, since, at)
        # What stands was told of its beginning then; that it still holds is no news, whatever since says.
        again = rows["on"] & one.delays.on[rows["member"]]
        # What is over ended at some time nobody saw, but not before it began.
        rows["time"] = np.where(again, -np.inf, np.maximum(rows["time"], one.delays.newest(rows["member"])))
        return one.turns(one.delays.take(rows, at))

    def take(
        self,
        changes: Rows = _NOTHING,
        readings: Rows = _UNREAD,
        until: float = 0.0,
        heard: Times | None = None,
    ) -> Rows:
        """What turned by ``until`` (epoch s) given new CHANGES and READINGS, in any order; TURNS by time.

        ``heard`` f8 (n): the newest time of each asset, 0 never; None: not known, and silence is not judged.
        """
        told = [one.turns(one.delays.take(self._raw(one, changes, readings, until, heard), until))
                for one in self._watched]  # fmt: skip
        return _sorted(told)

    @staticmethod
    def _raw(one: _Watched, changes: Rows, readings: Rows, until: float, heard: Times | None) -> Rows:
        if one.condition is not None:
            return one.condition.take(changes, readings, until)
        if one.silence is None or heard is None:
            return np.zeros(0, RAW)
        return one.silence.heard(heard, until)


def _sorted(told: list[Rows]) -> Rows:
    found = np.concatenate([np.zeros(0, TURNS), *told])
    turned: Rows = found[np.argsort(found["time"], kind="stable")]
    return turned
