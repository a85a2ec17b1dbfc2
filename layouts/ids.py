"""Every component id, one StrEnum a page; no literal id outside this file (a test compares)."""

from enum import StrEnum


class Shell(StrEnum):
    """What every page has."""

    LOCATION = "location"
    PAGE = "page"
    LANGUAGE = "language"
    THEME = "theme"
    TOASTS = "toasts"
