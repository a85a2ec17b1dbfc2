"""Heads of the audit as lines of text, to be kept where the database's keeper cannot write."""

from collections.abc import Iterable

from model.audit import Book
from model.auditing import Head, Verdict
from model.errors import BadFile

BYTES = 32


def head_lines(heads: Iterable[Head]) -> list[str]:
    """``book number hash`` of each head; the hash in hexadecimal."""
    return [f"{head.book} {head.number} {head.hash.hex()}" for head in heads]


def read_heads(text: str, name: str) -> tuple[Head, ...]:
    """The heads of a file called ``name``: lines as ``head_lines`` writes them; empty lines and those that
    begin with # are left out. BadFile names the line that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            found.append(_head(line, f"{name}, line {number}"))
    return tuple(found)


def _head(line: str, where: str) -> Head:
    parts = line.split()
    try:
        book, number, digest = Book(parts[0]), int(parts[1]), bytes.fromhex(parts[2])
    except (ValueError, IndexError):
        raise BadFile(f"{where}: a head is a book, a number and a hash, as `audit head` prints it") from None
    if len(parts) != 3 or number < 1 or len(digest) != BYTES:
        raise BadFile(f"{where}: a head is a book, a number from 1 and a hash of {BYTES} bytes")
    return Head(book.value, number, digest)


def verdict_lines(verdict: Verdict) -> list[str]:
    """A line a book: how many entries are as they were written, or what is wrong and where."""
    return [
        f"{one.book}: {one.fault.kind} at entry {one.fault.number}; in order up to {one.head.number}"
        if one.fault
        else f"{one.book}: {one.count} entries from {one.first} on are as they were written"
        + (f"; {one.purged} went before by their retention" if one.purged else "")
        for one in verdict.books
    ]
