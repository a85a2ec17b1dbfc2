"""Who is looking: one person in one role, and what of the city she may see.

A viewer is made from a session by ``services.access`` and never from anything a browser sent but its cookie.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from model.roles import Role


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the city a person may see: ``areas`` are ids of communes or districts, ``domains`` names;
    None stands for all. What lies in no area is seen only by those who see all areas."""

    areas: frozenset[int] | None = None
    domains: frozenset[str] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the whole city."""
        return self.areas is None and self.domains is None

    @property
    def key(self) -> str:
        """A short name: the same for equal scopes, ``all`` for the whole city. It names a shelf of answers
        and grants nothing."""
        if self.whole:
            return "all"
        told = f"{_listed(self.areas)};{_listed(self.domains)}"
        return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()


def _listed(names: frozenset[int] | frozenset[str] | None) -> str:
    return "*" if names is None else ",".join(sorted(map(str, names)))


WHOLE_CITY = Scope()


@dataclass(frozen=True, slots=True)
class VideoRight:
    """A person is named and cleared for the records of cameras on public roads (CSI R253-3): by which
    ``authority``, decided when, in which ``areas`` (ids; None: all of her scope), until ``valid_until``."""

    id: int
    authority: str
    decided_on: date
    areas: frozenset[int] | None
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """One signed-in person, device or program, in the one role of its session; times are aware UTC.

    ``expires_at`` is the nearest of the session's and the grant's end. ``csrf`` is the token her browser must
    send back with everything that changes something.
    """

    person_id: int
    login: str
    name: str
    role: Role
    scope: Scope = WHOLE_CITY
    session_id: int = 0
    grant_id: int = 0
    csrf: str = field(default="", repr=False)
    method: str = "local"
    expires_at: datetime | None = None
    video: tuple[VideoRight, ...] = ()
    address: str = ""
