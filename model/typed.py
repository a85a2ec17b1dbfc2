"""What is taken of a text somebody typed: no control characters, a bounded length."""

import unicodedata

from model.errors import BadField


def typed_text(field: str, text: str | None, most: int, *, needed: bool = True, lines: bool = False) -> str:
    """``text`` in NFC, trimmed, without control characters; ``lines`` keeps its line ends.

    Raises BadField for ``field`` when it is longer than ``most`` characters, or empty though ``needed``.
    """
    normal = unicodedata.normalize("NFC", (text or "")[: most * 4])
    clean = "".join(c for c in normal if (lines and c == "\n") or unicodedata.category(c)[0] != "C").strip()
    if needed and not clean:
        raise BadField(field, "empty")
    if len(clean) > most:
        raise BadField(field, "too_long", most=most)
    return clean
