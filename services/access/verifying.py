"""Verifying the audit: every entry's hash is made again, its number and its place in the chain are checked.

What a chain alone cannot show, a cut tail or a chain made anew, shows against heads kept elsewhere: those of
``audit head``, those of the last verification, and the purges, which the chain itself records.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.asking import asking
from model.audit import Action, Book
from model.auditing import BookVerdict, Fault, FaultKind, Head, Verdict

DEADLINE_MS = 600_000
AT_ONCE = 2_000
"""Entries fetched together."""

_ENTRIES = text(
    "SELECT number, previous, hash, audit_text(e.*) FROM audit_entry e WHERE book = :book ORDER BY number"
)
_PURGES = text("SELECT number, hash, count FROM audit_purge WHERE book = :book ORDER BY number")
_SAID = text(
    "SELECT (details ->> 'number')::bigint, details ->> 'hash', (details ->> 'count')::bigint "
    "FROM audit_entry WHERE book = 'changes' AND action = :action AND object = :book"
)
_FIRST_SAID = text("SELECT min(at) FROM audit_entry WHERE book = 'changes'")
_PURGED_AT = text("SELECT number FROM audit_purge WHERE book = :book AND at >= :since")
_HEADS = text("SELECT DISTINCT ON (book) book, number, hash FROM audit_entry ORDER BY book, number DESC")
_KNOWN = text("SELECT book, number, hash FROM audit_check WHERE number > 0")
_CHECKED = text(
    """
    INSERT INTO audit_check (book, number, hash, at, fault, fault_number)
    VALUES (:book, :number, :hash, :at, :fault, :fault_number)
    ON CONFLICT (book) DO UPDATE SET
        -- What was once in order stays known: a cut tail is found again the next time, and the time after.
        number = CASE WHEN excluded.fault = '' THEN excluded.number ELSE audit_check.number END,
        hash = CASE WHEN excluded.fault = '' THEN excluded.hash ELSE audit_check.hash END,
        at = excluded.at, fault = excluded.fault, fault_number = excluded.fault_number
    """
)


def heads(engine: Engine) -> tuple[Head, ...]:
    """The last entry of each book that has any. Raises Unavailable."""
    with asking(engine) as connection:
        return tuple(Head(row[0], int(row[1]), bytes(row[2])) for row in connection.execute(_HEADS))


def verify_books(engine: Engine, kept: Sequence[Head] = ()) -> Verdict:
    """Verify every book, against ``kept`` heads too, and remember how far it is in order. Reads every entry.

    Raises Unavailable.
    """
    now = datetime.now(UTC)
    # One picture of all tables, however long it takes: entries are added meanwhile.
    still = engine.execution_options(isolation_level="REPEATABLE READ")
    with asking(still, DEADLINE_MS) as connection:
        known = [Head(row[0], int(row[1]), bytes(row[2])) for row in connection.execute(_KNOWN)]
        verdict = Verdict(now, tuple(_verify(connection, book, [*known, *kept]) for book in Book))
    with asking(engine) as connection:
        for found in verdict.books:
            connection.execute(_CHECKED, _remembered(found, now))
        connection.commit()
    return verdict


def _remembered(found: BookVerdict, now: datetime) -> dict[str, Any]:
    fault = found.fault
    return {
        "book": found.book, "number": found.head.number, "hash": found.head.hash, "at": now,
        "fault": fault.kind.value if fault else "", "fault_number": fault.number if fault else None,
    }  # fmt: skip


def _verify(connection: Connection, book: Book, kept: Iterable[Head]) -> BookVerdict:
    rows = connection.execute(_PURGES, {"book": book})
    purges = [(int(row[0]), bytes(row[1]), int(row[2])) for row in rows]
    start = Head(book, purges[-1][0], purges[-1][1]) if purges else Head(book, 0, b"")
    fault = _purges_fault(connection, book, purges)
    wanted = {head.number: head.hash for head in kept if head.book == book and head.number >= start.number}
    if fault is None and wanted.get(start.number, start.hash) != start.hash:
        fault = Fault(FaultKind.REBUILT, start.number)
    head, count = start, 0
    if fault is None:
        head, count, fault = _walk(_entries(connection, book), start, wanted)
    if fault is None and wanted and max(wanted) > head.number:
        fault = Fault(FaultKind.CUT, head.number + 1)
    return BookVerdict(book, start.number + 1, count, start.number, head, fault)


Line = tuple[int, bytes, bytes, str]


def _entries(connection: Connection, book: Book) -> Iterator[Line]:
    rows = connection.execution_options(yield_per=AT_ONCE).execute(_ENTRIES, {"book": book})
    for number, previous, own, told in rows:
        yield int(number), bytes(previous), bytes(own), str(told)


def _walk(entries: Iterable[Line], start: Head, wanted: dict[int, bytes]) -> tuple[Head, int, Fault | None]:
    """The last entry in order after ``start``, how many there were, and the first thing wrong."""
    head, count = start, 0
    for entry in entries:
        kind = _wrong(entry, head, wanted)
        if kind is not None:
            return head, count, Fault(kind, head.number + 1)
        head, count = Head(start.book, entry[0], entry[2]), count + 1
    return head, count, None


def _wrong(entry: Line, head: Head, wanted: dict[int, bytes]) -> FaultKind | None:
    number, previous, own, told = entry
    if number != head.number + 1:
        return FaultKind.MISSING
    if hashlib.sha256(previous + told.encode()).digest() != own:
        return FaultKind.CHANGED
    if previous != head.hash:
        return FaultKind.BROKEN
    return None if wanted.get(number, own) == own else FaultKind.REBUILT


def _purges_fault(
    connection: Connection, book: Book, purges: Sequence[tuple[int, bytes, int]]
) -> Fault | None:
    """The first purge whose count does not fit, or that the chain of changes does not record.

    A purge older than the oldest change on record cannot be looked up there any more.
    """
    before = 0
    for number, _, count in purges:
        if number - before != count:
            return Fault(FaultKind.PURGE, number)
        before = number
    asked = {"book": book, "action": Action.AUDIT_PURGED.value}
    said = {(int(row[0]), str(row[1]), int(row[2])) for row in connection.execute(_SAID, asked)}
    since = connection.scalar(_FIRST_SAID)
    recent = set(connection.scalars(_PURGED_AT, {"book": book, "since": since})) if since else set()
    for number, digest, count in purges:
        if number in recent and (number, digest.hex(), count) not in said:
            return Fault(FaultKind.PURGE, number)
    return None
