"""The assets of one scope among those of the whole city: live indices and display codes translated. Pure.

A scope has its own dense live indices. What lies outside it is not there: an asset whose parent is outside
has none, and stands as its own cause.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import MOVING, TYPE_ORDER
from model.states import CONSEQUENCE_BIT, Bytes
from services.live.frames import Changes
from services.live.keyframes import places

Indices = npt.NDArray[np.intp]
_ONE_EACH = tuple(one.name for one in fields(Columns) if one.name not in ("version", "parents"))


@dataclass(frozen=True, eq=False, slots=True)
class Narrowing:
    """How a scope's live indices stand to the whole city's.

    ``columns`` are the scope's (n); ``index`` (n) the whole city's live index of each, ascending; ``place``
    i4 (whole) the scope's own, -1 outside; ``mask`` u1 (n) what of a display code may be told.
    """

    columns: Columns
    index: Indices
    place: npt.NDArray[np.int32]
    mask: Bytes

    @property
    def types(self) -> frozenset[str]:
        """Names of the asset types there are in the scope."""
        return frozenset(TYPE_ORDER[code] for code in np.unique(self.columns.types).tolist())

    @property
    def moves(self) -> bool:
        """Whether anything in the scope moves."""
        return bool(self.types & {TYPE_ORDER[code] for code in MOVING})

    def own(self, indices: npt.NDArray[np.integer]) -> Indices:
        """The scope's live indices of the whole city's ``indices``; those outside are left out."""
        at = self.place[indices]
        found: Indices = at[at >= 0].astype(np.intp)
        return found

    def codes(self, whole: Bytes) -> Bytes:
        """The scope's display codes u1 (n) of the ``whole`` city's."""
        return whole[self.index] & self.mask

    def codes_at(self, whole: Bytes, own: Indices) -> Bytes:
        """The display codes of a few: ``own`` are the scope's live indices."""
        return whole[self.index[own]] & self.mask[own]

    def touched(self, frames: list[Changes]) -> Indices:
        """The scope's live indices of everything that changed in ``frames``, each once."""
        if not frames:
            return np.empty(0, np.intp)
        return np.unique(self.own(np.concatenate(frames) >> np.uint32(8)))


def narrowed(columns: Columns, ids: npt.NDArray[np.int64]) -> Narrowing:
    """The narrowing of the city's ``columns`` to the assets ``ids`` (i8 ascending); others are ignored."""
    found = places(columns, ids)
    index = found[found >= 0].astype(np.intp)
    place = np.full(len(columns), -1, "i4")
    place[index] = np.arange(len(index), dtype="i4")
    upstream = columns.parents[index]
    parents = np.where(upstream >= 0, place[np.maximum(upstream, 0)], -1).astype("i4")
    orphan = (upstream >= 0) & (parents < 0)
    mask = np.where(orphan, 0xFF & ~CONSEQUENCE_BIT, 0xFF).astype("u1")
    ours = {name: getattr(columns, name)[index] for name in _ONE_EACH}
    return Narrowing(replace(columns, **ours, parents=parents), index, place, mask)
