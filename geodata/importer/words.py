"""Text as it should have been written: NFC, no invisible characters, one line, at most 200 characters."""

import unicodedata

LONGEST = 200


def clean(text: str, longest: int = LONGEST) -> str:
    """``text`` in NFC without format characters (direction overrides, zero-width, BOM) and controls.

    Line breaks, tabs and runs of blanks become one space; the ends are trimmed; cut to ``longest``.
    """
    kept = "".join(_visible(character) for character in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())[:longest].rstrip()


def clean_all(texts: list[str]) -> list[str]:
    """``clean`` of every text; a batch of plain ASCII, the common case, is known at one glance."""
    whole = "".join(texts)
    if (
        whole.isascii()
        and whole.isprintable()
        and "  " not in whole
        and max(map(len, texts), default=0) <= LONGEST
    ):
        return [text.strip() for text in texts]
    table = {text: clean(text) for text in set(texts)}
    return [table[text] for text in texts]


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Cs", "Co"):
        return ""
    return " " if category == "Cc" else character
