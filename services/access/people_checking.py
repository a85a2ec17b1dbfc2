"""What is taken of an account, a grant or a video right somebody typed."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from model.domains import DOMAINS
from model.errors import BadField, Refused
from model.people import (
    AUTHORITY_MOST,
    EMAIL_MOST,
    LOGIN_MOST,
    LONGEST_GRANT,
    LONGEST_VIDEO_RIGHT,
    NAME_MOST,
    NO_ROAD_CAMERAS,
    REASON_MOST,
    UNDIVIDED,
    Grant,
    GrantDraft,
    Kind,
    Person,
    PersonDraft,
    VideoDraft,
)
from model.roles import PEOPLE_KEEPERS, Role
from model.typed import typed_text
from model.viewer import Viewer

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]*")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+")
OLDEST_DECISION = date(1995, 1, 21)
"""The first law on cameras on public roads in France; nobody was cleared before."""


def keeper(viewer: Viewer) -> None:
    """Raise Refused unless ``viewer`` keeps people, grants and agreements."""
    if viewer.role not in PEOPLE_KEEPERS:
        raise Refused("only an administrator changes who may do what", "keeper")


def checked_person(draft: PersonDraft) -> PersonDraft:
    """``draft`` cleaned, its login made where it is empty. Raises BadField naming what cannot be taken."""
    if draft.kind not in set(Kind):
        raise BadField("kind", "unknown_kind")
    name = typed_text("name", draft.name, NAME_MOST)
    email = typed_text("email", draft.email, EMAIL_MOST, needed=False)
    if email and not _EMAIL.fullmatch(email):
        raise BadField("email", "no_email")
    login = typed_text("login", draft.login, LOGIN_MOST, needed=False).lower()
    login = login or login_for(name, email)
    if len(login) < 2 or not _LOGIN.fullmatch(login):
        raise BadField("login", "bad_login")
    return PersonDraft(name, login, email, draft.kind)


def login_for(name: str, email: str = "") -> str:
    """The login a person of ``name`` gets when nobody typed one: the e-mail, else first.last."""
    if email:
        return email.lower()[:LOGIN_MOST]
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join(re.findall(r"[a-z0-9]+", bare))[:LOGIN_MOST]


def checked_grant(draft: GrantDraft, kind: Kind, areas: Collection[int], now: datetime) -> GrantDraft:
    """``draft`` cleaned, for an account of ``kind`` in a city of ``areas``; BadField says what is wrong."""
    role = _role(draft.role, kind)
    _part(draft, role, areas)
    reason = typed_text("reason", draft.reason, REASON_MOST, needed=False)
    start = draft.valid_from or now
    _ends_after(draft.valid_until, max(start, now), LONGEST_GRANT)
    return replace(draft, role=role.value, reason=reason, valid_from=start)


def _role(text: str, kind: Kind) -> Role:
    if text not in set(Role):
        raise BadField("role", "unknown_role")
    role = Role(text)
    if role is Role.PARTNER:
        raise BadField("role", "partners_have_keys")
    if (role is Role.WALL) != (kind is Kind.DEVICE):
        raise BadField("role", "walls_are_devices")
    return role


def _part(draft: GrantDraft, role: Role, areas: Collection[int]) -> None:
    if role in UNDIVIDED and (draft.areas is not None or draft.domains is not None):
        raise BadField("areas" if draft.areas is not None else "domains", "whole_city_only")
    _known_areas(draft.areas, areas)
    if draft.domains is not None and not draft.domains:
        raise BadField("domains", "empty")
    if unknown := (draft.domains or frozenset()) - {domain.name for domain in DOMAINS}:
        raise BadField("domains", "unknown_domain", name=min(unknown)[:40])


def _known_areas(chosen: frozenset[int] | None, areas: Collection[int]) -> None:
    if chosen is not None and not chosen:
        raise BadField("areas", "empty")
    if not (chosen or frozenset()) <= set(areas):
        raise BadField("areas", "unknown_area")


def _ends_after(until: datetime | None, start: datetime, longest: timedelta) -> None:
    if until is None:
        return
    if until <= start:
        raise BadField("until", "ends_before")
    if until - start > longest:
        raise BadField("until", "too_long_period", days=longest.days)


def checked_video(
    draft: VideoDraft, person: Person, held: Collection[Grant], areas: Collection[int], now: datetime
) -> VideoDraft:
    """``draft`` for ``person``, who holds ``held``. Raises BadField: for a shared account, a contractor, a
    date of decision to come, an end that is no year away."""
    if person.kind is not Kind.PERSON:
        raise BadField("authority", "shared_account")
    roles = {grant.role for grant in held if grant.in_force(now)}
    if not roles:
        raise BadField("authority", "no_grant")
    if roles <= NO_ROAD_CAMERAS:
        raise BadField("authority", "no_road_cameras")
    authority = typed_text("authority", draft.authority, AUTHORITY_MOST)
    if not OLDEST_DECISION <= draft.decided_on <= now.date():
        raise BadField("decided", "no_decision")
    _known_areas(draft.areas, areas)
    _ends_after(draft.valid_until, now, LONGEST_VIDEO_RIGHT)
    return replace(draft, authority=authority)
