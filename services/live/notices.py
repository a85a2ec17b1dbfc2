"""Notices: the few changes of a tick an operator should read, most severe first."""

from typing import Any

import numpy as np
import numpy.typing as npt

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.states import ABNORMAL, CONSEQUENCE_BIT, Status
from services.live.state import Records

MOST = 10
SEVERITY = np.zeros(len(Status), "i4")
"""How much a status matters, 0 nothing; by status code."""
for _rank, _status in enumerate((Status.OUT_OF_SERVICE, Status.MAINTENANCE, *reversed(ABNORMAL)), start=1):
    SEVERITY[_status] = _rank
PRIORITY = np.array([ASSET_TYPES[name].priority for name in TYPE_ORDER], "i4")


def notices(
    columns: Columns,
    records: Records,
    before: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint8],
    indices: npt.NDArray[np.intp],
) -> list[dict[str, Any]]:
    """What changed at ``indices`` worth telling, from display codes ``before`` to ``codes`` (u1, n).

    Consequences are left out: their cause is told. So is a lamp that is merely switched.
    """
    old, new = before[indices] & 7, codes[indices] & 7
    told = worth_telling(before[indices], codes[indices])
    at, old, new = indices[told], old[told], new[told]
    order = np.lexsort((PRIORITY[columns.types[at]], -SEVERITY[old], -SEVERITY[new]))[:MOST]
    return [_notice(columns, records, int(at[k]), int(old[k]), int(new[k])) for k in order]


def worth_telling(before: npt.NDArray[np.uint8], after: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which changes from display codes ``before`` to ``after`` (u1, n) are no consequence and matter."""
    old, new = before & 7, after & 7
    told: npt.NDArray[np.bool_] = (old != new) & (np.maximum(SEVERITY[old], SEVERITY[new]) > 0)
    told &= ((before | after) & CONSEQUENCE_BIT) == 0
    return told


def _notice(columns: Columns, records: Records, index: int, old: int, new: int) -> dict[str, Any]:
    kind = ASSET_TYPES[TYPE_ORDER[columns.types[index]]]
    state = kind.by_code.get(int(records["state"][index]), kind.by_code[0])
    return {
        "t": int(records["time"][index]),
        "index": index,
        "id": str(columns.external_ids[index]),
        "name": str(columns.names[index]),
        "street": str(columns.streets[index]),
        "type": kind.name,
        "from": Status(old).key,
        "to": Status(new).key,
        "state": state.name,
    }
