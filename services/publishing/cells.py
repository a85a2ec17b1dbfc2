"""Text in a cell of a spreadsheet, harmless wherever it is opened."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def text_cell(text: str) -> str:
    """``text`` for a CSV cell, made harmless where it begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
