"""Rollups kept true: every hour whose observations changed is recomputed whole, with its day and area.

The recorder notes such hours in ``dirty_batch``, and so does whoever corrects a reading; here they are
taken and recomputed in one transaction, so late and corrected data come out right and running twice changes
nothing.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from geodata.area_days import refresh_area_days
from geodata.asking import asking
from services.history.archive.retention import columns_of, limits

DEADLINE_MS = 60_000
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('vigie.rollups'))")

_TAKE = text(
    """
    CREATE TEMP TABLE taken ON COMMIT DROP AS
    WITH chosen AS (
        SELECT id FROM dirty_batch b
        WHERE NOT EXISTS (SELECT FROM archived_day a
                          WHERE a.day = (b.bucket AT TIME ZONE 'UTC')::date AND a.dropped_at IS NOT NULL)
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM dirty_batch d USING chosen c WHERE d.id = c.id RETURNING d.bucket, d.streams)
    SELECT DISTINCT stream AS datastream_id, bucket FROM gone, unnest(streams) AS stream
    """
)
"""Hours of days that are archived wait until the day is back (``Archive.restore_dirty``)."""
_LEAVE = text(
    """
    DELETE FROM taken t USING datastream d, asset a,
        unnest(CAST(:types AS text[]), CAST(:names AS text[]), CAST(:sinces AS timestamptz[]))
            AS past (asset_type, observed_property, since)
    WHERE d.id = t.datastream_id AND a.id = d.asset_id AND t.bucket < past.since
      AND (past.asset_type, past.observed_property) = (a.asset_type, d.observed_property)
    """
)
"""What retention has taken the raw values of cannot be counted again: its figures stay as they are."""
_FORGET_HOURS = text(
    "DELETE FROM rollup_hour r USING taken t WHERE r.datastream_id = t.datastream_id AND r.bucket = t.bucket"
)
_HOURS = text(
    """
    INSERT INTO rollup_hour (datastream_id, bucket, n, sum, min, max, coverage)
    SELECT t.datastream_id, t.bucket, count(*), sum(o.result), min(o.result), max(o.result),
           least(1, count(DISTINCT floor(extract(epoch FROM o.phenomenon_time) / d.period_s))
                    * d.period_s / 3600.0)
    FROM taken t
    JOIN datastream d ON d.id = t.datastream_id
    JOIN reading o ON o.datastream_id = t.datastream_id
     AND o.phenomenon_time >= t.bucket AND o.phenomenon_time < t.bucket + interval '1 hour'
    WHERE (o.quality & 7) <> 2 AND o.phenomenon_time >= :first AND o.phenomenon_time < :last
    GROUP BY t.datastream_id, t.bucket, d.period_s
    """
)
"""Coverage: distinct periods that hold a value over those the hour has. Quality 2 (bad) is left out."""

_TAKEN_DAYS = text(
    """
    CREATE TEMP TABLE taken_day ON COMMIT DROP AS
    SELECT datastream_id, day, day::timestamp AT TIME ZONE :zone AS t0,
           (day + 1)::timestamp AT TIME ZONE :zone AS t1
    FROM (SELECT DISTINCT datastream_id, (bucket AT TIME ZONE :zone)::date AS day FROM taken) days
    """
)
_FORGET_DAYS = text(
    "DELETE FROM rollup_day r USING taken_day t WHERE r.datastream_id = t.datastream_id AND r.day = t.day"
)
_DAYS = text(
    """
    INSERT INTO rollup_day (datastream_id, day, n, sum, min, max, coverage)
    SELECT t.datastream_id, t.day, sum(r.n), sum(r.sum), min(r.min), max(r.max),
           least(1, sum(r.coverage) * 3600 / extract(epoch FROM t.t1 - t.t0))
    FROM taken_day t
    JOIN rollup_hour r ON r.datastream_id = t.datastream_id AND r.bucket >= t.t0 AND r.bucket < t.t1
    GROUP BY t.datastream_id, t.day, t.t0, t.t1
    """
)
"""Coverage: hours' coverage over the 23, 24 or 25 hours of the local day."""

_TAKEN_AREAS = text(
    """
    CREATE TEMP TABLE taken_area ON COMMIT DROP AS
    SELECT DISTINCT coalesce(CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END, 0)
               AS area_id, a.asset_type, d.observed_property, t.bucket
    FROM taken t JOIN datastream d ON d.id = t.datastream_id JOIN asset a ON a.id = d.asset_id
    """
)
_FORGET_AREAS = text(
    """
    DELETE FROM area_hour r USING taken_area t
    WHERE (r.area_id, r.asset_type, r.observed_property, r.bucket)
        = (t.area_id, t.asset_type, t.observed_property, t.bucket)
    """
)
_AREAS = text(
    """
    INSERT INTO area_hour (area_id, asset_type, observed_property, bucket, n, sum, min, max, coverage)
    SELECT s.area_id, s.asset_type, s.observed_property, r.bucket,
           sum(r.n), sum(r.sum), min(r.min), max(r.max), sum(r.coverage) / s.streams
    FROM (
        SELECT area_id, asset_type, observed_property, array_agg(id) AS ids, count(*) AS streams
        FROM (
            SELECT d.id, a.asset_type, d.observed_property,
                   coalesce(CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END, 0)
                       AS area_id
            FROM datastream d JOIN asset a ON a.id = d.asset_id
        ) every
        GROUP BY area_id, asset_type, observed_property
    ) s
    JOIN taken_area t USING (area_id, asset_type, observed_property)
    JOIN rollup_hour r ON r.datastream_id = ANY (s.ids) AND r.bucket = t.bucket
    GROUP BY s.area_id, s.asset_type, s.observed_property, s.streams, r.bucket
    """
)
"""Coverage: the mean over every datastream the area has of that property, silent ones as 0."""


_HOURLY = (_FORGET_HOURS, _HOURS)
_DAILY = (_TAKEN_DAYS, _FORGET_DAYS, _DAYS)
_BY_AREA = (_TAKEN_AREAS, _FORGET_AREAS, _AREAS)
_STEPS = (*_HOURLY, *_DAILY, *_BY_AREA)


def roll_up_dirty(engine: Engine, zone: ZoneInfo, limit: int = 200, area_kind: str = "commune") -> int:
    """Recompute the hours up to ``limit`` batches touched, their local days in ``zone`` and their areas.

    Returns how many hours of datastreams that were; 0 when none is left. Hours whose raw values retention
    has taken are left as they are.

    ``area_kind`` is the kind of area the city counts by. Raises Unavailable when the database is away;
    then nothing was consumed.
    """
    with asking(engine, DEADLINE_MS) as connection:
        connection.execute(ONE_AT_A_TIME)
        connection.execute(_TAKE, {"limit": limit})
        past = columns_of(limits(connection, datetime.now(UTC)))
        left = connection.execute(_LEAVE, past).rowcount if past["types"] else 0
        first, last, taken = connection.execute(
            text("SELECT min(bucket), max(bucket) + interval '1 hour', count(*) FROM taken")
        ).one()
        if taken:
            _recompute(connection, {"first": first, "last": last, "zone": zone.key, "kind": area_kind})
            refresh_area_days(connection, zone)
        connection.commit()
    return int(taken) + left


def _recompute(connection: Connection, bounds: dict[str, object]) -> None:
    for statement in _STEPS:
        wanted = {name: bounds[name] for name in statement.compile().params}
        connection.execute(statement, wanted)
