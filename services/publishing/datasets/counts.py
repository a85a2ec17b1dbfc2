"""What loops counted: flow and occupancy by hour and loop, or coarser, from the rollups of their streams."""

import pyarrow as pa
import pyarrow.compute as pc

from geodata.asking import asking
from model.datasets import Span
from services.publishing.datasets.asked import DEADLINE_MS, Asked
from services.publishing.datasets.fetching import fetched
from services.publishing.datasets.shaping import INSTANT, is_located, points, shaped

_COUNTS = """
    COPY (
        WITH member AS MATERIALIZED (
            SELECT a.id, CASE %(place)s WHEN 'asset' THEN a.id WHEN 'area' THEN coalesce(c.id, 0) ELSE 0 END
                       AS place,
                   CASE WHEN %(place)s = 'asset' THEN a.external_id END AS external_id,
                   CASE WHEN %(place)s = 'asset' THEN a.name END AS name,
                   CASE WHEN %(place)s <> 'city' THEN c.name END AS area,
                   CASE WHEN %(place)s <> 'city' THEN c.code END AS area_code,
                   CASE WHEN %(place)s = 'asset' THEN p.at END AS at
            FROM asset a
            LEFT JOIN area c
              ON c.id = CASE WHEN %(kind)s = 'district' THEN a.district_id ELSE a.commune_id END
            CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(a.geometry) = 'POINT' THEN a.geometry
                                            ELSE ST_PointOnSurface(a.geometry) END AS at) p
            WHERE a.asset_type = ANY (%(types)s) AND a.removed_at IS NULL AND a.geometry IS NOT NULL
              AND (%(areas)s::integer[] IS NULL OR a.commune_id = ANY (%(areas)s::integer[])
                   OR a.district_id = ANY (%(areas)s::integer[]))
        ), stream AS MATERIALIZED (
            SELECT d.id, m.place, d.observed_property = 'flow' AS flow
            FROM datastream d JOIN member m ON m.id = d.asset_id
            WHERE d.observed_property IN ('flow', 'occupancy')
        ), place AS (
            SELECT DISTINCT ON (m.place) m.*,
                   (SELECT count(*) FROM stream s WHERE s.place = m.place AND s.flow) AS streams
            FROM member m ORDER BY m.place
        ), figure AS (
            SELECT s.place, {span} AS span,
                   sum(r.sum) FILTER (WHERE s.flow) / nullif(sum(r.n) FILTER (WHERE s.flow), 0) AS flow,
                   sum(r.sum) FILTER (WHERE NOT s.flow) / nullif(sum(r.n) FILTER (WHERE NOT s.flow), 0)
                       AS occupancy,
                   sum(r.coverage) FILTER (WHERE s.flow) AS coverage
            FROM stream s JOIN {source} r ON r.datastream_id = s.id
            WHERE {period} GROUP BY 1, 2
        )
        SELECT extract(epoch FROM f.span)::bigint, p.external_id, p.name, p.area, p.area_code, f.flow,
               100 * f.occupancy, least(100, 100 * coalesce(f.coverage, 0) / nullif(p.streams * {spans}, 0)),
               ST_X(p.at), ST_Y(p.at)
        FROM figure f JOIN place p USING (place)
    ) TO STDOUT (FORMAT csv)
"""
"""Of several loops the mean over all their values; coverage counts a silent loop as nothing."""

_BY_HOUR = _COUNTS.format(
    span="r.bucket", source="rollup_hour", spans="1",
    period="r.bucket >= %(t0)s AND r.bucket < %(t1)s",
)  # fmt: skip
_BY_DAY = _COUNTS.format(
    span="r.day::timestamp AT TIME ZONE %(zone)s", source="rollup_day", spans="1",
    period="r.day >= %(first)s AND r.day <= %(last)s",
)  # fmt: skip
_BY_MONTH = _COUNTS.format(
    span="date_trunc('month', r.day::timestamp) AT TIME ZONE %(zone)s",
    source="rollup_day",
    spans="extract(day FROM (f.span AT TIME ZONE %(zone)s) + interval '1 month - 1 day')",
    period="r.day >= %(first)s AND r.day <= %(last)s",
)
_TYPES = {
    "second": pa.int64(), "id": pa.string(), "name": pa.string(), "area": pa.string(),
    "area_code": pa.string(), "flow": pa.float64(), "occupancy": pa.float64(), "coverage": pa.float64(),
    "lon": pa.float64(), "lat": pa.float64(),
}  # fmt: skip


def counts(asked: Asked) -> pa.Table:
    """A row for each loop (area, city) and each hour (day, month) in which anything was counted.

    ``hour`` is when the span begins, in UTC.
    """
    span = asked.release.grain.span
    question = _BY_HOUR if span <= Span.HOUR else _BY_DAY if span is Span.DAY else _BY_MONTH
    t0, t1 = asked.hours
    first, last = asked.days
    with asking(asked.engine, DEADLINE_MS) as connection:
        bounds = asked.bounds | {"t0": t0, "t1": t1, "first": first, "last": last}
        found = fetched(connection, question, bounds, _TYPES)
    columns = {name: found[name] for name in found.column_names}
    columns["hour"] = pc.multiply(found["second"], 1000).cast(INSTANT)
    if is_located(asked.release):
        columns["geometry"] = points(found["lon"], found["lat"])
    return shaped(asked.release, columns, found.num_rows)
