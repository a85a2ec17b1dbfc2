"""Daily figures of areas kept true: a local day of which an hour changed is recomputed whole."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from geodata.asking import statement

_SHARES = "observed_property IN ('fault_share', 'lit_share')"
_TOUCHED = statement(
    """
    CREATE TEMP TABLE taken_area ON COMMIT DROP AS
    SELECT area_id, asset_type, observed_property, CAST(:hour AS timestamptz) AS bucket
    FROM area_hour WHERE bucket = :hour AND {shares}
    UNION
    SELECT area_id, asset_type, observed_property, CAST(:hour AS timestamptz)
    FROM area_day WHERE day = (CAST(:hour AS timestamptz) AT TIME ZONE :zone)::date AND {shares}
    """,
    shares=_SHARES,
)

_DAYS = text(
    """
    CREATE TEMP TABLE taken_area_day ON COMMIT DROP AS
    SELECT area_id, asset_type, observed_property, day, day::timestamp AT TIME ZONE :zone AS t0,
           (day + 1)::timestamp AT TIME ZONE :zone AS t1
    FROM (SELECT DISTINCT area_id, asset_type, observed_property, (bucket AT TIME ZONE :zone)::date AS day
          FROM taken_area) days
    """
)
_FORGET = text(
    """
    DELETE FROM area_day d USING taken_area_day t
    WHERE (d.area_id, d.asset_type, d.observed_property, d.day)
        = (t.area_id, t.asset_type, t.observed_property, t.day)
    """
)
_FIGURES = """
    sum(r.n), sum(r.sum), min(r.min), max(r.max),
    least(1, sum(r.coverage) * 3600 / extract(epoch FROM t1 - t0)), max(r.n)
"""
"""Coverage: the hours' coverage over the 23, 24 or 25 hours of the local day."""
_COLUMNS = "area_id, asset_type, observed_property, day, n, sum, min, max, coverage, fullest"
_WRITE = statement(
    """
    INSERT INTO area_day ({columns})
    SELECT t.area_id, t.asset_type, t.observed_property, t.day, {figures}
    FROM taken_area_day t JOIN area_hour r
      ON (r.area_id, r.asset_type, r.observed_property) = (t.area_id, t.asset_type, t.observed_property)
     AND r.bucket >= t.t0 AND r.bucket < t.t1
    GROUP BY t.area_id, t.asset_type, t.observed_property, t.day, t.t0, t.t1
    """,
    columns=_COLUMNS,
    figures=_FIGURES,
)


def refresh_area_days(connection: Connection, zone: ZoneInfo) -> None:
    """Recompute in ``area_day`` the local days of the hours named in the temporary table ``taken_area``.

    That table has (area_id, asset_type, observed_property, bucket) and lives in the caller's transaction.
    """
    connection.execute(_DAYS, {"zone": zone.key})
    connection.execute(_FORGET)
    connection.execute(_WRITE)


_FILL = statement(
    """
    INSERT INTO area_day ({columns})
    SELECT area_id, asset_type, observed_property, day, {figures}
    FROM (
        SELECT h.*, d.day, d.day::timestamp AT TIME ZONE :zone AS t0,
               (d.day + 1)::timestamp AT TIME ZONE :zone AS t1
        FROM area_hour h, LATERAL (SELECT (h.bucket AT TIME ZONE :zone)::date AS day) d
    ) r
    GROUP BY area_id, asset_type, observed_property, day, t0, t1
    ON CONFLICT DO NOTHING
    """,
    columns=_COLUMNS,
    figures=_FIGURES,
)


def refresh_days_of_states(connection: Connection, zone: ZoneInfo, hour: datetime) -> None:
    """Recompute in ``area_day`` the shares of states of the local day of ``hour`` (aware)."""
    connection.execute(_TOUCHED, {"hour": hour, "zone": zone.key})
    refresh_area_days(connection, zone)


def fill_area_days(connection: Connection, zone: ZoneInfo) -> int:
    """Write the days ``area_day`` lacks, from ``area_hour``; rows written.

    For a history whose hours are older than its daily figures of areas: a city built at once, or an upgrade.
    """
    return connection.execute(_FILL, {"zone": zone.key}).rowcount
