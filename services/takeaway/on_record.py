"""What else is on record of a time: when nothing was recorded, which feeds were silent, what was noted."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.report import Note, Silence

SILENCE = timedelta(hours=7)
"""As in the history: after a longer time without any change or keyframe nobody was recording."""

_EVIDENCE = text(
    """
    WITH evidence AS (
        SELECT at FROM state_keyframe WHERE at >= :early AND at <= :b
        UNION SELECT date_trunc('minute', phenomenon_time) FROM state_change
        WHERE phenomenon_time >= :early AND phenomenon_time <= :b
        UNION SELECT CAST(:b AS timestamptz)
    ), steps AS (SELECT at, lag(at) OVER (ORDER BY at) AS before FROM evidence)
    SELECT before, at FROM steps WHERE at - before > :silence ORDER BY at
    """
)

_TOLD = text(
    """
    WITH evidence AS (
        SELECT at FROM state_keyframe WHERE at >= :early AND at <= :b
        UNION ALL SELECT phenomenon_time FROM state_change
        WHERE phenomenon_time >= :early AND phenomenon_time <= :b
    ) SELECT bool_or(at <= :a), min(at) FILTER (WHERE at > :a) FROM evidence
    """
)


def recording_gaps(engine: Engine, a: datetime, b: datetime) -> list[tuple[datetime, datetime]]:
    """The times in [a, b] of which nothing is known: from a silence's bound to the next evidence."""
    bounds = {"early": a - SILENCE, "b": b, "silence": SILENCE}
    with asking(engine) as connection:
        rows = connection.execute(_EVIDENCE, bounds).all()
        told = connection.execute(_TOLD, {"early": a - SILENCE, "a": a, "b": b}).one()
    before_a, first = bool(told[0]), told[1] or b
    gaps = [(max(before + SILENCE, a), min(at, b)) for before, at in rows]
    if not before_a:
        gaps = [(a, first), *(gap for gap in gaps if gap[0] >= first)]
    return [(t0.astimezone(UTC), t1.astimezone(UTC)) for t0, t1 in gaps if t1 > t0]


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


_NOTES = text(
    """
    SELECT n.kind, n.title, n.body, n.t0, n.t1, coalesce(s.name, r.name, ''), n.author
    FROM annotation n LEFT JOIN area r ON r.id = n.area_id LEFT JOIN asset s ON s.id = n.asset_id
    WHERE n.t0 <= :b AND n.t1 >= :a AND n.withdrawn_at IS NULL ORDER BY n.t0, n.id LIMIT 50
    """
)


def notes(engine: Engine, a: datetime, b: datetime) -> tuple[Note, ...]:
    """What was noted of that time and is in force, oldest first."""
    with asking(engine) as connection:
        return tuple(Note(*row) for row in connection.execute(_NOTES, {"a": a, "b": b}))
