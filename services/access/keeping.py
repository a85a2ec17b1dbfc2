"""The audit's upkeep: what reached the end of its retention goes, and the rest is verified."""

import asyncio
import contextlib
import logging

from sqlalchemy import Engine, text

from geodata.asking import asking
from model.audit import Book
from model.auditing import Verdict
from model.errors import Unavailable
from services.access.verifying import DEADLINE_MS, verify_books

log = logging.getLogger(__name__)

EVERY_S = 6 * 3600.0
RETRY_S = 30.0

_FORGET = text("SELECT audit_forget(:book)")


def purge_books(engine: Engine) -> dict[str, int]:
    """Take away the entries past their retention (``retention_rule``, classes ``audit_<book>``), by book.

    What went is on record: its number, last hash and count. Raises Unavailable.
    """
    gone = {}
    for book in Book:
        with asking(engine, DEADLINE_MS) as connection:
            gone[book.value] = int(connection.scalar(_FORGET, {"book": book.value}) or 0)
            connection.commit()
    return gone


def keep_once(engine: Engine) -> Verdict:
    """Purge, then verify; what is wrong is logged as an error."""
    for book, count in purge_books(engine).items():
        if count:
            log.info("audit: %s entries of %s reached the end of their retention", count, book)
    verdict = verify_books(engine)
    for found in verdict.books:
        if found.fault:
            log.error("audit: book %s is %s at entry %s", found.book, found.fault.kind, found.fault.number)
    return verdict


async def keep_audit(engine: Engine, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
    """Keep the audit until ``stop`` is set, every six hours; an outage is logged and waited out."""
    while not stop.is_set():
        pause = every_s
        try:
            await asyncio.to_thread(keep_once, engine)
        except Unavailable as away:
            log.warning("the audit's upkeep waits: %s", away)
            pause = min(RETRY_S, every_s)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
