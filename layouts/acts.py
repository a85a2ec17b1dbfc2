"""What a page lets people do besides look: each act for whom, so that a page shows no button it would refuse.

The server refuses by the declaration of the door; this only keeps such buttons from the screen. A page says
in ``data-may`` what its viewer may, a button in ``data-needs`` what it is for, and ``shell.css`` takes away
what does not fit: out of sight, of the tab order, and of what is read aloud.
"""

from model.roles import (
    ALARM_HANDLERS,
    ALARM_SUPERVISORS,
    CORRECTORS,
    EXPORTERS,
    FEED_KEEPERS,
    NOTE_KEEPERS,
    REPORT_KEEPERS,
    Role,
)

ACTS: dict[str, frozenset[Role]] = {
    "note": NOTE_KEEPERS,
    "correct": CORRECTORS,
    "export": EXPORTERS,
    "replay": FEED_KEEPERS,
    "reports": REPORT_KEEPERS,
    "alarm": ALARM_HANDLERS,
    "alarm_supervise": ALARM_SUPERVISORS,
}


def needs(act: str) -> dict[str, str]:
    """The attribute of a component that is only for those who may ``act``. KeyError: no such act."""
    ACTS[act]
    return {"data-needs": act}


def acts_of(role: Role | None) -> str:
    """The acts of ``role``, separated by spaces: what a page says in ``data-may``."""
    return " ".join(act for act, roles in ACTS.items() if role in roles)
