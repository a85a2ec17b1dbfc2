"""Reading the audit: what is asked of it, its entries, and what verifying it found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

PAGE = 50
"""Entries of one page."""
EXPORT_MOST = 50_000
"""Entries of one file: more are asked for by shorter periods."""

Mark = tuple[datetime, str, int]
"""Where a page ended: instant, book and number of its last entry."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is looked for; empty: anything. ``asset`` is an external id or part of a name; ``text`` any words
    of the entry. From ``t0`` up to ``t1``, aware, ``t1`` excluded."""

    t0: datetime
    t1: datetime
    actor: str = ""
    role: str = ""
    action: str = ""
    asset: str = ""
    book: str = ""
    purpose: str = ""
    outcome: str = ""
    text: str = ""

    def told(self) -> dict[str, str]:
        """What was asked, for the entry that says so: only what was narrowed, instants in UTC."""
        named = {name: getattr(self, name) for name in FIELDS}
        kept = {name: value for name, value in named.items() if value}
        return {"t0": self.t0.isoformat(), "t1": self.t1.isoformat(), **kept}


FIELDS = ("actor", "role", "action", "asset", "book", "purpose", "outcome", "text")
"""The fields of a query besides its period."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is read; ``at`` aware UTC; ``asset_name`` empty where the object is no asset."""

    book: str
    number: int
    at: datetime
    actor: str
    role: str
    address: str
    action: str
    kind: str
    object: str
    asset_id: int | None
    asset_name: str
    purpose: str
    outcome: str
    details: Mapping[str, Any]
    hash: bytes = field(repr=False, default=b"")

    @property
    def mark(self) -> Mark:
        """Where a page that ends with this entry ends."""
        return self.at, self.book, self.number


@dataclass(frozen=True, slots=True)
class Found:
    """One page, newest first, of ``total`` entries (counted to 10,000); ``after`` where older ones begin.

    ``by`` tells who of those counted did most: name, entries, and how many of them were refused.
    """

    entries: tuple[Entry, ...]
    total: int
    after: Mark | None
    by: tuple[tuple[str, int, int], ...] = ()


COUNTED = 10_000
"""A search counts no further."""


class FaultKind(StrEnum):
    """What can be wrong with a book."""

    CHANGED = "changed"
    MISSING = "missing"
    BROKEN = "broken"
    """It does not follow the entry before it: one was put in, moved, or written anew."""
    CUT = "cut"
    """It ends before an entry that is known to have been there."""
    REBUILT = "rebuilt"
    """An entry is not the one whose hash was kept."""
    PURGE = "purge"
    """Entries went that no purge accounts for."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a book at some time: kept elsewhere, it proves what stood there."""

    book: str
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a book, at entry ``number``."""

    kind: FaultKind
    number: int


@dataclass(frozen=True, slots=True)
class BookVerdict:
    """What verifying one book found: ``count`` entries from ``first`` on were read, ``purged`` went before
    by their retention; ``head`` is the last one that was in order."""

    book: str
    first: int
    count: int
    purged: int
    head: Head
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the audit found at ``at`` (aware UTC), book by book."""

    at: datetime
    books: tuple[BookVerdict, ...]

    @property
    def sound(self) -> bool:
        """Whether every book is as it was written."""
        return all(book.fault is None for book in self.books)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a book was last verified, and how far it goes now; ``at`` None: never verified."""

    book: str
    last: int
    number: int
    at: datetime | None
    fault: str = ""
    fault_number: int | None = None
