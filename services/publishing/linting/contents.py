"""What a text gives away: e-mails, telephone numbers, French plates, badge numbers."""

import re
from collections.abc import Iterable

_KINDS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"),
    "phone": re.compile(r"(?<![\w.])(?:(?:\+|00)33[ .-]?[1-9]|0[1-9])(?:[ .-]?\d{2}){4}(?!\d)"),
    "plate": re.compile(
        r"(?<![A-Z0-9-])(?:[A-HJ-NP-TV-Z]{2}[ -]?(?!000)\d{3}[ -]?[A-HJ-NP-TV-Z]{2}"
        r"|\d{1,4}[ -][A-Z]{2,3}[ -](?:\d{2}|2[AB]|97\d))(?![A-Z0-9-])"
    ),
    "badge": re.compile(
        r"(?i:\bbadge[ :#n°-]*\d{3,}\b)|\b(?:[0-9A-F]{2}:){3,9}[0-9A-F]{2}\b"
        r"|\b(?=[0-9A-F]*[A-F])(?=[0-9A-F]*\d)(?:[0-9A-F]{8}|[0-9A-F]{14})\b"
    ),
}
"""Plates since 2009 (AA-123-AA) and before (1234 AB 34); badges by word, or by the bytes of their chip."""


def kinds_in(text: str) -> tuple[str, ...]:
    """What ``text`` holds of a person, in the words of the catalogue (``content.<kind>``)."""
    return tuple(kind for kind, pattern in _KINDS.items() if pattern.search(text))


def counted_kinds(values: Iterable[str | None]) -> dict[str, int]:
    """The kinds found in ``values``, each with how many of them hold it."""
    found: dict[str, int] = {}
    for value in values:
        if value:
            for kind in kinds_in(value):
                found[kind] = found.get(kind, 0) + 1
    return found
