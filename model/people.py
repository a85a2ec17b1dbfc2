"""People and wall devices, and what they may: grants and video rights, as kept and as somebody typed them.

Instants are aware UTC. What is over stays on record: nothing here is ever deleted.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from model.errors import BadField
from model.roles import Role
from model.viewer import Scope

NAME_MOST, LOGIN_MOST, EMAIL_MOST, REASON_MOST, AUTHORITY_MOST = 80, 64, 120, 300, 120
"""The longest texts taken, in characters."""
SOON = timedelta(days=30)
"""A right that ends within it is listed, so that somebody can act in time."""
UNUSED = timedelta(days=90)
"""An account nobody signed in with for so long is listed (ANSSI guide, measures 5 and 8)."""
LONGEST_GRANT = timedelta(days=5 * 366)
LONGEST_VIDEO_RIGHT = timedelta(days=366)
"""A person is named and cleared for a year at most, then again: nobody is forgotten on the list."""

PRIVILEGED = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.DPO, Role.STEWARD})
"""Roles whose holders are kept as an inventory (ANSSI guide, measure 9)."""
UNDIVIDED = frozenset({Role.ADMINISTRATOR, Role.DPO})
"""Roles that make no sense for a part of the city: they keep or read everybody's rights."""
NO_ROAD_CAMERAS = frozenset({Role.FIELD_AGENT, Role.OFFICIAL, Role.WALL, Role.PARTNER})
"""Contractors have no right to images of public roads (CSI R253-3, L613-13), nor has a shared screen; an
official never reaches single records (field.md (g))."""


class Kind(StrEnum):
    """Who signs in: one named human, or a wall display."""

    PERSON = "person"
    DEVICE = "device"


class Standing(StrEnum):
    """What somebody is in the list of people, the one that matters most."""

    DISABLED = "disabled"
    NO_GRANT = "no_grant"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    NEVER = "never"
    UNUSED = "unused"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Person:
    """One account. ``password``, ``totp``, ``elsewhere`` (OpenID Connect): by what she signs in."""

    id: int
    login: str
    name: str
    kind: Kind
    email: str
    password: bool
    totp: bool
    elsewhere: bool
    made_at: datetime
    made_by: str
    disabled_at: datetime | None
    disabled_by: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may do, where, and until when; ``valid_until`` None: until revoked."""

    id: int
    person_id: int
    role: Role
    areas: frozenset[int] | None
    domains: frozenset[str] | None
    reason: str
    valid_from: datetime
    valid_until: datetime | None
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def scope(self) -> Scope:
        """The part of the city it is for."""
        return Scope(self.areas, self.domains)

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at ``now``."""
        return self.revoked_at is None and self.valid_from <= now and not self.over(now)

    def over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.valid_until is not None and self.valid_until <= now


@dataclass(frozen=True, slots=True)
class VideoGrant:
    """A person is named and cleared for records of cameras on public roads, as kept on the register."""

    id: int
    person_id: int
    authority: str
    decided_on: date
    areas: frozenset[int] | None
    valid_until: datetime
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it counts at ``now``."""
        return self.revoked_at is None and self.valid_until > now


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about one account: its grants and video rights, newest first, those over included;
    how many sessions are open and when it was last seen (None: never signed in)."""

    person: Person
    grants: tuple[Grant, ...]
    video: tuple[VideoGrant, ...]
    open_sessions: int
    last_seen: datetime | None

    def grants_in_force(self, now: datetime) -> tuple[Grant, ...]:
        """The grants that count at ``now``."""
        return tuple(grant for grant in self.grants if grant.in_force(now))

    def grants_shown(self, now: datetime) -> tuple[Grant, ...]:
        """Those in force or still to come; when there are none, the last that ended by its date."""
        ahead = tuple(g for g in self.grants if g.revoked_at is None and not g.over(now))
        return ahead or tuple(g for g in self.grants if g.revoked_at is None)[:1]

    def standing(self, now: datetime) -> Standing:
        """What matters most about it at ``now``."""
        if self.person.disabled_at is not None:
            return Standing.DISABLED
        if not self.grants_in_force(now):
            ended = any(grant.revoked_at is None and grant.over(now) for grant in self.grants)
            return Standing.EXPIRED if ended else Standing.NO_GRANT
        if self.ends_soon(now):
            return Standing.EXPIRING
        return self._use(now)

    def ends_soon(self, now: datetime) -> bool:
        """Whether a grant or video right in force ends within 30 days."""
        ends = [g.valid_until for g in self.grants_in_force(now)]
        ends += [right.valid_until for right in self.video if right.in_force(now)]
        return any(end is not None and end <= now + SOON for end in ends)

    def unused(self, now: datetime) -> bool:
        """Whether nobody signed in with it for 90 days, counted from its making."""
        return (self.last_seen or self.person.made_at) <= now - UNUSED

    def _use(self, now: datetime) -> Standing:
        if self.unused(now):
            return Standing.UNUSED
        return Standing.NEVER if self.last_seen is None else Standing.FINE


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """An account as somebody typed it; an empty ``login`` is made from the e-mail or the name."""

    name: str
    login: str = ""
    email: str = ""
    kind: str = Kind.PERSON


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """A grant as somebody typed it; ``areas`` and ``domains`` None: all of them."""

    role: str
    areas: frozenset[int] | None = None
    domains: frozenset[str] | None = None
    reason: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VideoDraft:
    """A video right as somebody typed it."""

    authority: str
    decided_on: date
    valid_until: datetime
    areas: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """The usual grant of a usual person; ``days`` until it ends, None: until revoked."""

    name: str
    role: Role
    kind: Kind = Kind.PERSON
    domains: frozenset[str] | None = None
    one_commune: bool = False
    days: int | None = None


TEMPLATES: tuple[Template, ...] = (
    Template("operator", Role.OPERATOR),
    Template("supervisor", Role.SUPERVISOR),
    Template("commune_official", Role.OFFICIAL, one_commune=True),
    Template("elected", Role.OFFICIAL),
    Template("lighting_contractor", Role.FIELD_AGENT, domains=frozenset({"lighting"}), days=365),
    Template("steward", Role.STEWARD),
    Template("dpo", Role.DPO),
    Template("wall", Role.WALL, kind=Kind.DEVICE),
    Template("administrator", Role.ADMINISTRATOR),
)
"""Usual people of a small city, the first the most usual."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One session nobody ended; times aware UTC, ``agent`` the browser in words."""

    id: int
    person_id: int
    login: str
    name: str
    role: Role
    scope: Scope
    method: str
    address: str
    agent: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person and her first grant, as one line of a list says."""

    person: PersonDraft
    grant: GrantDraft


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One line of a list of people: its number in what was pasted, what it begins with, and either who it
    adds or what is wrong with it."""

    number: int
    start: str
    newcomer: Newcomer | None
    problem: BadField | None
