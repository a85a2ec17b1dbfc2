"""The watcher: every rule's condition over the assets of its type, with its delays, fed piece by piece."""

import logging
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
    LostSupply,
    Many,
    Rule,
    Silent,
    StateIs,
    Stuck,
    Together,
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

log = logging.getLogger(__name__)

_NOTHING = np.zeros(0, CHANGES)
_UNREAD = np.zeros(0, READINGS)


class _Condition(Protocol):
    def begin(self, state: npt.NDArray[np.uint8], since: Times, at: float) -> Rows: ...

    def take(self, changes: Rows, readings: Rows, until: float) -> Rows: ...


class _Watched:
    """One rule: its condition, its members, its delays."""

    def __init__(self, place: int, rule: Rule, columns: Columns, sky: Sky) -> None:
        self.place, self.rule = place, rule
        concluded = isinstance(rule.condition, INFERRED)
        self.members = (
            Members.among(np.zeros(len(columns), "?")) if concluded else Members.of(columns, rule.asset_type)
        )
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
            case Together() | LostSupply():
                """Concluded from other alarms (services/alarms/causes), never watched."""
            case other:
                self.condition = _condition(rule, other, self.members, columns, sky)
        self.delays = Delays(count, held, rule.off_delay_s)

    def standing(
        self, active: Mapping[tuple[int, int], float], areas: Mapping[tuple[int, int], float]
    ) -> tuple[Indices, Times]:
        """The members of which an alarm stands, and since when."""
        if self.areas is None:
            place = self.members.place
            known = [(int(place[i]), since) for (r, i), since in active.items() if r == self.place]
        else:
            at = {int(area): member for member, area in enumerate(self.areas)}
            known = [(at.get(a, -1), since) for (r, a), since in areas.items() if r == self.place]
        there = [pair for pair in known if pair[0] >= 0]
        return np.array([m for m, _ in there], "i8"), np.array([since for _, since in there], "f8")

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


def _watched(place: int, rule: Rule, columns: Columns, sky: Sky) -> _Watched | None:
    """The rule, watched; None for one that names what there is not: the others go on."""
    try:
        return _Watched(place, rule, columns, sky)
    except (KeyError, ValueError, TypeError) as error:
        log.error("rule %s cannot be watched: %s", rule.key, error)
        return None


class Watcher:
    """Watches ``rules`` over the assets of ``columns``. Not for several threads.

    A rule that names a type, state or property there is none of is said in the log and not watched: rules are
    checked when they are written (``services/alarms/rules``), not here.
    """

    def __init__(self, rules: Sequence[Rule], columns: Columns, sky: Sky) -> None:
        self.rules = tuple(rules)
        self._watched = [
            one
            for place, rule in enumerate(self.rules)
            if (one := _watched(place, rule, columns, sky)) is not None
        ]

    def begin(
        self,
        at: float,
        _status: npt.NDArray[np.uint8],
        state: npt.NDArray[np.uint8],
        since: Times,
        active: Mapping[tuple[int, int], float] | None = None,
        areas: Mapping[tuple[int, int], float] | None = None,
        readings: Rows = _UNREAD,
    ) -> Rows:
        """Adopt what is known at ``at`` (epoch s): each asset's status and ``state`` u1 (n), ``since`` f8 (n)
        when it began, and the latest ``readings``.

        ``active`` says of (rule's place, live index) since when an alarm of it stands, ``areas`` of (rule's
        place, area id). What stands and is over by now is turned off, what began meanwhile on. TURNS.
        """
        told = []
        for one in self._watched:
            rows = np.zeros(0, RAW)
            if one.condition is not None:
                known = one.condition.begin(state, since, at)
                rows = np.concatenate([known, one.condition.take(_NOTHING, readings, at)])
            one.delays.take(rows, at)
            members, began = one.standing(active or {}, areas or {})
            one.delays.stand(members, began)
            if one.silence is not None:
                one.silence.stand(members)
            told.append(one.turns(one.delays.take(np.zeros(0, RAW), at)))
        return _sorted(told)

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
