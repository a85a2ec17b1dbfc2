"""From states and changes to episodes: stretches of one status, fault by fault, cause and consequence.

An *episode* is a stretch between A and B in which an asset keeps one of the statuses asked for. What began
while its parent was in fault or without link is a consequence of the parent's episode (field.md (d)).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.states import Status
from services.history import Changes

Floats = npt.NDArray[np.float64]
FAILED = (Status.FAULT, Status.COMMS_LOST)
SLACK_S = 120.0
"""Children often tell of a loss a little before their parent does: seconds they may be ahead of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Stretches:
    """Stretches of constant status and state, in order of asset and time, all columns of length n.

    ``index`` live index; ``start`` and ``end`` epoch s, cut to [A, B]; ``status``, ``state`` u1; ``opens``
    whether it was already so at A, ``closes`` whether it was still so at B.
    """

    index: npt.NDArray[np.int64]
    start: Floats
    end: Floats
    status: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    opens: npt.NDArray[np.bool_]
    closes: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many stretches."""
        return len(self.index)

    def where(self, kept: npt.NDArray[np.bool_]) -> "Stretches":
        """Those of ``kept``."""
        return Stretches(*(getattr(self, name)[kept] for name in self.__slots__))


def stretches(
    columns: Columns, records: npt.NDArray[np.void], later: Changes, a: float, b: float
) -> Stretches:
    """The statuses of every asset of ``columns`` from A to B: ``records`` at A, then ``later`` (A, B].

    Stretches that follow one another with the same status are one, whatever their states: it has the last.
    """
    at = np.minimum(np.searchsorted(columns.ids, later.asset_ids), max(len(columns) - 1, 0))
    known = columns.ids[at] == later.asset_ids if len(columns) else np.zeros(len(later), "?")
    index = np.concatenate([np.arange(len(columns)), at[known]])
    time = np.concatenate([np.full(len(columns), a), later.times[known]])
    status = np.concatenate([records["status"], later.status[known]])
    state = np.concatenate([records["state"], later.state[known]])
    order = np.lexsort((time, index))
    index, time, status, state = index[order], time[order], status[order], state[order]
    first = np.concatenate([[True], (index[1:] != index[:-1]) | (status[1:] != status[:-1])])[: len(index)]
    starts = np.flatnonzero(first)
    lasts = np.append(starts[1:], len(index))[: len(starts)] - 1
    same = np.append(index[starts][1:] == index[starts][:-1], False)[: len(starts)]
    end = np.where(same, np.append(time[starts][1:], b)[: len(starts)], b)
    opens = np.concatenate([[True], index[starts][1:] != index[starts][:-1]])[: len(starts)]
    return Stretches(index[starts], time[starts], end, status[starts], state[lasts], opens, ~same)


def in_status(every: Stretches, statuses: Sequence[Status]) -> Stretches:
    """The stretches in one of ``statuses``, those of no length (two changes of one instant) left out."""
    lasting = (every.end > every.start) | every.closes
    return every.where(np.isin(every.status, list(statuses)) & lasting)


def causes(columns: Columns, failed: Stretches, abnormal: Stretches) -> tuple[Floats, npt.NDArray[np.int64]]:
    """For each stretch of ``abnormal`` the row of ``failed`` it is a consequence of, or -1.

    Returns (consequences of each row of ``failed``, counted by asset; cause of each row of ``abnormal``).
    """
    cause = np.full(len(abnormal), -1)
    parents = columns.parents[abnormal.index]
    by_asset: dict[int, list[int]] = {}
    for row, index in enumerate(failed.index.tolist()):
        by_asset.setdefault(index, []).append(row)
    for row in np.flatnonzero(parents >= 0).tolist():
        for above in by_asset.get(int(parents[row]), ()):
            began = abnormal.start[row]
            if failed.start[above] - SLACK_S <= began <= failed.end[above]:
                cause[row] = above
                break
    counts = np.zeros(len(failed))
    explained = {(int(c), int(i)) for c, i in zip(cause, abnormal.index, strict=True) if c >= 0}
    for above, _ in explained:
        counts[above] += 1
    return counts, cause


def overlap(part: Stretches, gaps: Sequence[tuple[float, float]]) -> Floats:
    """Seconds of each stretch, without those that fall in ``gaps`` (disjoint, epoch s)."""
    seconds = part.end - part.start
    for t0, t1 in gaps:
        seconds = seconds - np.clip(np.minimum(part.end, t1) - np.maximum(part.start, t0), 0, None)
    return seconds
