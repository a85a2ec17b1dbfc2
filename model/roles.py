"""Who there is, and the sets of people doors are declared for.

Sign-in is not built yet: today the control room answers to this machine alone. Every route and callback
already says whom it is for, so that the guard to come has nothing to guess.
"""

from enum import StrEnum


class Role(StrEnum):
    """A person's role in the city (field.md (g))."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    OFFICIAL = "official"
    STEWARD = "data_steward"
    DPO = "dpo"
    ADMINISTRATOR = "administrator"
    WALL = "wall_display"


ROOM = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.WALL})
"""Those who see the city live."""

BOARD_READERS = ROOM | {Role.OFFICIAL, Role.STEWARD, Role.DPO}
"""Those who read summary boards."""

FEED_READERS = ROOM | {Role.STEWARD}
"""Those who see how the feeds do, and what they could not deliver."""

FEED_KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who may have what was refused tried again."""

NOTE_KEEPERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who add annotations and bookmarks to the city's memory, and withdraw them."""

CORRECTORS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who say that a reading was wrong: every figure made from it follows."""

STAFF = frozenset(Role)
"""Everybody with an account."""

PROBES = frozenset[Role]()
"""No role at all: probes and counts of the process, which name no asset and no person."""
