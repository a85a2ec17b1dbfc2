"""Which group at the identity provider stands for which role: ``VIGIE_OIDC_ROLES``.

    groups:vigie-operators=operator; groups:street-lights=operator@lighting; groups:it=administrator

Each part is a claim, a value it holds, the role, and after ``@`` the domains it is limited to, with ``+``
between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.domains import DOMAINS
from model.errors import BadSettings
from model.roles import STAFF, Role

MAPPED = STAFF - {Role.WALL}
"""Roles of people: a wall is enrolled by its code, a partner has a key."""

_DOMAINS = frozenset(domain.name for domain in DOMAINS)
_UNDIVIDED = frozenset({Role.ADMINISTRATOR, Role.DPO})
"""They keep or read everybody's rights, which is no matter of a domain."""


@dataclass(frozen=True, slots=True)
class MappedRole:
    """Who has ``value`` in ``claim`` holds ``role`` in ``domains`` (None: all)."""

    claim: str
    value: str
    role: Role
    domains: frozenset[str] | None = None


def read_mapped_roles(setting: str) -> tuple[MappedRole, ...]:
    """The roles of the ``setting``; BadSettings names the part that is wrong and how it is written."""
    return tuple(_part(part.strip()) for part in setting.split(";") if part.strip())


def _part(part: str) -> MappedRole:
    held, _, granted = part.rpartition("=")
    claim, _, value = held.partition(":")
    role, at, domains = granted.strip().partition("@")
    named = frozenset(filter(None, domains.split("+")))
    wrong = not claim or not value or role not in MAPPED
    if wrong or (at and (not named or role in _UNDIVIDED)) or not named <= _DOMAINS:
        roles = ", ".join(sorted(MAPPED))
        raise BadSettings(
            f"VIGIE_OIDC_ROLES: {part!r} is not claim:value=role or claim:value=role@domain+domain, "
            f"with a role of {roles}"
        )
    return MappedRole(claim.strip(), value.strip(), Role(role), named or None)


def roles_held(rules: Sequence[MappedRole], claims: Mapping[str, Any]) -> list[MappedRole]:
    """The rules whose value stands in ``claims``: as a text, or in a list of texts."""
    return [rule for rule in rules if rule.value in _values(claims.get(rule.claim))]


def _values(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return [claim]
    return [value for value in claim if isinstance(value, str)] if isinstance(claim, list) else []
