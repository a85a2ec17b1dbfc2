"""The demo's own identity provider: a real one in a process of its own, an account a role and no password.

Only for an invented city, and only while nobody but this machine reaches it: whoever opens its page may be
anybody.
"""

import os
import secrets
import sys

from pydantic import SecretStr

from model.roles import Role
from services.launch.supervisor import Worker
from services.settings import ROOT, Settings

CLIENT = "vigie"
PEOPLE = {
    Role.OPERATOR: "Inès Faure",
    Role.SUPERVISOR: "Marc Lavigne",
    Role.OFFICIAL: "Hélène Roussel",
    Role.STEWARD: "Youssef Amrani",
    Role.DPO: "Claire Delmas",
    Role.FIELD_AGENT: "Paul Nguyen",
    Role.ADMINISTRATOR: "Sofia Marchand",
}
_PLAIN = str.maketrans("éèê ", "eee.")


def with_demo_identity(settings: Settings, generated: bool) -> Settings:
    """``settings`` with the demo's provider for the city's, where that is safe and no other is set."""
    if not generated or settings.url_host is not None or settings.oidc_issuer is not None:
        return settings
    found = {
        "oidc_issuer": _issuer(settings),
        "oidc_client_id": CLIENT,
        # The provider takes any; it wants one.
        "oidc_client_secret": SecretStr(secrets.token_urlsafe(16)),
        "oidc_roles": ";".join(f"groups:{_group(role)}={role.value}" for role in PEOPLE),
    }
    return settings.model_copy(update=found)


def is_demo_identity(settings: Settings) -> bool:
    """Whether the provider of ``settings`` is the one started here."""
    return settings.oidc_issuer == _issuer(settings)


def identity_worker(settings: Settings) -> Worker:
    """The provider's process. It is told nothing of ours: no secret, no address of the database."""
    command = (sys.executable, "-m", "services.launch.demo_provider", str(settings.identity_port))
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return Worker("identity", command, {**env, "PYTHONPATH": str(ROOT)}, settings.var / "identity.log")


def login_of(name: str) -> str:
    """What the provider calls a person of the demo."""
    return name.lower().translate(_PLAIN)


def claims_of(role: Role, name: str) -> dict[str, object]:
    """What the provider says of her."""
    login = login_of(name)
    return {
        "name": name, "preferred_username": login, "email": f"{login}@demo.invalid", "email_verified": True,
        "groups": [_group(role)],
    }  # fmt: skip


def _group(role: Role) -> str:
    return f"demo-{role.value}"


def _issuer(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.identity_port}"
