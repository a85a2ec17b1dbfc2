"""What one asset had last said at an instant of the past: its values, and its changes of state until then."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.errors import BadRequest
from model.registry import Fact, LatestValue
from model.states import Status
from services.history.cold import Cold, days_out
from services.history.raw import YOUNG, raw_readings
from services.history.standing import aware

DEADLINE_MS = 2_000

# Each partition has the key (datastream_id, phenomenon_time): the newest two are read backwards from it.
_VALUES = text(
    """
    SELECT d.id, d.observed_property, d.unit, d.period_s, o.results[1], o.times[1],
           coalesce(o.qualities[1], 0), o.results[2], o.raws[1], o.raw_units[1], o.received[1]
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


REACH = timedelta(days=2)
"""How far before the instant archived days are searched: a healthy datastream says something every hour."""


def values_at(engine: Engine, asset_id: int, at: datetime, cold: Cold | None = None) -> list[LatestValue]:
    """The newest value of each datastream of ``asset_id`` not after ``at`` (aware), with the one before it.

    Where days before the instant were archived, ``cold`` is asked for them; values from there are good or
    doubtful ones, and do not tell when they came in. Of a datastream that had sent nothing by then, ``value``
    and ``at`` are None. Raises BadRequest for a naive instant, Unavailable when the database or the archive
    is away.
    """
    with asking(engine, DEADLINE_MS) as connection:
        rows = connection.execute(_VALUES, {"id": asset_id, "at": _aware(at)}).all()
        found = {row[0]: LatestValue(*row[1:]) for row in rows}
        if cold and found and at < datetime.now(UTC) - YOUNG and days_out(connection, at - REACH, at):
            _with_archived(connection, cold, found, at)
        return list(found.values())


def _with_archived(connection: Connection, cold: Cold, found: dict[int, LatestValue], at: datetime) -> None:
    """Put what the archive holds of the last two days into ``found`` (by datastream), where it is newer."""
    raw = raw_readings(connection, cold, list(found), at - REACH, at + timedelta(microseconds=1))
    for stream, value in found.items():
        own = raw.streams == stream
        times, values = raw.times[own], raw.values[own]
        if not len(times) or (value.at is not None and value.at.timestamp() >= times[-1]):
            continue
        before = float(values[-2]) if len(values) > 1 else value.value
        newest, when = float(values[-1]), aware(float(times[-1]))
        found[stream] = LatestValue(
            value.observed_property, value.unit, value.period_s, newest, when, quality=0, previous=before
        )


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
