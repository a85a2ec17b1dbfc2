"""The state of the whole city at a past instant, and what changed between two: keyframes and changes.

A keyframe holds every asset's record; ``state_change`` what came between. Nothing later than the asked
instant is ever read (but what came in late is put where it belongs), and where nothing was received the past
is unknown, not the last known state: ``standing.py`` says what is and what is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadRequest
from model.states import Status
from services.history.past.change_rows import Changes, read_changes
from services.history.past.replay import Periods, Shelves, begin, read_reel
from services.history.past.standing import aware

Records = npt.NDArray[np.void]


@dataclass(frozen=True, eq=False, slots=True)
class PastState:
    """The city at ``at``: ``asset_ids`` i8 ascending, ``records`` model.states.RECORD, same order.

    A record's ``time`` is the last evidence held of the asset; ``value`` is kept only where nothing has
    changed since the keyframe. ``known`` is the share of these assets whose status is not unknown;
    ``evidence`` the newest thing received before ``at`` (None: nothing for hours, or ever).
    """

    at: datetime
    asset_ids: npt.NDArray[np.int64]
    records: Records
    known: float
    evidence: datetime | None


def state_at(
    engine: Engine, at: datetime, shelves: Shelves | None = None, periods: Periods | None = None
) -> PastState:
    """The newest keyframe not after ``at`` (aware) with every later change up to and including ``at``.

    ``shelves`` and ``periods`` keep what several questions have in common; without them all is read.
    Raises BadRequest for a naive instant, Unavailable when the database is away.
    """
    if at.tzinfo is None:
        raise BadRequest("an instant needs its time zone")
    with asking(engine) as connection:
        reel = read_reel(connection, shelves or Shelves(), at, at)
        ids = reel.ids()
        expected = (periods or Periods()).of(connection, ids)
    standing = begin(reel, ids, expected, at.timestamp())
    records = standing.records(at.timestamp())
    known = float(np.mean(records["status"] != Status.UNKNOWN)) if len(records) else 0.0
    return PastState(at, ids, records, known, None if reel.newest is None else aware(reel.newest))


def changes(engine: Engine, t0: datetime, t1: datetime) -> Changes:
    """Every state change with t0 < phenomenon_time <= t1, in order of time.

    Raises Unavailable when the database is away.
    """
    with asking(engine) as connection:
        return read_changes(connection, t0, t1)


_SINCE = text(
    """
    SELECT asked.asset_id,
           (SELECT min(s.phenomenon_time) FROM state_change s
            WHERE s.asset_id = asked.asset_id AND s.phenomenon_time <= :at
              AND s.phenomenon_time > coalesce(
                  (SELECT max(d.phenomenon_time) FROM state_change d
                   WHERE d.asset_id = asked.asset_id AND d.phenomenon_time <= :at
                     AND d.status <> asked.status), '-infinity'))
    FROM unnest(CAST(:ids AS bigint[]), CAST(:statuses AS smallint[])) AS asked (asset_id, status)
    """
)


def since(
    engine: Engine, at: datetime, asset_ids: Sequence[int], statuses: Sequence[int]
) -> dict[int, datetime]:
    """Since when each asset had, at ``at``, the status given for it; meant for a few dozen assets.

    An asset of which no change is on record is left out: since when is not known.
    """
    bounds = {"at": at, "ids": list(asset_ids), "statuses": list(statuses)}
    with asking(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(_SINCE, bounds) if row[1] is not None}
