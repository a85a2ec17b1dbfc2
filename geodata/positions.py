"""Positions of moving assets in the history: read back for an instant, and kept no longer than allowed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, text

from geodata.partitions import day_start, drop_days, ensure_days
from geodata.retention import VEHICLE_POSITIONS, kept_since
from model.states import Status

AHEAD_DAYS = 2


class StoredPosition(NamedTuple):
    """One stored position: asset id, epoch s, WGS84 degrees, bearing (degrees), speed (km/h), line."""

    asset_id: int
    time: float
    lon: float
    lat: float
    bearing: float | None
    speed: float | None
    line: str


_BETWEEN = text(
    """
    SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, lon, lat, bearing, speed, line
    FROM position WHERE phenomenon_time > :after AND phenomenon_time <= :until
    ORDER BY phenomenon_time, asset_id
    """
)
_TRAIL = text(
    """
    SELECT asset_id, extract(epoch FROM phenomenon_time)::float8, lon, lat, bearing, speed, line
    FROM position p WHERE phenomenon_time > :after AND phenomenon_time <= :until AND NOT EXISTS
        (SELECT FROM state_change s WHERE s.asset_id = p.asset_id AND s.status = :out_of_service
         AND s.phenomenon_time >= p.phenomenon_time AND s.phenomenon_time <= :until)
    ORDER BY phenomenon_time, asset_id
    """
)


def positions_between(engine: Engine, after: datetime, until: datetime) -> list[StoredPosition]:
    """Positions later than ``after`` and not later than ``until`` (aware), in order of time."""
    with engine.connect() as connection:
        rows = connection.execute(_BETWEEN, {"after": after, "until": until}).all()
    return [StoredPosition(*row) for row in rows]


@dataclass(frozen=True)
class KeptPositions:
    """What keeping the rule did: partitions made ahead, and days dropped."""

    made: list[str]
    dropped: list[str]


def keep_positions(engine: Engine, now: datetime) -> KeptPositions:
    """Make the partitions of the days around ``now`` (aware) and drop every day the rule no longer allows.

    A day is dropped as soon as any of it is older than the rule. Without a rule nothing is dropped.
    """
    with engine.begin() as connection:
        made = ensure_days(connection, day_start(now, -1), day_start(now, AHEAD_DAYS))
    with engine.begin() as connection:
        since = kept_since(connection, VEHICLE_POSITIONS, now)
        dropped = drop_days(connection, "position", since) if since else []
    return KeptPositions(made, dropped)


def trail_of(engine: Engine, at: datetime, seconds: float) -> list[StoredPosition]:
    """The positions of the ``seconds`` up to the instant ``at`` (aware), in order of time.

    Of what went out of service by then nothing that came before: it was hidden at ``at``.
    """
    span = {"after": at - timedelta(seconds=seconds), "until": at}
    with engine.connect() as connection:
        rows = connection.execute(_TRAIL, span | {"out_of_service": int(Status.OUT_OF_SERVICE)}).all()
    return [StoredPosition(*row) for row in rows]
