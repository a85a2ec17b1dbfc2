"""The questions that hold figures against a recount: each gives (what, recorded, counted) of a difference.

Within EXISTS the columns of the temporary tables have names of their own, so that the others are the row's.
"""

from sqlalchemy import text

from geodata.asking import statement

PREPARE = (
    text(
        "CREATE TEMP TABLE recount_hour (datastream_id integer, bucket timestamptz, n bigint, sum float8, "
        "min float8, max float8, coverage float8)"
    ),
    text("CREATE TEMP TABLE waiting (stream integer, hour timestamptz)"),
    text("CREATE TEMP TABLE expired (stream integer, since timestamptz)"),
)

_TOLD = "{0}.n || ' values, sum ' || {0}.sum || ', ' || {0}.min || ' to ' || {0}.max"
_UNLIKE = """
    (r.n IS DISTINCT FROM o.n OR r.min IS DISTINCT FROM o.min OR r.max IS DISTINCT FROM o.max
     OR abs(r.sum - o.sum) > 1e-9 * greatest(1, abs(o.sum)))
"""
"""Sums may differ by the order they were added up in."""
_COVERED = "abs(r.coverage - o.coverage) > 1e-6"

_PARTS = {
    "recorded": _TOLD.format("r"),
    "counted": _TOLD.format("o"),
    "unlike": _UNLIKE,
    "covered": _COVERED,
}

_HOURS = """
    SELECT 'datastream ' || datastream_id || ' ' || bucket,
           {recorded} || ', coverage ' || r.coverage, {counted} || ', coverage ' || o.coverage
    FROM (SELECT * FROM rollup_hour h WHERE bucket >= :t0 AND bucket < :t1 AND NOT EXISTS
             (SELECT FROM expired e WHERE e.stream = h.datastream_id AND h.bucket < e.since)) r
    FULL JOIN recount_hour o USING (datastream_id, bucket)
    WHERE ({unlike} OR {covered}) AND NOT EXISTS
        (SELECT FROM waiting w WHERE (w.stream, w.hour) = (datastream_id, bucket))
    ORDER BY 1 LIMIT :most
"""
_DAYS = """
    SELECT 'datastream ' || datastream_id || ' ' || CAST(:day AS date),
           {recorded} || ', coverage ' || r.coverage, {counted} || ', coverage ' || o.coverage
    FROM (SELECT * FROM rollup_day WHERE day = :day) r
    FULL JOIN (
        SELECT datastream_id, sum(n) AS n, sum(sum) AS sum, min(min) AS min, max(max) AS max,
               least(1, sum(coverage) * 3600 / extract(epoch FROM
                   (CAST(:day AS date) + 1)::timestamp AT TIME ZONE :zone
                   - CAST(:day AS date)::timestamp AT TIME ZONE :zone)) AS coverage
        FROM recount_hour GROUP BY datastream_id
    ) o USING (datastream_id)
    WHERE ({unlike} OR {covered}) AND :whole
      AND NOT EXISTS (SELECT FROM waiting w WHERE w.stream = datastream_id)
      AND NOT EXISTS (SELECT FROM expired e WHERE e.stream = datastream_id)
    ORDER BY 1 LIMIT :most
"""
_OF_AREA = """
    SELECT d.id, coalesce(CASE WHEN :kind = 'district' THEN a.district_id ELSE a.commune_id END, 0)
               AS area_id, a.asset_type, d.observed_property
    FROM datastream d JOIN asset a ON a.id = d.asset_id
"""
_AREA_HOURS = """
    WITH stream AS ({of_area}), unsure AS (
        SELECT DISTINCT area_id AS area, asset_type AS kind, observed_property AS name, w.hour
        FROM waiting w JOIN stream s ON s.id = w.stream
    ), past AS (
        SELECT s.asset_type AS kind, s.observed_property AS name, max(e.since) AS since
        FROM expired e JOIN stream s ON s.id = e.stream GROUP BY 1, 2
    ), made AS (
        SELECT DISTINCT s.asset_type AS kind, s.observed_property AS name FROM stream s
        WHERE s.id IN (SELECT o.datastream_id FROM recount_hour o
                       UNION SELECT h.datastream_id FROM rollup_hour h
                             WHERE h.bucket >= :t0 AND h.bucket < :t1
                       UNION SELECT d.datastream_id FROM rollup_day d WHERE d.day = :day)
    )
    SELECT 'area ' || area_id || ' ' || asset_type || ' ' || observed_property || ' ' || bucket,
           {recorded}, {counted}
    FROM (SELECT * FROM area_hour WHERE bucket >= :t0 AND bucket < :t1
             AND observed_property NOT IN ('fault_share', 'lit_share')) r
    FULL JOIN (
        SELECT area_id, asset_type, observed_property, bucket, sum(n) AS n, sum(sum) AS sum,
               min(min) AS min, max(max) AS max
        FROM recount_hour h JOIN stream s ON s.id = h.datastream_id GROUP BY 1, 2, 3, 4
    ) o USING (area_id, asset_type, observed_property, bucket)
    WHERE {unlike} AND NOT EXISTS (
        SELECT FROM unsure u
        WHERE (u.area, u.kind, u.name, u.hour) = (area_id, asset_type, observed_property, bucket))
      AND NOT EXISTS (
        SELECT FROM past p WHERE (p.kind, p.name) = (asset_type, observed_property) AND bucket < p.since)
      AND EXISTS (SELECT FROM made m WHERE (m.kind, m.name) = (asset_type, observed_property))
    ORDER BY 1 LIMIT :most
"""
"""Of a kind no datastream has a reading or figure of that day, the figures of areas came as such."""
_AREA_DAYS = """
    SELECT 'area ' || area_id || ' ' || asset_type || ' ' || observed_property || ' ' || CAST(:day AS date),
           {recorded} || ', coverage ' || r.coverage, {counted} || ', coverage ' || o.coverage
    FROM (SELECT * FROM area_day WHERE day = :day) r
    FULL JOIN (
        SELECT area_id, asset_type, observed_property, sum(n) AS n, sum(sum) AS sum, min(min) AS min,
               max(max) AS max, max(n) AS fullest,
               least(1, sum(coverage) * 3600 / extract(epoch FROM
                   (CAST(:day AS date) + 1)::timestamp AT TIME ZONE :zone
                   - CAST(:day AS date)::timestamp AT TIME ZONE :zone)) AS coverage
        FROM area_hour WHERE bucket >= CAST(:day AS date)::timestamp AT TIME ZONE :zone
          AND bucket < (CAST(:day AS date) + 1)::timestamp AT TIME ZONE :zone
        GROUP BY 1, 2, 3
    ) o USING (area_id, asset_type, observed_property)
    WHERE {unlike} OR {covered} OR r.fullest IS DISTINCT FROM o.fullest
    ORDER BY 1 LIMIT :most
"""

COMPARISONS = {
    "rollup_hour": statement(_HOURS, **_PARTS),
    "rollup_day": statement(_DAYS, **_PARTS),
    "area_hour": statement(_AREA_HOURS, of_area=_OF_AREA, **_PARTS),
    "area_day": statement(_AREA_DAYS, **_PARTS),
}
