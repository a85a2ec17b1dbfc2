"""What one asset had last said at an instant of the past: its values, and its changes of state until then."""

from datetime import datetime

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.errors import BadRequest
from model.registry import Fact, LatestValue
from model.states import Status

DEADLINE_MS = 2_000

# Each partition has the key (datastream_id, phenomenon_time): the newest two are read backwards from it.
_VALUES = text(
    """
    SELECT d.observed_property, d.unit, d.period_s, o.results[1], o.times[1], coalesce(o.qualities[1], 0),
           o.results[2], o.raws[1], o.raw_units[1], o.received[1]
    FROM datastream d
    LEFT JOIN LATERAL (
        SELECT array_agg(n.result) AS results, array_agg(n.phenomenon_time) AS times,
               array_agg(n.quality) AS qualities, array_agg(n.raw) AS raws,
               array_agg(n.raw_unit) AS raw_units, array_agg(n.received_at) AS received
        FROM (SELECT * FROM reading WHERE datastream_id = d.id AND phenomenon_time <= :at
              ORDER BY phenomenon_time DESC LIMIT 2) n
    ) o ON true
    WHERE d.asset_id = :id AND d.observed_property <> 'state'
    ORDER BY d.id
    """
)
_FACTS = text(
    "SELECT phenomenon_time, status, state, received_at FROM state_change "
    "WHERE asset_id = :id AND phenomenon_time <= :at ORDER BY phenomenon_time DESC LIMIT :limit"
)


def values_at(engine: Engine, asset_id: int, at: datetime) -> list[LatestValue]:
    """The newest value of each datastream of ``asset_id`` not after ``at`` (aware), with the one before it.

    Of a datastream that had sent nothing by then, ``value`` and ``at`` are None. Raises BadRequest for a
    naive instant, Unavailable when the database is away.
    """
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(_VALUES, {"id": asset_id, "at": _aware(at)})
        return [LatestValue(*row) for row in rows]


def facts_at(engine: Engine, asset_id: int, at: datetime, limit: int = 6) -> list[Fact]:
    """The last ``limit`` changes of state of ``asset_id`` not after ``at`` (aware), newest first, each with
    when it became known. Raises BadRequest for a naive instant, Unavailable when the database is away."""
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(_FACTS, {"id": asset_id, "at": _aware(at), "limit": limit})
        return [Fact(when, Status(status), state, received) for when, status, state, received in rows]


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadRequest("an instant needs its time zone")
    return at
