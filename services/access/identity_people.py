"""Who a subject of the identity provider is here: a person linked to it, and never anybody by chance.

A link is issuer and subject, which a provider never gives to a second person; an e-mail address or a name
it may. So an address links once, if the city allows it and the provider verified it; then the link counts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from model.audit import Action
from model.errors import Refused
from services.access.audit import record
from services.access.identity import Known
from services.access.mapped_roles import MappedRole, read_mapped_roles, roles_held
from services.settings import Settings

MADE_BY = "identity provider"
A_SHIFT = timedelta(hours=12)
"""A role by group ends with the shift: whoever leaves the group has lost it by the next."""
_NAME_MOST = 80
_LOGIN_MOST = 60

_LINKED = text(
    "SELECT id, login, disabled_at FROM person WHERE oidc_issuer = :issuer AND oidc_subject = :subject"
)
_BY_EMAIL = text(
    """
    SELECT id, login, disabled_at FROM person
    WHERE lower(email) = lower(:email) AND kind = 'person' AND oidc_subject IS NULL
    FOR UPDATE
    """
)
_LINK = text("UPDATE person SET oidc_issuer = :issuer, oidc_subject = :subject WHERE id = :person")
_MAKE = text(
    """
    INSERT INTO person (login, name, email, oidc_issuer, oidc_subject, made_by)
    VALUES (:login, :name, :email, :issuer, :subject, :by)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_GIVEN = text(
    """
    SELECT id, role, domains FROM access_grant
    WHERE person_id = :person AND made_by = :by AND revoked_at IS NULL AND valid_until > now()
    FOR UPDATE
    """
)
_EXTEND = text("UPDATE access_grant SET valid_until = now() + :lasting WHERE id = :id")
_REVOKE = text("UPDATE access_grant SET revoked_at = now(), revoked_by = :by WHERE id = :id")
_GIVE = text(
    """
    INSERT INTO access_grant (person_id, role, domains, reason, valid_until, made_by)
    VALUES (:person, :role, CAST(:domains AS text[]), :reason, now() + :lasting, :by)
    """
)


class NotLinked(Refused):
    """The provider knows her, the city's people do not name her: an administrator links or adds her.

    ``login`` is what the provider calls her, for her to tell the administrator.
    """

    def __init__(self, message: str, login: str = "") -> None:
        super().__init__(message)
        self.login = login


@dataclass(frozen=True, slots=True)
class Linking:
    """How a city lets the provider's people in."""

    by_email: bool
    roles: tuple[MappedRole, ...]


def linking_of(settings: Settings) -> Linking:
    """The linking of ``settings``; BadSettings when the roles cannot be read."""
    return Linking(settings.oidc_link_by_email, read_mapped_roles(settings.oidc_roles))


def person_of(connection: Connection, known: Known, linking: Linking, address: str = "") -> int:
    """The id of the person ``known`` is, in the caller's transaction; audited when something changes.

    Raises NotLinked when nobody here is her, Refused when she is disabled.
    """
    held = roles_held(linking.roles, known.claims)
    found = connection.execute(_LINKED, _subject(known)).one_or_none()
    if found is None:
        found = _linked_by_email(connection, known, linking, address)
    if found is not None and found.disabled_at is not None:
        raise Refused(f"{found.login} is disabled")
    if found is None and not held:
        raise NotLinked("nobody here is linked to that account", _called(known))
    person_id = int(found.id) if found is not None else _made(connection, known, address)
    if linking.roles:
        _follow_groups(connection, person_id, held, address)
    return person_id


def _linked_by_email(connection: Connection, known: Known, linking: Linking, address: str) -> Any:
    email = known.claims.get("email")
    # Verified means true and nothing that a provider may take for it.
    if not linking.by_email or known.claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    fitting = connection.execute(_BY_EMAIL, {"email": email}).all()
    # Two people share the address: which of them she is cannot be told.
    if len(fitting) != 1 or fitting[0].disabled_at is not None:
        return fitting[0] if len(fitting) == 1 else None
    connection.execute(_LINK, {"person": fitting[0].id, **_subject(known)})
    record(
        connection, None, Action.PERSON_CHANGED, kind="person", object=fitting[0].login, address=address,
        details={"linked_to": known.issuer, "by": "verified e-mail"},
    )  # fmt: skip
    return fitting[0]


def _made(connection: Connection, known: Known, address: str) -> int:
    """A person for somebody whose group stands for a role."""
    name = _words(known.claims.get("name")) or _words(known.claims.get("preferred_username")) or "—"
    email = known.claims.get("email") if known.claims.get("email_verified") is True else None
    values = {"name": name[:_NAME_MOST], "email": email, "by": MADE_BY, **_subject(known)}
    for login in _logins(known):
        made = connection.execute(_MAKE, {"login": login, **values}).scalar_one_or_none()
        if made is not None:
            details = {"linked_to": known.issuer, "name": values["name"]}
            record(
                connection, None, Action.PERSON_MADE, kind="person", object=login, address=address,
                details=details,
            )  # fmt: skip
            return int(made)
        # Made by a sign-in beside this one, or the login is somebody else's.
        found = connection.execute(_LINKED, _subject(known)).one_or_none()
        if found is not None:
            return int(found.id)
    raise NotLinked("no login is free for that account", _called(known))


def _logins(known: Known) -> list[str]:
    """Logins to try: the provider's name for her, then with a number."""
    bare = re.sub(r"[^a-z0-9._-]+", "-", _called(known).lower().partition("@")[0]).strip("-.")[:_LOGIN_MOST]
    bare = bare or "account"
    return [bare, *(f"{bare}-{number}" for number in range(2, 10))]


def _called(known: Known) -> str:
    """What the provider calls her: it says nothing of who she is here."""
    said = (known.claims.get(name) for name in ("preferred_username", "email"))
    return next((name for name in map(_words, said) if name), known.subject)[:_NAME_MOST]


def _follow_groups(connection: Connection, person_id: int, held: Sequence[MappedRole], address: str) -> None:
    """Make the roles she has by group those of her groups now; grants an administrator gave stay."""
    wanted = {(rule.role.value, rule.domains): rule for rule in held}
    for grant in connection.execute(_GIVEN, {"person": person_id, "by": MADE_BY}).all():
        key = (grant.role, None if grant.domains is None else frozenset(grant.domains))
        if wanted.pop(key, None) is not None:
            connection.execute(_EXTEND, {"id": grant.id, "lasting": A_SHIFT})
            _told(connection, Action.GRANT_MADE, grant.id, {"role": grant.role, "extended": True}, address)
        else:
            connection.execute(_REVOKE, {"id": grant.id, "by": MADE_BY})
            _told(connection, Action.GRANT_REVOKED, grant.id, {"role": grant.role}, address)
    for rule in wanted.values():
        domains = None if rule.domains is None else sorted(rule.domains)
        values = {
            "person": person_id, "role": rule.role.value, "domains": domains, "lasting": A_SHIFT,
            "reason": f"{rule.claim}: {rule.value}", "by": MADE_BY,
        }  # fmt: skip
        connection.execute(_GIVE, values)
        told = {"role": rule.role.value, "domains": domains, "reason": values["reason"]}
        _told(connection, Action.GRANT_MADE, person_id, told, address)


def _told(
    connection: Connection, action: Action, number: int, details: Mapping[str, Any], address: str
) -> None:
    about = {**details, "by": MADE_BY}
    record(connection, None, action, kind="grant", object=str(number), details=about, address=address)


def _subject(known: Known) -> dict[str, str]:
    return {"issuer": known.issuer, "subject": known.subject}


def _words(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
