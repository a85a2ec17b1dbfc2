"""How long lamps stay out: from the first report of a lamp failure to the lamp normal or lit again."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, text

from model.domains.lighting import STREETLIGHT
from model.states import Status

WINDOW = timedelta(days=14)
LONGEST = timedelta(days=60)
FEWEST = 5
"""Under this many repairs no median is told."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One closed lamp failure: the commune (0: outside all), when it was closed, how many hours it took."""

    area_id: int
    closed_at: datetime
    hours: float


_REPAIRS = text(
    """
    SELECT coalesce(CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END, 0),
           closed.at, extract(epoch FROM closed.at - failed.phenomenon_time) / 3600.0
    FROM state_change failed
    JOIN asset a ON a.id = failed.asset_id AND a.asset_type = 'streetlight'
    LEFT JOIN LATERAL (
        SELECT s.state FROM state_change s
        WHERE s.asset_id = failed.asset_id AND s.phenomenon_time < failed.phenomenon_time
          AND s.phenomenon_time >= :since
        ORDER BY s.phenomenon_time DESC LIMIT 1
    ) before ON true
    JOIN LATERAL (
        SELECT s.phenomenon_time AS at FROM state_change s
        WHERE s.asset_id = failed.asset_id AND s.phenomenon_time > failed.phenomenon_time
          AND s.phenomenon_time < :until AND s.status IN (:normal, :active)
        ORDER BY s.phenomenon_time LIMIT 1
    ) closed ON true
    WHERE failed.status = :fault AND failed.state = :failure
      AND failed.phenomenon_time >= :since AND failed.phenomenon_time < :until
      AND before.state IS DISTINCT FROM failed.state
      AND closed.at >= :closed_since
    ORDER BY closed.at
    """
)


def repairs(connection: Connection, closed_since: datetime, until: datetime, area_kind: str) -> list[Repair]:
    """Lamp failures closed in [``closed_since``, ``until``), begun at most 60 days before, oldest first.

    A failure whose beginning is not on record is left out: its length is not known.
    """
    rows = connection.execute(
        _REPAIRS,
        {
            "kind": area_kind,
            "since": closed_since - LONGEST,
            "until": until,
            "closed_since": closed_since,
            "fault": Status.FAULT,
            "normal": Status.NORMAL,
            "active": Status.ACTIVE,
            "failure": STREETLIGHT.state_named("lamp_failure").code,
        },
    )
    return [Repair(int(row[0]), row[1], float(row[2])) for row in rows]


def median_hours(found: list[Repair]) -> float | None:
    """The median length; None under five repairs."""
    return median(repair.hours for repair in found) if len(found) >= FEWEST else None


def by_area(found: list[Repair]) -> dict[int, list[Repair]]:
    """Repairs by commune."""
    grouped: dict[int, list[Repair]] = defaultdict(list)
    for repair in found:
        grouped[repair.area_id].append(repair)
    return grouped
