"""The demo's own identity provider: a real one in a process of its own, an account a role and no password.

Only for an invented city, and only while nobody but this machine reaches it: whoever opens its page may be
anybody.
"""

import json
import os
import sys
from pathlib import Path

from model.roles import Role
from services.launch.supervisor import Worker
from services.settings import Settings

CLIENT = "vigie"
PEOPLE = {
    Role.OPERATOR: "Ines Faure",
    Role.SUPERVISOR: "Marc Lavigne",
    Role.OFFICIAL: "Helene Roussel",
    Role.STEWARD: "Youssef Benali",
    Role.DPO: "Claire Delmas",
    Role.FIELD_AGENT: "Paul Nguyen",
    Role.ADMINISTRATOR: "Sofia Marchand",
}
_GROUP = "demo-{role}"


def with_demo_identity(settings: Settings, generated: bool) -> Settings:
    """``settings`` with the demo's provider for the city's, where that is safe and no other is set."""
    if not generated or settings.url_host is not None or settings.oidc_issuer is not None:
        return settings
    roles = ";".join(f"groups:{_GROUP.format(role=role.value)}={role.value}" for role in PEOPLE)
    issuer = f"http://127.0.0.1:{settings.identity_port}"
    return settings.model_copy(update={"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_roles": roles})


def is_demo_identity(settings: Settings) -> bool:
    """Whether the provider of ``settings`` is the one started here."""
    return settings.oidc_issuer == f"http://127.0.0.1:{settings.identity_port}"


def identity_worker(settings: Settings) -> Worker:
    """The provider's process. It is told nothing of ours: no secret, no address of the database."""
    command: list[str | Path] = [
        sys.executable, "-m", "oidc_provider_mock", "--no-refresh-token", "true",
        "--host", "127.0.0.1", "--port", str(settings.identity_port),
    ]  # fmt: skip
    for role, name in PEOPLE.items():
        command += ["--user-claims", json.dumps(_claims(role, name))]
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return Worker("identity", command, {**env, "NO_COLOR": "1"}, settings.var / "identity.log")


def _claims(role: Role, name: str) -> dict[str, object]:
    login = name.lower().replace(" ", ".")
    return {
        "sub": f"{name}, {role.value.replace('_', ' ')}", "name": name, "preferred_username": login,
        "email": f"{login}@demo.invalid", "email_verified": True, "groups": [_GROUP.format(role=role.value)],
    }  # fmt: skip
