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

    PAGE = "room"
    MAP = "room-map"
    LOUPE = "room-loupe"
    LEGEND = "room-legend"
    DOMAINS = "room-domains"
    CLOCK = "room-clock"
    BANNER = "room-banner"
    TICKER = "room-ticker"
    PULSE = "room-pulse"
    SEARCH = "room-search"
    AREA = "room-area"
    STRIP = "room-strip"
    LIST = "room-list"
    PICKED = "room-picked"
    SELECTED = "room-selected"
    TAB = "room-tab"
    TICK = "room-tick"
    MINUTE = "room-minute"
    PANEL = "room-panel"
    HEAD = "room-head"
    BODY = "room-body"
    COLUMNS = "room-columns"
    PROPERTY = "room-property"
    PERIOD = "room-period"
    CHART = "room-chart"
    GRAPH = "room-graph"


class CityBoard(StrEnum):
    """The city board."""

    BODY = "board-body"
    PRINT = "board-print"
    PRINTED = "board-printed"
