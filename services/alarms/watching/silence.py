"""Nothing was heard of an asset for so many of its own periods."""

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.alarm_rules import Silent
from services.alarms.watching.members import Members
from services.alarms.watching.rows import RAW, Indices, Rows, Times, raw


class Unheard:
    """Judged by ``heard``, the newest time of each asset; of what was never heard nothing is said."""

    def __init__(self, condition: Silent, members: Members, columns: Columns) -> None:
        self._members = members
        self._limit = np.maximum(condition.periods * columns.periods[members.indices], condition.least_s)
        self._on = np.zeros(len(members), "?")

    def begin(self, _state: npt.NDArray[np.uint8], _since: Times, _at: float) -> Rows:
        """What was heard is asked for with the first look."""
        return np.zeros(0, RAW)

    def stand(self, members: Indices) -> None:
        """Of ``members`` it was told that nothing is heard."""
        self._on[members] = True

    def heard(self, heard: Times, until: float) -> Rows:
        """RAW rows of what fell silent by ``until``, when its limit passed, and of what spoke again."""
        newest = heard[self._members.indices]
        on = (newest > 0) & (until - newest > self._limit)
        turned = np.flatnonzero(on != self._on)
        self._on = on
        return raw(turned, newest[turned] + np.where(on[turned], self._limit[turned], 0.0), on[turned])
