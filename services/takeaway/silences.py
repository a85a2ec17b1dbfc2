"""What else is on record of a time: which feeds were silent then."""

from datetime import datetime

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.report import Silence

_SILENT = text(
    """
    WITH heard AS (
        SELECT feed, minute AS at FROM feed_minute WHERE received > 0 AND minute >= :a AND minute < :b
        UNION SELECT feed, CAST(:a AS timestamptz) FROM feed_status
        UNION SELECT feed, CAST(:b AS timestamptz) FROM feed_status
    ), steps AS (
        SELECT feed, at, lead(at) OVER (PARTITION BY feed ORDER BY at) AS next FROM heard
    ), longest AS (
        SELECT DISTINCT ON (feed) feed, at, next FROM steps WHERE next IS NOT NULL
        ORDER BY feed, next - at DESC
    )
    SELECT l.feed, l.at, l.next, s.period_s FROM longest l JOIN feed_status s USING (feed)
    WHERE l.next - l.at > greatest(3 * s.period_s, 300) * interval '1 second'
    ORDER BY l.next - l.at DESC
    """
)
_HEARD = text("SELECT EXISTS (SELECT FROM feed_minute WHERE minute >= :a AND minute < :b)")


def silences(engine: Engine, a: datetime, b: datetime) -> tuple[Silence, ...] | None:
    """The feeds of which nothing came for longer than three of their periods (and 5 min), longest first.

    None where how feeds did is not on record for that time at all.
    """
    with asking(engine) as connection:
        if not connection.scalar(_HEARD, {"a": a, "b": b}):
            return None
        return tuple(Silence(*row) for row in connection.execute(_SILENT, {"a": a, "b": b}))
