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
    SIGNED_OUT = "signed-out"


class SignIn(StrEnum):
    """The pages before the door."""

    MAIN = "main"
    TOLD = "told"
    DEMO = "demo"


class Account(StrEnum):
    """One's own account."""

    BODY = "account-body"


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
    ALARM = "room-alarm"
    ALARM_ACT = "room-alarm-act"
    SHEET = "room-alarm-sheet"
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


class CommuneBoards(StrEnum):
    """The communes beside each other, and the board of each."""

    BODY = "communes-body"


class FigureTruth(StrEnum):
    """One figure opened."""

    BODY = "figure-body"


class PromisesPage(StrEnum):
    """What was promised, and how it is kept."""

    BODY = "promises-body"
    CHANGED = "promises-changed"
    DIALOG = "promises-dialog"
    FORM = "promises-form"
    KEY = "promises-key"
    TITLE_FR = "promises-title-fr"
    TITLE_EN = "promises-title-en"
    MEASURE = "promises-measure"
    SHARE = "promises-share"
    TARGET_ON = "promises-target-on"
    CONTRACT = "promises-contract"
    OWNER = "promises-owner"
    BASELINE = "promises-baseline"
    FROM = "promises-from"
    TO = "promises-to"
    DOCUMENT = "promises-document"
    DATED = "promises-dated"
    KWH = "promises-kwh"
    COVERAGE = "promises-coverage"
    POINTS = "promises-points"
    HOURS = "promises-hours"
    DEGREE_DAYS = "promises-degree-days"
    WEATHER = "promises-weather"
    REASON = "promises-reason"
    SAVE = "promises-save"
    TOLD = "promises-told"


class ProgrammesPage(StrEnum):
    """Renovation programmes: how far they are and what they changed."""

    BODY = "programmes-body"
    CHANGED = "programmes-changed"
    DIALOG = "programmes-dialog"
    OF = "programmes-of"
    LIST = "programmes-list"
    PREVIEW = "programmes-preview"
    CHECK = "programmes-check"
    SAVE = "programmes-save"
    TOLD = "programmes-told"


class KpiMap(StrEnum):
    """The map for officials."""

    FIGURE = "kpi-map-figure"
    MONTH = "kpi-map-month"
    PER = "kpi-map-per"
    VIEW = "kpi-map-view"
    RESULTS = "kpi-map-results"
    GRAPH = "kpi-map-graph"
    TABLE = "kpi-map-table"
    ADDRESS = "kpi-map-address"
    WRITTEN = "kpi-map-written"


class Composing(StrEnum):
    """Boards that people compose."""

    PAGE = "composing"
    BODY = "composing-body"
    CHANGED = "composing-changed"
    ACTS = "composing-acts"
    ARRANGER = "composing-arranger"
    BASE = "composing-base"
    TITLE = "composing-title"
    KIND = "composing-kind"
    FIGURE = "composing-figure"
    PLACE = "composing-place"
    PER = "composing-per"
    ADD = "composing-add"
    SAVE = "composing-save"
    TOLD = "composing-told"
    CONFLICT = "composing-conflict"
    SETTLED = "composing-settled"
    NEW_DIALOG = "composing-new-dialog"
    NEW_OF = "composing-new-of"
    NEW_TITLE = "composing-new-title"
    NEW_SAVE = "composing-new-save"
    NEW_TOLD = "composing-new-told"
    SHARE_DIALOG = "composing-share-dialog"
    SHARED = "composing-shared"
    SEES = "composing-sees"
    PEOPLE = "composing-people"
    ROLE = "composing-role"
    EDITS = "composing-edits"
    SHARE_SAVE = "composing-share-save"
    SHARE_TOLD = "composing-share-told"
    PROPOSE_DIALOG = "composing-propose-dialog"
    PROPOSED = "composing-proposed"
    NAME = "composing-name"
    LICENCE = "composing-licence"
    WHY = "composing-why"
    PROPOSE_SAVE = "composing-propose-save"
    PROPOSE_TOLD = "composing-propose-told"


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


class Reports(StrEnum):
    """The archive of monthly reports, and who is sent them."""

    PAGE = "reports"
    LIST = "reports-list"
    TICK = "reports-tick"
    CHANGED = "reports-changed"
    ASKED = "reports-asked"
    ANEW_DIALOG = "reports-anew-dialog"
    ANEW_WHAT = "reports-anew-what"
    REASON = "reports-reason"
    ANEW = "reports-anew"
    ANEW_TOLD = "reports-anew-told"
    ADD_DIALOG = "reports-add-dialog"
    NAME = "reports-name"
    EMAIL = "reports-email"
    READ_IN = "reports-read-in"
    PLACE = "reports-place"
    ADD = "reports-add"
    ADD_TOLD = "reports-add-told"
    END_DIALOG = "reports-end-dialog"
    END_WHAT = "reports-end-what"
    END = "reports-end"
    END_TOLD = "reports-end-told"


class MonthlyPart(StrEnum):
    """The parts of a monthly report, which its contents lead to."""

    OVERVIEW = "overview"
    DECIDE = "decide"
    FIGURES = "figures"
    OTHERS = "others"
    KNOWN = "known"
    CORRECTIONS = "corrections"
    METHOD = "method"


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


class Audit(StrEnum):
    """The audit: its search, what it found, its chain."""

    ASSET = "audit-asset"
    ACTOR = "audit-actor"
    PERIOD = "audit-period"
    FROM = "audit-from"
    TO = "audit-to"
    ACTION = "audit-action"
    PURPOSE = "audit-purpose"
    ROLE = "audit-role"
    BOOK = "audit-book"
    OUTCOME = "audit-outcome"
    TEXT = "audit-text"
    SEARCH = "audit-search"
    RESULTS = "audit-results"
    CHAIN = "audit-chain"
    VERIFY = "audit-verify"
    TOLD = "audit-told"
    ADDRESS = "audit-address"
    WRITTEN = "audit-written"


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


class People(StrEnum):
    """People and their rights: the list, one account, the dialogs that change it."""

    PAGE = "people"
    LIST = "people-list"
    SHEET = "people-sheet"
    SEARCH = "people-search"
    ROLE = "people-role"
    AREA = "people-area"
    DOMAIN = "people-domain"
    STATE = "people-state"
    ADDRESS = "people-address"
    WRITTEN = "people-written"
    CHANGED = "people-changed"
    TICK = "people-tick"
    PERSON_DIALOG = "people-person-dialog"
    TEMPLATE = "people-template"
    NAME = "people-name"
    EMAIL = "people-email"
    LOGIN = "people-login"
    PERSON_SAVE = "people-person-save"
    PERSON_TOLD = "people-person-told"
    CHANGE_DIALOG = "people-change-dialog"
    CHANGE_NAME = "people-change-name"
    CHANGE_EMAIL = "people-change-email"
    CHANGE_LOGIN = "people-change-login"
    CHANGE_SAVE = "people-change-save"
    CHANGE_TOLD = "people-change-told"
    GRANT_DIALOG = "people-grant-dialog"
    GRANT_ROLE = "people-grant-role"
    GRANT_AREAS = "people-grant-areas"
    GRANT_DOMAINS = "people-grant-domains"
    GRANT_FROM = "people-grant-from"
    GRANT_UNTIL = "people-grant-until"
    GRANT_REASON = "people-grant-reason"
    GRANT_SAVE = "people-grant-save"
    GRANT_TOLD = "people-grant-told"
    NEW_ROLE = "people-new-role"
    NEW_AREAS = "people-new-areas"
    NEW_DOMAINS = "people-new-domains"
    NEW_UNTIL = "people-new-until"
    NEW_REASON = "people-new-reason"
    VIDEO_DIALOG = "people-video-dialog"
    VIDEO_AUTHORITY = "people-video-authority"
    VIDEO_DECIDED = "people-video-decided"
    VIDEO_AREAS = "people-video-areas"
    VIDEO_UNTIL = "people-video-until"
    VIDEO_SAVE = "people-video-save"
    VIDEO_TOLD = "people-video-told"
    IMPORT_DIALOG = "people-import-dialog"
    IMPORT_LIST = "people-import-list"
    IMPORT_CHECK = "people-import-check"
    IMPORT_PREVIEW = "people-import-preview"
    IMPORT_SAVE = "people-import-save"
    RIGHTS = "people-rights"


class Sessions(StrEnum):
    """Every open session."""

    PAGE = "sessions"
    LIST = "sessions-list"
    SEARCH = "sessions-search"
    ROLE = "sessions-role"
    TICK = "sessions-tick"


class Partners(StrEnum):
    """Agreements with partners and their keys."""

    PAGE = "partners"
    LIST = "partners-list"
    SHEET = "partners-sheet"
    CHANGED = "partners-changed"
    DIALOG = "partners-dialog"
    PARTNER = "partners-partner"
    KIND = "partners-kind"
    PURPOSE = "partners-purpose"
    CONTACT = "partners-contact"
    DATASETS = "partners-datasets"
    FIELDS = "partners-fields"
    AREAS = "partners-areas"
    RATE = "partners-rate"
    FROM = "partners-from"
    UNTIL = "partners-until"
    TERMS = "partners-terms"
    SAVE = "partners-save"
    TOLD = "partners-told"
    KEY_DIALOG = "partners-key-dialog"
    LABEL = "partners-label"
    KEY_SAVE = "partners-key-save"
    KEY_TOLD = "partners-key-told"


class Publications(StrEnum):
    """The register of datasets and what is published of them."""

    PAGE = "publications"
    LIST = "publications-list"
    SHEET = "publications-sheet"
    CHANGED = "publications-changed"
    DIALOG = "publications-dialog"
    OF = "publications-of"
    NAME = "publications-name"
    COLUMNS = "publications-columns"
    AREAS = "publications-areas"
    PLACE = "publications-place"
    SPAN = "publications-span"
    DELAY = "publications-delay"
    CADENCE = "publications-cadence"
    LICENCE = "publications-licence"
    UNTIL = "publications-until"
    WHY = "publications-why"
    AGAINST = "publications-against"
    SAVE = "publications-save"
    TOLD = "publications-told"
    DECIDE_DIALOG = "publications-decide-dialog"
    DECIDE_ACT = "publications-decide-act"
    DECIDE_SENTENCE = "publications-decide-sentence"
    DECIDE_REASON = "publications-decide-reason"
    DECIDE_WHY = "publications-decide-why"
    DECIDE_DO = "publications-decide-do"
    DECIDE_TOLD = "publications-decide-told"


class OpenKeys(StrEnum):
    """Keys to ask open data more often, on the page of publications."""

    LIST = "open-keys-list"
    CHANGED = "open-keys-changed"
    DIALOG = "open-keys-dialog"
    HOLDER = "open-keys-holder"
    CONTACT = "open-keys-contact"
    RATE = "open-keys-rate"
    UNTIL = "open-keys-until"
    SAVE = "open-keys-save"
    TOLD = "open-keys-told"
    SECRET_DIALOG = "open-keys-secret-dialog"  # noqa: S105 - the name of a component
    SECRET = "open-keys-secret"  # noqa: S105
    END_DIALOG = "open-keys-end-dialog"
    END_SENTENCE = "open-keys-end-sentence"
    END_ACT = "open-keys-end-act"
    END_DO = "open-keys-end-do"
    END_TOLD = "open-keys-end-told"


class Voices(StrEnum):
    """Citizens' letters."""

    PAGE = "voices"
    LIST = "voices-list"
    SHEET = "voices-sheet"
    TICK = "voices-tick"
    CHANGED = "voices-changed"
    ACT = "voices-act"
    DIALOG = "voices-dialog"
    TELL = "voices-tell"
    REASON = "voices-reason"
    WORDS = "voices-words"
    SAVE = "voices-save"
    TOLD = "voices-told"


class AlarmDesk(StrEnum):
    """What is hidden now, windows of works, a dossier."""

    HIDDEN = "alarm-desk-hidden"
    WINDOWS = "alarm-desk-windows"
    DOSSIER = "alarm-desk-dossier"


class Outside(StrEnum):
    """Routes of alarms to outside the room."""

    PAGE = "outside"
    LIST = "outside-list"
    TICK = "outside-tick"
    CHANGED = "outside-changed"
    ROUTE = "outside-route"
    DIALOG = "outside-dialog"
    NAME = "outside-name"
    CHANNEL = "outside-channel"
    MOMENTS = "outside-moments"
    PRIORITIES = "outside-priorities"
    DOMAINS = "outside-domains"
    CLASSES = "outside-classes"
    AREAS = "outside-areas"
    ENABLED = "outside-enabled"
    SAVE = "outside-save"
    TOLD = "outside-told"
    REMOVE_DIALOG = "outside-remove-dialog"
    REMOVE_WHAT = "outside-remove-what"
    REMOVE = "outside-remove"
    REMOVE_TOLD = "outside-remove-told"


class AlarmQualityPage(StrEnum):
    """How good the alarms are."""

    BODY = "alarm-quality-body"


class AlarmReviewsPage(StrEnum):
    """Rules called useless."""

    BODY = "alarm-reviews-body"
    SHOWN = "alarm-reviews-shown"
    CLOSED = "alarm-reviews-closed"
    TOLD = "alarm-reviews-told"
    CLOSE_DIALOG = "alarm-reviews-close-dialog"
    CLOSE_WHY = "alarm-reviews-close-why"
    CLOSE = "alarm-reviews-close"
    CLOSE_TOLD = "alarm-reviews-close-told"


class AlarmRulesPage(StrEnum):
    """The book of rules."""

    BODY = "alarm-rules-body"
    TRIED = "alarm-rules-tried"
    TOLD = "alarm-rules-told"
    VERSION = "alarm-rules-version"
    ON_DIALOG = "alarm-rules-on-dialog"
    ON_WHAT = "alarm-rules-on-what"
    ON = "alarm-rules-on"
    ON_TOLD = "alarm-rules-on-told"
    OFF_DIALOG = "alarm-rules-off-dialog"
    OFF_WHY = "alarm-rules-off-why"
    OFF = "alarm-rules-off"
    OFF_TOLD = "alarm-rules-off-told"
    DRAFT_DIALOG = "alarm-rules-draft-dialog"
    FORM = "alarm-rules-form"
    BASE = "alarm-rules-base"
    ASSET_TYPE = "alarm-rules-type"
    WHAT = "alarm-rules-what"
    KIND = "alarm-rules-kind"
    PARTS = "alarm-rules-parts"
    PROPERTY = "alarm-rules-property"
    ABOVE = "alarm-rules-above"
    BELOW = "alarm-rules-below"
    DEADBAND = "alarm-rules-deadband"
    RISE = "alarm-rules-rise"
    FALL = "alarm-rules-fall"
    FOR = "alarm-rules-for"
    PERIODS = "alarm-rules-periods"
    LEAST_TIME = "alarm-rules-least-time"
    WHEN = "alarm-rules-when"
    STATES = "alarm-rules-states"
    MARGIN = "alarm-rules-margin"
    FIRST_TYPE = "alarm-rules-first-type"
    FIRST = "alarm-rules-first"
    THEN = "alarm-rules-then"
    RELATION = "alarm-rules-relation"
    NEAR = "alarm-rules-near"
    LEAST = "alarm-rules-least"
    AREA = "alarm-rules-area"
    WITHIN = "alarm-rules-within"
    PRIORITY = "alarm-rules-priority"
    SEVERITY = "alarm-rules-severity"
    ON_DELAY = "alarm-rules-on-delay"
    OFF_DELAY = "alarm-rules-off-delay"
    ESCALATE = "alarm-rules-escalate"
    TITLE_FR = "alarm-rules-title-fr"
    TITLE_EN = "alarm-rules-title-en"
    ACTION_FR = "alarm-rules-action-fr"
    ACTION_EN = "alarm-rules-action-en"
    RESPONDER = "alarm-rules-responder"
    REASON = "alarm-rules-reason"
    PREVIEW = "alarm-rules-preview"
    TYPED = "alarm-rules-typed"
    KEPT = "alarm-rules-kept"
    DRAFT = "alarm-rules-draft"
    DRAFT_TOLD = "alarm-rules-draft-told"
    WRONG = "alarm-rules-wrong"
    TRIAL = "alarm-rules-trial"


class Confirming(StrEnum):
    """What is asked before something ends, and what is shown once: on every management page."""

    DIALOG = "confirming-dialog"
    ACT = "confirming-act"
    SENTENCE = "confirming-sentence"
    DO = "confirming-do"
    TOLD = "confirming-told"
    DONE = "confirming-done"
    SECRET_DIALOG = "confirming-secret-dialog"  # noqa: S105 - an id
    SECRET = "confirming-secret"  # noqa: S105 - an id
