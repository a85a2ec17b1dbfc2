"""Pieces that several questions share: the days, what was to be expected of each, and the tariff of a day."""

from collections.abc import Mapping
from typing import Any

from geodata.profiles import CityProfile
from model.kpis import Kpi

DAY = """day AS (
    SELECT d::date AS day,
           extract(epoch FROM (d + interval '1 day') AT TIME ZONE :zone - d AT TIME ZONE :zone) / 3600
               AS hours
    FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') d
)"""
"""The local days asked for, each with its 23, 24 or 25 hours."""


def area_of(asset: str) -> str:
    """The area an ``asset`` (its alias) lies in, of the kind the city counts by; -1 outside every one."""
    return f"coalesce(CASE WHEN :kind = 'district' THEN {asset}.district_id ELSE {asset}.commune_id END, -1)"


def local(instant: str) -> str:
    """The local day of an instant."""
    return f"(({instant}) AT TIME ZONE :zone)::date"


STREAM = f"""pair AS (
    SELECT p.asset_type, p.name, (SELECT min(d.day) FROM area_day d
               WHERE (d.asset_type, d.observed_property) = (p.asset_type, p.name)) AS seen_since
    FROM unnest(CAST(:types AS text[]), CAST(:names AS text[])) AS p (asset_type, name)
),
stream AS (
    SELECT p.asset_type, p.name, {area_of("a")} AS area_id,
           greatest({local("a.installed_at")}, p.seen_since) AS since, {local("a.removed_at")} AS gone
    FROM pair p JOIN asset a USING (asset_type)
    WHERE p.seen_since IS NOT NULL AND (p.name IN ('fault_share', 'lit_share')
       OR EXISTS (SELECT FROM datastream d WHERE d.asset_id = a.id AND d.observed_property = p.name))
)"""
"""Every series that is to be expected: of states one an asset, of properties one a datastream.

Of what was never received of any asset nothing is expected: it is no gap, there is nothing."""

EXPECTED = """expected AS (
    SELECT asset_type, name, area_id, day,
           sum(sum(step)) OVER (PARTITION BY asset_type, name, area_id ORDER BY day) AS streams
    FROM (
        SELECT asset_type, name, area_id, greatest(since, CAST(:first AS date)) AS day, 1 AS step FROM stream
        WHERE since IS NULL OR since <= :last
        UNION ALL SELECT asset_type, name, area_id, greatest(gone, CAST(:first AS date)), -1 FROM stream
        WHERE gone <= :last
        UNION ALL SELECT asset_type, name, area_id, day, 0
        FROM (SELECT DISTINCT asset_type, name, area_id FROM stream) k CROSS JOIN day
    ) steps GROUP BY asset_type, name, area_id, day
)"""
"""How many of them stood in each area at the end of each day."""

CELL = f"""{DAY},
{STREAM},
{EXPECTED},
seen AS (
    SELECT d.asset_type, d.observed_property AS name, coalesce(nullif(d.area_id, 0), -1) AS area_id, d.day,
           d.n, d.sum, d.coverage, d.fullest
    FROM area_day d JOIN pair p ON (p.asset_type, p.name) = (d.asset_type, d.observed_property)
    WHERE d.day >= :first AND d.day <= :last
),
cell AS (
    SELECT area_id, day, hours, coalesce(nullif(e.streams, 0), s.fullest, 0) * hours AS weight,
           coalesce(s.coverage, 0) AS coverage, coalesce(s.n, 0) AS n, coalesce(s.sum, 0) AS sum
    FROM expected e FULL JOIN seen s USING (asset_type, name, area_id, day) JOIN day USING (day)
    WHERE e.streams > 0 OR s.n > 0
)"""
"""What was received by area and day (``area_day``), beside what was to be expected."""

STEPS = """standing AS (
    SELECT area_id, day, sum(sum(amount)) OVER w AS amount, sum(sum(part)) OVER w AS part,
           sum(sum(everything)) OVER w AS everything
    FROM (
        SELECT area_id, greatest(since, CAST(:first AS date)) AS day, amount, 0.0 AS part,
               1 AS everything FROM thing
        WHERE since IS NULL OR since <= :last
        UNION ALL
        SELECT area_id, greatest(part_since, CAST(:first AS date)), 0, part, 0 FROM thing
        WHERE part <> 0 AND (part_since IS NULL OR part_since <= :last)
          AND (gone IS NULL OR part_since < gone)
        UNION ALL
        SELECT area_id, greatest(gone, CAST(:first AS date)), -amount,
               CASE WHEN part_since IS NULL OR part_since < gone THEN -part ELSE 0 END, -1
        FROM thing WHERE gone <= :last
        UNION ALL
        SELECT area_id, day, 0, 0, 0 FROM (SELECT DISTINCT area_id FROM thing) k CROSS JOIN day
    ) steps GROUP BY area_id, day WINDOW w AS (PARTITION BY area_id ORDER BY day)
)"""
"""What stood at the end of each day, of ``thing`` (area_id, since, gone, amount, part, part_since)."""

SINCE_SEEN = (
    "SELECT min(day) FROM unnest(CAST(:types AS text[]), CAST(:names AS text[])) AS p (asset_type, name), "
    "LATERAL (SELECT min(d.day) AS day FROM area_day d "
    "WHERE (d.asset_type, d.observed_property) = (p.asset_type, p.name)) f"
)
"""The first day on record of what is read."""


def pairs(kpi: Kpi, _profile: CityProfile) -> Mapping[str, Any]:
    """The (asset type, property) pairs a figure reads, as two arrays."""
    measured = [source for source in kpi.sources if source[1]]
    return {"types": [kind for kind, _ in measured], "names": [name for _, name in measured]}


TARIFF = """tariff AS (
    SELECT * FROM unnest(CAST(:tariff_since AS date[]), CAST(:tariff_values AS float8[])) AS t (since, value)
)"""
PRICE = "(SELECT t.value FROM tariff t WHERE t.since <= day ORDER BY t.since DESC LIMIT 1)"
"""The tariff in force on a day; null before the first."""


def tariffs(kpi: Kpi, profile: CityProfile) -> Mapping[str, Any]:
    """The dated tariffs of the figure's domain."""
    told = profile.tariffs.get(kpi.domain, ())
    return {"tariff_since": [one.since for one in told], "tariff_values": [one.value for one in told]}
