"""What one asset last said: its newest values, and its last changes of state."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.registry import Fact, LatestValue
from model.states import Status

DEADLINE_MS = 2_000
RECENT = timedelta(days=2)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


# Each partition has the key (datastream_id, phenomenon_time): the newest two are read backwards from it. A
# day is a partition, so the last days are looked at first, and all of them only for what said nothing since.
_VALUES = text(
    """
    SELECT d.observed_property, d.unit, d.period_s,
           o.results[1], o.times[1], coalesce(o.qualities[1], 0), o.results[2],
           o.raws[1], o.raw_units[1]
    FROM datastream d
    LEFT JOIN LATERAL (
        SELECT array_agg(n.result) AS results, array_agg(n.phenomenon_time) AS times,
               array_agg(n.quality) AS qualities, array_agg(n.raw) AS raws,
               array_agg(n.raw_unit) AS raw_units
        FROM (SELECT result, phenomenon_time, quality, raw, raw_unit FROM reading
              WHERE datastream_id = d.id AND phenomenon_time > :after
              ORDER BY phenomenon_time DESC LIMIT 2) n
    ) o ON true
    WHERE d.asset_id = :id AND d.observed_property <> 'state'
    ORDER BY d.id
    """
)
_FACTS = text(
    "SELECT phenomenon_time, status, state FROM state_change WHERE asset_id = :id "
    "ORDER BY phenomenon_time DESC LIMIT :limit"
)


def latest_values(engine: Engine, asset_id: int) -> list[LatestValue]:
    """The newest value of each datastream of ``asset_id``. Raises Unavailable."""
    recent = datetime.now(UTC) - RECENT
    with asking(engine, DEADLINE_MS) as connection:
        found = connection.execute(_VALUES, {"id": asset_id, "after": recent}).all()
        if any(row[6] is None for row in found):
            found = connection.execute(_VALUES, {"id": asset_id, "after": _EVER}).all()
    return [LatestValue(*row) for row in found]


def recent_changes(engine: Engine, asset_id: int, limit: int = 6) -> list[Fact]:
    """The last ``limit`` changes of state of ``asset_id``, newest first. Raises Unavailable."""
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(_FACTS, {"id": asset_id, "limit": limit})
        return [Fact(at, Status(status), state) for at, status, state in rows]
