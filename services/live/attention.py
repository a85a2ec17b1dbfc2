"""What needs somebody: abnormal assets grouped by what feeds them, worst and newest first. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, DOMAIN_OF, TYPE_ORDER
from model.states import ABNORMAL, CONSEQUENCE_BIT, FRESHNESS_SHIFT, Freshness, Status
from services.live.state import Records

LOWEST = 4
_PRIORITY = np.array([ASSET_TYPES[name].priority for name in TYPE_ORDER], "i4")
_DOMAIN = np.array([DOMAIN_OF[name].name for name in TYPE_ORDER], "O")
_RANK = np.full(len(Status), len(ABNORMAL), "i4")
for _rank, _status in enumerate(ABNORMAL):
    _RANK[_status] = _rank


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """One thing to deal with. ``since`` epoch s (0 unknown); ``consequences`` counts the abnormal assets
    it explains; ``priority`` ranks the response from 1 (critical) to 4 (low); ``area`` is an area id."""

    index: int
    asset_id: int
    external_id: str
    name: str
    street: str
    asset_type: str
    domain: str
    status: Status
    state: str
    since: int
    consequences: int
    priority: int
    freshness: Freshness
    area: int


@dataclass(frozen=True, slots=True)
class Attention:
    """The rows shown, and of everything that fits the filters: how many rows (``total``), how many by
    status and by priority, and how many consequences they explain. ``by_status`` is counted before the
    filter on statuses, so that the filter can show what it hides."""

    rows: tuple[AttentionRow, ...]
    total: int
    by_status: dict[Status, int]
    by_priority: dict[int, int]
    consequences: int


def attention(
    columns: Columns,
    records: Records,
    codes: npt.NDArray[np.uint8],
    since: npt.NDArray[np.uint32],
    now: float,
    *,
    domains: Collection[str] | None = None,
    statuses: Collection[str] | None = None,
    area: int | None = None,
    limit: int = 200,
) -> Attention:
    """The causes among ``codes`` (display codes u1, n), each with the consequences it explains.

    ``domains`` are names, ``statuses`` status keys, ``area`` an area id; None means all. Rows are sorted
    by priority, then status, then newest ``since`` (none is taken for newer than ``now``, epoch s).
    """
    status = (codes & 7).astype("u1")
    abnormal = np.isin(status, ABNORMAL)
    consequence = (codes & CONSEQUENCE_BIT) != 0
    explained = columns.parents[abnormal & consequence]
    counts = np.bincount(explained[explained >= 0], minlength=len(columns))
    causes = np.flatnonzero(abnormal & ~consequence & _wanted(columns, domains, area))
    by_status = {s: int((status[causes] == s).sum()) for s in ABNORMAL}
    if statuses is not None:
        causes = causes[np.isin(status[causes], [Status[key.upper()] for key in statuses])]
    priority = _priorities(columns, status, causes)
    order = np.lexsort((-np.minimum(since[causes], now), _RANK[status[causes]], priority))
    rows = [
        _row(columns, records, codes, since, counts, int(causes[k]), int(priority[k])) for k in order[:limit]
    ]
    by_priority = {p: int((priority == p).sum()) for p in range(1, LOWEST + 1)}
    return Attention(tuple(rows), len(causes), by_status, by_priority, int(counts[causes].sum()))


def _wanted(columns: Columns, domains: Collection[str] | None, area: int | None) -> npt.NDArray[np.bool_]:
    wanted = np.ones(len(columns), "?")
    if domains is not None:
        wanted &= np.isin(_DOMAIN[columns.types], list(domains))
    if area is not None:
        wanted &= columns.areas == area
    return wanted


def _priorities(
    columns: Columns, status: npt.NDArray[np.uint8], causes: npt.NDArray[np.intp]
) -> npt.NDArray[np.int32]:
    """The asset type's priority; what merely works less well comes one lower."""
    own = _PRIORITY[columns.types[causes]]
    lowered: npt.NDArray[np.int32] = np.minimum(own + (status[causes] == Status.DEGRADED), LOWEST)
    return lowered


def _row(
    columns: Columns,
    records: Records,
    codes: npt.NDArray[np.uint8],
    since: npt.NDArray[np.uint32],
    counts: npt.NDArray[np.intp],
    index: int,
    priority: int,
) -> AttentionRow:
    kind = ASSET_TYPES[TYPE_ORDER[columns.types[index]]]
    state = kind.by_code.get(int(records["state"][index]), kind.by_code[0])
    return AttentionRow(
        index=index,
        asset_id=int(columns.ids[index]),
        external_id=str(columns.external_ids[index]),
        name=str(columns.names[index]),
        street=str(columns.streets[index]),
        asset_type=kind.name,
        domain=DOMAIN_OF[kind.name].name,
        status=Status(int(codes[index]) & 7),
        state=state.name,
        since=int(since[index]),
        consequences=int(counts[index]),
        priority=priority,
        freshness=Freshness(int(codes[index]) >> FRESHNESS_SHIFT & 3),
        area=int(columns.areas[index]),
    )
