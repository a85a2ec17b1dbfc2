"""What the audit records: its books, and every action there is."""

from enum import StrEnum


class Book(StrEnum):
    """Three books, since the law gives them different lives: each is chained for itself."""

    SECURITY = "security"
    LOOKS = "looks"
    CHANGES = "changes"


class Action(StrEnum):
    """What somebody did, or was refused. Each has its words in the catalogues (``audit.action.<value>``)."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    REFUSED = "refused"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of an act
    TOTP_SET = "totp_set"
    TOTP_REMOVED = "totp_removed"
    DEVICE_ENROLLED = "device_enrolled"
    LOOKED = "looked"
    PURPOSE_STATED = "purpose_stated"
    EXPORTED = "exported"
    PERSON_MADE = "person_made"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PERSON_ENABLED = "person_enabled"
    CODE_MADE = "code_made"
    GRANT_MADE = "grant_made"
    GRANT_REVOKED = "grant_revoked"
    VIDEO_RIGHT_MADE = "video_right_made"
    VIDEO_RIGHT_REVOKED = "video_right_revoked"
    AGREEMENT_MADE = "agreement_made"
    AGREEMENT_REVOKED = "agreement_revoked"
    KEY_MADE = "key_made"
    KEY_REVOKED = "key_revoked"
    KEY_REFUSED = "key_refused"
    NOTE_MADE = "note_made"
    NOTE_WITHDRAWN = "note_withdrawn"
    BOOKMARK_MADE = "bookmark_made"
    BOOKMARK_REMOVED = "bookmark_removed"
    READING_CORRECTED = "reading_corrected"
    CORRECTION_WITHDRAWN = "correction_withdrawn"
    REPLAY_ASKED = "replay_asked"
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"
    ALARM_CONFIRMED = "alarm_confirmed"
    ALARM_RESET = "alarm_reset"
    ALARM_ASSIGNED = "alarm_assigned"
    ALARM_COMMENTED = "alarm_commented"
    ALARM_GROUPED = "alarm_grouped"
    ALARM_RATED = "alarm_rated"
    ALARM_SHELVED = "alarm_shelved"
    ALARM_UNSHELVED = "alarm_unshelved"
    ALARM_OUT_OF_SERVICE = "alarm_out_of_service"
    ALARM_IN_SERVICE = "alarm_in_service"
    ALARM_DISABLING_ASKED = "alarm_disabling_asked"
    ALARM_DISABLED = "alarm_disabled"
    ALARM_ENABLED = "alarm_enabled"
    RULE_DRAFTED = "rule_drafted"
    RULE_TRIED = "rule_tried"
    RULE_SWITCHED_ON = "rule_switched_on"
    RULE_SWITCHED_OFF = "rule_switched_off"
    RULE_REVIEWED = "rule_reviewed"
    ROUTE_MADE = "route_made"
    ROUTE_CHANGED = "route_changed"
    ROUTE_REMOVED = "route_removed"
    ROUTE_TESTED = "route_tested"
    PUBLICATION_PROPOSED = "publication_proposed"
    PUBLICATION_APPROVED = "publication_approved"
    PUBLICATION_CLEARED = "publication_cleared"
    PUBLICATION_REFUSED = "publication_refused"
    PUBLICATION_REVOKED = "publication_revoked"
    BOARD_SHARED = "board_shared"
    BOARD_PROPOSED = "board_proposed"
    BOARD_DELETED = "board_deleted"
    BOARD_RESTORED = "board_restored"
    LETTER_PUBLISHED = "letter_published"
    LETTER_HIDDEN = "letter_hidden"
    LETTER_ANSWERED = "letter_answered"
    LETTER_REFUSED = "letter_refused"
    LETTER_EXTENDED = "letter_extended"
    COMMITMENT_WRITTEN = "commitment_written"
    WORKS_IMPORTED = "works_imported"
    REPORT_ASKED = "report_asked"
    SUBSCRIBER_ADDED = "subscriber_added"
    SUBSCRIBER_ENDED = "subscriber_ended"
    AUDIT_READ = "audit_read"
    AUDIT_PURGED = "audit_purged"


BOOK_OF: dict[Action, Book] = {
    Action.SIGNED_IN: Book.SECURITY,
    Action.SIGN_IN_FAILED: Book.SECURITY,
    Action.SIGNED_OUT: Book.SECURITY,
    Action.SESSION_ENDED: Book.SECURITY,
    Action.REFUSED: Book.SECURITY,
    Action.PASSWORD_SET: Book.SECURITY,
    Action.TOTP_SET: Book.SECURITY,
    Action.TOTP_REMOVED: Book.SECURITY,
    Action.DEVICE_ENROLLED: Book.SECURITY,
    Action.KEY_REFUSED: Book.SECURITY,
    Action.LOOKED: Book.LOOKS,
    Action.PURPOSE_STATED: Book.LOOKS,
    Action.EXPORTED: Book.LOOKS,
    Action.AUDIT_READ: Book.LOOKS,
}
"""The book of each action; what is not named here is a change."""


def book_of(action: Action) -> Book:
    """The book ``action`` is written in."""
    return BOOK_OF.get(action, Book.CHANGES)
