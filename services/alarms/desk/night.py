"""The alarms of a stretch of time for its report: which, when they were acknowledged and by whom."""

from datetime import UTC, datetime

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.report import NightAlarm, NightAlarms

MOST = 25

_ROWS = text(
    """
    WITH shown AS MATERIALIZED (
        SELECT a.*, (SELECT count(*) FROM alarm c WHERE c.cause_id = a.id) AS behind FROM alarm a
        WHERE a.annunciated_at > :a AND a.annunciated_at <= :b
    )
    SELECT x.alarm_class, v.declaration -> 'title' AS title, x.priority, coalesce(s.external_id, '') AS asset,
           coalesce(s.name, r.name, '') AS name, x.annunciated_at, x.behind,
           CASE WHEN x.acknowledged_at <= :b THEN x.acknowledged_at END AS acknowledged_at,
           CASE WHEN x.acknowledged_at <= :b THEN x.acknowledged_by END AS acknowledged_by,
           CASE WHEN x.return_noticed_at <= :b THEN x.returned_at END AS returned_at,
           (SELECT count(*) FROM shown) AS total,
           (SELECT count(*) FROM shown WHERE acknowledged_at <= :b) AS acknowledged
    FROM shown x JOIN alarm_rule_version v ON v.rule_id = x.rule_id AND v.version = x.rule_version
    LEFT JOIN asset s ON s.id = x.asset_id
    LEFT JOIN area r ON r.id = coalesce(x.area_id, x.commune_id)
    ORDER BY x.priority, x.behind DESC, x.annunciated_at, x.id LIMIT :most
    """
)


def night_alarms(engine: Engine, a: datetime, b: datetime) -> NightAlarms:
    """What was put before ``engine``'s scope in (``a``, ``b``], most urgent first, 25 at most,
    and what was known of it by ``b``. Blocks. Raises Unavailable."""
    with asking(engine) as connection:
        found = connection.execute(_ROWS, {"a": a, "b": b, "most": MOST}).all()
    rows = tuple(
        NightAlarm(
            row.alarm_class, row.title or {}, row.priority, row.asset, row.name,
            row.annunciated_at.astimezone(UTC),
            row.acknowledged_at and row.acknowledged_at.astimezone(UTC), row.acknowledged_by or "",
            row.returned_at and row.returned_at.astimezone(UTC), row.behind,
        )
        for row in found
    )  # fmt: skip
    return NightAlarms(rows, found[0].total if found else 0, found[0].acknowledged if found else 0)
