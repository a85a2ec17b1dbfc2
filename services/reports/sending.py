"""Sending reports: each version once to each reader, by a ledger that outlives the process.

A delivery is claimed for a while before it is sent, so that a process that dies meanwhile leaves it to the
next: in that moment alone it may be sent twice, never not at all, and its Message-ID says it is the same.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Engine, text

from geodata.asking import asking
from geodata.profiles import CityProfile
from services.reports.letters import letter
from services.reports.mail import MailServer, NotDelivered, deliver

log = logging.getLogger(__name__)

DEADLINE_MS = 6_000
MOST = 50
CLAIM = timedelta(minutes=10)
FIRST_AGAIN = timedelta(minutes=2)
SLOWEST_AGAIN = timedelta(hours=6)
PATIENCE = timedelta(days=3)
FRESH = timedelta(days=7)
"""So long after it was made a version is sent by itself; to somebody added since it was made, never."""

_QUEUE = text(
    """
    INSERT INTO report_delivery (subscriber_id, month, version, queued_at, next_try_at)
    SELECT s.id, a.month, max(a.version), :now, :now
    FROM report_subscriber s
    JOIN report_archive a ON a.area_id = s.area_id AND a.language = s.language
    WHERE s.ended_at IS NULL AND (CAST(:month AS date) IS NULL OR a.month = :month)
    GROUP BY s.id, a.month
    HAVING CAST(:month AS date) IS NOT NULL
        OR max(a.made_at) >= greatest(s.added_at, CAST(:now AS timestamptz) - CAST(:fresh AS interval))
    ON CONFLICT DO NOTHING
    """
)
_CLAIM = text(
    """
    WITH mine AS (
        SELECT id FROM report_delivery
        WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= :now
        ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE report_delivery d SET next_try_at = :until, tries = d.tries + 1 FROM mine WHERE d.id = mine.id
        RETURNING d.*
    )
    SELECT c.id, c.month, c.version, s.email, s.name, s.language, s.area_id, s.token, s.ended_at
    FROM claimed c JOIN report_subscriber s ON s.id = c.subscriber_id ORDER BY c.id
    """
)
_FILE = text(
    "SELECT area_name, format, body FROM report_archive WHERE area_id = :area AND month = :month "
    "AND language = :language AND version = :version AND format IN ('pdf', 'html') "
    "ORDER BY format DESC LIMIT 1"
)
_SENT = text("UPDATE report_delivery SET sent_at = :now, error = NULL WHERE id = :id")
_AGAIN = text(
    """
    UPDATE report_delivery SET error = :why,
        next_try_at = :now + least(CAST(:slowest AS interval),
                                   CAST(:first AS interval) * power(2, least(tries, 12) - 1)),
        given_up_at = CASE WHEN :final OR queued_at < :now - CAST(:patience AS interval) THEN :now END
    WHERE id = :id
    """
)

Deliver = Callable[[MailServer, EmailMessage], None]


class Sender:
    """Sends the reports of one city over ``server``; ``base`` is where its control room is reached, or empty.

    Methods block, and raise Unavailable.
    """

    def __init__(
        self, engine: Engine, profile: CityProfile, server: MailServer | None, base: str = ""
    ) -> None:
        self._engine, self._profile, self._server, self._base = engine, profile, server, base

    def queue(self, now: datetime, month: date | None = None) -> int:
        """Put on the ledger what is to be sent and is not on it; how many.

        Of ``month`` the newest version to every reader; without it what was made within ``FRESH``.
        """
        with asking(self._engine, DEADLINE_MS) as connection:
            bounds = {"now": now, "month": month, "fresh": FRESH}
            added = connection.execute(_QUEUE, bounds).rowcount
            connection.commit()
        return int(added)

    def step(self, now: datetime) -> int:
        """Send what waits at ``now`` (aware); how many were sent."""
        with asking(self._engine, DEADLINE_MS) as connection:
            rows = connection.execute(_CLAIM, {"now": now, "until": now + CLAIM, "most": MOST}).all()
            connection.commit()
        return sum(self._send(row, now) for row in rows)

    def _send(self, row: Any, now: datetime) -> bool:
        try:
            if row.ended_at is not None:
                raise NotDelivered("ended", final=True)
            if self._server is None:
                raise NotDelivered("no_mail")
            deliver(self._server, self._letter(row, self._server, now))
        except NotDelivered as problem:
            # No address and no name: logs are read by more people than the list is.
            log.warning("delivery %s of a report was not taken: %s", row.id, problem.code)
            self._note(
                _AGAIN, row.id, now, why=problem.code, final=problem.final, first=FIRST_AGAIN,
                slowest=SLOWEST_AGAIN, patience=PATIENCE,
            )  # fmt: skip
            return False
        self._note(_SENT, row.id, now)
        return True

    def _letter(self, row: Any, server: MailServer, now: datetime) -> EmailMessage:
        bounds = {"area": row.area_id, "month": row.month, "language": row.language, "version": row.version}
        with asking(self._engine, DEADLINE_MS) as connection:
            kept = connection.execute(_FILE, bounds).one()
        profile = self._profile
        return letter(
            sender=server.sender, to=row.email, name=row.name, language=row.language,
            zone=profile.time_zone, city=profile.title, slug=profile.name, place=kept.area_name,
            area_id=row.area_id, month=row.month, version=row.version, token=row.token, base=self._base,
            delivery=row.id, now=now, form=kept.format, body=bytes(kept.body),
        )  # fmt: skip

    def _note(self, what: Any, delivery: int, now: datetime, **values: object) -> None:
        with asking(self._engine, DEADLINE_MS) as connection:
            connection.execute(what, {"id": delivery, "now": now, **values})
            connection.commit()
