"""Conditions on readings: beyond a limit, changing too fast, saying one and the same for too long."""

import numpy as np
import numpy.typing as npt

from model.alarm_rules import Beyond, Changing, Rule, Stuck
from services.alarms.watching.members import Members, slot_of
from services.alarms.watching.rows import RAW, Rows, Times, begins, in_order, raw


class _OfReadings:
    """What conditions on the readings of one property share."""

    def __init__(self, rule: Rule, observed_property: str, members: Members) -> None:
        self._members = members
        self._slot = slot_of(rule.asset_type, observed_property)

    def begin(self, _state: npt.NDArray[np.uint8], _since: Times, _at: float) -> Rows:
        """States say nothing of readings."""
        return np.zeros(0, RAW)

    def _own(self, readings: Rows) -> Rows:
        """RAW rows of the property's readings, by member and time; not yet judged."""
        own, member = self._members.own(readings[readings["slot"] == self._slot])
        return in_order(raw(member, own["time"], False, value=own["value"]), "member")


class Limit(_OfReadings):
    """Above or below a limit; over once a reading is a deadband inside it; between, it stays as it was."""

    def __init__(self, rule: Rule, condition: Beyond, members: Members) -> None:
        super().__init__(rule, condition.observed_property, members)
        self._condition = condition

    def take(self, _changes: Rows, readings: Rows, _until: float) -> Rows:
        """RAW rows of the readings that say yes or no."""
        rows = self._own(readings)
        rows["on"], off = beyond(self._condition, rows["value"])
        decided: Rows = rows[rows["on"] | off]
        return decided


def beyond(condition: Beyond, value: Times) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which values are beyond a limit, and which are a deadband inside both; what is neither says nothing."""
    above = np.inf if condition.above is None else condition.above
    below = -np.inf if condition.below is None else condition.below
    on = (value > above) | (value < below)
    return on, (value <= above - condition.deadband) & (value >= below + condition.deadband)


class Rate(_OfReadings):
    """Rose or fell by so much within so long, from any reading of that time to the newest."""

    def __init__(self, rule: Rule, condition: Changing, members: Members) -> None:
        super().__init__(rule, condition.observed_property, members)
        self._rise = np.inf if condition.rise is None else condition.rise
        self._fall = np.inf if condition.fall is None else condition.fall
        self._within_s = condition.within_s
        self._recent = np.zeros(0, RAW)

    def take(self, _changes: Rows, readings: Rows, _until: float) -> Rows:
        """RAW rows of the new readings, each judged against those before it."""
        fresh = self._own(readings)
        fresh["state"] = 1
        rows = in_order(np.concatenate([self._recent, fresh]), "member")
        low, high = self._extremes(rows)
        rows["on"] = (rows["value"] - low >= self._rise) | (high - rows["value"] >= self._fall)
        judged: Rows = rows[rows["state"] == 1].copy()
        judged["state"] = 255
        self._remember(rows)
        return judged

    def _extremes(self, rows: Rows) -> tuple[Times, Times]:
        """The least and the greatest value of each row's member within the time before it."""
        low, high = rows["value"].copy(), rows["value"].copy()
        for back in range(1, len(rows)):
            near = (rows["member"][back:] == rows["member"][:-back]) & (
                rows["time"][back:] - rows["time"][:-back] <= self._within_s
            )
            if not near.any():
                break
            earlier = rows["value"][:-back]
            low[back:] = np.where(near, np.minimum(low[back:], earlier), low[back:])
            high[back:] = np.where(near, np.maximum(high[back:], earlier), high[back:])
        return low, high

    def _remember(self, rows: Rows) -> None:
        newest = np.full(len(self._members), -np.inf)
        np.maximum.at(newest, rows["member"], rows["time"])
        kept = rows[rows["time"] >= newest[rows["member"]] - self._within_s].copy()
        kept["state"] = 0
        self._recent = kept


class Same(_OfReadings):
    """One and the same value, other than 0; every other value is an end and a beginning. How long it must
    last is an on-delay (``watcher``)."""

    def __init__(self, rule: Rule, condition: Stuck, members: Members) -> None:
        super().__init__(rule, condition.observed_property, members)
        self._value = np.full(len(members), np.nan)

    def take(self, _changes: Rows, readings: Rows, _until: float) -> Rows:
        """RAW rows where the value changed: an end, and a beginning unless it is 0."""
        rows = self._own(readings)
        before = np.empty(len(rows))
        first = begins(rows["member"])
        before[1:] = rows["value"][:-1]
        before[first] = self._value[rows["member"][first]]
        self._value[rows["member"]] = rows["value"]
        changed = rows[rows["value"] != before]
        again = changed[changed["value"] != 0].copy()
        again["on"] = True
        return np.concatenate([changed, again])
