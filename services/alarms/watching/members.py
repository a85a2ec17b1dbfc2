"""The assets a rule is about: those of its type, each with a place of its own in the rule's arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from services.alarms.watching.rows import Indices, Rows


@dataclass(frozen=True)
class Members:
    """``indices`` i8 (m) live indices of the members; ``place`` i8 (n) the member each asset is, or -1."""

    indices: Indices
    place: Indices

    @classmethod
    def of(cls, columns: Columns, asset_type: str) -> "Members":
        """The assets of ``asset_type``."""
        return cls.among(columns.types == TYPE_ORDER.index(asset_type))

    @classmethod
    def among(cls, chosen: npt.NDArray[np.bool_]) -> "Members":
        """Those that are ``chosen`` ? (n)."""
        indices = np.flatnonzero(chosen).astype("i8")
        place = np.full(len(chosen), -1, "i8")
        place[indices] = np.arange(len(indices))
        return cls(indices, place)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.indices)

    def own(self, rows: Rows) -> tuple[Rows, Indices]:
        """The ``rows`` (with an ``index``) of members, and the member of each."""
        if not len(rows):
            return rows, np.zeros(0, "i8")
        member = self.place[rows["index"]]
        return rows[member >= 0], member[member >= 0]


def codes_of(asset_type: str, names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """The codes of the states called ``names``. KeyError for a state the type does not declare."""
    kind = ASSET_TYPES[asset_type]
    return np.array([kind.state_named(name).code for name in names], "u1")


def slot_of(asset_type: str, observed_property: str) -> int:
    """The place of the property in its type. KeyError for one the type does not declare."""
    names = [one.name for one in ASSET_TYPES[asset_type].properties]
    if observed_property not in names:
        raise KeyError(f"{asset_type} declares no property {observed_property!r}")
    return names.index(observed_property)
