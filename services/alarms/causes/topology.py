"""What hangs on what: the parents of every asset, the feeder and substation it names, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER

Steps = npt.NDArray[np.int64]
EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""
MOST_STEPS = 8
"""A tree of equipment is this deep at most; whatever seems deeper runs in a circle."""


class Flaw(NamedTuple):
    """Something wrong in the relations of the assets, a line of data quality.

    ``what``: ``parent_loop`` (it is above itself), ``parent_gone`` (it names a parent that is not there),
    ``parent_type`` (its parent is of a kind that feeds none of its own) or ``childless`` (nothing is known to
    hang on it though its kind feeds others). ``asset`` is its live index.
    """

    what: str
    asset: int


@dataclass(frozen=True)
class Topology:
    """The relations of n assets. ``above`` holds, for each number of steps from 0, the live index that many
    steps up, i8 (n), -1 where there is none. ``feeder`` and ``supply`` i4 (n) number what assets name, -1
    where they name none; ``xy`` f8 (n, 2) metres on a plane through the middle of the city."""

    types: npt.NDArray[np.uint8]
    above: tuple[Steps, ...]
    feeder: npt.NDArray[np.int32]
    supply: npt.NDArray[np.int32]
    xy: npt.NDArray[np.float64]
    children: npt.NDArray[np.int64]
    flaws: tuple[Flaw, ...] = ()
    _sizes: dict[tuple[object, ...], Steps] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        columns: Columns,
        feeder: Sequence[str | None] | None = None,
        supply: Sequence[str | None] | None = None,
        gone: Sequence[int] = (),
    ) -> "Topology":
        """The relations of ``columns`` with what each asset names as its feeder and its substation.

        ``gone`` are live indices of assets whose parent was named and is not there. Whatever is broken
        becomes a flaw and is otherwise as if it had not been said; nothing raises.
        """
        parents, flaws = _parents(columns)
        above = [np.arange(len(columns), dtype="i8")]
        while len(above) <= MOST_STEPS and (up := _up(parents, above[-1])).max(initial=-1) >= 0:
            above.append(up)
        children = np.bincount(parents[parents >= 0], minlength=len(columns))
        return cls(
            types=columns.types,
            above=tuple(above),
            feeder=_numbered(feeder, len(columns)),
            supply=_inherited(_numbered(supply, len(columns)), above),
            xy=plane(columns.lon, columns.lat),
            children=children,
            flaws=(*flaws, *(Flaw("parent_gone", int(i)) for i in gone), *_childless(columns, children)),
        )

    def __len__(self) -> int:
        """How many assets."""
        return len(self.types)

    def holder(self, index: npt.NDArray[np.int64], asset_type: str) -> Steps:
        """The nearest asset of ``asset_type`` above each of ``index``; -1 where there is none."""
        code = TYPE_ORDER.index(asset_type) if asset_type in TYPE_ORDER else -1
        found = np.full(len(index), -1, "i8")
        for up in self.above[1:]:
            at = up[index]
            fits = (found < 0) & (at >= 0) & (self.types[at] == code)
            found[fits] = at[fits]
        return found

    def group(self, index: Steps, holder: Steps, by: str) -> Steps:
        """The number of the group of each of ``index``: what shares ``holder`` and the attribute ``by``."""
        named = self._named(by)
        return holder * (int(named.max(initial=-1)) + 2) + named[index] + 1

    def group_sizes(self, asset_type: str, by: str, kinds: tuple[int, ...]) -> Steps:
        """How many assets of ``kinds`` (codes) are in each group under assets of ``asset_type``."""
        key = (asset_type, by, kinds)
        if key not in self._sizes:
            index = np.flatnonzero(np.isin(self.types, kinds))
            holder = self.holder(index, asset_type)
            held = holder >= 0
            most = len(self) * (int(self._named(by).max(initial=-1)) + 2)
            self._sizes[key] = np.bincount(self.group(index[held], holder[held], by), minlength=most)
        return self._sizes[key]

    def _named(self, by: str) -> npt.NDArray[np.int32]:
        known = {"feeder": self.feeder, "supply": self.supply}
        return known.get(by, np.full(len(self), -1, "i4"))

    def unit(self, index: npt.NDArray[np.int64]) -> Steps:
        """What counts as one piece of evidence: what an asset hangs on, or itself."""
        at = self.above[1][index] if len(self.above) > 1 else np.full(len(index), -1, "i8")
        return np.where(at >= 0, at, index)


def plane(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """WGS84 degrees as metres (n, 2) on a plane through their middle: right to 0.1 % across a city."""
    if not len(lon):
        return np.empty((0, 2))
    middle = np.radians(np.nanmean(lat))
    east = np.radians(lon - np.nanmean(lon)) * EARTH_M * np.cos(middle)
    return np.column_stack([east, np.radians(lat) * EARTH_M - middle * EARTH_M])


def _up(parents: Steps, at: Steps) -> Steps:
    return np.where(at >= 0, parents[at], -1)


def _parents(columns: Columns) -> tuple[Steps, list[Flaw]]:
    """Each asset's parent, i8; without those that are not there, and circles opened."""
    parents = columns.parents.astype("i8")
    lost = parents >= len(columns)
    flaws = [Flaw("parent_gone", int(i)) for i in np.flatnonzero(lost)]
    parents[lost | (parents < 0)] = -1
    at = parents.copy()
    for _ in range(MOST_STEPS):
        at = _up(parents, at)
    deep = np.flatnonzero(at >= 0)
    flaws += [Flaw("parent_loop", int(i)) for i in deep]
    parents[deep] = -1
    wrong = _misfits(columns, parents)
    parents[wrong] = -1
    return parents, flaws + [Flaw("parent_type", int(i)) for i in wrong]


def _misfits(columns: Columns, parents: Steps) -> Steps:
    """Assets under a kind that their own kind does not name as a parent."""
    fits = np.array(
        [[above in ASSET_TYPES[below].parents for above in TYPE_ORDER] for below in TYPE_ORDER], bool
    )
    held = np.flatnonzero(parents >= 0)
    return np.asarray(held[~fits[columns.types[held], columns.types[parents[held]]]])


def _childless(columns: Columns, children: npt.NDArray[np.int64]) -> list[Flaw]:
    """Assets of a kind that others name as a parent, which nothing hangs on."""
    feeding = {TYPE_ORDER.index(parent) for kind in ASSET_TYPES.values() for parent in kind.parents}
    alone = np.isin(columns.types, list(feeding)) & (children == 0)
    return [Flaw("childless", int(i)) for i in np.flatnonzero(alone)]


def _numbered(names: Sequence[str | None] | None, count: int) -> npt.NDArray[np.int32]:
    """A number for each name; -1 for None and empty."""
    if names is None:
        return np.full(count, -1, "i4")
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(str(n), len(numbers)) if n else -1 for n in names], "i4")


def _inherited(named: npt.NDArray[np.int32], above: Sequence[Steps]) -> npt.NDArray[np.int32]:
    """``named``, and what the nearest asset above names where one names nothing itself."""
    for up in above[1:]:
        missing = (named < 0) & (up >= 0)
        named = np.where(missing, named[up], named).astype("i4")
    return named
