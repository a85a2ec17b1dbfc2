"""The city's state in memory, and what a batch of observations does to it. Pure: no database, no Redis.

Newest phenomenon_time wins, at equal times the last to arrive. State and main value are compared each
with its own time, at full resolution; a record carries the newer of the two in whole seconds.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.observations import QUALITY_MASK, Quality
from model.states import RECORD
from services.live.quality import STATE_SLOT, Judged
from services.live.state import Records

Times = npt.NDArray[np.float64]
Saved = tuple[npt.NDArray[np.intp], dict[str, npt.NDArray[Any]]]
STATE_ROW = np.dtype([("row", "i4"), ("index", "i4"), ("time", "f8"), ("status", "i2"), ("state", "i2")])
"""A state to store: the batch's row it came in (-1: nobody's), live index, epoch s, status, state code."""
F2_MAX = 65_504.0


def _status_table() -> npt.NDArray[np.uint8]:
    table = np.zeros((len(TYPE_ORDER), 256), "u1")
    for place, name in enumerate(TYPE_ORDER):
        for state in ASSET_TYPES[name].states:
            table[place, state.code] = state.status
    return table


STATUS_OF = _status_table()
"""Status by asset type code and state code, u1 (types, 256)."""


def _main_slots() -> npt.NDArray[np.int8]:
    kinds = [ASSET_TYPES[name] for name in TYPE_ORDER]
    names = [[p.name for p in kind.properties] for kind in kinds]
    mains = [kind.main for kind in kinds]
    return np.array([n.index(m) if m in n else -2 for n, m in zip(names, mains, strict=True)], "i1")


MAIN_SLOT = _main_slots()


@dataclass
class Taken:
    """What a batch means for the history: STATE_ROW rows to store, and batch rows that repeat others."""

    rows: dict[tuple[int, float], tuple[int, int, float, int, int]] = field(default_factory=dict)
    known: list[int] = field(default_factory=list)

    def add(self, row: int, index: int, time: float, status: int, state: int) -> None:
        """Store a state; of two of an asset and instant the last stands, the first was repeated."""
        before = self.rows.get((index, time))
        if before is not None and before[0] >= 0:
            self.known.append(before[0])
        self.rows[index, time] = (row, index, time, status, state)

    def array(self) -> npt.NDArray[np.void]:
        """The rows as STATE_ROW; at most one of an asset and instant."""
        return np.array(list(self.rows.values()), STATE_ROW)


@dataclass
class CityMemory:
    """The state of the assets of one layout, all arrays of length n.

    ``records`` RECORD; ``since`` u4, when the status last changed (0 unknown); ``state_time`` and
    ``value_time`` f8, the newest state and main value; ``row_time`` f8, the newest stored state change.
    """

    columns: Columns
    records: Records
    since: npt.NDArray[np.uint32]
    state_time: Times
    value_time: Times
    row_time: Times

    FIELDS: ClassVar[tuple[str, ...]] = ("records", "since", "state_time", "value_time", "row_time")

    def save(self, indices: npt.NDArray[np.intp]) -> Saved:
        """The rows of ``indices`` as they are, to be put back should a batch not become durable."""
        return indices, {name: getattr(self, name)[indices].copy() for name in self.FIELDS}

    def put_back(self, saved: Saved) -> None:
        """Undo: what ``save`` gave."""
        indices, fields = saved
        for name, values in fields.items():
            getattr(self, name)[indices] = values

    def take(self, judged: Judged) -> Taken:
        """Apply ``judged`` (JUDGED) and say what the history must store."""
        ordered = judged[np.lexsort((judged["row"], judged["time"], judged["index"]))]
        self._take_values(ordered[ordered["slot"] != STATE_SLOT])
        taken = self._take_states(ordered[ordered["slot"] == STATE_SLOT])
        np.maximum.at(self.records["time"], judged["index"], judged["time"].astype("u4"))
        return taken

    def _take_values(self, ordered: Judged) -> None:
        main = ordered["slot"] == MAIN_SLOT[self.columns.types[ordered["index"]]]
        usable = (ordered["quality"] & QUALITY_MASK) != Quality.BAD
        last = _last_of_each(ordered[main & usable])
        newer = last[last["time"] >= self.value_time[last["index"]]]
        self.records["value"][newer["index"]] = np.clip(newer["value"], -F2_MAX, F2_MAX).astype("f2")
        self.value_time[newer["index"]] = newer["time"]

    def _take_states(self, ordered: Judged) -> Taken:
        taken = Taken()
        index = ordered["index"]
        alone = _alone(index) & (ordered["time"] > self.state_time[index])
        self._take_newer(ordered[alone], taken)
        for row, index, _, state, time, _ in ordered[~alone].tolist():
            self._take_any(row, index, int(state), time, taken)
        return taken

    def _take_newer(self, seen: Judged, taken: Taken) -> None:
        """States newer than what is known, one an asset: the usual case, without a loop over all."""
        index, time, state = seen["index"], seen["time"], seen["value"].astype("u1")
        status = STATUS_OF[self.columns.types[index], state]
        fresh = (state != self.records["state"][index]) | (self.state_time[index] == 0)
        turned = status != self.records["status"][index]
        self.state_time[index] = time
        self.records["state"][index] = state
        self.records["status"][index] = status
        self.since[index[turned]] = time[turned].astype("u4")
        self.row_time[index[fresh]] = time[fresh]
        columns = (seen["row"], index, time, status, state)
        for new in zip(*(column[fresh].tolist() for column in columns), strict=True):
            taken.add(*new)

    def _take_any(self, row: int, index: int, state: int, time: float, taken: Taken) -> None:
        """One state at any time: newer, of the same instant, late, or a repetition."""
        known, present = float(self.state_time[index]), int(self.records["state"][index])
        if time == known and state == present:
            taken.known.append(row)
        elif time >= known:
            self._turn(row, index, state, time, taken)
        elif time <= self.row_time[index]:
            taken.add(row, index, time, self._status(index, state), state)
        elif state != present:
            self._late(row, index, state, time, taken)

    def _turn(self, row: int, index: int, state: int, time: float, taken: Taken) -> None:
        """A newer state, or another one of the same instant."""
        status = self._status(index, state)
        first = self.state_time[index] == 0
        self.state_time[index] = time
        if state == self.records["state"][index] and not first:
            return
        if status != self.records["status"][index]:
            self.since[index] = int(time)
        self.records["state"][index] = state
        self.records["status"][index] = status
        self.row_time[index] = time
        taken.add(row, index, time, status, state)

    def _late(self, row: int, index: int, state: int, time: float, taken: Taken) -> None:
        """A late state inside a span whose state was confirmed since: store it, and the return from it."""
        present, known = int(self.records["state"][index]), float(self.state_time[index])
        taken.add(row, index, time, self._status(index, state), state)
        taken.add(-1, index, known, self._status(index, present), present)
        self.row_time[index] = known

    def _status(self, index: int, state: int) -> int:
        return int(STATUS_OF[self.columns.types[index], state])


def _last_of_each(ordered: Judged) -> Judged:
    """The last of each index in ``ordered`` (sorted by index, then time)."""
    index = ordered["index"]
    return ordered[np.append(index[1:] != index[:-1], True)] if len(index) else ordered


def _alone(index: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which entries of the sorted ``index`` occur once."""
    if not len(index):
        return np.zeros(0, "?")
    differs = index[1:] != index[:-1]
    alone: npt.NDArray[np.bool_] = np.append(True, differs) & np.append(differs, True)
    return alone


def blank_records(count: int) -> Records:
    """Records of assets nothing is known of."""
    records = np.zeros(count, RECORD)
    records["value"] = np.nan
    return records


def remember(columns: Columns, records: Records, since: npt.NDArray[np.uint32], rows: Times) -> CityMemory:
    """Memory as loaded: ``records`` and ``since`` from the database, ``rows`` the newest stored change.

    When a state was last confirmed is not kept: its newest stored change stands for it, so that a state
    sent again after a crash is not taken for a late one. The record's time stands for the value's.
    """
    return CityMemory(columns, records, since, rows.copy(), records["time"].astype("f8"), rows)
