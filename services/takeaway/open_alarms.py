"""The alarms that stood open on assets at an instant: how many, and the most urgent."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, text

from geodata.asking import asking

# Alarms known by then. What the law protects keeps its past: of such assets only what is still open is told,
# as it stands in the list.
_OPEN = text(
    """
    SELECT asset_id, count(*), min(priority) FROM alarm
    WHERE greatest(raised_at, noticed_at) <= :at AND (closed_at IS NULL OR closed_at > :at)
      AND asset_id = ANY (:ids) AND (closed_at IS NULL OR NOT asset_type = ANY (:guarded))
    GROUP BY asset_id
    """
)


class OpenAlarms(NamedTuple):
    """How many alarms are open on one asset, and the most urgent's priority, 1 to 4; None without any."""

    number: int
    worst: int | None


NONE_OPEN = OpenAlarms(0, None)


def open_alarms(engine: Engine, at: datetime, ids: Sequence[int], guarded: Sequence[str]) -> list[OpenAlarms]:
    """The alarms open at ``at`` (aware) on each asset of ``ids``, in order; ``guarded``: asset types."""
    values = {"at": at, "ids": list(ids), "guarded": list(guarded)}
    with asking(engine) as connection:
        found = {row[0]: OpenAlarms(row[1], row[2]) for row in connection.execute(_OPEN, values)}
    return [found.get(asset_id, NONE_OPEN) for asset_id in ids]
