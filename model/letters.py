"""Dead letters as plain values: items that could not be taken, why, and what became of trying again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

REPLAY_MOST = 10_000
"""Dead letters one request may ask to replay."""
PAGE_ROWS = 50
"""Dead letters a page of the list."""
SETTLED = ("stored", "duplicate")
"""Outcomes of a replay after which there is nothing left to do."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why items of a feed could not be taken: how many ever, how many kept and still open, the last one.

    ``waiting`` of the open ones have been asked to be replayed. ``kept`` and ``open`` are None where they
    were not counted.
    """

    feed: str
    reason: str
    count: int
    first_seen: datetime
    last_seen: datetime
    excerpt: str
    kept: int | None = None
    open: int | None = None
    waiting: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One item that could not be taken. ``head`` is its first bytes, ``size`` how many it has in all.

    ``form`` is ``observation``, ``position`` or ``payload``; ``outcome`` what became of its last replay:
    stored, duplicate, or a reason.
    """

    id: int
    feed: str
    reason: str
    detail: str
    asset: str
    form: str
    trace: str
    received_at: datetime
    head: bytes
    size: int
    asked_at: datetime | None
    asked_by: str | None
    replayed_at: datetime | None
    outcome: str | None

    @property
    def settled(self) -> bool:
        """Whether its replay brought it in."""
        return self.outcome in SETTLED

    @property
    def waiting(self) -> bool:
        """Whether it was asked to be replayed and the ingest has not answered yet."""
        return self.asked_at is not None and self.replayed_at is None


@dataclass(frozen=True, slots=True)
class Letters:
    """One page of a feed's dead letters, newest first, of one ``reason`` or (empty) of all."""

    feed: str
    reason: str
    reasons: tuple[Reason, ...]
    rows: tuple[Letter, ...] = ()
    total: int = 0
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_ROWS))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters to replay: by ``ids``, or all open ones of a ``feed`` and ``reason``."""

    ids: Sequence[int] = field(default_factory=tuple)
    feed: str = ""
    reason: str = ""


def readable(item: bytes) -> str | None:
    """``item`` as text; None when it is not text."""
    try:
        text = item.decode("utf-8")
    except UnicodeDecodeError:
        return None
    strange = sum(not (c.isprintable() or c in "\r\n\t") for c in text)
    return text if strange <= len(text) / 50 else None


def hex_lines(item: bytes, width: int = 16) -> Iterator[str]:
    """``item`` as a person reads bytes: offset, hexadecimal, and what of it can be printed."""
    for start in range(0, len(item), width):
        part = item[start : start + width]
        shown = "".join(chr(b) if 32 <= b < 127 else "·" for b in part)
        yield f"{start:06x}  {part.hex(' '):<{3 * width}} {shown}"
