"""From what was played to episodes: stretches of one status, fault by fault, cause and consequence.

An *episode* is a stretch between A and B in which an asset keeps one of the statuses asked for. What began
while its parent was in fault or without link is a consequence of the parent's episode (field.md (d)).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.states import Status
from services.history import Played

Floats = npt.NDArray[np.float64]
FAILED = (Status.FAULT, Status.COMMS_LOST)
SLACK_S = 120.0
"""Children often tell of a loss a little before their parent does: seconds they may be ahead of it."""


@dataclass(frozen=True, eq=False, slots=True)
class Stretches:
    """Stretches of constant status, in order of asset and time, all columns of length n.

    ``index`` live index; ``start`` and ``end`` epoch s, cut to [A, B]; ``status`` u1; ``opens`` whether it
    was already so at A, ``closes`` whether it was still so at B.
    """

    index: npt.NDArray[np.int64]
    start: Floats
    end: Floats
    status: npt.NDArray[np.uint8]
    opens: npt.NDArray[np.bool_]
    closes: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many stretches."""
        return len(self.index)

    @property
    def seconds(self) -> Floats:
        """How long each lasts."""
        return self.end - self.start

    def where(self, kept: npt.NDArray[np.bool_]) -> "Stretches":
        """Those of ``kept``."""
        return Stretches(*(getattr(self, name)[kept] for name in self.__slots__))


def stretches(played: Played, *, bridged: bool = False) -> Stretches:
    """The statuses of every asset over the span of ``played``.

    ``bridged``: what is not known for a while counts as it was before, until it is known again; a fault that
    falls silent is still the same fault. Otherwise the unknown is a stretch like any other.
    """
    index = np.concatenate([np.arange(len(played.before)), played.index]).astype("i8")
    time = np.concatenate([np.full(len(played.before), played.t0), played.t0 + played.offsets])
    status = (np.concatenate([played.before, played.codes]) & 7).astype("u1")
    if bridged:
        told = (status != Status.UNKNOWN) | (np.arange(len(index)) < len(played.before))
        index, time, status = index[told], time[told], status[told]
    order = np.lexsort((np.arange(len(index)), time, index))
    index, time, status = index[order], time[order], status[order]
    first = np.append(True, (index[1:] != index[:-1]) | (status[1:] != status[:-1]))[: len(index)]
    index, time, status = index[first], time[first], status[first]
    same = np.append(index[1:] == index[:-1], False)[: len(index)]
    end = np.where(same, np.append(time[1:], played.t1)[: len(index)], played.t1)
    opens = np.append(True, index[1:] != index[:-1])[: len(index)]
    return Stretches(index, time, end, status, opens, ~same)


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
