"""The changes between two instants with what recording began again with after each silence."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from services.history import Changes, History


def recorded(
    history: History, a: datetime, b: datetime, gaps: Sequence[tuple[datetime, datetime]]
) -> Changes:
    """The changes with a < time <= b, and at the end of each of ``gaps`` the state of every asset then.

    What was the same before and after a gap so stays one stretch; whoever counts seconds leaves the gap out.
    """
    found = history.changes(a, b)
    for _, back in gaps:
        if back >= b:
            continue
        state = history.state_at(back)
        at = np.searchsorted(found.times, back.timestamp(), side="right")
        count = len(state.asset_ids)
        found = Changes(
            np.insert(found.asset_ids, at, state.asset_ids),
            np.insert(found.times, at, np.full(count, back.timestamp())),
            np.insert(found.status, at, state.records["status"]),
            np.insert(found.state, at, state.records["state"]),
        )
    return found
