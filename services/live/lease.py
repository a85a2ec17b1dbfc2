"""Who writes a domain: one ingest process at a time, held by a lease in the database.

The history is decided against one process's memory, so two that write the same domain would each decide
on half of what is known. A commit looks at the lease inside its own transaction and keeps it from being
taken over until it is durable: whoever was paused and comes back late is refused (fencing).
"""

import logging
from collections.abc import Collection
from typing import Any

import psycopg

from model.domains import DOMAINS
from model.errors import Unavailable

log = logging.getLogger(__name__)

TTL_S = 6.0
"""A holder that was not heard for so long has lost its lease to whoever asks next."""

_TAKE = """
INSERT INTO ingest_lease AS held (domain, holder, token, until)
SELECT domain, %(holder)s, 1, now() + %(ttl)s * interval '1 s' FROM unnest(%(domains)s::text[]) AS domain
ON CONFLICT (domain) DO UPDATE SET
    holder = excluded.holder, until = excluded.until,
    token = held.token + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END
WHERE held.holder = excluded.holder OR held.until < now()
RETURNING domain
"""
_HELD = "SELECT holder FROM ingest_lease WHERE domain = ANY(%s) AND holder = %s FOR SHARE"
_RELEASE = "UPDATE ingest_lease SET until = now() WHERE holder = %s"


class NotOurs(Unavailable):
    """Another ingest process writes these domains; this one stands by."""


class Lease:
    """The lease of ``holder`` on ``domains``. ``holder`` names the spool, so that a process that is
    started again on the same spool goes on at once."""

    def __init__(self, holder: str, domains: Collection[str] | None = None) -> None:
        self._holder = holder
        self._domains = sorted(domains or (domain.name for domain in DOMAINS))

    def take(self, connection: psycopg.Connection[Any]) -> None:
        """Take or renew; NotOurs names the domains that somebody else holds."""
        wanted = {"holder": self._holder, "domains": self._domains, "ttl": TTL_S}
        with connection.transaction():
            taken = {row[0] for row in connection.execute(_TAKE, wanted).fetchall()}
            missing = [domain for domain in self._domains if domain not in taken]
            if missing:
                # All or nothing: a domain half of us would be nobody's.
                raise NotOurs(f"another ingest process writes {', '.join(missing)}; this one stands by")

    def check(self, cursor: psycopg.Cursor[Any]) -> None:
        """Hold the lease until the transaction of ``cursor`` ends; NotOurs when it was lost."""
        held = cursor.execute(_HELD, (self._domains, self._holder)).fetchall()
        if len(held) != len(self._domains):
            raise NotOurs("another ingest process has taken over")

    def release(self, connection: psycopg.Connection[Any]) -> None:
        """Let others take over at once."""
        connection.execute(_RELEASE, (self._holder,))
