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
    NAMED = "room-named"
    TICK = "room-tick"
    MINUTE = "room-minute"
    PANEL = "room-panel"
    HEAD = "room-head"
    BODY = "room-body"
    ACTIONS = "room-actions"
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


class History(StrEnum):
    """The past as charts."""

    FIND = "history-find"
    ASSET = "history-asset"
    CHOSEN = "history-chosen"
    TYPE = "history-type"
    PROPERTY = "history-property"
    AREA = "history-area"
    PERIOD = "history-period"
    DATES = "history-dates"
    COMPARE = "history-compare"
    RESULTS = "history-results"
    ADDRESS = "history-address"
    WRITTEN = "history-written"


class Report(StrEnum):
    """The report of a night."""

    BODY = "report-body"


class Feeds(StrEnum):
    """How the feeds do."""

    PAGE = "feeds"
    BANNER = "feeds-banner"
    CLOCK = "feeds-clock"
    ALARM = "feeds-alarm"
    LIST = "feeds-list"
    DETAIL = "feeds-detail"
    ASKED = "feeds-asked"
    SHOWN = "feeds-shown"
    TICK = "feeds-tick"


class Past(StrEnum):
    """The past as a map: one instant of the whole city."""

    TIMELINE = "past-timeline"
    MAP = "past-map"
    LEGEND = "past-legend"
    DOMAINS = "past-domains"
    LIST = "past-list"
    SOURCE = "past-source"
