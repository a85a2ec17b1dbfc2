"""Who there is, and the sets of people doors are declared for.

Every page, route, callback and stream names one of these sets in its ``may``; nothing is open by default.
What a person sees behind a door is a second matter: her scope (``model/viewer.py``).
"""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the city (field.md (g)). One session is held in one role."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    OFFICIAL = "official"
    STEWARD = "data_steward"
    DPO = "dpo"
    FIELD_AGENT = "field_agent"
    PARTNER = "partner"
    ADMINISTRATOR = "administrator"
    WALL = "wall_display"


ROOM = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.FIELD_AGENT, Role.WALL})
"""Those who see the city live."""

PAST_READERS = ROOM | {Role.STEWARD}
"""Those who read single assets and series of the past."""

BOARD_READERS = ROOM | {Role.OFFICIAL, Role.STEWARD, Role.DPO}
"""Those who read summary boards and reports."""

BOARD_COMPOSERS = frozenset({Role.OFFICIAL, Role.SUPERVISOR, Role.STEWARD, Role.ADMINISTRATOR})
"""Those who put boards of their own together, and propose them; an official's assistant works in her role."""

FEED_READERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who see how the feeds do, and what they could not deliver."""

FEED_KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who may have what was refused tried again."""

NOTE_KEEPERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who add annotations and bookmarks to the city's memory, and withdraw them."""

CORRECTORS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who say that a reading was wrong: every figure made from it follows."""

EXPORTERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who take data out of the room as a file; a wall, which nobody holds, never does."""

REPORT_KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.STEWARD})
"""Those who have monthly reports made anew, and say who is sent them."""

ALARM_READERS = ROOM
"""Those who see the alarms."""

ALARM_HANDLERS = frozenset({Role.OPERATOR, Role.SUPERVISOR})
"""Those who acknowledge, confirm, shelve, assign, comment, group and rate alarms (field.md (d), verbs)."""

ALARM_SUPERVISORS = frozenset({Role.SUPERVISOR})
"""Those who take equipment out of service for the alarms, and second what takes two persons."""

RULE_READERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Those who read the rules of alarms and what is said of them."""

QUALITY_READERS = RULE_READERS | {Role.OFFICIAL}
"""Those who read how good the alarms are; officials without names of persons and of single equipment."""

RULE_KEEPERS = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Those who write rules, switch them on and off, and decide reviews."""

ROUTE_KEEPERS = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
"""Those who say which alarms are told outside the room."""

PEOPLE_KEEPERS = frozenset({Role.ADMINISTRATOR})
"""Those who keep accounts, grants, video rights, agreements and keys."""

PEOPLE_READERS = PEOPLE_KEEPERS | {Role.DPO}
"""Those who read who has which right; the DPO reads it all and changes none of it."""

PUBLICATION_READERS = frozenset(
    {Role.STEWARD, Role.DPO, Role.ADMINISTRATOR, Role.SUPERVISOR, Role.OPERATOR, Role.OFFICIAL}
)
"""Those who read the register of datasets and what is published of it."""

PUBLICATION_PROPOSERS = frozenset({Role.STEWARD, Role.ADMINISTRATOR})
"""Those who propose to publish; an administrator approves nothing (field.md (g))."""

PUBLICATION_DECIDERS = frozenset({Role.STEWARD, Role.DPO})
"""Those who approve and refuse: the steward of the domain, and the DPO where personal data is behind it."""

PUBLICATION_REVOKERS = PUBLICATION_DECIDERS | {Role.ADMINISTRATOR}
"""Those who take a publication back: closing a door is never asked of too few."""

OPEN_KEY_KEEPERS = PUBLICATION_PROPOSERS
"""Those who hand out and end keys to ask open data more often."""

OPEN_KEY_READERS = OPEN_KEY_KEEPERS | {Role.DPO}
"""Those who read who holds such a key, and how to reach her."""

PROMISE_KEEPERS = frozenset({Role.STEWARD, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Those who write commitments, their baselines, and the works of programmes."""

AUDITORS = frozenset({Role.DPO, Role.SUPERVISOR})
"""Those who read the audit."""

VOICE_KEEPERS = frozenset({Role.STEWARD, Role.DPO, Role.ADMINISTRATOR})
"""Those who read citizens' letters, let them out, and answer; a steward those of her domains."""

STAFF = frozenset(Role) - {Role.PARTNER}
"""Everybody who uses the screens."""

PARTNERS = frozenset({Role.PARTNER})
"""Programs of partners, by key: what their agreement names and nothing else."""

ANYBODY = frozenset[Role]()
"""Whoever reaches the door, signed in or not: the pages before it."""

PROBES = frozenset[Role]()
"""No role at all: probes and counts of the process, which name no asset and no person."""
