"""Two instants held against each other: what broke, what was mended, what came and went in between.

The two ends alone would hide a fault that was over by the second: it is found in the list of changes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import ABNORMAL, CONSEQUENCE_BIT, Status
from services.history.past.standing import Bytes, Places, aware, places


class Kind(IntEnum):
    """What became of an asset between A and B, as on the wire."""

    UNCHANGED = 0
    NEW_FAULT = 1
    RECOVERED = 2
    DARK = 3
    DEGRADED = 4
    COMMS_LOST = 5
    MAINTENANCE = 6
    ALREADY = 7
    CAME_AND_WENT = 8

    @property
    def key(self) -> str:
        """The name used on the wire and in catalogues: ``new_fault``."""
        return self.name.lower()


WORST_FIRST = (
    Kind.NEW_FAULT, Kind.COMMS_LOST, Kind.DEGRADED, Kind.CAME_AND_WENT, Kind.RECOVERED, Kind.DARK,
    Kind.MAINTENANCE, Kind.ALREADY,
)  # fmt: skip
"""The order of a list: causes before what only followed from them, what changed before what was known:
hundreds of lamps that waited for their repair all along must not push out the few that were mended."""

_PRIORITY = np.array([ASSET_TYPES[name].priority for name in TYPE_ORDER], "i4")
_RANK = np.array([WORST_FIRST.index(k) if k in WORST_FIRST else len(WORST_FIRST) for k in Kind], "i4")


@dataclass(frozen=True, eq=False, slots=True)
class Difference:
    """What became of every asset of the layout ``version`` between ``a`` and ``b`` (aware).

    ``kinds`` u1 (n) of ``Kind``; ``before`` and ``after`` display codes u1 (n); ``faulted`` f8 (n) epoch s of
    the last change into a fault within (a, b], NaN for none; ``consequences`` i8 (n) how many assets of B an
    asset explains.
    """

    version: int
    a: datetime
    b: datetime
    kinds: Bytes
    before: Bytes
    after: Bytes
    faulted: npt.NDArray[np.float64]
    consequences: npt.NDArray[np.int64]

    def totals(self) -> dict[str, int]:
        """How many assets of each kind."""
        counts = np.bincount(self.kinds, minlength=len(Kind))
        return {kind.key: int(counts[kind]) for kind in Kind}

    def worst(self, columns: Columns, limit: int) -> Places:
        """Live indices of what is not unchanged, worst first, at most ``limit``."""
        changed = np.flatnonzero(self.kinds != Kind.UNCHANGED)
        priority = _PRIORITY[columns.types[changed]]
        order = np.lexsort((-self.consequences[changed], priority, _RANK[self.kinds[changed]]))
        found: Places = changed[order[:limit]]
        return found


def kinds_of(before: Bytes, after: Bytes, faulted: npt.NDArray[np.bool_]) -> Bytes:
    """``Kind`` u1 (n) from the display codes at both ends and which assets were in fault in between."""
    was, now = before & 7, after & 7
    dark = (after & CONSEQUENCE_BIT != 0) & (before & CONSEQUENCE_BIT == 0)
    sound = np.isin(now, (Status.NORMAL, Status.ACTIVE))
    gone = faulted & ~np.isin(now, (Status.UNKNOWN, Status.FAULT))
    rules = (
        (dark, Kind.DARK),
        ((now == Status.FAULT) & (was == Status.FAULT), Kind.ALREADY),
        (now == Status.FAULT, Kind.NEW_FAULT),
        (now == Status.DEGRADED, Kind.DEGRADED),
        (now == Status.COMMS_LOST, Kind.COMMS_LOST),
        (now == Status.MAINTENANCE, Kind.MAINTENANCE),
        (sound & np.isin(was, ABNORMAL), Kind.RECOVERED),
        (gone, Kind.CAME_AND_WENT),
    )
    found: Bytes = np.select([rule for rule, _ in rules], [kind for _, kind in rules], Kind.UNCHANGED).astype(
        "u1"
    )
    return found


def differing(
    columns: Columns, a: datetime, b: datetime, before: Bytes, after: Bytes, faulted: npt.NDArray[np.float64]
) -> Difference:
    """The difference of two instants from the display codes u1 (n) at both and the faults in between."""
    explained = columns.parents[(after & CONSEQUENCE_BIT) != 0]
    return Difference(
        version=columns.version,
        a=a,
        b=b,
        kinds=kinds_of(before, after, np.isfinite(faulted)),
        before=before,
        after=after,
        faulted=faulted,
        consequences=np.bincount(explained[explained >= 0], minlength=len(columns)),
    )


_FAULTED = text(
    """
    SELECT asset_id, extract(epoch FROM max(phenomenon_time))::float8 FROM state_change
    WHERE phenomenon_time > :a AND phenomenon_time <= :b AND status = 4 GROUP BY asset_id
    """
)


def read_faulted(
    connection: Connection, columns: Columns, a: datetime, b: datetime
) -> npt.NDArray[np.float64]:
    """When each asset last went into fault within (a, b], f8 (n) epoch s; NaN for those that never did."""
    rows = connection.execute(_FAULTED, {"a": a, "b": b}).all()
    found = np.full(len(columns), np.nan)
    at = places(columns.ids, np.array([row[0] for row in rows], "i8"))
    found[at[at >= 0]] = np.array([row[1] for row in rows], "f8")[at >= 0]
    return found


def when(difference: Difference, index: int, since: dict[int, datetime], asset_id: int) -> datetime | None:
    """When what is told of the asset at live ``index`` happened; None when that is before all records."""
    if difference.kinds[index] == Kind.CAME_AND_WENT:
        return aware(float(difference.faulted[index]))
    return since.get(asset_id)
