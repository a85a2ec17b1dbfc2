"""Every component id, one StrEnum a page; no literal id outside this file (a test compares)."""

from enum import StrEnum


class Shell(StrEnum):
    """What every page has."""

    LOCATION = "location"
    PROVIDER = "provider"
    PAGE = "page"
    TITLE = "title"
    LANGUAGE = "language"
    THEME = "theme"
    TOASTS = "toasts"


class Room(StrEnum):
    """The control room."""

    MAP = "room-map"
    LEGEND = "room-legend"
    DOMAINS = "room-domains"
    CLOCK = "room-clock"
    BANNER = "room-banner"
    TICKER = "room-ticker"
    PULSE = "room-pulse"
    SEARCH = "room-search"
    AREA = "room-area"
    STRIP = "room-strip"
    MINUTE = "room-minute"
    LIST = "room-list"
    COUNTS = "room-counts"
    PICKED = "room-picked"
    SELECTED = "room-selected"
    PANEL = "room-panel"
    PERIOD = "room-period"
    PROPERTY = "room-property"
    CHART = "room-chart"
    FACTS = "room-facts"
    TABS = "room-tabs"
