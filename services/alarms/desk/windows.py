"""Windows of works: planned, running and over, of the last 30 days, the next to come first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

BACK = timedelta(days=30)
MOST = 200

_WINDOWS = text(
    """
    SELECT h.id, coalesce(s.external_id, '') AS asset, coalesce(s.name, r.name, q.key, h.domain, '') AS name,
           coalesce(h.domain, s.domain, '') AS domain, h.with_children, h.reason, h.reference,
           coalesce(n.title, '') AS works, h.annotation_id, h.from_at, h.until, h.made_by, h.ended_at,
           coalesce(h.ended_by, '') AS ended_by
    FROM alarm_hiding h
    LEFT JOIN alarm_rule q ON q.id = h.rule_id
    LEFT JOIN asset s ON s.id = h.asset_id
    LEFT JOIN area r ON r.id = h.area_id
    LEFT JOIN annotation n ON n.id = h.annotation_id
    WHERE h.kind = 'out_of_service' AND coalesce(h.ended_at, h.until) > :since
    ORDER BY (h.ended_at IS NULL AND h.until > :at) DESC,
             CASE WHEN h.ended_at IS NULL AND h.until > :at THEN h.from_at END,
             coalesce(h.ended_at, h.until) DESC, h.id
    LIMIT :most
    """
)


@dataclass(frozen=True, slots=True)
class Window:
    """One window of works; instants aware UTC. ``works`` is the title of the planned works it came from, of
    which ``annotation`` is the number; ``standing`` is ``planned``, ``running`` or ``past``."""

    id: int
    asset: str
    name: str
    domain: str
    with_children: bool
    reason: str
    reference: str
    works: str
    annotation: int | None
    from_at: datetime
    until: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    standing: str


def read_windows(connection: Connection, at: datetime) -> tuple[Window, ...]:
    """The windows the connection sees at ``at`` (now, aware): to come and running, then those just over."""
    found = connection.execute(_WINDOWS, {"at": at, "since": at - BACK, "most": MOST})
    return tuple(
        Window(
            one.id, one.asset, one.name, one.domain, one.with_children, one.reason, one.reference, one.works,
            one.annotation_id, one.from_at.astimezone(UTC), one.until.astimezone(UTC), one.made_by,
            one.ended_at and one.ended_at.astimezone(UTC), one.ended_by,
            standing_of(one.from_at, one.until, one.ended_at, at),
        )
        for one in found
    )  # fmt: skip


def standing_of(from_at: datetime, until: datetime, ended_at: datetime | None, at: datetime) -> str:
    """Whether a window is ``planned``, ``running`` or ``past`` at ``at``; one ended early is past."""
    if ended_at is not None or until <= at:
        return "past"
    return "planned" if from_at > at else "running"
