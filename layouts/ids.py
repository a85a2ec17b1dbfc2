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
    SHIELD = "room-shield"


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


class Analysis(StrEnum):
    """The analysis pages."""

    DOMAIN = "analysis-domain"
    PICK = "analysis-pick"
    DOMAINS = "analysis-domains"
    AREA = "analysis-area"
    PERIOD = "analysis-period"
    DATES = "analysis-dates"
    COMPARE = "analysis-compare"
    RESULTS = "analysis-results"
    ADDRESS = "analysis-address"
    WRITTEN = "analysis-written"


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
    """The control room at one instant of the past."""

    PAGE = "past"
    TIMELINE = "past-timeline"
    MAP = "past-map"
    LOUPE = "past-loupe"
    LEGEND = "past-legend"
    DIFFERENCE = "past-difference"
    DOMAINS = "past-domains"
    SEARCH = "past-search"
    AREA = "past-area"
    LIST = "past-list"
    CHANGED = "past-changed"
    PICKED = "past-picked"
    SELECTED = "past-selected"
    NAMED = "past-named"
    PANEL = "past-panel"
    HEAD = "past-head"
    BODY = "past-body"
    ACTIONS = "past-actions"
    COLUMNS = "past-columns"
    PROPERTY = "past-property"
    PERIOD = "past-period"
    CHART = "past-chart"
    SHIELD = "past-shield"
    BOOKMARKS = "past-bookmarks"
    BOOKMARK_TITLE = "past-bookmark-title"
    BOOKMARK_SAVE = "past-bookmark-save"


class Look(StrEnum):
    """Saying what a protected record is looked at for."""

    STATED = "look-stated"
    ASSET = "look-asset"
    PURPOSE = "look-purpose"
    REFERENCE = "look-reference"
    SAY = "look-say"
    TOLD = "look-told"


class Notes(StrEnum):
    """Annotations: adding and withdrawing one, the list of all, and what tells pages that one changed."""

    CHANGED = "notes-changed"
    ADD = "notes-add"
    DIALOG = "notes-dialog"
    PREFILLED = "notes-prefilled"
    KIND = "notes-kind"
    TITLE = "notes-title"
    BODY = "notes-body"
    T0 = "notes-t0"
    T1 = "notes-t1"
    PLACE = "notes-place"
    SAVE = "notes-save"
    TOLD = "notes-told"
    WITHDRAWING = "notes-withdrawing"
    WITHDRAW_DIALOG = "notes-withdraw-dialog"
    WITHDRAW_WHAT = "notes-withdraw-what"
    WITHDRAW_TOLD = "notes-withdraw-told"
    WITHDRAW_SAVE = "notes-withdraw-save"
    LIST = "notes-list"
    LIST_KIND = "notes-list-kind"
    LIST_PERIOD = "notes-list-period"
    LIST_GONE = "notes-list-gone"
    LIST_ADDRESS = "notes-list-address"
    LIST_WRITTEN = "notes-list-written"
    BOOKMARK_TOLD = "notes-bookmark-told"
    BOOKMARK_GONE = "notes-bookmark-gone"


class Correcting(StrEnum):
    """Correcting readings, and withdrawing a correction."""

    ASKED = "correcting-asked"
    DIALOG = "correcting-dialog"
    READINGS = "correcting-readings"
    T0 = "correcting-t0"
    T1 = "correcting-t1"
    RESULT = "correcting-result"
    NOTHING = "correcting-nothing"
    CONFIRM = "correcting-confirm"
    REASON = "correcting-reason"
    SAVE = "correcting-save"
    TOLD = "correcting-told"
    WITHDRAWING = "correcting-withdrawing"
    WITHDRAW_DIALOG = "correcting-withdraw-dialog"
    WITHDRAW_WHAT = "correcting-withdraw-what"
    WITHDRAW_TOLD = "correcting-withdraw-told"
    WITHDRAW_SAVE = "correcting-withdraw-save"
